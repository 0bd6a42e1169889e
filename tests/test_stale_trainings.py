"""A kept training is used only if the scene's code does what it did, wherever that code comes from.

Each time the scene's own file stays as it is, and so does every module beside it that it names.
"""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nnanim import Recording, Scene, record
from nnanim.errors import UsageError
from nnanim.recording.journal import Journal, blocks_folder
from nnanim.recording.record import cached_recording
from nnanim.scene.files import load
from nnanim.training import strategy
from nnanim.training.run import prepare

SCENE = """
{finds}
import torch
from torch import nn

from nnanim import Scene, Training, datasets


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.norm, self.two = nn.Linear(2, 3), {norm}, nn.Linear(3, 1)

    def forward(self, x):
        return torch.sigmoid(self.two(self.norm({act}(self.one(x)))))


scene = Scene(
    dataset=datasets.rings(n=120),
    model=Net,
    training=Training(epochs=6, batch_size=20, loss={loss}, optimizer={optimizer}, lr=0.05),
)
"""
PARTS = {"act": "torch.tanh", "loss": '"bce"', "optimizer": '"adam"', "norm": "nn.Identity()"}
LIB = """import sys; from pathlib import Path
sys.path.insert(0, str(Path(__file__).parent.parent / "lib"))
import own"""
FROM_LIB = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"


class Place:
    """A folder with a scene in `scenes`, and what it finds in `scenes` and `lib`."""

    def __init__(self, folder: Path) -> None:
        self.scene = folder / "scenes" / "s.py"
        self.files = {"beside": folder / "scenes", "lib": folder / "lib"}
        for there in self.files.values():
            there.mkdir()

    def write(self, name: str, text: str, there: str = "lib") -> None:
        """Write a file, in `lib` or beside the scene."""
        path = self.files[there] / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def declare(self, finds: str, **parts: str) -> None:
        """Write the scene."""
        self.scene.write_text(SCENE.format(finds=finds, **{**PARTS, **parts}))

    def recording(self) -> Recording:
        """Return what a new process would draw."""
        scene = self.read()
        return cached_recording(scene, prepare(scene))

    def recorded(self, path: Path) -> Recording:
        """Return what a new process would record there, going on where it can."""
        return record(self.read(), path, resume=True)

    def read(self) -> Scene:
        """Return the scene as a new process reads it."""
        self.forget()
        return load(self.scene)

    def forget(self) -> None:
        """Let nothing of the folder be imported yet."""
        root = str(self.scene.parents[1])
        for name, module in sys.modules.copy().items():
            if str(getattr(module, "__file__", None) or "").startswith(root):
                del sys.modules[name]
        for compiled in self.scene.parents[1].rglob("__pycache__"):
            shutil.rmtree(compiled)
        sys.path[:] = [place for place in sys.path if not place.startswith(root)]


@pytest.fixture
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Place]:
    """Return an empty folder for a scene and what it finds; what is said of it is heard."""
    caplog.set_level(logging.INFO, "nnanim")
    monkeypatch.setattr(sys, "path", [*sys.path])
    made = Place(tmp_path)
    yield made
    made.forget()


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that grows by every training."""
    count: list[object] = []

    def counted(*arguments: Any) -> Any:
        count.append(arguments[0])
        return strategy.train(*arguments)

    monkeypatch.setattr("nnanim.recording.record.train", counted)
    return count


def assert_made_anew(
    place: Place,
    change: Callable[[], None],
    what: str,
    trained: list[object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Assert that a kept training is used until a change, and then made anew, with its reason."""
    place.recording()
    place.recording()
    assert len(trained) == 1
    caplog.clear()

    change()
    found = place.recording()

    assert len(trained) == 2
    assert f"the training is made anew: not the same {what} as in the kept one" in caplog.messages
    fresh = record(load(place.scene))
    assert found == fresh
    caplog.clear()
    assert place.recording() == fresh
    assert len(trained) == 3  # the one by `record`
    assert caplog.messages == []


