"""What is kept of a declared training is drawn without torch, to the same pixels."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import nnanim
from nnanim import Recording, render
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
