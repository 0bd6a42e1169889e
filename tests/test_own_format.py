"""A format is one entry: whatever else tells of formats asks that for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nnanim.writers import FORMATS
from nnanim.writers.format import Encoding, Format, Shots

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]

FILM = ("-r", "128x72", "--seconds", "0.2", "--fps", "10")


def _encode_file(path: Path, shots: Shots, encoding: Encoding) -> None:
    """Write every frame's pixels, or with less quality every second of them."""
    path.write_bytes(b"".join(frame[:, :: encoding.step + 1].tobytes() for frame in shots.frames()))


def _encode_folder(path: Path, shots: Shots, encoding: Encoding) -> None:
    del encoding
    for i, frame in enumerate(shots.frames(), start=1):
        (path / f"frame_{i:05d}.raw").write_bytes(frame.tobytes())


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a file and a folder of raw pixels to the formats."""
    sheet = (128, 72), 10.0, 0.2
    raw = Format(
        "raw", *sheet, _encode_file, media="image/raw", loops=True, choices=("lossless",),
        qualities=("all pixels", "half of them"),
    )  # fmt: skip
    monkeypatch.setitem(FORMATS, "raw", raw)
    monkeypatch.setitem(FORMATS, "raws", Format("raws", *sheet, _encode_folder, folder=True))


def test_it_is_written_shown_and_bounded(
    scene_file: SceneFile, nnanim: Nnanim, caplog: pytest.LogCaptureFixture
) -> None:
    """A page shows what its media type says; of two frames of 36,864 bytes, half are left."""
    assert nnanim("render", scene_file(), *FILM, "-o", "a.raw", "--extras", "--lossless")[0] == 0
    code, _, _ = nnanim("render", scene_file(), *FILM, "-o", "b.raw", "--max-size", "40kB")

    assert Path("a.raw").stat().st_size == 2 * 72 * 128 * 4
    assert Path("a.raw.html").read_text(encoding="utf-8").startswith('<img src="a.raw"')
    assert (code, Path("b.raw").stat().st_size) == (0, 72 * 128 * 4)
    assert "with half of them" in caplog.text


def test_a_folder_of_it_takes_the_place_of_an_older_one(
    scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """Named or given, it is that folder itself and not one in it."""
    for options in (("-o", "a.raws"), ("-o", "a", "--format", "raws"), ("-o", "a.raws")):
        assert nnanim("render", scene_file(), *FILM, *options)[:2] == (0, "a\n")
        assert sorted(p.name for p in Path("a").iterdir()) == ["frame_00001.raw", "frame_00002.raw"]


def test_help_and_errors_name_it(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """Each where it can do what is asked."""
    _, told, _ = nnanim("render", "--help")
    told = " ".join(told.split())
    assert ".apng, .raw, .html, or a folder of .png or .raws;" in told
    assert "webp, apng, png, raw, raws or html; else by name" in told
    assert "Of mp4 and raw: every pixel" in told
    assert "Of mp4, gif, webp and raw: as large" in told

    for options, says in (
        (("--lossless",), "--lossless is for mp4 and raw, not for gif"),
        (("--max-size", "1MB", "--format", "mov"), "--max-size is for mp4, gif, webp and raw, not"),
        (("--loop", "once", "--format", "mov"), "formats gif, webp, apng and raw will do"),
        (("--theme", "transparent", "--format", "mp4"), "webp, apng, png, raw or raws, or the"),
    ):
        path = "a" if "--format" in options else "a.gif"
        code, _, err = nnanim("render", scene_file(), *FILM, *options, "-o", path)
        assert (code, says in err) == (2, True), err