# -- a forward pass that comes from elsewhere ------------------------------------------------------

TANH, SINE = (f"{FROM_LIB}def act(z): return {does}\n" for does in ("z.tanh()", "(9 * z).sin()"))


def test_a_module_found_by_importlib(
    place: Place, trained: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """No import names it."""
    place.declare('import importlib; own = importlib.import_module("own")', act="own.act")
    place.write("own.py", TANH, "beside")

    def change() -> None:
        place.write("own.py", SINE, "beside")

    assert_made_anew(place, change, "outputs", trained, caplog)


def test_a_variable_of_the_environment(
    place: Place, trained: list[object], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Read when the scene is."""
    place.declare(
        'import os; K = float(os.environ["SCENE_K"])\ndef act(z): return torch.tanh(K * z)',
        act="act",
    )
    monkeypatch.setenv("SCENE_K", "1")

    def change() -> None:
        monkeypatch.setenv("SCENE_K", "9")

    assert_made_anew(place, change, "outputs", trained, caplog)


def test_a_file_that_is_read_at_import(
    place: Place, trained: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """Beside the scene."""
    place.declare(
        "from pathlib import Path\n"
        'K = float((Path(__file__).parent / "k.txt").read_text())\n'
        "def act(z): return torch.tanh(K * z)",
        act="act",
    )
    place.write("k.txt", "1", "beside")

    def change() -> None:
        place.write("k.txt", "9", "beside")

    assert_made_anew(place, change, "outputs", trained, caplog)


def test_a_module_of_a_package_that_another_imports_by_its_whole_name(
    place: Place, trained: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """The second is found in a folder of its own, as seen from the first."""
    place.declare("from nets.sub import act", act="act")
    place.write("nets/__init__.py", "", "beside")
    place.write("nets/sub.py", "from nets.other import act\n", "beside")
    place.write("nets/other.py", TANH, "beside")

    def change() -> None:
        place.write("nets/other.py", SINE, "beside")

    assert_made_anew(place, change, "outputs", trained, caplog)


# -- code from ../lib ------------------------------------------------------------------------------

STRAIGHT = """
class Act(torch.autograd.Function):
    @staticmethod
    def forward(context, z):
        context.save_for_backward(z)
        return z.tanh()
    @staticmethod
    def backward(context, slope):
        (z,) = context.saved_tensors
        return slope * {slope}
act = Act.apply
"""
NOISE = """
class Noise(nn.Module):
    def forward(self, z):
        return z + {size} * torch.randn_like(z) if self.training else z
norm = Noise()
"""
LATE = "def act(z): return torch.where((2 * z).abs() <= 3, (2 * z).tanh(), {beyond})\n"
# What the scene takes from the library; the library before and after; what differs.
LIBRARY: dict[str, tuple[dict[str, str], str, str, str]] = {
    "an activation": (
        {"act": "own.act"}, "def act(z): return z.tanh()", "def act(z): return z.sin()", "outputs",
    ),
    "an activation that differs beyond 3": (
        {"act": "own.act"}, LATE.format(beyond="z.sign()"), LATE.format(beyond="z"), "outputs",
    ),
    "a gradient": (
        {"act": "own.act"}, STRAIGHT.format(slope="(1 - z.tanh() ** 2)"),
        STRAIGHT.format(slope="1"), "gradients",
    ),
    "noise": (
        {"norm": "own.norm"}, NOISE.format(size=0.1), NOISE.format(size=0.2), "outputs",
    ),
    "a dropout": (
        {"norm": "own.norm"}, "norm = nn.Dropout(0.1)", "norm = nn.Dropout(0.2)", "outputs",
    ),
    "what only training does": (
        {"act": "own.act"}, "def act(z): return z.tanh()",
        "def act(z): return z.tanh() if not torch.is_grad_enabled() else z.sin()", "outputs",
    ),
    "the momentum of a buffer": (
        {"norm": "own.norm()"}, "def norm(): return nn.BatchNorm1d(3, momentum=0.1)",
        "def norm(): return nn.BatchNorm1d(3, momentum=0.3)", "optimizer",
    ),
    "a loss": (
        {"loss": "own.loss"}, "def loss(o, t): return F.mse_loss(o, t)",
        "def loss(o, t): return F.l1_loss(o, t)", "loss",
    ),
    "a weight of a loss": (
        {"loss": "own.loss"}, "loss = nn.BCELoss(torch.tensor(1.0))",
        "loss = nn.BCELoss(torch.tensor(1.001))", "loss",
    ),
    "a loss that is the same number": (
        {"loss": "own.loss"}, "def loss(o, t): return F.mse_loss(o, t)",
        "def loss(o, t): v = F.mse_loss(o, t); return 2 * v - v.detach()", "gradients",
    ),
    "an optimizer": (
        {"optimizer": "own.make"}, "def make(p): return torch.optim.SGD(p, lr=0.1)",
        "def make(p): return torch.optim.Adagrad(p, lr=0.1)", "optimizer",
    ),
    "a rate": (
        {"optimizer": "own.make"}, "def make(p): return torch.optim.SGD(p, lr=0.1)",
        "def make(p): return torch.optim.SGD(p, lr=0.11)", "optimizer",
    ),
    "what a second step remembers": (
        {"optimizer": "own.make"}, "def make(p): return torch.optim.SGD(p, lr=0.1)",
        "def make(p): return torch.optim.SGD(p, lr=0.1, momentum=0.1)", "optimizer",
    ),
    "a clipped gradient": (
        {"optimizer": "own.make"}, "def make(p): return torch.optim.SGD(p, lr=0.1)",
        "def make(p):\n for q in p: q.register_hook(lambda g: g.clamp(-1e-3, 1e-3))\n"
        " return torch.optim.SGD(p, lr=0.1)", "optimizer",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIBRARY)
def test_code_from_another_folder(
    name: str, place: Place, trained: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """Found on the path that the scene makes."""
    parts, before, after, what = LIBRARY[name]
    place.declare(LIB, **parts)
    place.write("own.py", FROM_LIB + before)

    def change() -> None:
        place.write("own.py", FROM_LIB + after)

    assert_made_anew(place, change, what, trained, caplog)


def test_what_differs_in_later_states_only_is_seen(place: Place) -> None:
    """The activation beyond 3 is not reached before training: it is the last state that tells."""
    place.declare(LIB, act="own.act")
    place.write("own.py", FROM_LIB + LATE.format(beyond="z"))

    found = place.recording()

    reached = []
    for state in (found.state(0), found.state(-1)):
        z = found.data.inputs @ state["one.weight"].T + state["one.bias"]
        reached.append(abs(2 * z).max())
    assert reached[0] <= 3 < reached[1]


@pytest.mark.parametrize("change", ["# another comment", "def unused(z): return z", "x = 1"])
def test_other_code_that_does_the_same_retrains_nothing(
    change: str, place: Place, trained: list[object]
) -> None:
    """What counts is what it does."""
    place.declare(LIB, act="own.act")
    place.write("own.py", TANH)
    before = place.recording()

    place.write("own.py", TANH + change)

    assert place.recording() == before
    assert len(trained) == 1


def test_a_recording_that_holds_no_digests_is_made_anew(
    place: Place, trained: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to tell by."""
    place.declare(LIB, act="own.act")
    place.write("own.py", TANH)
    with monkeypatch.context() as patch:
        patch.setattr("nnanim.recording.probe.Probe.digests", lambda *_: None)
        place.recording()

    place.recording()

    assert len(trained) == 2


def test_what_cannot_be_compared_is_made_anew(
    place: Place, trained: list[object], caplog: pytest.LogCaptureFixture
) -> None:
    """As an optimiser that can be made once only: the training itself is none the worse."""
    place.declare(LIB, optimizer="own.make")
    place.write(
        "own.py",
        FROM_LIB + "made = []\ndef make(p):\n made.append(torch.optim.SGD(p, lr=0.1))\n"
        " return made[0] if len(made) == 1 else 1 / 0\n",
    )
    first = place.recording()
    caplog.clear()

    assert place.recording() == first
    assert len(trained) == 2
    assert caplog.messages[0] == (
        "the training is made anew: what its code does cannot be compared with the kept one"
    )


def test_a_network_that_diverges_is_used_again(place: Place, trained: list[object]) -> None:
    """Its loss refuses what the last state gives, each time the same."""
    place.declare(
        LIB, loss="own.loss", optimizer="lambda p: torch.optim.SGD(p, lr=1e30)", act="own.act"
    )
    place.write(
        "own.py",
        FROM_LIB + "def act(z): return z\ndef loss(o, t):\n"
        " if not o.isfinite().all() or o.std() < 1e-6: raise RuntimeError('no')\n"
        " return F.mse_loss(o, t)\n",
    )

    first = place.recording()
    assert place.recording() == first
    assert len(trained) == 1


# -- --resume --------------------------------------------------------------------------------------


def test_a_finished_recording_is_not_resumed_by_other_code(
    place: Place, trained: list[object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is made anew, and a line says why."""
    path = tmp_path / "run.safetensors"
    place.declare(LIB, act="own.act")
    place.write("own.py", TANH)
    place.recorded(path)
    assert place.recorded(path) == place.recorded(path)
    assert len(trained) == 1

    place.write("own.py", SINE)
    found = place.recorded(path)

    assert len(trained) == 2
    assert "not the same outputs" in caplog.text
    assert found == Recording.load(path) == record(load(place.scene))


def test_blocks_of_other_code_are_not_gone_on_with(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are another training's, and stay."""
    path = tmp_path / "run.safetensors"
    place.declare(LIB, act="own.act")
    place.write("own.py", TANH)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "close", lambda _: None)
        place.recorded(path)
    path.unlink()
    before = sorted(blocks_folder(path).iterdir())
    place.write("own.py", SINE)

    with pytest.raises(UsageError, match="holds the blocks of another training"):
        place.recorded(path)

    assert sorted(blocks_folder(path).iterdir()) == before


# -- on the command line ---------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_line_shows_what_no_cache_shows(place: Place, tmp_path: Path) -> None:
    """Each time in a process of its own."""
    place.declare(LIB, act="own.act")
    place.write("own.py", TANH)
    command = [sys.executable, "-m", "nnanim.cli", "still", str(place.scene), "-r", "128x72"]

    def drawn(name: str, *options: str) -> tuple[bytes, str]:
        done = subprocess.run(
            [*command, "-o", name, *options],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        return (tmp_path / name).read_bytes(), done.stderr

    before, _ = drawn("a.png")
    again, said = drawn("b.png")
    assert (again, said) == (before, "")
    place.write("own.py", SINE)

    after, said = drawn("c.png")

    assert "nnanim: the training is made anew: not the same outputs as in the kept one\n" in said
    assert after == drawn("d.png", "--no-cache")[0] != before
    assert drawn("e.png") == (after, "")


@pytest.mark.parametrize("module", ["fingerprint", "cache", "header", "recording"])
def test_a_declared_key_is_found_without_torch(module: str) -> None:
    """Nor are the kernels' compiler and the packages whose versions it holds loaded."""
    program = (
        f"import sys, nnanim.recording.{module}\n"
        "from nnanim.recording.fingerprint import versions\n"
        "print(sorted(versions()), {'torch', 'numba', 'llvmlite'} & set(sys.modules))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )

    assert done.stdout == "['nnanim', 'numba', 'numpy', 'torch'] set()\n"
