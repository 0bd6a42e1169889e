"""Addresses: every declared value of a scene can be set from outside, and nothing else."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from torch import nn

from nnanim import Comparison, Range, Scene, Timeline, Training, acts, datasets, models, views
from nnanim.errors import SceneError, UsageError
from nnanim.recording.fingerprint import key_of
from nnanim.recording.record import record
from nnanim.scene.addresses import declared_values, with_values
from nnanim.scene.files import declared, ran
from nnanim.scene.knobs import knobs_of, scene_with
from nnanim.scene.settings import text_of
from nnanim.training.run import prepare

FILE = '''"""Rings."""
from typing import Annotated
from nnanim import Range, Scene, Training, datasets, models


def scene(width: Annotated[int, Range(1, 8)] = 3, lr: float = 0.01, name="tanh"):
    return Scene(
        dataset=datasets.rings(40, noise=0.1),
        model=models.mlp(2, width, 1, activation=name),
        training=Training(epochs=2, lr=lr),
    )
'''


def plain(**more: Any) -> Scene:
    """Return a small scene."""
    return Scene(
        dataset=datasets.rings(40, noise=0.1),
        model=models.mlp(2, 3, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=2, lr=0.1),
        **more,
    )


@pytest.mark.parametrize(
    ("address", "text", "value"),
    [
        ("training.lr", "0.03", 0.03),
        ("training.lr", "1", 1.0),
        ("training.epochs", "7", 7),
        ("training.batch_size", "None", None),
        ("training.nesterov", "false", False),
        ("training.betas", "0.8,0.99", (0.8, 0.99)),
        ("training.optimizer", "adam", "adam"),
        ("training.outputs", "logits", "logits"),
        ("training.tol", "1e-4", 1e-4),
        ("dataset.noise", "0.2", 0.2),
        ("dataset.seed", "5", 5),
        ("dataset.class_names", "in,out", ("in", "out")),
        ("dataset.class_names", "0,1", ("0", "1")),
        ("dataset.class_names", "('a, b', 'c')", ("a, b", "c")),
        ("model.widths", "2,4,2,1", (2, 4, 2, 1)),
        ("model.widths", "[2, 4, 1]", (2, 4, 1)),
        ("model.activation", "relu", "relu"),
        ("timeline.seconds", "5", 5.0),
        ("grid.count", "11", 11),
        ("layer", "hidden1", "hidden1"),
        ("theme", "paper", "paper"),
        ("title", "3", "3"),
    ],
)
def test_a_declared_value_is_set_by_its_address(address: str, text: str, value: object) -> None:
    """As text or as a value; it has the type that is declared, and no other value changes."""
    before = declared_values(plain())
    for given in (text, value):
        after = declared_values(with_values(plain(), {address: given}))

        assert after[address].value == value
        assert type(after[address].value) is type(value)
        assert {n: v.value for n, v in after.items() if n != address} == {
            n: v.value for n, v in before.items() if n != address
        }


def test_what_is_changed_together_is_checked_together() -> None:
    """Neither of two settings that need each other is refused for the other's lack."""
    made = with_values(plain(), {"training.nesterov": "true", "training.momentum": "0.9"})

    assert (made.training.nesterov, made.training.momentum) == (True, 0.9)


def test_what_stands_in_lists_is_counted_from_nought() -> None:
    """Views in rows and acts alike."""
    timeline = Timeline(seconds=9, acts=[acts.Hold(2), acts.Train()])
    scene = plain(views=[[views.InputSpace()], [views.HiddenSpace()]], timeline=timeline)

    made = with_values(scene, {"views.1.0.layer": "hidden1", "timeline.acts.0.seconds": "3"})

    assert made.rows[1][0] == views.HiddenSpace(layer="hidden1")
    assert made.timeline is not None
    assert made.timeline.acts[0] == acts.Hold(3.0)


@pytest.mark.parametrize(
    ("address", "text", "told"),
    [
        ("training.lrr", "1", "did you mean 'training.lr'?"),
        ("lr", "1", "did you mean 'training.lr'?"),
        ("width", "1", "did you mean 'model.widths'?"),
        ("training.lr", "fast", "training.lr=fast: expected a number"),
        ("training.lr", "1e999", "training.lr=1e999: expected a number"),
        ("training.lr", "9" * 400, "expected a number"),
        ("training.epochs", "2.5", "training.epochs=2.5: expected a whole number"),
        ("training.epochs", "True", "training.epochs=True: expected a whole number"),
        ("training.nesterov", "1", "expected True or False"),
        ("training.optimizer", "adm", "did you mean 'adam'?"),
        ("training.keep", "beast", "did you mean 'best'?"),
        ("model.activation", "rellu", "did you mean 'relu'?"),
        ("model.widths", "2,x,1", "expected whole numbers with commas between them, as (2,3,1)"),
        ("training.betas", "0.9", "expected 2 numbers with commas between them"),
        ("training.epochs", "__import__('os').getpid()", "expected a whole number"),
        ("dataset.task", "binary", "unknown setting 'dataset.task'"),
        ("dataset.__class__", "int", "unknown setting 'dataset.__class__'"),
        ("source.file", "x", "unknown setting 'source.file'"),
    ],
)
def test_what_cannot_be_set_is_refused_in_words(address: str, text: str, told: str) -> None:
    """The nearest address or name is proposed; a value that is no literal is never run."""
    with pytest.raises(UsageError) as error:
        with_values(plain(), {address: text})

    assert told in str(error.value)


