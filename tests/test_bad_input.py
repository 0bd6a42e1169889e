"""Bad input gets one clear line, before the training where that can be, and its own exit code.

A line says what came, what was expected and what to do. Usage ends with 2, a scene with 3, a disk
or a permission with 5, Ctrl-C with 130; nothing but results goes to stdout.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from nnanim.commands import terminal as _terminal
from nnanim.errors import SceneError
from nnanim.recording import record as _recorder
from nnanim.rendering import films as _rendering
from nnanim.scene.files import load

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]

FILM = ("-r", "128x72", "--seconds", "0.2")
STILL = ("-r", "128x72")


# -- the scene file ------------------------------------------------------------------------------

DATA = """
@dataclass(frozen=True)
class Halves:
    name = "Halves"
    task = "{task}"
    window = {window}
    class_names = ("left", "right")
    axis_names = ("x", "y")

    def arrays(self, seed):
        x = np.random.default_rng(seed).uniform(-1, 1, (64, 2))
        y = (x[:, :1] > 0).astype(float)
        {change}
        return {made}
"""
VIEW = """
@dataclass(frozen=True)
class Mine:
    def panels(self, film):
        {panels}

    def marks(self, film, t):
        {marks}
"""
MARKS = "from nnanim.camera import Camera; from nnanim.marks import Bars, Lines, Points"


def data(
    change: str = "pass",
    *,
    made: str = "without_test(x, y)",
    task: str = "binary",
    window: str = "((-1, 1), (-1, 1))",
    **parts: str,
) -> dict[str, str]:
    """Return the parts of a scene with a data set of its own, whose x and y a line changes."""
    before = DATA.format(change=change, made=made, task=task, window=window)
    return {"before": before, "dataset": "Halves()", **parts}


def view(panels: str = 'return [Panel("Mine", (0, 1), (0, 1))]', marks: str = "return [[]]") -> str:
    """Return the source of a view."""
    return VIEW.format(panels=panels, marks=marks)


# What of the tiny scene is replaced by what, and what the line says: what came, what was
# expected, what to do. "# here" marks the line that the message has to name.
SCENES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "raises": (
        {"before": "1 / 0  # here"},
        ("ZeroDivisionError: division by zero",),
    ),
    "raises in a function": (
        {"before": "def f():\n    raise RuntimeError('two\\nlines')  # here\n\n\nf()"},
        (", in f: ", "RuntimeError: two lines"),
    ),
    "ends the program": ({"before": "raise SystemExit(0)  # here"}, ("SystemExit: 0",)),
    "syntax error": ({"before": "x = (1,  # here"}, ("'(' was never closed", "x = (1,")),
    "misplaced return": ({"before": "return 5  # here"}, ("'return' outside function",)),
    "null byte": ({"before": "x = '\0'"}, ("null byte",)),
    "nothing called scene": (
        {"more": ")\nfilm, scene = (scene, 1"},
        ("`scene` is of type int", "expected a Scene", "or a function that returns one"),
    ),
    "scene taken back": ({"more": ")\ndel (scene"}, ("is of type NoneType", "expected a Scene")),
    "two scenes": (
        {"before": "def scene():\n    return None"},
        ("defines `scene` 2 times, in lines 13, 16", "keep one"),
    ),
    "unknown layer": (
        {"more": 'layer="hiden1",'},
        ("unknown layer 'hiden1'", "expected hidden1.0 | ", "did you mean 'hidden1'?"),
    ),
    "unknown optimiser": (
        {"training": '  # here\n    optimizer="adamm"'},
        ("unknown optimizer 'adamm'", "expected sgd | adam | adamw", "did you mean 'adam'?"),
    ),
    "unknown loss": (
        {"training": 'loss="mes"  # here\n'},
        ("unknown loss 'mes'", "mse | bce | bce_with_logits | cross_entropy", "mean 'mse'?"),
    ),
    "unknown theme": (
        {"more": 'theme="darkk"'},
        ("unknown theme 'darkk'", "dark | light | paper", "did you mean 'dark'?"),
    ),
    "unknown pace": (
        {"more": 'timeline=Timeline(pace="epoch"),  # here'},
        ("unknown pace 'epoch'", "motion | epochs | steps | log", "did you mean 'epochs'?"),
    ),
    "unknown snapshots": (
        {"training": 'snapshots="step"  # here\n'},
        ("unknown snapshots 'step'", "auto | steps | epochs", "did you mean 'steps'?"),
    ),
    "unknown activation": (
        {"model": 'models.mlp(2, 1, activation="tan"),  # here\n    name=""'},
        ("unknown activation 'tan'", "tanh | relu", "did you mean 'tanh'?"),
    ),
    "unknown task": (
        data(task="regresion"),
        ("unknown task", "binary | classes | regression", "did you mean 'regression'?"),
    ),
    "a view's unknown layer": (
        {"more": 'views=[views.HiddenSpace(layer="hidden7")],'},
        ("unknown layer 'hidden7'", "expected hidden1.0 | ", "did you mean 'hidden1'?"),
    ),
    "a view's unknown units": (
        {"more": "views=[views.HiddenSpace(units=(0, 5))],"},
        ("units=(0, 5)", "'hidden1' has units 0 to 1"),
    ),
    "a view of other data": (
        {"more": "views=[views.Fit()],"},
        ("2 inputs and the task binary", "Fit shows regression", "use InputSpace or HiddenSpace"),
    ),
    "a view that is none": (
        {"more": "views=[3],"},
        ("views hold 3", "expected views, as views.HiddenSpace()", "marks(film, t)"),
    ),
    "views that are no list": (
        {"more": "views=views.InputSpace(),"},
        ("views=InputSpace(", "expected a list", "[views.HiddenSpace()]"),
    ),
    "views and rows mixed": (
        {"more": "views=[[views.InputSpace()], views.InputSpace()],"},
        ("mixes views and rows", "expected a list of views", "rows that are lists"),
    ),
    "a built module": (
        {"model": "nn.Linear(2, 1)"},
        ("a Linear already built", "give a function that builds it", "model=lambda: MyNet()"),
    ),
    "a model that is not callable": (
        {"model": '"mlp"'},
        ("model='mlp'", "expected a function that returns a torch module"),
    ),
    "a model that returns no module": (
        {"model": "lambda: 3"},
        ("the scene's model returned int", "not a torch module"),
    ),
    "a model that needs arguments": (
        {"model": "nn.Linear"},
        ("the model failed: TypeError", "missing 2 required positional arguments"),
    ),
    "a model that raises": (
        {"before": "def net():\n    return {}['width']  # here", "model": "net"},
        (", in net: the model failed: KeyError: 'width'",),
    ),
    "a model that does not fit the data": (
        {"model": "models.mlp(3, 2, 1)"},
        ("does not fit the data", "inputs of shape (n, 2)", "make its first layer take 2"),
    ),
    "a model without parameters": (
        {"model": "nn.Identity", "dataset": "datasets.polynomial(n=64)"},
        ("no parameters to train", "expected at least one", "requires_grad=True"),
    ),
    "a frozen model": (
        {"model": 'lambda: models.mlp(2, 2, 1, output="sigmoid")().requires_grad_(False)'},
        ("no parameters to train", "expected at least one", "requires_grad=True"),
    ),
    "no data": (
        data("x, y = x[:0], y[:0]"),
        ("the data set 'Halves' is empty", "expected at least one sample"),
    ),
    "one class": (
        data("y[:] = 1"),
        ("'Halves' has one class only, [1.0]", "expected at least two"),
    ),
    "NaN in inputs": (
        data("x[3, 1] = np.nan"),
        ("inputs of the train part of 'Halves' hold NaN", "first in row 3", "drop such rows"),
    ),
    "NaN in targets": (
        data("y[5] = np.nan"),
        ("targets of the train part of 'Halves' hold NaN", "first in row 5", "drop such rows"),
    ),
    "infinity": (
        data("x[0, 0] = np.inf"),
        ("inputs of the train part of 'Halves' hold NaN or infinity", "row 0", "drop such rows"),
    ),
    "beyond float32": (
        data("x[2, 0] = 1e300"),
        ("inputs of the train part of 'Halves' hold NaN or infinity", "row 2", "drop such rows"),
    ),
    "NaN in the test part": (
        data("x[7, 1] = np.nan", made="Arrays(x[:4], y[:4], x[4:], y[4:])"),
        ("inputs of the test part of 'Halves' hold NaN", "first in row 3", "drop such rows"),
    ),
    "inputs of one dimension": (
        data("x = x[:, 0]"),
        ("inputs of the train part of 'Halves' have shape (64,)", "(n, inputs)", "x[:, None]"),
    ),
    "targets of one dimension": (
        data("y = y[:, 0]"),
        ("have shape (64,)", "a binary task expects (n, outputs)", "use y[:, None]"),
    ),
    "one-hot classes": (
        data("y = (y == [0, 1]).astype(int)", task="classes"),
        ("have shape (64, 2)", "a classes task expects (n,)", "y.argmax(1)"),
    ),
    "targets too wide": (
        data("y = (y == [0, 1]).astype(float)"),
        ("outputs have shape (n, 1) but targets (n, 2)", "would broadcast", "layer give 2"),
    ),
    "labels that are no whole numbers": (
        data("y = y[:, 0]", task="classes"),
        ("targets of the data set 'Halves' are float64", "expected int64", "y.astype(int)"),
    ),
    "labels beyond the outputs": (
        data(
            "y = 1 + y[:, 0].astype(int)",
            task="classes",
            model="models.mlp(2, 2, 2)",
            training='loss="cross_entropy"',
        ),
        ("labels run from 1 to 2", "2 outputs", "expected labels from 0"),
    ),
    "data that are words": (
        data("x = x.astype(str)", made="Arrays(x, y, x[:0], y[:0])"),
        ("inputs of the data set 'Halves' are <U", "expected float32", "use numbers"),
    ),
    "more targets than inputs": (
        data("x = x[:60]"),
        ("'Halves' has 60 inputs but 64 targets", "expected one target for each input"),
    ),
    "no arrays": (
        data(made="(x, y)"),
        ("'Halves' returned tuple", "expected Arrays", "without_test(inputs, targets)"),
    ),
    "a data set that raises": (
        data("np.loadtxt('gone.csv')  # here"),
        (", in Halves.arrays: the data set 'Halves' failed", "gone.csv"),
    ),
    "a window of other width": (
        data(window="((-1, 1),)"),
        ("has 2 inputs but its window ((-1, 1),) has 1", "give one (low, high) an input"),
    ),
    "an empty window": (
        data(window="((-1, 1), (2, 2))"),
        ("the window of the data set 'Halves' holds (2, 2)", "expected (low, high) with low < hi"),
    ),
    "a data set that is none": (
        {"dataset": "[1, 2]"},
        ("dataset=[1, 2] has no name, task, window", "expected a data set, as datasets.rings()"),
    ),
    "no data worth the name": (
        {"dataset": "datasets.rings(n=2),  # here\n    name=''"},
        ("rings(n=2)", "expected at least 4 points"),
    ),
    "no epochs": (
        {"training": "epochs=0  # here\n"},
        ("Training(epochs=0)", "expected a whole number of 1 or more"),
    ),
    "negative epochs": (
        {"training": "epochs=-5  # here\n"},
        ("Training(epochs=-5)", "expected a whole number of 1 or more"),
    ),
    "no batch size": (
        {"training": "batch_size=0  # here\n"},
        ("Training(batch_size=0)", "expected a whole number of 1 or more"),
    ),
    "half a batch size": (
        {"training": "batch_size=16.5  # here\n"},
        ("Training(batch_size=16.5)", "expected a whole number of 1 or more"),
    ),
    "negative seed": (
        {"training": "seed=-1  # here\n"},
        ("Training(seed=-1)", "expected a whole number of 0 or more"),
    ),
    "a seed beyond torch": (
        {"training": "seed=2**63  # here\n"},
        ("Training(seed=9223372036854775808)", "expected a whole number up to 9223372036854775807"),
    ),
    "NaN for a learning rate": (
        {"training": "lr=float('nan')  # here\n"},
        ("Training(lr=nan)", "expected a number of 0 or more"),
    ),
    "nesterov alone": (
        {"training": "nesterov=True  # here\n"},
        ("Training(nesterov=True)", "needs momentum above 0", "as momentum=0.9"),
    ),
    "an optimiser's bad setting": (
        {"training": 'optimizer="adam", betas=(2.0, 0.9)'},
        ("Training(betas=(2.0, 0.9))", "expected two numbers from 0 to below 1"),
    ),
    "no Training": (
        {"more": ")\nscene.__class__(dataset=scene.dataset, model=scene.model, training=3"},
        ("training=3", "expected Training(epochs=100, …)"),
    ),
    "no Timeline": (
        {"more": "timeline=12,"},
        ("timeline=12", "expected Timeline(seconds=12, …)"),
    ),
    "negative seconds": (
        {"more": "timeline=Timeline(seconds=-1),  # here"},
        ("Timeline(seconds=-1)", "expected a number from 0.05 to 3600"),
    ),
    "no frame": (
        {"more": "timeline=Timeline(seconds=0.05, fps=1),  # here"},
        ("Timeline(seconds=0.05, fps=1) has no frame", "make it longer"),
    ),
    "probabilities that are none": (
        {"model": "models.mlp(2, 2, 1)", "training": 'loss="bce"'},
        ('loss="bce" with outputs that end in identity', "expected probab", 'output="sigmoid"'),
    ),
    "one output for two classes": (
        {"training": 'loss="cross_entropy"'},
        ('loss="cross_entropy" with one output', "expected one for each class", 'loss="bce"'),
    ),
    "a loss for numbers on labels": (
        data("y = y[:, 0].astype(int)", task="classes", model="models.mlp(2, 2, 2)"),
        ("loss='mse' with labels of classes", 'expected loss="cross_entropy"'),
    ),
    "a loss that raises": (
        {
            "before": "def loss(outputs, targets):\n    return outputs[99]  # here",
            "training": "loss=loss",
        },
        (", in loss: the loss of outputs of shape (n, 1) and targets (n, 1) failed: IndexError",),
    ),
    "a loss without a number": (
        {"training": "loss=lambda outputs, targets: (outputs - targets) ** 2"},
        ("the loss returned (n, 1)", "expected one number", "take the mean"),
    ),
    "a loss that is no tensor": (
        {"training": "loss=lambda outputs, targets: 0.5"},
        ("the loss returned float", "expected one number, a tensor", "take the mean"),
    ),
    "a loss that cannot be differentiated": (
        {"training": "loss=lambda outputs, targets: outputs.detach().mean()"},
        ("the loss does not depend on the parameters", "expected a tensor", "without detach()"),
    ),
    "an optimizer factory that returns junk": (
        {"training": "optimizer=lambda parameters: 7"},
        ("the optimizer factory returned int", "expected a torch opt", "torch.optim.SGD(parameter"),
    ),
    "an optimizer factory that raises": (
        {"training": "optimizer=lambda p: torch.optim.SGD(p, lr=-1.0)  # here\n"},
        (", in <lambda>: the optimizer factory failed: ValueError: Invalid learning rate: -1.0",),
    ),
    "a view whose panels raise": (
        {"before": view(panels="return [1 / 0]  # here"), "more": "views=[Mine()],"},
        (", in Mine.panels: the view Mine failed: ZeroDivisionError: division by zero",),
    ),
    "a view whose marks raise": (
        {"before": view(marks="return [film.nothing]  # here"), "more": "views=[Mine()],"},
        (", in Mine.marks: the view Mine failed: AttributeError: ", "'nothing'"),
    ),
    "a view without a list of marks": (
        {"before": view(marks="return None"), "more": "views=[Mine()],"},
        ("the view Mine failed: TypeError",),
    ),
    "a view with marks for other panels": (
        {"before": view(marks="return []"), "more": "views=[Mine()],"},
        ("the view Mine has 1 panels but marks for 0", "expected marks(film, t) to return one"),
    ),
    "a view with marks that are none": (
        {"before": view(marks="return [['disc']]"), "more": "views=[Mine()],"},
        ("the view Mine holds str as a mark", "expected one of nnanim.marks", 'Points(xy, "ink")'),
    ),
    "a view with marks in space but no camera": (
        {
            "before": view(marks=f"{MARKS}; return [[Lines([]), Points(np.zeros((9, 3)))]]"),
            "more": "views=[Mine()],",
        },
        ("Points of 3 coordinates in the panel 'Mine'", "expected 2, or Panel(…, camera=Camera("),
    ),
    "a view with a camera but marks in a plane": (
        {
            "before": view(
                f'{MARKS}; return [Panel("Mine", (-2, 2), (-2, 2), camera=Camera())]',
                f"{MARKS}; return [[Bars(np.zeros(2), np.ones(2))]]",
            ),
            "more": "views=[Mine()],",
        },
        ("Bars of 2 coordinates in the panel 'Mine'", "expected 3, as the panel has a camera"),
    ),
    "a view with a panel that is none": (
        {"before": view(panels="return ['left']"), "more": "views=[Mine()],"},
        ("the view Mine holds str as a panel", "expected Panel(title, x, y) of nnanim.view"),
    ),
}


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", SCENES)
def test_a_wrong_scene_is_refused_before_the_training(
    name: str, scene_file: SceneFile, refused: Refused
) -> None:
    """The line names the file, and the file's own line where that is to blame."""
    parts, says = SCENES[name]
    file = scene_file(**parts)

    line = refused("render", file, *FILM, code=3, says=says)

    lines = file.read_text().splitlines()
    place = [f":{i}" for i, text in enumerate(lines, start=1) if "# here" in text]
    assert line.startswith(f"nnanim: {file}{''.join(place)}")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path, refused: Refused) -> None:
    """Bytes that are not UTF-8 are named as that."""
    file = tmp_path / "noise.py"
    file.write_bytes(b"scene = '\xff\xfe'")

    refused("render", file, code=3, says=("noise.py cannot be read", "0xff", "Python in UTF-8"))


