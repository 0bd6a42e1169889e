"""Damage to a recording, down to one bit, is seen when it is opened.

A kept one is made anew, one of the user's is refused; either says so in one line.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from nnanim import Recording, Scene, Training, datasets, models, record
from nnanim.errors import RecordingError
from nnanim.recording import cache as kept
from nnanim.recording import container
from nnanim.recording.journal import Journal, blocks_folder, unfinished
from nnanim.recording.recording import tensors_of

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]

STILL = ("-r", "64x64", "-o", "a.png")


@cache
def small() -> Recording:
    """Return a recording of few bytes, most of them its header."""
    scene = Scene(
        dataset=datasets.rings(n=6),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=2, batch_size=3, loss="bce", trainer="eager"),
    )
    return record(scene)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the small recording is."""
    return small().save(tmp_path / "run.safetensors")


def flipped(content: bytes, bits: Iterator[int] | range) -> Iterator[bytes]:
    """Give the content with one bit after another the other way round."""
    for bit in bits:
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)


def damaged(file: Path, share: float = 0.75) -> None:
    """Flip a bit of a file's tensors, that far behind their start."""
    content = file.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    bit = 8 * (start + int(share * (len(content) - start))) + 6
    file.write_bytes(next(flipped(content, range(bit, bit + 1))))


def assert_refused_or_equal(path: Path, contents: Iterator[bytes]) -> None:
    """Assert that each content is refused by a line, or is the small recording to the bit."""
    seen = 0
    for content in contents:
        path.write_bytes(content)
        try:
            found = Recording.load(path)
        except RecordingError as error:
            said = str(error)
        else:
            assert found == small()
            assert found.header.as_json() == small().header.as_json()
            said = f"{path} is what it was"
        assert said.startswith(f"{path} ")
        assert "\n" not in said
        seen += 1
    assert seen > 500


def test_a_flipped_bit_is_refused(path: Path) -> None:
    """Or changes nothing; one of every 37, which comes to each place in a byte."""
    content = path.read_bytes()

    assert_refused_or_equal(path, flipped(content, range(0, 8 * len(content), 37)))


@pytest.mark.slow
def test_any_flipped_bit_is_refused(path: Path) -> None:
    """Or changes nothing; every bit."""
    content = path.read_bytes()

    assert_refused_or_equal(path, flipped(content, range(8 * len(content))))


def test_the_line_says_what_to_do(path: Path) -> None:
    """What came, what was expected, and the way out."""
    damaged(path)

    with pytest.raises(RecordingError) as caught:
        Recording.load(path)

    assert str(caught.value) == (
        f"{path} is damaged: its checksum is not that of what it holds; "
        "record it again, or use another copy"
    )


@pytest.mark.parametrize("names", [("data/inputs", "data/targets"), ("steps", "batch_loss")])
def test_whole_arrays_that_changed_their_names_are_seen(names: tuple[str, str], path: Path) -> None:
    """The checksum is over names, types and shapes too."""
    first, second = (f'"{name}"'.encode() for name in names)
    content = path.read_bytes()
    swapped = content.replace(first, b"<?>").replace(second, first).replace(b"<?>", second)
    assert sorted(swapped) == sorted(content)
    path.write_bytes(swapped)

    with pytest.raises(RecordingError, match="damaged"):
        Recording.load(path)


def test_a_file_without_a_checksum_opens(path: Path) -> None:
    """Those of format 1 have none; saved again, they have one."""
    header = {**small().header.as_json(), "format": 1}
    path.write_bytes(save(tensors_of(small()), {"nnanim": json.dumps(header)}))

    old = Recording.load(path)
    old.save(path)
    damaged(path)

    assert old == small()
    with pytest.raises(RecordingError, match="damaged"):
        Recording.load(path)


def test_a_file_that_lost_its_checksum_is_damaged(path: Path) -> None:
    """One of this format has one."""
    header = small().header.as_json()
    path.write_bytes(save(tensors_of(small()), {"nnanim": json.dumps(header)}))

    with pytest.raises(RecordingError, match="damaged"):
        Recording.load(path)


@pytest.mark.parametrize(
    "settings",
    [{"rate": 1e-30, "a": [0.1, -0.0, 1e22]}, {"10": 1, "9": 2}, {"é\n\u2028": "𝔫"}, {10: 1, 9: 2}],
)
def test_whatever_a_header_holds_comes_back_sound(settings: Any, tmp_path: Path) -> None:
    """The checksum is of what a reader finds, numbers and texts of any kind."""
    header = small().header
    odd = replace(small(), header=replace(header, training={**header.training, "odd": settings}))

    found = Recording.load(odd.save(tmp_path / "odd.safetensors"))

    assert found.header.training["odd"] == {str(k): v for k, v in settings.items()}


def test_arrays_of_the_other_byte_order_come_back_sound(tmp_path: Path) -> None:
    """Equal to the value; the file has one order."""
    tensors = {name: a.astype(a.dtype.newbyteorder(">")) for name, a in tensors_of(small()).items()}
    path = tmp_path / "run.safetensors"

    container.write(path, tensors, small().header.as_json())

    assert Recording.load(path) == small()


# -- on the command line ---------------------------------------------------------------------------


def test_a_damaged_kept_recording_is_made_anew(
    scene_file: SceneFile, nnanim: Nnanim, caplog: pytest.LogCaptureFixture
) -> None:
    """By one line; the picture is the one before, and the next time nothing is said."""
    file = scene_file()
    assert nnanim("still", file, *STILL)[0] == 0
    before = Path("a.png").read_bytes()
    (recording,) = kept.folder().glob("*.safetensors")
    whole = recording.read_bytes()
    damaged(recording)

    assert nnanim("still", file, *STILL)[0] == 0
    (said,) = caplog.messages
    assert nnanim("still", file, *STILL)[0] == 0

    assert said.startswith(f"a kept recording is of no use and is made again: {recording} is dam")
    assert caplog.messages == [said]
    assert Path("a.png").read_bytes() == before
    assert recording.read_bytes() == whole


@pytest.mark.parametrize(
    "command", [("info",), ("still", *STILL), ("export", "-o", "a.npz"), ("render", "-o", "a.gif")]
)
def test_a_damaged_recording_of_the_users_is_refused(
    command: tuple[str, ...], path: Path, refused: Callable[..., str]
) -> None:
    """By every command that takes one."""
    damaged(path)

    refused(command[0], path.name, *command[1:], code=3, says=("is damaged", "record it again"))


def test_a_damaged_block_ends_what_can_be_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It and those behind it are trained again, to the same bytes; looked at, it is the end."""
    scene = Scene(
        dataset=datasets.rings(n=40),
        model=models.mlp(2, 3, 1, output="sigmoid"),
        training=Training(epochs=60, batch_size=5, loss="bce"),
    )
    whole, path = record(scene, tmp_path / "whole.safetensors"), tmp_path / "run.safetensors"
    monkeypatch.setattr(Journal, "close", lambda _: None)
    record(scene, path)
    monkeypatch.undo()
    path.unlink()
    blocks = sorted(blocks_folder(path).glob("0*.safetensors"))
    damaged(blocks[2])
    assert len(blocks) > 3

    part = unfinished(path)
    said = caplog.text
    record(scene, path, resume=True)

    assert f"{blocks[2]} is damaged" in said
    assert 1 < len(part) < len(whole)
    np.testing.assert_array_equal(part.batch_loss, whole.batch_loss[: part.steps[-1]])
    assert path.read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