def test_a_value_that_the_scene_refuses_is_its_own_error() -> None:
    """The address and type are right, the scene's own check is not passed."""
    with pytest.raises(SceneError, match="at least two whole numbers"):
        with_values(plain(), {"model.widths": "2,"})
    with pytest.raises(SceneError, match="expected a number of 0 or more"):
        with_values(plain(), {"training.lr": -1})


class Net(nn.Sequential):
    """A network of the user's own."""

    def __init__(self, width: int = 3, slope: float = 0.1) -> None:
        super().__init__(nn.Linear(2, width), nn.LeakyReLU(slope), nn.Linear(width, 1))


@dataclass(frozen=True)
class Builds:
    """A network of the user's own, of a frozen value."""

    width: int = 3

    def __call__(self) -> Net:
        """Return it."""
        return Net(self.width)


def test_a_network_of_ones_own_has_addresses_as_a_partial_or_a_frozen_value() -> None:
    """Their keywords and fields; a class alone tells nothing, and what to do is said."""
    scene = plain().__class__(dataset=datasets.rings(40), model=functools.partial(Net, width=2))
    made = with_values(scene, {"model.width": "5", "model.slope": "0.2"})
    assert next(made.model().parameters()).shape == (5, 2)

    other = with_values(Scene(dataset=datasets.rings(40), model=Builds()), {"model.width": 4})
    assert other.model == Builds(4)

    with pytest.raises(UsageError, match=r"functools\.partial\(Net, width=…\)"):
        with_values(Scene(dataset=datasets.rings(40), model=Net), {"model.width": "5"})


def test_a_comparison_is_changed_in_every_scene() -> None:
    """What belongs to the comparison itself is changed there."""
    both = Comparison([plain(), with_values(plain(), {"model.widths": (2, 2, 1)})])

    made = with_values(both, {"training.lr": "0.5", "timeline.seconds": "4", "title": "Two"})

    assert [scene.training.lr for scene in made.to_train] == [0.5, 0.5]
    assert made.timeline is not None
    assert (made.timeline.seconds, made.title) == (4.0, "Two")


def test_a_keyword_goes_before_an_address(tmp_path: Path) -> None:
    """Both can be set at once; the source keeps what was set, as text."""
    file = tmp_path / "wide.py"
    file.write_text(FILE)

    made = declared(file, {"width": "4", "training.momentum": "0.9"})

    assert isinstance(made, Scene)
    assert (made.model.widths, made.training.momentum) == ((2, 4, 1), 0.9)  # type: ignore[attr-defined]
    assert made.source is not None
    assert made.source.settings == (("training.momentum", "0.9"), ("width", "4"))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"width": "9"}, "width=9: expected a whole number from 1 to 8"),
        ({"width": "two"}, "width=two: expected a whole number from 1 to 8"),
        ({"lr": "x"}, "lr=x: expected a number"),
        ({"widht": "2"}, "did you mean 'width'?"),
        ({"momentum": "0.9"}, "did you mean 'training.momentum'?"),
    ],
)
def test_a_keyword_is_checked_by_its_annotation(
    settings: dict[str, str], told: str, tmp_path: Path
) -> None:
    """The message names the file; one without an annotation takes any literal, as before."""
    file = tmp_path / "wide.py"
    file.write_text(FILE)

    with pytest.raises(UsageError) as error:
        declared(file, settings)

    assert told in str(error.value)
    assert str(error.value).startswith(f"{file}: ")


