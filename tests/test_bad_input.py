"""Bad input gets one clear line, before the training where that can be, and its own exit code.

A line says what came, what was expected and what to do. Usage ends with 2, a scene with 3, a disk
or a permission with 5, Ctrl-C with 130; nothing but results goes to stdout.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from nnanim.errors import SceneError
from nnanim.recording import record as _recorder
from nnanim.rendering import filming as _filming
from nnanim.scene.files import load

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]
SceneRefused = Callable[[dict[str, str], tuple[str, ...]], None]

FILM = ("-r", "128x72", "--seconds", "0.2")


# -- the scene file --------------------------------------------------------------------------------


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
    "an act that is none": (
        {"more": 'timeline=Timeline(acts=["hold"]),  # here'},
        ("the act 'hold' has no seconds", "expected acts, as acts.Hold(2)"),
    ),
    "acts out of order": (
        {"more": "timeline=Timeline(acts=[acts.Train(to=9), acts.Train(to=4)]),  # here"},
        ("act 2 trains to epoch 4, but begins at epoch 9", "in the order of their epochs"),
    ),
    "acts longer than the film": (
        {"more": "timeline=Timeline(seconds=4, acts=[acts.Hold(5), acts.Train()]),  # here"},
        ("Timeline(seconds=4): its acts alone take 5", "make the film longer or them shorter"),
    ),
    "an act beyond the training": (
        {"more": "timeline=Timeline(acts=[acts.Train(to=400)]),"},
        ("act 1 goes to epoch 400", "expected an epoch of the training, from 0 to "),
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
    "a loss that raises": (
        {
            "before": "def loss(outputs, targets):\n    return outputs[99]  # here",
            "training": "loss=loss",
        },
        (
            ", in loss: the loss of outputs of shape (n, 1) and targets (n, 1), taken for",
            "failed: IndexError",
        ),
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
}


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", SCENES)
def test_a_wrong_scene_is_refused_before_the_training(
    name: str, scene_refused: SceneRefused
) -> None:
    """The line names the file, and the file's own line where that is to blame."""
    scene_refused(*SCENES[name])


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


# -- mistakes that only the training can show ------------------------------------------------------


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
        (
            "64 samples in batches of 63 leave a last batch of one",
            "use batch_size=64, or drop_last",
        ),
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_what_goes_wrong_late_is_one_line_too(name: str, scene_refused: SceneRefused) -> None:
    """The line of the scene is named, and no half film is left."""
    scene_refused(*LATE[name])


def test_an_error_that_is_ours_is_not_blamed_on_the_scene(
    monkeypatch: pytest.MonkeyPatch, nnanim: Nnanim, scene_file: SceneFile
) -> None:
    """Where no line of the scene took part the traceback stays, for the bug report."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(_filming, "Film", broken)

    with pytest.raises(ZeroDivisionError):
        nnanim("render", scene_file(), *FILM)


# -- in Python -------------------------------------------------------------------------------------


def test_in_python_the_scenes_own_error_is_the_cause(scene_file: SceneFile) -> None:
    """The one line is for the command line; a notebook gets both, and the traceback."""
    scene = load(scene_file(training="loss=lambda outputs, targets: outputs['x']"))

    with pytest.raises(SceneError, match=r"^the loss of outputs of shape \(n, 1\)") as caught:
        _recorder.record(scene)

    assert isinstance(caught.value.__cause__, IndexError | TypeError)
