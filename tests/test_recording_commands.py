"""The commands that make and tell recordings, and those that draw them."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import imageio.v3 as iio
import pytest

from nnanim import Recording, record
from nnanim.scene.files import load

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]

STILL = ("-r", "128x72")
FILM = (*STILL, "--seconds", "0.2")


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
def own(tmp_path: Path, scene_file: SceneFile) -> Path:
    """A recording of a module that is no stack, own.safetensors, and nets.py that builds it."""
    (tmp_path / "nets.py").write_text(NETS)
    path = tmp_path / "own.safetensors"
    record(load(scene_file("own.py", before="from nets import Own", model="Own")), path)
    return path


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
    "one that fails": ("Deaf", ("the model does not fit the data", "failed with RuntimeError: no")),
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
    told = {line[:11].strip(): line[12:] for line in out.splitlines()}

    assert (code, err) == (0, "")
    assert told["recording"] == f"{run}, {run.stat().st_size:,} bytes"
    assert told["title"] == "Rings through a 2 → 2 → 1 network"
    assert told["description"] == "Two small rings."
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

    assert told.pop("measures")["epochs"] == [0.0, 1.0, 2.0]
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
