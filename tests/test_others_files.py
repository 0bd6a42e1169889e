"""What nnanim did not make stays as it is, whatever its name: it is in the way, by one line."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnanim import Recorder, Recording, datasets, models
from nnanim.errors import RecordingError, WriteError

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]

TAKEN = "run.safetensors.blocks"


def contents(folder: Path) -> dict[str, object]:
    """Return all that lies in a folder: texts of files, targets of links, other kinds."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        else:
            found[name] = path.read_bytes() if path.is_file() else path.stat().st_mode
    return found


def notes(folder: Path) -> None:
    """Make a folder of the user's own where the blocks go."""
    (folder / TAKEN).mkdir()
    (folder / TAKEN / "notes.txt").write_text("mine")
    (folder / TAKEN / "start.safetensors").write_text("mine too")
    (folder / TAKEN / "000000.safetensors").write_text("and this")


def empty(folder: Path) -> None:
    """Make a folder with nothing in it."""
    (folder / TAKEN).mkdir()


def link(folder: Path) -> None:
    """Make a link to a folder that even looks like one of nnanim's."""
    (folder / "elsewhere").mkdir()
    for name in (".nnanim", "notes.txt", "000000.safetensors"):
        (folder / "elsewhere" / name).write_text("mine")
    (folder / TAKEN).symlink_to("elsewhere")


def dangling(folder: Path) -> None:
    """Make a link to nothing."""
    (folder / TAKEN).symlink_to("nowhere")


def file(folder: Path) -> None:
    """Make a file."""
    (folder / TAKEN).write_text("mine")


def fifo(folder: Path) -> None:
    """Make a FIFO, which whoever opens it waits for."""
    os.mkfifo(folder / TAKEN)


IN_THE_WAY = [notes, empty, link, dangling, file, fifo]


@pytest.mark.parametrize("make", IN_THE_WAY)
@pytest.mark.parametrize("options", [(), ("--resume",)])
@pytest.mark.usefixtures("no_training")
def test_what_has_the_name_of_the_blocks_is_left_alone(
    make: Callable[[Path], None], options: tuple[str, ...], scene_file: SceneFile,
    refused: Refused, tmp_path: Path,
) -> None:  # fmt: skip
    """Before any training; the exit code is 5."""
    scene = scene_file()
    make(tmp_path)
    before = contents(tmp_path)

    refused(
        "record", scene, "-o", "run.safetensors", *options,
        code=5, says=(f"{TAKEN} is in the way", "bears no mark of nnanim's", "move it"),
    )  # fmt: skip

    assert contents(tmp_path) == before


@pytest.mark.parametrize("make", IN_THE_WAY)
def test_a_loop_of_ones_own_leaves_it_alone_too(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    """Before its first step."""
    make(tmp_path)
    before = contents(tmp_path)

    with pytest.raises(WriteError, match="is in the way"):
        recorder(tmp_path).__enter__()

    assert contents(tmp_path) == before


@pytest.mark.parametrize("others", ["notes.txt", "00.safetensors", "start.safetensors.old", ".x"])
def test_what_is_put_into_a_folder_of_nnanims_stays(
    others: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """Its own blocks go; the next recording of that name is made too."""
    scene, folder = scene_file(), tmp_path / TAKEN
    folder.mkdir()
    (folder / ".nnanim").touch()
    (folder / others).write_text("mine")

    for _ in range(2):
        assert nnanim("record", scene, "-o", "run.safetensors")[0] == 0
        assert sorted(contents(folder)) == sorted([".nnanim", others])
        assert (folder / others).read_text() == "mine"
        assert len(Recording.load(tmp_path / "run.safetensors")) > 1


def test_a_whole_recording_leaves_nothing_beside_it(
    scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """The mark goes too."""
    scene = scene_file()

    assert nnanim("record", scene, "-o", "run.safetensors")[0] == 0

    assert sorted(contents(tmp_path)) == ["run.safetensors", "tiny.py"]


# -- a loop that was killed ------------------------------------------------------------------------


def recorder(folder: Path) -> Recorder:
    """Return a recorder of a small network."""
    x = np.linspace(-1, 1, 20, dtype=np.float32).reshape(10, 2)
    data = datasets.from_arrays(x, x[:, :1])
    return Recorder(folder / "run.safetensors", models.mlp(2, 2, 1)(), data, loss="mse")


def killed(folder: Path, monkeypatch: pytest.MonkeyPatch, snapshots: int = 3) -> None:
    """Leave what a killed loop leaves: its blocks."""
    with monkeypatch.context() as patch:
        patch.setattr("nnanim.recording.recorder._BLOCK_SNAPSHOTS", 1)
        loop = recorder(folder).__enter__()
        for _ in range(snapshots):
            loop.snapshot(0.5)


def test_what_was_put_aside_before_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three killed loops are three files, and a link of that name is not followed."""
    (tmp_path / "run.unfinished-2.safetensors").symlink_to("nowhere")
    for snapshots in (3, 4, 5):
        killed(tmp_path, monkeypatch, snapshots)

    with recorder(tmp_path) as last:
        last.snapshot(0.1)

    kept = [f"run.unfinished{end}.safetensors" for end in ("", "-3", "-4")]
    assert [len(Recording.load(tmp_path / name)) for name in kept] == [4, 5, 6]
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / TAKEN).exists()


def test_blocks_that_cannot_be_read_are_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are all that is left of a training."""
    killed(tmp_path, monkeypatch)
    start = tmp_path / TAKEN / "start.safetensors"
    start.write_bytes(start.read_bytes()[:-1])
    before = contents(tmp_path)

    with pytest.raises(RecordingError, match=r"start\.safetensors"):
        recorder(tmp_path).__enter__()

    assert contents(tmp_path) == before


def test_what_can_be_read_of_them_is_put_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A line says where it ends."""
    killed(tmp_path, monkeypatch)
    block = tmp_path / TAKEN / "000001.safetensors"
    block.write_bytes(block.read_bytes()[:-1])

    with recorder(tmp_path):
        pass

    assert len(Recording.load(tmp_path / "run.unfinished.safetensors")) == 2
    assert caplog.messages[0].startswith(f"the blocks from the 2. on are not used: {block} is")
