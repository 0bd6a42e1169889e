"""The commands that make, tell, export and keep recordings."""

import json
import os
import resource
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import Film, Recording, record
from nnanim.commands import terminal
from nnanim.place import hidden
from nnanim.recording import cache as kept
from nnanim.recording import container
from nnanim.recording.journal import blocks_folder
from nnanim.recording.recording import tensors_of
from nnanim.scene.files import load
from nnanim.training.strategy import train

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
NETS = """
import torch
from torch import nn

class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(2, 3), nn.Linear(3, 1)

    def forward(self, x):
        return torch.sigmoid(self.two(torch.tanh(self.one(x))))

built = Own()
number = 3

def other():
    return nn.Linear(2, 1)

def broken():
    return 1 / 0  # here

def ends():
    raise SystemExit(0)

def nothing():
    pass

class Deaf(Own):
    def forward(self, x):
        raise RuntimeError("no")
"""


@pytest.fixture
def run(tmp_path: Path, scene_file: SceneFile) -> Path:
    """A small recording, run.safetensors, of the scene in tiny.py."""
    path = tmp_path / "run.safetensors"
    record(load(scene_file()), path)
    return path


@pytest.fixture
def own(tmp_path: Path, scene_file: SceneFile) -> Path:
    """A recording of a module that is no stack, own.safetensors, and nets.py that builds it."""
    (tmp_path / "nets.py").write_text(NETS)
    path = tmp_path / "own.safetensors"
    record(load(scene_file("own.py", before="from nets import Own", model="Own")), path)
    return path


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


# -- record ----------------------------------------------------------------------------------------


