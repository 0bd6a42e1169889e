"""What is declared is trained and drawn without torch, to the same bits and pixels."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import nnanim
from nnanim import NnanimError, Recording, Scene, Training, datasets, models, record, render
from nnanim.network import initial
from nnanim.recording.declared import declared_recording
from nnanim.recording.record import cached_recording
from nnanim.rendering.stills import still
from nnanim.scene.files import load
from nnanim.training.run import prepare

SCENE = """
from nnanim import Scene, Training, datasets, models, views

scene = Scene(
    dataset=datasets.{data},
    model=models.mlp({widths}, output="{output}", batch_norm={norm}),
    training=Training(epochs=3, batch_size=20, loss="{loss}", lr=0.05),
    views=[views.Loss(), views.HiddenSpace(), views.InputSpace(), views.Network()],
)
"""
SCENES = {
    "binary": {"data": "rings(n=60)", "widths": "2, 3, 2, 1", "output": "sigmoid", "norm": False,
               "loss": "bce"},
    "logits": {"data": "moons(n=60)", "widths": "2, 3, 2, 1", "output": "identity", "norm": True,
               "loss": "bce_with_logits"},
    "classes": {"data": "blobs(n=60)", "widths": "2, 4, 3", "output": "identity", "norm": False,
                "loss": "cross_entropy"},
}  # fmt: skip
ASKED = ("-r", "320x180")
WATCHED = """
import sys
from nnanim.cli import main
sys.argv = ["nnanim", *sys.argv[1:]]
main()
print("torch" in sys.modules)
"""


def alone(*arguments: object) -> str:
    """Return what a command says in a process of its own, and whether it has loaded torch."""
    place = {**os.environ, "PYTHONPATH": str(Path(nnanim.__file__).parents[1])}
    command = [sys.executable, "-c", WATCHED, *map(str, arguments)]
    done = subprocess.run(command, env=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return the file of a scene whose training is kept in the cache."""
    return made(tmp_path, "binary")


def made(folder: Path, name: str) -> Path:
    """Write a scene of that name, let its training be kept, and return the file."""
    file = folder / f"{name}.py"
    file.write_text(SCENE.format(**SCENES[name]))
    scene = load(file)
    cached_recording(scene, prepare(scene))
    return file


def test_a_still_of_a_kept_training_loads_no_torch(kept: Path, tmp_path: Path) -> None:
    """Every pixel is as it is where torch is loaded."""
    said = alone("still", kept, *ASKED, "-o", tmp_path / "without.png")

    still(load(kept), tmp_path / "with.png", size=(320, 180))
    assert said == f"{tmp_path / 'without.png'}\nFalse\n"
    assert (tmp_path / "without.png").read_bytes() == (tmp_path / "with.png").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_films_of_kept_trainings_and_of_recordings_load_no_torch(name: str, tmp_path: Path) -> None:
    """Whatever the loss and the task; they are the same films, to the byte."""
    file, asked = made(tmp_path, name), (*ASKED, "--seconds", 0.5)
    recording = cached_recording(load(file), prepare(load(file)))
    recording.save(tmp_path / "run.safetensors")

    of_scene = alone("render", file, *asked, "-o", tmp_path / "scene.mp4")
    of_file = alone("render", tmp_path / "run.safetensors", *asked, "-o", tmp_path / "file.mp4")

    render(load(file), tmp_path / "with.mp4", size=(320, 180), seconds=0.5)
    render(Recording.load(tmp_path / "run.safetensors"), tmp_path / "loaded.mp4",
           size=(320, 180), seconds=0.5)  # fmt: skip
    for said, ours, theirs in (
        (of_scene, "scene.mp4", "with.mp4"),
        (of_file, "file.mp4", "loaded.mp4"),
    ):
        assert said.splitlines()[-1] == "False"
        assert (tmp_path / ours).read_bytes() == (tmp_path / theirs).read_bytes()


def test_a_kept_training_is_found_as_it_was_recorded(kept: Path) -> None:
    """Whichever way it is found, by what is declared or by what is made of it."""
    scene = load(kept)
    run = prepare(scene)

    assert declared_recording(scene, run.given) == cached_recording(scene, run)


# -- and what is not kept --------------------------------------------------------------------------

