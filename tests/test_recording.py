"""A recording in a file is the recording: the same numbers, the same pictures, nothing run."""

import json
import os
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

import nnanim
from nnanim import Film, Recording, Scene, datasets, models, record
from nnanim.errors import RecordingError, SceneError, UsageError, WriteError
from nnanim.network.recognition import stack_of
from nnanim.recording import container
from nnanim.recording.recording import tensors_of
from tests.recordings import FIT, NORMED, RINGS, Given, Normed, known_activations, thirds_scene

SIZE = (256, 144)
PLACE = {**os.environ, "PYTHONPATH": str(Path(nnanim.__file__).parents[1])}


def short(scene: Scene, model: Callable[[], nn.Module] | None = None) -> Scene:
    """Return the scene with little data, two epochs and perhaps another model."""
    training = replace(scene.training, epochs=2)
    little = datasets.rings(n=40) if isinstance(scene.dataset, datasets.rings) else scene.dataset
    return replace(scene, dataset=little, training=training, model=model or scene.model)


@cache
def rings() -> Recording:
    """Return a recording of few numbers."""
    return record(short(RINGS))


# -- round trip ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", [RINGS, FIT, NORMED, thirds_scene()])
def test_what_is_saved_is_loaded(scene: Scene, path: Path) -> None:
    """Every array to the bit, with its type and shape; the header as it is."""
    made = record(short(scene))

    found = Recording.load(made.save(path))

    assert found.header == made.header
    assert len(found) == len(made)
    before, after = tensors_of(made), tensors_of(found)
    assert before.keys() == after.keys()
    for name, array in before.items():
        assert (after[name].dtype, after[name].shape) == (array.dtype, array.shape)
        assert after[name].tobytes() == array.tobytes()
    for derived in ("epochs", "loss"):
        np.testing.assert_array_equal(getattr(found, derived), getattr(made, derived))
    assert (found.module, found.scene) == (None, None)


def test_epochs_of_ones_own_are_kept(path: Path) -> None:
    """Where steps do not tell them."""
    times = np.linspace(0.25, 3.0, len(rings()))

    found = Recording.load(replace(rings(), times=times).save(path))

    np.testing.assert_array_equal(found.epochs, times)


def test_the_same_recording_is_the_same_bytes(tmp_path: Path) -> None:
    """Saved twice, and saved again after loading."""
    one, two, three = (tmp_path / f"{name}.safetensors" for name in ("one", "two", "three"))

    rings().save(one)
    rings().save(two)
    Recording.load(one).save(three)

    assert one.read_bytes() == two.read_bytes() == three.read_bytes()


def test_a_loaded_recording_is_saved_over_itself(path: Path) -> None:
    """Its arrays lie in the old file, which stays until they are written."""
    whole = rings().save(path).read_bytes()

    Recording.load(path).save(path)

    assert path.read_bytes() == whole


def test_a_loaded_recording_is_the_file_itself(path: Path) -> None:
    """Its arrays are mapped, not read, and cannot be written to."""
    found = Recording.load(rings().save(path))
    content, weights = bytearray(path.read_bytes()), found.states["hidden1.0.weight"]
    at = content.index(weights.tobytes())

    with path.open("r+b") as file:
        file.seek(at)
        file.write(np.float32(42.0).tobytes())

    assert weights[0, 0, 0] == 42.0
    assert not any(array.flags.writeable for array in tensors_of(found).values())


def test_a_state_is_a_copy(path: Path) -> None:
    """What is done to it changes neither file nor recording."""
    found = Recording.load(rings().save(path))

    found.state(-1)["hidden1.0.weight"][:] = 7.0

    last = rings().states["hidden1.0.weight"][-1]
    np.testing.assert_array_equal(found.state(-1)["hidden1.0.weight"], last)


def test_a_path_may_be_text(tmp_path: Path) -> None:
    """For `save` and `load`."""
    path = rings().save(f"{tmp_path}/run.safetensors")

    assert path == tmp_path / "run.safetensors"
    assert len(Recording.load(str(path))) == len(rings())


@pytest.mark.parametrize("name", ["run.pt", "run", "run.safetensors.gz"])
def test_another_suffix_is_refused(name: str, tmp_path: Path) -> None:
    """A recording is known by its name."""
    with pytest.raises(UsageError, match=r"\.safetensors"):
        rings().save(tmp_path / name)


def test_where_no_file_can_be_is_refused(tmp_path: Path) -> None:
    """A folder that is not there, and a folder of that very name; nothing is left."""
    (tmp_path / "run.safetensors").mkdir()

    with pytest.raises(WriteError, match="gone does not exist: make it first"):
        rings().save(tmp_path / "gone" / "run.safetensors")
    with pytest.raises(WriteError, match="is a folder: name a file in it"):
        rings().save(tmp_path / "run.safetensors")

    assert [path.name for path in tmp_path.rglob("*")] == ["run.safetensors"]