def test_a_file_without_a_scene_is_refused(tmp_path: Path, refused: Refused) -> None:
    """What the file should have defined is shown."""
    file = tmp_path / "empty.py"
    file.write_text('"""Nothing here."""\n')

    refused(
        "render",
        file,
        code=3,
        says=("empty.py defines no `scene`", "expected scene = Scene(…)", "function scene()"),
    )


def test_a_mistake_in_a_module_beside_the_scene_is_named_there(
    tmp_path: Path, scene_file: SceneFile, refused: Refused
) -> None:
    """The place is the line that raised, not the one that imports it."""
    beside = tmp_path / "shapes_of_mine.py"
    beside.write_text("def width():\n    return 1 / 0\n")
    file = scene_file(before="import shapes_of_mine", model="models.mlp(shapes_of_mine.width())")

    line = refused("render", file, code=3, says=("ZeroDivisionError: division by zero",))

    assert line.startswith(f"nnanim: {beside}:2, in width: ")


# -- mistakes that only the training or the film can show ----------------------------------------

LATE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a loss that raises in the second epoch": (
        {
            "before": "def loss(outputs, targets):\n    loss.calls += 1\n"
            "    if loss.calls > 4:\n        raise KeyError('x')  # here\n"
            "    return (outputs - targets).abs().mean()\n\n\nloss.calls = 0",
            "training": "epochs=2, batch_size=32, loss=loss",
        },
        (", in loss: the training in epoch 2 failed: KeyError: 'x'",),
    ),
    "a batch of one for BatchNorm": (
        {
            "model": "lambda: nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Linear(2, 1))",
            "training": "epochs=2, batch_size=63",
        },
        ("the training in epoch 1 failed: ValueError: Expected more than 1 value per channel",),
    ),
    "a view that raises later": (
        {
            "before": view(marks="assert t < 0.1, t  # here\n        return [[]]"),
            "more": "views=[Mine()],",
        },
        (", in Mine.marks: AssertionError: 0.1",),
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_what_goes_wrong_late_is_one_line_too(
    name: str, scene_file: SceneFile, refused: Refused
) -> None:
    """The line of the scene is named, and no half film is left."""
    parts, says = LATE[name]
    file = scene_file(**parts)

    line = refused("render", file, *FILM, code=3, says=says)

    lines = file.read_text().splitlines()
    place = [f":{i}" for i, text in enumerate(lines, start=1) if "# here" in text]
    assert line.startswith(f"nnanim: {file}{''.join(place)}")


def test_an_error_that_is_ours_is_not_blamed_on_the_scene(
    monkeypatch: pytest.MonkeyPatch, nnanim: Nnanim, scene_file: SceneFile
) -> None:
    """Where no line of the scene took part the traceback stays, for the bug report."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(_rendering, "Film", broken)

    with pytest.raises(ZeroDivisionError):
        nnanim("render", scene_file(), *FILM)


# -- the command line ----------------------------------------------------------------------------

SIZE = "expected 64 to 7680 pixels each way"
USAGE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no such scene": (
        ("render", "tinny.py"),
        (
            "unknown scene file 'tinny.py'",
            "expected needy.py | tiny.py | wide.py",
            "did you mean 'tiny.py'?",
        ),
    ),
    "no such folder": (
        ("render", "films/rings.py"),
        ("no scene file 'films/rings.py'", "`nnanim new rings` writes one"),
    ),
    "an empty folder": (
        ("render", "empty"),
        ("no scene file in empty", "expected .py files that define `scene`"),
    ),
    "a still of a folder": (("still", "empty"), ("empty is a folder", "made of one scene")),
    "no scenes to list": (
        ("list",),
        ("no folder 'scenes'", "expected one that holds scenes", "`nnanim new rings`"),
    ),
    "no such command": (("rendr", "tiny.py"), ("No such command 'rendr'", "`nnanim --help`")),
    "no such option": (
        ("render", "tiny.py", "--sed", "1"),
        ("No such option", "--sed", "--seed", "`nnanim render --help`"),
    ),
    "no argument": (
        ("render",),
        ("Missing argument 'SCENE|RECORDING|FOLDER'", "`nnanim render --help`"),
    ),
    "unknown theme": (
        ("render", "tiny.py", "--theme", "lite"),
        ("unknown theme 'lite'", "dark | light | paper", "did you mean 'light'?"),
    ),
    "unknown theme of a still": (
        ("still", "tiny.py", "--theme", "lite"),
        ("unknown theme 'lite'", "dark | light | paper", "did you mean 'light'?"),
    ),
    "unknown format": (
        ("render", "tiny.py", "--format", "gi"),
        ("unknown format 'gi'", "expected mp4 | gif", "did you mean 'gif'?"),
    ),
    "unknown quality": (
        ("render", "tiny.py", "-q", "x"),
        ("'x' is not one of 'l', 'm', 'h'", "`nnanim render --help`"),
    ),
    "unknown suffix": (
        ("render", "tiny.py", "-o", "tiny.gfi"),
        ("unknown format of 'tiny.gfi' '.gfi'", "expected .mp4 | .gif", "did you mean '.gif'?"),
    ),
    "no suffix": (
        ("render", "tiny.py", "-o", "film"),
        ("unknown format of 'film' ''", "expected .mp4 | .gif"),
    ),
    "format against suffix": (
        ("render", "tiny.py", "-o", "tiny.mp4", "--format", "gif"),
        ("tiny.mp4 asks for mp4 but --format for gif", "leave one out"),
    ),
    "odd size": (
        ("render", "tiny.py", "-r", "127x73"),
        ("yuv420p", "an even width and height", "not 127x73", "use 128x74, --chroma 444, or"),
    ),
    "no size": (("render", "tiny.py", "-r", "0x0"), ("a size of 0x0", SIZE, "as 1280x720")),
    "one pixel": (("render", "tiny.py", "-r", "1x1"), ("a size of 1x1", SIZE, "as 1280x720")),
    "a huge size": (
        ("render", "tiny.py", "-r", "100000x100000"),
        ("a size of 100000x100000", SIZE, "as 1280x720"),
    ),
    "a huge still": (("still", "tiny.py", "-r", "9999x99"), ("a size of 9999x99", SIZE)),
    "a size of letters": (
        ("render", "tiny.py", "-r", "abc"),
        ("'abc': expected a width and a height, as 1280x720", "`nnanim render --help`"),
    ),
    "a size of raised digits": (
        ("render", "tiny.py", "-r", "12²x72"),
        ("'12²x72': expected a width and a height, as 1280x720",),
    ),
    "half a size": (
        ("render", "tiny.py", "-r", "128x"),
        ("'128x': expected a width and a height, as 1280x720",),
    ),
    "a negative size": (
        ("render", "tiny.py", "-r", "-128x72"),
        ("'-128x72': expected a width and a height, as 1280x720",),
    ),
    "negative seconds": (
        ("render", "tiny.py", "--seconds", "-1"),
        ("seconds=-1.0", "expected a number from 0.05 to 3600"),
    ),
    "no seconds": (
        ("render", "tiny.py", "--seconds", "0"),
        ("seconds=0.0", "expected a number from 0.05 to 3600"),
    ),
    "absurd seconds": (
        ("render", "tiny.py", "--seconds", "1e9"),
        ("seconds=1000000000.0", "expected a number from 0.05 to 3600"),
    ),
    "seconds that are no number": (
        ("render", "tiny.py", "--seconds", "nan"),
        ("seconds=nan", "expected a number from 0.05 to 3600"),
    ),
    "negative rate": (
        ("render", "tiny.py", "--fps", "-30"),
        ("fps=-30.0", "expected a number from 1 to 240"),
    ),
    "no rate": (
        ("render", "tiny.py", "--fps", "0"),
        ("fps=0.0", "expected a number from 1 to 240"),
    ),
    "absurd rate": (
        ("render", "tiny.py", "--fps", "1000"),
        ("fps=1000.0", "expected a number from 1 to 240"),
    ),
    "endless rate": (
        ("render", "tiny.py", "--fps", "inf"),
        ("fps=inf", "expected a number from 1 to 240"),
    ),
    "a rate of letters": (
        ("render", "tiny.py", "--fps", "fast"),
        ("'fast' is not a valid float", "`nnanim render --help`"),
    ),
    "a rate that no gif has": (
        ("render", "tiny.py", "-o", "tiny.gif", "--fps", "60"),
        ("a GIF cannot run at 60", "whole hundredths", "use one of 50, 33.33, 25"),
    ),
    "negative seed": (
        ("render", "tiny.py", "--seed", "-1"),
        ("Invalid value for '--seed'", "-1 is not in the range 0<=x"),
    ),
    "a seed beyond torch": (
        ("render", "tiny.py", "--seed", str(2**64)),
        ("Invalid value for '--seed'", "is not in the range 0<=x<=9223372036854775807"),
    ),
    "transparent mp4": (
        ("render", "tiny.py", "--theme", "transparent"),
        (
            "mp4 cannot be transparent",
            "use --format gif, webm, mov, webp, apng or png",
            "or the theme dark, light or paper",
        ),
    ),
    "a setting of a scene without": (
        ("render", "tiny.py", "--set", "width=3"),
        ("tiny.py has no parameters", "--set width means nothing", "function scene(width=2, …)"),
    ),
    "a setting that the scene has not": (
        ("render", "wide.py", "--set", "widht=3"),
        ("unknown parameter 'widht'", "expected width", "did you mean 'width'?"),
    ),
    "a setting without a value": (
        ("render", "wide.py", "--set", "width"),
        ("--set width: expected KEY=VALUE", "as --set width=3"),
    ),
    "a setting without a name": (
        ("still", "wide.py", "--set", "=3"),
        ("--set =3: expected KEY=VALUE", "as --set width=3"),
    ),
    "a setting that is needed": (
        ("render", "needy.py"),
        ("needy.py: scene() needs its parameter", "add --set width=VALUE"),
    ),
    "beyond the film": (
        ("still", "tiny.py", "--at", "2"),
        ("at=2", "expected a share of the film from 0 to 1", "as 0.5"),
    ),
    "nowhere in the film": (
        ("still", "tiny.py", "--at", "nan"),
        ("at=nan", "expected a share of the film from 0 to 1"),
    ),
    "beyond the training": (
        ("still", "tiny.py", "--epoch", "1000"),
        ("epoch=1000", "expected an epoch of the training, from 0 to 2"),
    ),
    "before the training": (
        ("still", "tiny.py", "--epoch", "-1"),
        ("epoch=-1", "expected an epoch of the training, from 0 to 2"),
    ),
    "two moments": (
        ("still", "tiny.py", "--at", "1", "--epoch", "1"),
        ("at=1 and epoch=1", "either at a share of the film or at an epoch", "leave one out"),
    ),
    "a still of another kind": (
        ("still", "tiny.py", "-o", "tiny.jpg"),
        ("a still is a .png, .svg or .pdf, not 'tiny.jpg'", "name it tiny.png"),
    ),
    "a new scene in an old file": (
        ("new", "tiny"),
        ("tiny.py exists already", "choose another name"),
    ),
    "a new scene of two words": (
        ("new", "my scene"),
        ("'my scene' cannot name a scene", "use letters, digits and _", "as my_rings"),
    ),
    "many films into one": (
        ("render", "many", "-o", "film.mp4"),
        ("-o film.mp4: for a folder of scenes", "expected a folder that exists"),
    ),
}
WIDE = '"""Rings."""\n\ndef scene(width{}):\n    return None\n'


@pytest.fixture
def workplace(tmp_path: Path, scene_file: SceneFile) -> Path:
    """A folder with a scene, two with parameters, a folder of scenes, and an empty one."""
    scene_file()
    (tmp_path / "wide.py").write_text(WIDE.format("=2"))
    (tmp_path / "needy.py").write_text(WIDE.format(""))
    (tmp_path / "empty").mkdir()
    (tmp_path / "many").mkdir()
    scene_file("many/one.py")
    return tmp_path


@pytest.mark.usefixtures("no_training", "workplace")
@pytest.mark.parametrize("name", USAGE)
def test_what_cannot_be_asked_is_refused_before_the_training(name: str, refused: Refused) -> None:
    """The exit code is 2, and no file is made."""
    arguments, says = USAGE[name]

    refused(*arguments, code=2, says=says)


def test_a_command_alone_shows_the_help(nnanim: Nnanim) -> None:
    """Nothing was asked: what can be asked goes to stderr."""
    code, out, err = nnanim()

    assert (code, out) == (2, "")
    assert "Usage: " in err
    assert "render" in err


# -- disk and permission -------------------------------------------------------------------------

DISK: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no such folder": (
        ("render", "tiny.py", "-o", "gone/tiny.mp4"),
        ("the folder gone does not exist", "make it first, or choose another"),
    ),
    "no such folder for a still": (
        ("still", "tiny.py", "-o", "gone/tiny.png"),
        ("the folder gone does not exist", "make it first, or choose another"),
    ),
    "under a file": (
        ("render", "tiny.py", "-o", "tiny.py/tiny.mp4"),
        ("the folder tiny.py does not exist", "make it first, or choose another"),
    ),
    "where nobody may write": (
        ("render", "tiny.py", "-o", "/proc/tiny.mp4"),
        ("cannot write in the folder /proc",),
    ),
    "a gif where nobody may write": (
        ("render", "tiny.py", "-o", "/proc/tiny.gif"),
        ("cannot write in the folder /proc",),
    ),
    "a still where nobody may write": (
        ("still", "tiny.py", "-o", "/proc/tiny.png"),
        ("cannot write in the folder /proc",),
    ),
    "a new scene where nobody may write": (
        ("new", "/proc/rings"),
        ("cannot write /proc/rings.py",),
    ),
    "a new scene in no folder": (
        ("new", "gone/rings"),
        ("cannot write gone/rings.py: No such file or directory", "make its folder first"),
    ),
}


@pytest.mark.usefixtures("no_training", "workplace")
@pytest.mark.parametrize("name", DISK)
def test_what_cannot_be_written_is_refused_before_the_training(name: str, refused: Refused) -> None:
    """The exit code is 5."""
    arguments, says = DISK[name]

    refused(*arguments, code=5, says=says)


@pytest.mark.usefixtures("no_training")
def test_a_folder_in_the_place_of_the_film_is_refused(
    tmp_path: Path, scene_file: SceneFile, refused: Refused
) -> None:
    """The default name may be taken by a folder."""
    (tmp_path / "renders" / "tiny.mp4").mkdir(parents=True)

    refused("render", scene_file(), code=5, says=("tiny.mp4 is a folder", "name a file in it"))


@pytest.mark.usefixtures("no_training")
def test_a_file_in_the_place_of_the_default_folder_is_refused(
    tmp_path: Path, scene_file: SceneFile, refused: Refused
) -> None:
    """`renders` cannot be made where it is a file."""
    (tmp_path / "renders").touch()

    refused(
        "render", scene_file(), code=5, says=("cannot make the folder renders", "say where by -o")
    )


def test_a_full_disk_is_one_line(
    monkeypatch: pytest.MonkeyPatch, scene_file: SceneFile, refused: Refused, tmp_path: Path
) -> None:
    """The system's own words, exit code 5, and no half film."""
    (tmp_path / "renders").mkdir()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    refused("still", scene_file(), *STILL, code=5, says=("No space left on device",))


# -- Ctrl-C --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["training", "frames"])
@pytest.mark.parametrize("suffix", ["mp4", "gif"])
def test_ctrl_c_leaves_no_stray_file(
    stage: str,
    suffix: str,
    monkeypatch: pytest.MonkeyPatch,
    scene_file: SceneFile,
    nnanim: Nnanim,
    tmp_path: Path,
) -> None:
    """At any time it ends with 130 and one word, and an older film stays as it was."""
    film = tmp_path / f"tiny.{suffix}"
    film.write_text("the older film")

    @contextmanager
    def pressed(_: str) -> Iterator[Callable[[str, int, int], None]]:
        def progress(reached: str, _done: int, _total: int) -> None:
            if reached == stage:
                raise KeyboardInterrupt

        yield progress

    monkeypatch.setattr(_terminal, "progress_bar", pressed)
    file = scene_file()

    code, out, err = nnanim("render", file, "-o", film, *FILM)

    assert (code, out, err.strip()) == (130, "", "nnanim: interrupted")
    assert film.read_text() == "the older film"
    assert set(tmp_path.iterdir()) == {file, film}


def test_ctrl_c_while_the_scene_file_runs(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The scene is not blamed for what the user pressed."""
    code, out, err = nnanim("render", scene_file(before="raise KeyboardInterrupt"))

    assert (code, out, err.strip()) == (130, "", "nnanim: interrupted")


# -- what is not refused -------------------------------------------------------------------------

KINDS = {
    "float64": data(),
    "whole targets": data("y = y.astype(int)"),
    "true and false": data("y = y.astype(bool)"),
    "not to be written to": data("x = x.astype(np.float32); x.flags.writeable = False"),
    "backwards": data("x, y = x[::-1].astype(np.float32)[:, ::-1], y[::-1]"),
    "labels of one byte": data(
        "y = y[:, 0].astype(np.uint8)",
        task="classes",
        model="models.mlp(2, 2, 2)",
        training='epochs=2, loss="cross_entropy"',
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_numbers_of_any_kind_are_trained_on(name: str, scene_file: SceneFile) -> None:
    """Data become float32, labels int64: torch would take no other."""
    recording = _recorder.record(load(scene_file(**KINDS[name])))

    assert recording.data.inputs.dtype == np.float32
    assert recording.data.inputs.flags.carray
    assert recording.data.targets.dtype == (np.int64 if "labels" in name else np.float32)
    assert len(np.unique(recording.data.targets)) == 2


# -- in Python -----------------------------------------------------------------------------------


def test_in_python_the_scenes_own_error_is_the_cause(scene_file: SceneFile) -> None:
    """The one line is for the command line; a notebook gets both, and the traceback."""
    scene = load(scene_file(training="loss=lambda outputs, targets: outputs['x']"))

    with pytest.raises(SceneError, match=r"^the loss of outputs of shape \(n, 1\)") as caught:
        _recorder.record(scene)

    assert isinstance(caught.value.__cause__, IndexError | TypeError)