def test_the_command_sets_what_any_scene_declares(
    scene_file: Callable[..., Path], nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """One that is there makes a picture, one that is not is a line and exit code 2."""
    tiny = scene_file()
    small = ("-r", "160x90")
    code, _, err = nnanim("still", tiny, *small, "--set", "training.epochs=1")
    assert (code, err) == (0, "")

    code, _, err = nnanim("still", tiny, *small, "--set", "training.epoch=1")
    assert code == 2
    assert "did you mean 'training.epochs'?" in err


def test_a_recording_says_how_it_is_made_again(tmp_path: Path) -> None:
    """What was set is in its header, and part of it."""
    file = tmp_path / "wide.py"
    file.write_text(FILE)
    scene = declared(file, {"training.lr": "0.5"})
    assert isinstance(scene, Scene)

    assert record(scene).header.source is not None
    assert record(scene).header.source["settings"] == {"training.lr": "0.5"}  # type: ignore[index]


def test_knobs_are_keywords_first_then_what_has_an_address(tmp_path: Path) -> None:
    """An address is left out where a keyword sets the same; ranges are declared or follow."""
    file = tmp_path / "wide.py"
    file.write_text(FILE)
    knobs = {knob.name: knob for knob in ran(file).knobs({"width": "4"})}

    assert list(knobs)[:2] == ["width", "lr"]
    assert knobs["width"].default == 4
    assert (knobs["width"].low, knobs["width"].high, knobs["width"].bounded) == (1, 8, True)
    assert (knobs["lr"].low, knobs["lr"].high, knobs["lr"].log) == (0.001, 0.1, True)
    assert knobs["model.widths"].default == (2, 4, 1)
    assert knobs["training.momentum"].more
    assert "training.lr" not in knobs  # the keyword sets it
    assert "name" not in knobs  # a text has none
    assert knobs["model.output"].choices[:2] == ("tanh", "relu")


def test_what_is_said_about_a_type_may_have_no_hash() -> None:
    """It is anyone's, and is left alone."""

    def scene(n: Annotated[int, ["how many"]] = 3) -> Scene:
        return plain(title=f"{n}")

    made = scene_with(scene, {"n": "5"})

    assert made.title == "5"
    with pytest.raises(UsageError, match="expected a whole number"):
        scene_with(scene, {"n": "five"})


def test_a_keyword_of_each_kind_is_a_knob_of_its_kind() -> None:
    """A default alone tells as well as an annotation."""

    def scene(  # type: ignore[no-untyped-def]  # a default tells as well
        n=3,
        on=True,
        way: Literal["a", "b"] = "a",
        at: float | None = None,
        deep: Annotated[int | None, Range(2, 5)] = None,
    ) -> Scene:
        del n, on, way, at, deep
        return plain()

    knobs = {knob.name: knob for knob in knobs_of(scene, {}) if not knob.more}

    assert {name: knob.kind for name, knob in knobs.items()} == {
        "n": "whole", "on": "switch", "way": "choice", "at": "number", "deep": "whole"
    }  # fmt: skip
    assert (knobs["n"].low, knobs["n"].high) == (1, 8)
    assert knobs["way"].choices == ("a", "b")
    assert knobs["at"].optional
    assert (knobs["deep"].low, knobs["deep"].high) == (2, 5)
    with pytest.raises(UsageError, match="from 2 to 5"):
        scene_with(scene, {"deep": "9"})


@pytest.mark.parametrize("given", [(1, 1), (2, 1), (0.0, 1, True), (1, float("inf")), ("a", 2)])
def test_a_range_that_is_none_is_refused(given: tuple[Any, ...]) -> None:
    """Low is below high, both are finite, and above 0 where it is spaced by factors."""
    with pytest.raises(SceneError, match="Range"):
        Range(*given)


def test_each_rate_of_a_layer_has_an_address() -> None:
    """Of a mapping all at once there is none, and the other rates stay."""
    training = Training(lr={"hidden1": 0.1, "output": 1.0})
    made = Scene(dataset=datasets.rings(n=20), model=models.mlp(2, 2, 1), training=training)

    changed = with_values(made, {"training.lr.output": "0.5"})

    assert changed.training.lr == {"hidden1": 0.1, "output": 0.5}
    assert "training.lr" not in declared_values(made)
    with pytest.raises(UsageError, match=r"did you mean 'training\.lr\.output'"):
        with_values(made, {"training.lr.ouput": "0.5"})


@pytest.mark.parametrize("file", sorted(Path("scenes").glob("*.py")), ids=lambda file: file.stem)
def test_every_scene_is_the_same_when_all_its_values_are_set_to_what_they_are(file: Path) -> None:
    """What is read at an address, written as text, is taken there again."""
    made = declared(file)
    values = {n: v.value for n, v in declared_values(made).items() if not callable(v.value)}

    for given in (values, {name: text_of(value) for name, value in values.items()}):
        again = declared_values(with_values(made, given))

        assert len(values) > 20
        for name, value in values.items():
            came = again[name].value
            assert (tuple(came) if isinstance(value, list) else came) == (
                tuple(value) if isinstance(value, list) else value
            )


def test_what_is_set_of_the_film_trains_nothing_anew(tmp_path: Path) -> None:
    """Of a network of the user's own, too, whose training is known by its code and settings."""
    file = tmp_path / "own.py"
    model = "class Net(nn.Linear):\n    def __init__(self):\n        super().__init__(2, 1)\n"
    model += "    def forward(self, x):\n        return super().forward(x).sin()\n"
    own = FILE.replace("def scene", f"from torch import nn\n{model}\ndef scene")
    file.write_text(own.replace("models.mlp(2, width, 1, activation=name)", "Net"))

    def key(settings: dict[str, str]) -> str:
        scene = declared(file, settings)
        assert isinstance(scene, Scene)
        return key_of(scene, prepare(scene))

    assert key({"timeline.seconds": "5"}) == key({})
    assert key({"training.momentum": "0.5"}) != key({})