# -- the same pictures -----------------------------------------------------------------------------


def named() -> nn.Sequential:
    """Return a stack in stacks, with names that are no words of Python."""
    first = nn.Sequential(OrderedDict({"fc-1": nn.Linear(2, 3), "act 1": nn.LeakyReLU(0.3)}))
    body = nn.Sequential(OrderedDict({"in": first, "class": nn.Sequential(nn.Linear(3, 2))}))
    return nn.Sequential(OrderedDict({"body": body, "Kopf": nn.Linear(2, 1), "p": nn.Sigmoid()}))


def normed() -> nn.Sequential:
    """Return a stack with buffers: BatchNorm of settings of its own, with and without weights."""
    return nn.Sequential(
        nn.BatchNorm1d(2, eps=0.5, momentum=0.3),
        nn.Linear(2, 4, bias=False),
        nn.BatchNorm1d(4, affine=False),
        nn.Softplus(beta=2.0, threshold=1.5),
        nn.Linear(4, 2),
        nn.Identity(),
        nn.ReLU(),
        nn.Linear(2, 1),
        nn.Sigmoid(),
    )


def activated() -> nn.Sequential:
    """Return a stack with every activation that there is a kernel for, each in its place."""
    kinds = known_activations().values()
    inner = [part for kind in kinds for part in (nn.Linear(3, 3), kind())]
    return nn.Sequential(nn.Linear(2, 3), *inner, nn.Linear(3, 1), nn.Sigmoid())


STACKS: dict[str, Scene] = {
    "mlp": short(RINGS),
    "named": short(RINGS, named),
    "normed": short(RINGS, normed),
    "activated": short(RINGS, activated),
    "bare Linear": replace(
        short(FIT, lambda: nn.Linear(1, 1)), training=replace(FIT.training, epochs=2)
    ),
    "regression": short(FIT),
    "classes": short(thirds_scene()),
}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_is_drawn_from_the_file_alone(name: str, path: Path) -> None:
    """Every layer's outputs at any moment, and the picture, to the bit."""
    made = record(STACKS[name])
    here = Film(made)
    there = Film(Recording.load(made.save(path)), timeline=here.timeline)

    assert [layer.name for layer in there.network.layers] == [
        layer.name for layer in here.network.layers
    ]
    assert (there.layer, there.network.read_out) == (here.layer, here.network.read_out)
    for moment in (0.0, 0.77, 2.0):
        for layer in ["", *(layer.name for layer in here.network.layers)]:
            ours = here.outputs(layer, made.data.inputs, moment)
            assert there.outputs(layer, made.data.inputs, moment).tobytes() == ours.tobytes()
    assert there.frame(1.9, SIZE).tobytes() == here.frame(1.9, SIZE).tobytes()


def test_a_table_of_layers_is_plain_json(path: Path) -> None:
    """With every option that their outputs hang on."""
    table = Recording.load(record(STACKS["normed"]).save(path)).header["layers"]

    assert json.loads(json.dumps(table)) == list(stack_of(normed()).layers)
    assert {"name": "0", "kind": "BatchNorm1d", "eps": 0.5, "momentum": 0.3} in table
    assert {"name": "3", "kind": "Softplus", "beta": 2.0, "threshold": 1.5} in table


def test_a_module_that_is_no_stack_is_asked_for(path: Path) -> None:
    """And with the function that builds it the film is the same."""
    made = record(short(NORMED))
    found = Recording.load(made.save(path))

    with pytest.raises(SceneError, match=r"Film\(recording, model=…\) or --model file\.py:make"):
        Film(found)
    here = Film(made)
    there = Film(found, Normed, timeline=here.timeline)

    assert there.frame(1.9, SIZE).tobytes() == here.frame(1.9, SIZE).tobytes()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (models.mlp(2, 2, 1), "'body.0.bias' is real numbers of shape (2,) in the recording"),
        (lambda: nn.Sequential(OrderedDict(body=nn.Linear(2, 2))), "but missing in the model"),
    ],
)
def test_another_module_than_the_one_recorded_is_refused(
    wrong: Callable[[], nn.Module], says: str, path: Path
) -> None:
    """Else its own weights would be shown where names differ."""
    found = Recording.load(record(short(NORMED)).save(path))

    with pytest.raises(RecordingError, match="does not fit its model") as caught:
        Film(found, wrong)

    assert says in str(caught.value)


