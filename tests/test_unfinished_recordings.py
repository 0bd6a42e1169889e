"""A recording that is cut off, by whom or what it may be, keeps what was finished and goes on."""

import json
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Recording, record
from nnanim.commands import terminal
from nnanim.place import hidden
from nnanim.recording import container
from nnanim.recording.journal import blocks_folder
from nnanim.scene.files import load

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]
Act = Callable[[int], None]

STILL = ("-r", "128x72")
FILM = (*STILL, "--seconds", "0.2")
# Blocks of 16, 27, 49, 92, 180 and 103 kB, which make a file of 441.
LONG = {
    "model": 'models.mlp(2, 16, 16, 1, output="sigmoid")',
    "training": "epochs=40, batch_size=8",
}


@pytest.fixture
def during_training(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], None]:
    """Make the next command do something after each block of its training, given its number."""

    def arrange(act: Act) -> None:
        @contextmanager
        def bar(_: str) -> Iterator[Callable[[str, int, int], None]]:
            done = iter(range(1, 1000))
            yield lambda stage, *_: act(next(done)) if stage == "training" else None

        monkeypatch.setattr(terminal, "progress_bar", bar)

    return arrange


@pytest.fixture
def interrupted(
    nnanim: Nnanim, scene_file: SceneFile, during_training: Callable[[Act], None]
) -> Path:
    """The place of a recording that was cut off when three blocks were written."""

    def press(block: int) -> None:
        if block == 3:
            raise KeyboardInterrupt

    during_training(press)
    assert nnanim("record", scene_file(**LONG), "-o", "run.safetensors")[0] == 130
    during_training(lambda _: None)
    return Path("run.safetensors")


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def strays(folder: Path) -> list[Path]:
    """Return half-written files."""
    return [path for path in folder.rglob("*") if path.name.startswith(".nnanim.")]


# -- the disk --------------------------------------------------------------------------------------


PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no folder": (
        ("record", "tiny.py", "-o", "gone/run.safetensors"),
        ("the folder gone does not exist", "make it first, or choose another"),
    ),
    "under a file": (
        ("record", "tiny.py", "-o", "tiny.py/run.safetensors"), ("tiny.py does not exist",),
    ),
    "where nobody may write": (
        ("record", "tiny.py", "-o", "/proc/run.safetensors"),
        ("cannot write in the folder /proc",),
    ),
    "a file for the blocks": (
        ("record", "tiny.py", "-o", "taken.safetensors"),
        ("taken.safetensors.blocks is in the way", "move it"),
    ),
    "no folder for an export": (
        ("export", "run.safetensors", "-o", "gone/a.npz"), ("the folder gone does not exist",),
    ),
    "an export where nobody may write": (
        ("export", "run.safetensors", "-o", "/proc/a.npz"), ("cannot write /proc/a.npz",),
    ),
}  # fmt: skip


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("name", PLACES)
def test_what_cannot_be_written_is_refused(
    name: str, refused: Refused, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Before any training; the exit code is 5, and nothing is left, not even a folder."""
    request.getfixturevalue("no_training")
    (tmp_path / "taken.safetensors.blocks").touch()
    arguments, says = PLACES[name]
    before = sorted(tmp_path.rglob("*"))

    refused(*arguments, code=5, says=says)

    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("size", "blocks"), [(1_000, 0), (60_000, 3), (200_000, 6)])
def test_a_full_disk_keeps_the_finished_blocks(
    size: int, blocks: int, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """At the start, among the blocks, at the whole file; --resume then makes the same bytes."""
    file, path = scene_file(**LONG), tmp_path / "run.safetensors"
    assert nnanim("record", file, "-o", "whole.safetensors")[0] == 0
    path.write_text("the older recording")

    with disk_of(size):
        code, out, err = nnanim("record", file, "-o", "run.safetensors")

    assert (code, out, err.count("\n")) == (5, "", 1)
    assert err.startswith("nnanim: cannot write run.safetensors")
    assert err.endswith(": File too large\n")
    assert path.read_text() == "the older recording"
    assert len(list(tmp_path.glob("*.blocks/0*.safetensors"))) == blocks
    assert not strays(tmp_path)
    assert blocks_folder(path).exists() == (blocks > 0)

    path.unlink()
    assert nnanim("record", file, "-o", "run.safetensors", "--resume")[0] == 0
    assert path.read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert not blocks_folder(path).exists()


def test_an_old_file_that_is_no_recording_is_not_resumed(
    scene_file: SceneFile, refused: Refused, tmp_path: Path
) -> None:
    """It may be something else that matters; without --resume it is what -o says to replace."""
    (tmp_path / "run.safetensors").write_text("something else")

    refused(
        "record", scene_file(), "-o", "run.safetensors", "--resume",
        code=3, says=("run.safetensors is not a recording",),
    )  # fmt: skip


def test_a_full_disk_leaves_no_half_an_export(run: Path, refused: Refused) -> None:
    """The exit code is 5, and an older file stays."""
    run.with_suffix(".npz").write_text("the older export")

    with disk_of(2_000):
        refused("export", run, "-o", "run.npz", code=5, says=("cannot write run.npz",))

    assert run.with_suffix(".npz").read_text() == "the older export"
    assert not strays(run.parent)


@pytest.mark.parametrize("what", ["blocks", "folder"])
def test_a_folder_that_goes_while_it_records_is_one_line(
    what: str, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path,
    during_training: Callable[[Act], None],
) -> None:  # fmt: skip
    """The exit code is 5; what stood elsewhere stays."""
    place = tmp_path / "out"
    place.mkdir()
    gone = place if what == "folder" else place / "run.safetensors.blocks"
    during_training(lambda _: shutil.rmtree(gone, ignore_errors=True))

    code, out, err = nnanim("record", scene_file(**LONG), "-o", "out/run.safetensors")

    assert (code, out, err.count("\n")) == (5, "", 1)
    assert "the folder out/run.safetensors.blocks does not exist" in err
    assert not strays(tmp_path)


def test_a_folder_that_is_closed_while_it_records_is_one_line(
    scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path,
    during_training: Callable[[Act], None],
    powerless: Callable[[], AbstractContextManager[None]],
) -> None:  # fmt: skip
    """Finished blocks stay, and it goes on when it is open again."""
    file, blocks = scene_file(**LONG), tmp_path / "run.safetensors.blocks"
    power = powerless()

    def close(block: int) -> None:
        if block == 1:
            blocks.chmod(0o500)
            power.__enter__()

    during_training(close)
    try:
        code, out, err = nnanim("record", file, "-o", "run.safetensors")
    finally:
        power.__exit__(None, None, None)
        blocks.chmod(0o700)

    assert (code, out, err.count("\n")) == (5, "", 1)
    assert "Permission denied" in err
    assert len(list(blocks.glob("0*.safetensors"))) >= 1
    assert not strays(tmp_path)
    during_training(lambda _: None)
    assert nnanim("record", file, "-o", "run.safetensors", "--resume")[0] == 0
    assert len(Recording.load(tmp_path / "run.safetensors")) == 321


# -- unfinished ------------------------------------------------------------------------------------


def test_an_unfinished_recording_is_not_begun_anew(
    interrupted: Path, scene_file: SceneFile, nnanim: Nnanim, refused: Refused
) -> None:
    """The line says how to go on; another training's blocks are refused; the same go on."""
    blocks = f"{interrupted}.blocks"
    file = scene_file(**LONG)

    refused("record", file, "-o", interrupted, code=2, says=(blocks, "--resume", "remove"))
    refused(
        "record", file, "-o", interrupted, "--resume", "--seed", "9",
        code=2, says=(blocks, "of another training", "remove that folder to begin anew"),
    )  # fmt: skip

    assert nnanim("record", file, "-o", interrupted, "--resume") == (0, f"{interrupted}\n", "")


def test_blocks_of_another_training_are_known_before_the_first(
    interrupted: Path, scene_file: SceneFile, refused: Refused
) -> None:
    """The start says which training it is."""
    for block in blocks_folder(interrupted).glob("0*"):
        block.unlink()

    refused(
        "record", scene_file(**LONG), "-o", interrupted, "--resume", "--seed", "9",
        code=2, says=("of another training",),
    )  # fmt: skip


def test_an_unfinished_recording_can_be_looked_at(
    interrupted: Path, scene_file: SceneFile, nnanim: Nnanim, caplog: pytest.LogCaptureFixture
) -> None:
    """As far as its blocks go; a line says so, and so does info."""
    whole = record(load(scene_file(**LONG)))

    told = json.loads(nnanim("info", interrupted, "--json")[1])

    for arguments in (("still", *STILL, "-o", "a.png"), ("export", "-o", "a.npz"),
                      ("render", *FILM, "-o", "a.gif")):  # fmt: skip
        caplog.clear()
        command, *options = arguments
        assert nnanim(command, interrupted, *options)[0] == 0
        assert caplog.messages == [f"{interrupted} is unfinished: its finished blocks are used"]
    assert "in blocks (unfinished: --resume goes on)" in nnanim("info", interrupted)[1]
    assert (told["unfinished"], told["bytes"]) == (True, None)
    assert 0 < told["epochs"] < 40
    found = np.load("a.npz")["points"][-1]
    np.testing.assert_array_equal(found, Film(whole).points("hidden2", told["epochs"]))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t.pop("block/hidden1.0.bias"), "do not fit each other"),
        (lambda t: t.update({"block/hidden1.0.bias": np.zeros((1, 3), "f4")}), "do not fit each"),
        (lambda t: t.update({"block/hidden1.0.bias": np.zeros((1, 16), "f4")}), "snapshots"),
        (lambda t: t.update(steps=np.float64(3.0)), "do not fit each other"),
        (lambda t: t.update(steps=t["steps"][::-1].copy()), "steps do not rise"),
        (lambda t: t["block/hidden1.0.bias"].fill(np.nan), "holds NaN or infinity"),
    ],
)
def test_blocks_that_do_not_fit_are_one_line(
    spoil: Callable[[dict[str, Any]], object], says: str, interrupted: Path, refused: Refused
) -> None:
    """It names their folder."""
    block = sorted(blocks_folder(interrupted).glob("0*"))[0]
    header, mapped = container.read(block)
    tensors = {name: np.array(array) for name, array in mapped.items()}
    spoil(tensors)
    container.write(block, tensors, header)

    line = refused("still", interrupted, "-o", "a.png", code=3, says=(says,))

    assert "run.safetensors.blocks" in line


def test_a_folder_of_blocks_without_a_start_is_one_line(tmp_path: Path, refused: Refused) -> None:
    """A run that was killed before its first block."""
    (tmp_path / "run.safetensors.blocks").mkdir()

    refused("info", "run.safetensors", code=3, says=("run.safetensors.blocks/start.safetensors",))


def test_half_written_files_of_killed_runs_go_in_the_end(
    interrupted: Path, scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path
) -> None:
    """What is still being written beside it stays."""
    (tmp_path / ".nnanim.0123abcd.part.safetensors").write_text("half")

    with hidden(tmp_path, ".safetensors") as other:
        assert nnanim("record", scene_file(**LONG), "-o", interrupted, "--resume")[0] == 0
        assert strays(tmp_path) == [other]