TRAINED: dict[str, dict[str, Any]] = {
    "a loss of each step": {"loss": "bce", "optimizer": "adam", "snapshots": "steps"},
    "a batch that is not full": {"batch_size": 7, "epochs": 2, "drop_last": True},
    "all at once": {"batch_size": None, "optimizer": "adamw", "weight_decay": 0.1},
    "rates of layers": {"lr": {"hidden1": 0.1, "hidden2": 0.0, "output": 0.2}, "momentum": 0.9},
    "a large seed": {"seed": 2**63 - 1},
    "another try": {"retry": nnanim.Retry(until=1.0, attempts=3)},
    "the best": {"keep": "best", "segments": 2, "restart_optimizer": True, "epochs": 4},
    "torch asked for": {"trainer": "eager"},
    "thrown apart": {"lr": 1e30, "epochs": 8},
}
FAR = models.mlp(2, 3, 1, output="softplus", scale=40)
NORMED = models.mlp(2, 3, 1, batch_norm=True)
WRONG: dict[str, dict[str, Any]] = {
    "too many outputs": {"model": models.mlp(2, 3, 3, output="sigmoid")},
    "too many inputs": {"model": models.mlp(3, 3, 1, output="sigmoid")},
    "no probabilities": {"training": Training(loss="bce"), "model": FAR},
    "no logits": {"training": Training(loss="cross_entropy")},
    "no such layer": {"layer": "hidden7"},
    "no such rate": {"training": Training(lr={"hidden1": 0.1})},
    "one left over": {"training": Training(batch_size=63), "model": NORMED},
    "none left": {"training": Training(batch_size=65, drop_last=True)},
    "too large": {"model": models.mlp(2, 3, 1, scale=1e39)},
    "a head of none": {"head": 1},
    "the kernel for a GPU": {"training": Training(trainer="kernel", device="cuda")},
}  # fmt: skip


def plain(**changed: Any) -> Scene:
    """Return two small rings to be told apart."""
    scene = Scene(
        dataset=datasets.rings(n=64),
        model=models.mlp(2, 3, 2, 1, output="sigmoid"),
        training=Training(epochs=3, batch_size=16),
    )
    return replace(scene, **changed)


@pytest.fixture
def unloaded(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let no training see that torch is loaded here."""
    monkeypatch.setattr("nnanim.training.start.sys", SimpleNamespace(modules={}))
    return monkeypatch


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("norm", [False, True])
def test_a_training_is_the_same_without_torch(
    name: str, norm: bool, unloaded: pytest.MonkeyPatch
) -> None:
    """Every bit of its recording, and all that its header says."""
    training = replace(plain().training, **TRAINED[name])
    scene = plain(
        training=training,
        model=models.mlp(2, 3, 2, 1, output="sigmoid", batch_norm=norm, init="glorot"),
    )

    without = record(scene)
    made = without.module is not None
    unloaded.undo()

    assert made == (training.trainer == "eager" or not initial.known())
    with_torch = record(scene)
    assert without == with_torch
    assert list(without.states) == list(with_torch.states)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_in_the_same_words(name: str, unloaded: pytest.MonkeyPatch) -> None:
    """torch is asked where it would say something."""
    with pytest.raises(NnanimError) as without:
        record(plain(**WRONG[name]))
    unloaded.undo()
    with pytest.raises(NnanimError) as with_torch:
        record(plain(**WRONG[name]))

    assert str(without.value) == str(with_torch.value)


@pytest.mark.parametrize("loss", ["bce", "mse"])
def test_batches_of_one_need_no_torch(loss: str, unloaded: pytest.MonkeyPatch) -> None:
    """Where each sample is taken alone anyway."""
    scene = plain(training=Training(epochs=2, batch_size=63, loss=loss))

    without = record(scene)
    unloaded.undo()

    assert (without.module is None) == initial.known()
    assert without == record(scene)


def test_a_new_training_loads_no_torch(tmp_path: Path) -> None:
    """Its file is the same, to the byte."""
    file = tmp_path / "new.py"
    file.write_text(SCENE.format(**SCENES["logits"]))

    said = alone("record", file, "-o", tmp_path / "without.safetensors")

    record(load(file), tmp_path / "with.safetensors")
    assert said.splitlines()[-1] == str(not initial.known())
    without, with_torch = (tmp_path / f"{name}.safetensors" for name in ("without", "with"))
    assert without.read_bytes() == with_torch.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_films_of_new_trainings_load_no_torch(name: str, tmp_path: Path) -> None:
    """They are the same films, to the byte."""
    file, films = tmp_path / f"{name}.py", [tmp_path / "without.mp4", tmp_path / "with.mp4"]
    file.write_text(SCENE.format(**SCENES[name]))

    said = alone("render", file, "--no-cache", *ASKED, "--seconds", 0.5, "-o", films[0])

    render(load(file), films[1], size=(320, 180), seconds=0.5, cache=False)
    assert said.splitlines()[-1] == str(not initial.known())
    assert films[0].read_bytes() == films[1].read_bytes()