@pytest.mark.parametrize("lr", [1e12, 1e30])
@pytest.mark.parametrize("activation", ["relu", "softplus"])
@pytest.mark.parametrize(("scene", "loss"), [(RINGS, "bce"), (FIT, "mse")])
def test_a_training_that_diverges_is_drawn_from_its_file(
    scene: Scene, loss: str, activation: str, lr: float, path: Path
) -> None:
    """Its last weights are finite, what they give may be none."""
    output = "sigmoid" if loss == "bce" else "identity"
    inputs = len(scene.dataset.window)
    model = models.mlp(inputs, 4, 3, 1, activation=activation, output=output)
    wild = replace(scene.training, optimizer="sgd", lr=lr, loss=loss, trainer="auto")
    made = record(replace(short(scene, model), training=wild))

    film = Film(Recording.load(made.save(path)))

    assert film.frame(12.0, SIZE).shape == (144, 256, 4)
    assert np.isfinite(film.limits(film.layer)).all()


@pytest.mark.parametrize("trainer", ["kernel", "eager"])
def test_a_first_loss_beyond_all_numbers_is_kept(trainer: str, path: Path) -> None:
    """The untrained network is all that there is to show."""
    x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    far = Given(x, x * np.float32(1e30), "regression", ((-1.0, 1.0),))
    training = replace(FIT.training, trainer=trainer)
    made = record(replace(FIT, dataset=far, model=models.mlp(1, 2, 1), training=training))

    found = Recording.load(made.save(path))

    assert found.header.diverged_at == 1
    assert found.loss.tolist() == [np.inf]


# -- nothing is run --------------------------------------------------------------------------------

WATCHED = """
import sys
from pathlib import Path

import nnanim
from nnanim import Film, Recording
from nnanim.errors import NnanimError
from nnanim.recording.info import facts_of, told_of

def look(path):
    recording = Recording.load(path)
    told_of(facts_of(recording, path))
    try:
        Film(recording).frame(0.0, (128, 72))
    except NnanimError as error:
        print(error)

look(Path("good.safetensors"))  # what is imported late is imported now
seen = []
sys.addaudithook(lambda event, details: seen.append((event, details)))
for hostile in sys.argv[1:]:
    look(Path(hostile))
HARMLESS = {"open", "mmap.__new__", "builtins.id"}
HARMLESS |= {"_thread.start_new_thread", "_thread.start_joinable_thread"}  # told by 3.12, by 3.13
written = [d for event, d in seen if event == "open" and set(str(d[1])) & set("wax+")]
odd = {event for event, _ in seen} - HARMLESS
assert not written, written
assert not odd, odd
"""


def hostile_headers() -> dict[str, dict[str, Any]]:
    """Return headers that would run something if anything in them were run."""
    header = rings().header.as_json()
    layers = header["layers"]
    shell, pickle = "$(touch pwned); `touch pwned`", "cposix\nsystem\n(S'touch pwned'\ntR."
    odd = [
        {"name": "__class__", "kind": "Tanh"},
        {"name": "__reduce__", "kind": "Tanh"},
        {"name": "forward", "kind": "Tanh"},
        {"name": "a", "kind": "os.system"},
        {"name": "a", "kind": "__import__('os').system('touch pwned')"},
        {"name": "../../a", "kind": "Tanh"},
    ]
    texts = {
        "title": pickle,
        "caption": shell,
        "name": "../../pwned",
        "class_names": [pickle, shell],
        "source": {"file": "evil.py", "settings": {shell: pickle}},
        "versions": {"nnanim": shell, "__class__": pickle},
        "trainer": pickle,
        "__reduce__": ["os.system", ["touch pwned"]],
        "training": {**header["training"], "loss": "os.system", "optimizer": shell},
    }
    return {
        "texts": {**header, **texts},
        **{f"layer {i}": {**header, "layers": [*layers, row]} for i, row in enumerate(odd)},
    }


def test_opening_runs_nothing(tmp_path: Path) -> None:
    """No import, no code, no shell, no file but the one that was asked for, as Python audits it."""
    rings().save(tmp_path / "good.safetensors")
    (tmp_path / "evil.py").write_text("open('pwned', 'w')\n")
    names = []
    for i, header in enumerate(hostile_headers().values()):
        container.write(tmp_path / f"{i}.safetensors", tensors_of(rings()), header)
        names.append(f"{i}.safetensors")

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *names],
        cwd=tmp_path,
        env=PLACE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(names) - 1  # each odd layer is refused
    assert not (tmp_path / "pwned").exists()


def test_telling_what_a_recording_is_imports_nothing_heavy(tmp_path: Path) -> None:
    """No torch, matplotlib or numba: `nnanim info` answers at once."""
    rings().save(tmp_path / "run.safetensors")
    program = (
        "import sys\n"
        "from nnanim.cli import main\n"
        "main()\n"
        "sys.exit(' '.join({'torch', 'matplotlib', 'numba'} & set(sys.modules)) or 0)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "info", "run.safetensors"],
        cwd=tmp_path,
        env=PLACE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("recording   run.safetensors, ")
