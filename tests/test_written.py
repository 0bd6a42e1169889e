"""Settings written down: a command to copy, a scene file to commit."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nnanim.scene.addresses import declared_values
from nnanim.scene.files import declared, ran
from nnanim.scene.written import command, source
from nnanim.texts import called

SCENES = Path(__file__).parents[1] / "scenes"

FUNCTION = '''"""Rings."""
from typing import Annotated
from nnanim import Range, Scene, Training, datasets, models


def scene(width: Annotated[int, Range(1, 8)] = 3, *, name="tanh", lr: float = 0.01):
    data = datasets.rings(40, noise=0.1)  # élan: two bytes
    if width > 4:
        return Scene(dataset=data, model=models.mlp(2, width, 1))
    return Scene(
        dataset=datasets.rings(40, noise=0.1),
        model=models.mlp(2, width, 1, activation=name),
        training=Training(epochs=2, lr=lr),
    )
'''

PLAIN = '''"""Rings."""

from nnanim import Scene, Training, datasets, models, views

scene = Scene(
    dataset=datasets.rings(40, noise=0.1),  # élan
    model=models.mlp(2, 3, 1, activation="tanh"),
    training=Training(
        epochs=2,
        lr=0.1,
    ),
    views=[[views.InputSpace()], [views.HiddenSpace(layer="hidden1")]],
)
'''


def told(scene: Any) -> dict[str, Any]:
    """Return all that a scene declares, by address."""
    values = {name: each.value for name, each in declared_values(scene).items()}
    return {name: called(value) if callable(value) else value for name, value in values.items()}


@pytest.mark.parametrize("text", [PLAIN, FUNCTION], ids=["plain", "function"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"training.lr": 0.5},
        {"training.lr": "1", "training.momentum": 0.9, "training.nesterov": True},
        {"dataset.n": 50, "dataset.noise": 0.2, "dataset.seed": 3},
        {"model.widths": (2, 4, 2, 1), "model.activation": "relu"},
        {"timeline.seconds": 5, "title": 'It\'s "two" rings'},
        {"views.1.0.layer": "hidden1", "theme": "paper"},
    ],
)
def test_a_written_scene_declares_what_was_set(
    text: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    """Wherever it stands in the file, or stands nowhere in it."""
    file, other = tmp_path / "one.py", tmp_path / "other.py"
    file.write_text(text, encoding="utf-8")
    if text is FUNCTION:
        settings = {"width": 2, "name": "relu", **settings}
        settings.pop("views.1.0.layer", None)

    other.write_text(source(ran(file), settings), encoding="utf-8")

    assert told(declared(other)) == told(declared(file, settings))


def test_values_are_written_where_they_stand(tmp_path: Path) -> None:
    """As a hand would: other text, other keywords, other defaults."""
    file = tmp_path / "one.py"
    file.write_text(PLAIN, encoding="utf-8")

    made = source(
        ran(file),
        {
            "dataset.n": "60", "dataset.seed": "3", "model.widths": "2,5,1", "training.lr": "0.3",
            "training.momentum": "0.9", "views.1.0.layer": "output", "theme": "light",
        },
    )  # fmt: skip

    assert made == PLAIN.replace("40, noise=0.1", "60, noise=0.1, seed=3").replace(
        "2, 3, 1", "2, 5, 1"
    ).replace("lr=0.1,", "lr=0.3, momentum=0.9,").replace(
        'layer="hidden1"', 'layer="output"'
    ).replace('")]],', '")]], theme="light",')


def test_what_stands_nowhere_goes_through_with_values(tmp_path: Path) -> None:
    """The name is imported beside the others, and every return of the function is changed."""
    file = tmp_path / "one.py"
    file.write_text(FUNCTION, encoding="utf-8")

    made = source(ran(file), {"training.momentum": 0.9, "width": 2})

    assert "from nnanim import Range, Scene, Training, datasets, models, with_values\n" in made
    assert made.count("return with_values(Scene(") == 2
    assert made.count(', {"training.momentum": 0.9})\n') == 2
    assert "width: Annotated[int, Range(1, 8)] = 2," in made


@pytest.mark.parametrize("name", ["rings_compare", "lecture_rings", "rings_3_2", "radial_triples"])
def test_any_scene_is_written(name: str, tmp_path: Path) -> None:
    """A comparison, one with acts, a function of one, a plain one."""
    file, other = SCENES / f"{name}.py", tmp_path / "other.py"
    settings: Mapping[str, Any] = {"training.lr": "0.5", "dataset.noise": 0.25}
    if name == "radial_triples":
        settings = {"training.lr": "0.5", "model.widths": "2,4,1"}

    other.write_text(source(ran(file), settings), encoding="utf-8")

    assert told(declared(other)) == told(declared(file, settings))


def test_a_command_is_taken_by_the_command_line(
    scene_file: Callable[..., Path], nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """It says what was set, in words that a shell takes as they are."""
    file = scene_file("a b.py")

    text = command(
        file, {"training.lr": 0.5, "title": "It's 2", "model.widths": (2, 2, 1)}, "record"
    )
    words = shlex.split(text)

    assert words[:2] == ["nnanim", "record"]
    assert nnanim(*words[1:], "-o", "run.safetensors")[0] == 0
    told_of = nnanim("info", "run.safetensors")[1]
    assert "lr=0.5" in told_of
    assert "It's 2" in told_of
