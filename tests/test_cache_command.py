"""Finished recordings are kept for the next render, within a bound, and never in its way."""

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Recording, record
from nnanim.recording import cache as kept
from nnanim.recording.recording import tensors_of
from nnanim.scene.files import load
from nnanim.training.strategy import train

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]

STILL = ("-r", "128x72")


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Gather an entry for each training from now on."""
    calls: list[object] = []

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return train(*arguments)

    monkeypatch.setattr("nnanim.recording.record.train", counted)
    return calls


def stills(nnanim: Nnanim, file: Path, seeds: range) -> None:
    """Draw a scene with each of these seeds; each is a recording in the cache."""
    for seed in seeds:
        code, _, err = nnanim("still", file, *STILL, "--bare", "-o", "a.png", "--seed", seed)
        assert (code, err) == (0, "")


def test_cache_tells_where_and_how_much(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The path on stdout, the rest for the reader."""
    empty = json.loads(nnanim("cache", "--json")[1])
    stills(nnanim, scene_file(), range(2))

    told = json.loads(nnanim("cache", "--json")[1])
    code, out, err = nnanim("cache")

    assert empty == {"path": str(kept.folder()), "recordings": 0, "bytes": 0, "limit": kept.LIMIT}
    taken = sum(file.stat().st_size for file in kept.folder().iterdir())
    assert told == {**empty, "recordings": 2, "bytes": taken}
    assert (code, out) == (0, f"{kept.folder()}\n")
    assert err == f"2 recordings, {taken / 1e6:.1f} of 2147 MB\n"


def test_cache_is_cleared(scene_file: SceneFile, nnanim: Nnanim, trained: list[object]) -> None:
    """With what a killed run, also of an earlier nnanim, has left; the next render trains again."""
    file = scene_file()
    stills(nnanim, file, range(2))
    (kept.folder() / ".nnanim.0123abcd.part.safetensors").write_text("half")
    (kept.folder() / ".0123.safetensors.89abcdef.partial").write_text("half")

    code, _, err = nnanim("cache", "--clear")

    assert code == 0
    assert err.startswith("nnanim: 3 recordings removed\n0 recordings, 0.0 of ")
    assert [*kept.folder().iterdir()] == []
    stills(nnanim, file, range(1))
    assert len(trained) == 3


def test_cache_keeps_what_was_used_last(
    scene_file: SceneFile, nnanim: Nnanim, trained: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within its limit; those not used for longest go."""
    file = scene_file()
    stills(nnanim, file, range(3))
    (size,) = {path.stat().st_size for path in kept.contents()}
    for age, path in enumerate(reversed(kept.contents())):
        shift(path, -100.0 * (age + 1))
    stills(nnanim, file, range(1))  # the oldest is used again
    monkeypatch.setattr(kept, "LIMIT", 2 * size + size // 2)

    stills(nnanim, file, range(3, 4))

    assert len(kept.contents()) == 2
    assert len(trained) == 4
    stills(nnanim, file, range(3, 4))
    stills(nnanim, file, range(1))
    assert len(trained) == 4


def shift(path: Path, seconds: float) -> None:
    """Make a file older or younger."""
    stat = path.stat()
    os.utime(path, (stat.st_atime, stat.st_mtime + seconds))


@pytest.mark.parametrize("spoil", ["cut", "foreign", "another", "folder"])
def test_a_kept_recording_that_cannot_be_used_is_made_again(
    spoil: str, scene_file: SceneFile, nnanim: Nnanim, trained: list[object]
) -> None:
    """The picture is the same."""
    file = scene_file()
    stills(nnanim, file, range(1))
    (path,) = kept.contents()
    whole, picture = path.read_bytes(), Path("a.png").read_bytes()
    path.unlink()
    if spoil == "cut":
        path.write_bytes(whole[:-9])
    elif spoil == "foreign":
        path.write_bytes(b"{}" * 99)
    elif spoil == "another":
        record(load(scene_file("b.py", training="epochs=1"))).save(path)
    else:
        path.mkdir()

    code, _, _ = nnanim("still", file, *STILL, "--bare", "-o", "a.png", "--seed", 0)

    assert (code, len(trained)) == (0, 2 if spoil != "another" else 3)
    assert Path("a.png").read_bytes() == picture
    if spoil != "folder":
        assert path.read_bytes() == whole


@pytest.mark.parametrize("place", ["taken", "/proc"])
def test_a_cache_that_cannot_be_written_stops_no_render(
    place: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """A file in its place, or a folder for nobody; one line says that nothing is kept."""
    (tmp_path / "taken").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / place))

    code, out, _ = nnanim("still", scene_file(), *STILL, "-o", "a.png")

    assert (code, out) == (0, "a.png\n")
    (line,) = caplog.messages
    assert line.startswith("the recording is not kept for the next render: ")


def test_a_cache_that_is_closed_stops_no_render(
    run: Path, powerless: Callable[[], AbstractContextManager[None]]
) -> None:
    """What may not be looked at is not there, and cannot be kept."""
    recording = Recording.load(run)
    kept.folder().mkdir(parents=True)
    kept.folder().chmod(0)

    with powerless():
        assert kept.find(recording.header.key) is None
        kept.keep(recording)

    kept.folder().chmod(0o700)
    assert kept.contents() == []


def test_a_cache_that_cannot_be_changed_is_still_read(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only when it was used last is not noted."""

    def touch(path: Path) -> None:
        raise PermissionError(f"not {path}")

    recording = Recording.load(run)
    kept.keep(recording)
    monkeypatch.setattr(Path, "touch", touch)

    found = kept.find(recording.header.key)

    assert found is not None
    assert found.header == recording.header


def test_a_loaded_recording_outlives_its_place_in_the_cache(
    scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """Its bytes stay until it is forgotten."""
    stills(nnanim, scene_file(), range(1))
    (path,) = kept.contents()
    found = Recording.load(path)
    before = {name: array.copy() for name, array in tensors_of(found).items()}

    nnanim("cache", "--clear")

    for name, array in tensors_of(found).items():
        np.testing.assert_array_equal(array, before[name])