def test_record_prints_the_path_and_nothing_else(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The file is that of `record` in Python; the default folder is made."""
    file = scene_file()

    result = nnanim("record", file)
    record(load(file), "python.safetensors")

    assert result == (0, "renders/tiny.safetensors\n", "")
    assert Path("renders/tiny.safetensors").read_bytes() == Path("python.safetensors").read_bytes()
    assert [path.name for path in Path("renders").iterdir()] == ["tiny.safetensors"]


def test_record_tells_as_json(scene_file: SceneFile, nnanim: Nnanim, tmp_path: Path) -> None:
    """Path, states and epochs; -o may be a folder."""
    (tmp_path / "out").mkdir()

    _, out, _ = nnanim("record", scene_file(), "-o", "out", "--json")

    assert json.loads(out) == {"path": "out/tiny.safetensors", "snapshots": 5, "epochs": 2.0}


def test_a_recording_says_how_to_make_it_again(nnanim: Nnanim, tmp_path: Path) -> None:
    """The command that `info` tells makes the same bytes."""
    (tmp_path / "wide.py").write_text(
        "from nnanim import Scene, Training, datasets, models\n\n\n"
        "def scene(width=2, name='a b'):\n"
        "    model = models.mlp(2, width, 1)\n"
        "    training = Training(epochs=1)\n"
        "    return Scene(dataset=datasets.rings(n=64), model=model, training=training, "
        "title=name)\n"
    )
    nnanim("record", "wide.py", "--set", "width=3", "--set", "name=$HOME 'x'", "--seed", "7")
    first = Path("renders/wide.safetensors").read_bytes()
    _, out, _ = nnanim("info", "renders/wide.safetensors", "--json")

    command = json.loads(out)["again"]
    assert nnanim(*shlex.split(command)[1:])[0] == 0

    assert command.startswith("nnanim record wide.py --seed 7 --set ")
    assert Path("renders/wide.safetensors").read_bytes() == first
    assert Recording.load("renders/wide.safetensors").header.title == "$HOME 'x'"


USAGE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "of a folder": (("record", "."), (". is no scene file", "as scenes/rings_2_2.py")),
    "of a recording": (("record", "run.safetensors"), ("run.safetensors is no scene file",)),
    "of no recording": (("record", "gone.safetensors"), ("gone.safetensors is no scene file",)),
    "of nothing": (
        ("record", "tinny.py"), ("unknown scene file 'tinny.py'", "did you mean 'tiny.py'?"),
    ),
    "with another suffix": (
        ("record", "tiny.py", "-o", "tiny.pt"),
        ("a recording is a .safetensors file, not 'tiny.pt'", "name it tiny.safetensors"),
    ),
    "without a suffix": (
        ("record", "tiny.py", "-o", "tiny"), ("not 'tiny'", "name it tiny.safetensors"),
    ),
    "a seed of a recording": (
        ("render", "run.safetensors", "--seed", "1"),
        ("run.safetensors is a recording", "--set and --seed mean nothing"),
    ),
    "a setting of a recording": (
        ("still", "run.safetensors", "--set", "width=3"), ("--set and --seed mean nothing",),
    ),
    "a model of a scene": (
        ("render", "tiny.py", "--model", "nets.py:Own"),
        ("--model is for recordings", "tiny.py is a scene, which has its own"),
    ),
    "beyond a recording": (
        ("still", "run.safetensors", "--epoch", "9"), ("epoch=9", "from 0 to 2"),
    ),
    "an export of a scene": (
        ("export", "tiny.py"), ("tiny.py is no recording", "expected a .safetensors file"),
    ),
    "an export of another kind": (
        ("export", "run.safetensors", "-o", "run.csv"),
        ("mappings are an .npz file, not 'run.csv'", "name it run.npz"),
    ),
    "info of a scene": (("info", "tiny.py"), ("tiny.py is not a film of nnanim",)),
    "info of a folder": (("info", "."), ("no film '.'",)),
    "a model that is no place": (
        ("still", "own.safetensors", "--model", "nets.py"),
        ("'nets.py': expected a file and what it defines", "as nets.py:make"),
    ),
    "a model without a name": (("still", "own.safetensors", "--model", "nets.py:"), ("nets.py:",)),
    "a model without a file": (("still", "own.safetensors", "--model", ":Own"), ("':Own'",)),
    "a model of no name": (("still", "own.safetensors", "--model", "nets.py:1"), ("nets.py:1",)),
    "a model of another kind": (("still", "own.safetensors", "--model", "a.txt:b"), ("a.txt:b",)),
    "a model in no file": (
        ("export", "own.safetensors", "--model", "gone.py:make"),
        ("no file 'gone.py'", "expected the Python file that defines make"),
    ),
    "a model that is not there": (
        ("still", "own.safetensors", "--model", "nets.py:Owm"),
        ("unknown name in nets.py 'Owm'", "did you mean 'Own'?"),
    ),
}  # fmt: skip


@pytest.mark.usefixtures("run", "own")
@pytest.mark.parametrize("name", USAGE)
def test_what_cannot_be_asked_is_refused(
    name: str, refused: Refused, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Before any training; the exit code is 2, and no file is made."""
    request.getfixturevalue("no_training")
    (tmp_path / "renders").mkdir()
    arguments, says = USAGE[name]

    refused(*arguments, code=2, says=says)


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
        ("cannot make the folder taken.safetensors.blocks: File exists",),
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


# -- render and still ------------------------------------------------------------------------------


def test_a_recording_is_drawn_as_its_scene_is(run: Path, nnanim: Nnanim) -> None:
    """The same pixels, at any moment, in any theme; nothing is trained."""
    for i, options in enumerate([("--at", "0"), ("--epoch", "1", "--theme", "light"), ("--bare",)]):
        nnanim("still", "tiny.py", *STILL, *options, "-o", f"scene{i}.png")
        result = nnanim("still", run.name, *STILL, *options, "-o", f"run{i}.png")

        assert result == (0, f"run{i}.png\n", "")
        assert Path(f"run{i}.png").read_bytes() == Path(f"scene{i}.png").read_bytes()


def test_a_film_of_a_recording_takes_its_name(run: Path, nnanim: Nnanim) -> None:
    """In the default folder."""
    assert nnanim("render", run.name, *FILM) == (0, "renders/run.mp4\n", "")
    assert iio.imread("renders/run.mp4").shape == (12, 72, 128, 3)


def test_a_model_of_ones_own_is_drawn_with_what_builds_it(own: Path, nnanim: Nnanim) -> None:
    """Without it, the line says what to give."""
    nnanim("still", "own.py", *STILL, "-o", "scene.png")

    code, _, err = nnanim("still", own.name, *STILL, "-o", "run.png")
    drawn = nnanim("still", own.name, *STILL, "-o", "run.png", "--model", "nets.py:Own")

    assert (code, err.count("\n")) == (3, 1)
    assert "own.safetensors: the recording does not hold its model" in err
    assert "--model file.py:make" in err
    assert drawn == (0, "run.png\n", "")
    assert Path("run.png").read_bytes() == Path("scene.png").read_bytes()


MODELS: dict[str, tuple[str, tuple[str, ...]]] = {
    "built": ("built", ("nets.py: ", "a Own already built", "give a function that builds it")),
    "a number": ("number", ("nets.py: ", "model=3: expected a function")),
    "broken": ("broken", ("nets.py:", "in broken: ZeroDivisionError: division by zero")),
    "ends": ("ends", ("nets.py:", "in ends: SystemExit: 0")),
    "nothing": ("nothing", ("nets.py: ", "returned NoneType, not a torch module")),
    "another": ("other", ("the recording does not fit its model", "missing in the")),
    "one that fails": ("Deaf", ("the model does not fit the data", "failed with no")),
}


@pytest.mark.parametrize("command", ["still", "export"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_cannot_be_built_is_one_line(
    name: str, command: str, own: Path, refused: Refused
) -> None:
    """The exit code is 3; the line names the file, and where there is one its line."""
    model, says = MODELS[name]
    suffix = {"still": "png", "export": "npz"}[command]
    place = own.parent / "elsewhere"
    place.mkdir()
    own.rename(place / own.name)  # not beside the file of the model

    refused(
        command, f"elsewhere/{own.name}", "-o", f"a.{suffix}", "--model", f"nets.py:{model}",
        code=3, says=says,
    )  # fmt: skip


# -- info ------------------------------------------------------------------------------------------


def test_info_tells_what_a_recording_is(run: Path, nnanim: Nnanim) -> None:
    """A line each, in columns; what there is not is left out."""
    code, out, err = nnanim("info", run)
    told = {line[:10].strip(): line[11:] for line in out.splitlines()}

    assert (code, err) == (0, "")
    assert told["recording"] == f"{run}, {run.stat().st_size:,} bytes"
    assert told["title"] == "Rings through a 2 → 2 → 1 network"
    assert told["caption"] == "Two small rings."
    assert told["data"] == "64 samples of 2 inputs, 6 for the test"
    assert told["task"] == "binary, inner, outer"
    assert told["states"] == "5 over 2 epochs, 4 steps"
    assert told["layer"] == "hidden1"
    assert "hidden1.0.weight 2×2" in told["tensors"]
    assert told["training"] == "batch_size=32, epochs=2, loss='mse', lr=0.01, optimizer='sgd'"
    assert told["seed"] == "0"
    assert told["again"] == "nnanim record tiny.py --seed 0"
    assert len(told["key"]) == 64
    assert "ended" not in told


def test_info_as_json(run: Path, nnanim: Nnanim) -> None:
    """The same, and the whole header."""
    _, out, _ = nnanim("info", run, "--json")
    told, found = json.loads(out), Recording.load(run)

    assert told == {
        "path": str(run),
        "bytes": run.stat().st_size,
        "snapshots": 5,
        "epochs": 2.0,
        "steps": 4,
        "samples": 64,
        "test_samples": 6,
        "inputs": 2,
        "parameters": {name: list(a.shape[1:]) for name, a in found.states.items()},
        "last_loss": found.batch_loss[-1],
        "unfinished": False,
        "again": "nnanim record tiny.py --seed 0",
        "header": found.header.as_json(),
    }


@pytest.mark.parametrize(
    ("training", "says"),
    [
        ("epochs=3, lr=1e30, optimizer='sgd', loss='mse'", "diverged in epoch 1"),
        ("epochs=30, lr=0.0, patience=2", "stopped at epoch 3"),
        ("epochs=3, lr=0.0, keep='best'", "on the state of epoch 1, score "),
        ("epochs=1, retry=Retry(until=1.0, attempts=2)", "attempt 1 of scores ["),
    ],
)
def test_info_tells_how_a_training_ended(
    training: str, says: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """Where it did not just run through."""
    file = scene_file(
        before="from nnanim import Retry",
        model='models.mlp(2, 2, 1, activation="relu")',
        training=f"{training}, seed=1",
    )
    assert nnanim("record", file, "-o", "run.safetensors")[0] == 0

    ended = [line for line in nnanim("info", "run.safetensors")[1].splitlines() if "ended" in line]

    assert len(ended) == 1
    assert says in ended[0]


# -- export ----------------------------------------------------------------------------------------


def exported(nnanim: Nnanim, *arguments: object) -> dict[str, Any]:
    """Return the arrays of an export; none needs a pickle."""
    assert nnanim("export", *arguments, "-o", "a.npz") == (0, "a.npz\n", "")
    with np.load("a.npz", allow_pickle=False) as found:
        return dict(found)


@pytest.mark.parametrize("layer", [None, "hidden1", "hidden1.0", "output.0", "output"])
def test_an_export_is_what_the_snapshots_give(layer: str | None, run: Path, nnanim: Nnanim) -> None:
    """Of the recording's own layer if none is named: data and grid, at every epoch's end."""
    film = Film(Recording.load(run))

    found = exported(nnanim, run, *([] if layer is None else ["--layer", layer]))

    name = layer or film.layer
    assert [*found["epochs"]] == [0, 1, 2]
    assert [*found["steps"]] == [0, 2, 4]
    assert [*found["loss"]] == [snapshot.loss for snapshot in film.snapshots]
    np.testing.assert_array_equal(found["inputs"], film.data.inputs)
    np.testing.assert_array_equal(found["targets"], film.data.targets)
    for i, snapshot in enumerate(film.snapshots):
        np.testing.assert_array_equal(found["points"][i], snapshot.points(name))
        lines = np.split(found["grid"][i], found["grid_starts"][1:])
        assert len(lines) == len(film.grid_lines)
        for line, expected in zip(lines, snapshot.grid(name), strict=True):
            np.testing.assert_array_equal(line, expected)


def test_an_export_of_one_input_has_one_line(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """And of a network without a hidden layer, its outputs."""
    file = scene_file(dataset="datasets.polynomial(n=20)", model="models.mlp(1, 1)")
    record(load(file), "fit.safetensors")

    found = exported(nnanim, "fit.safetensors")

    assert found["points"].shape == (3, 20, 1)
    assert (found["grid"].shape, found["grid_starts"].tolist()) == ((3, 100, 1), [0])


def test_more_than_two_inputs_have_no_grid(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The points are there."""
    before = (
        "class Cube:\n"
        '    name, task = "Cube", "binary"\n'
        "    window, class_names, axis_names = ((-1, 1),) * 3, (), ()\n\n"
        "    def arrays(self, seed):\n"
        "        x = np.random.default_rng(seed).uniform(-1, 1, (24, 3))\n"
        "        return without_test(x, x[:, :1] > 0)\n"
    )
    model = 'models.mlp(3, 2, 1, output="sigmoid")'
    record(load(scene_file(before=before, dataset="Cube()", model=model)), "cube.safetensors")

    found = exported(nnanim, "cube.safetensors")

    assert found["points"].shape == (3, 24, 2)
    assert "grid" not in found


def test_the_same_export_is_the_same_bytes(run: Path, nnanim: Nnanim) -> None:
    """There is no date in it; --json tells which layer it is of."""
    _, out, _ = nnanim("export", run, "--json")
    nnanim("export", run, "-o", ".")

    assert json.loads(out) == {"path": "renders/run.npz", "layer": "hidden1"}
    assert Path("renders/run.npz").read_bytes() == Path("run.npz").read_bytes()


def test_an_export_of_an_unknown_layer_is_refused(run: Path, refused: Refused) -> None:
    """The line lists those there are."""
    (run.parent / "renders").mkdir()

    refused(
        "export", run, "--layer", "hiden1",
        code=3, says=("unknown layer 'hiden1'", "expected hidden1.0 | ", "mean 'hidden1'?"),
    )  # fmt: skip


# -- cache -----------------------------------------------------------------------------------------


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
