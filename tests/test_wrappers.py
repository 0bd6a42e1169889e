"""What torch puts around a module, to run it elsewhere or faster, is no part of a film."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.optim.swa_utils import AveragedModel

from nnanim import Film, NnanimError, Recorder, Recording, Scene, Training, datasets, record
from nnanim.adapters.checkpoints import record_checkpoints
from tests.test_own_loop import X

Y = (X.prod(1) > 0).long()


class Forked(nn.Module):
    """A module that is no stack, and keeps what its last pass gave."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
        self.unused = nn.Linear(5, 5)
        self.head = nn.Linear(3, 2)
        self.seen: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 2)."""
        self.seen = [self.inner(x)]
        return self.head(self.seen[0])  # type: ignore[no-any-return]


def plain() -> nn.Sequential:
    """Return a stack of known layers."""
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))


def compiled(module: nn.Module) -> nn.Module:
    """Return what torch.compile gives, without a C++ compiler."""
    return torch.compile(module, backend="eager")  # type: ignore[return-value]


def forked() -> Forked:
    """Return a module that is no stack."""
    torch.manual_seed(3)
    return Forked()


def inner_compiled() -> Forked:
    """Return one with a part that torch has compiled."""
    made = forked()
    made.inner = compiled(made.inner)  # type: ignore[assignment]
    return made


def forward_compiled() -> Forked:
    """Return one whose forward alone is compiled."""
    made = forked()
    made.forward = torch.compile(made.forward, backend="eager")  # type: ignore[method-assign]
    return made


def part_compiled() -> nn.Sequential:
    """Return a stack with a layer that torch has compiled."""
    made = plain()
    made[0] = compiled(made[0])
    return made


def used() -> Forked:
    """Return one that has made a pass, of which it holds a tensor."""
    made = forked()
    made(X)
    return made


WRAPPED: dict[str, tuple[Callable[[], nn.Module], Callable[[], nn.Module]]] = {
    "compiled": (lambda: compiled(plain()), plain),
    "parallel": (lambda: nn.DataParallel(plain()), plain),
    "both": (lambda: compiled(nn.DataParallel(plain())), plain),
    "averaged": (lambda: AveragedModel(plain()), plain),
    "a compiled layer": (part_compiled, plain),
    "a compiled part": (inner_compiled, forked),
    "a compiled forward": (forward_compiled, forked),
    "used before": (used, forked),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_wrapped_module_is_recorded_as_the_one_inside(kind: str, tmp_path: Path) -> None:
    """Its tensors and layers have the names, and its film the outputs, that they have without."""
    make, bare = WRAPPED[kind]
    module, truth = make(), bare()
    with Recorder(tmp_path / "run.safetensors", module, (X, Y), loss="cross_entropy") as recorder:
        with torch.no_grad():
            for parameter in (*module.parameters(), *truth.parameters()):
                parameter.add_(0.5)
        recorder.snapshot(loss=1.0)

    recording = Recording.load(tmp_path / "run.safetensors")
    film = Film(recording, model=make)
    assert recording.states.keys() == truth.state_dict().keys()
    assert [layer.name for layer in film.network.layers] == [
        layer.name for layer in Film(recording, model=bare).network.layers
    ]
    given = film.network.outputs(recording.state(1), X.numpy(), [""])[""]
    np.testing.assert_allclose(given, truth(X).detach().numpy(), rtol=1e-5)


@pytest.mark.parametrize("kind", ["compiled", "parallel", "a compiled part", "a compiled forward"])
def test_a_wrapped_module_trains_in_a_scene_as_the_one_inside(kind: str) -> None:
    """The recordings are the same bits, and a film is made of them."""

    def recorded(model: Callable[[], nn.Module]) -> Recording:
        training = Training(epochs=3, loss="cross_entropy", keep="best")
        dataset = datasets.from_arrays(X.numpy(), Y.numpy())
        return record(Scene(dataset=dataset, model=model, training=training))

    make, bare = WRAPPED[kind]
    wrapped, truth = recorded(make), recorded(bare)
    assert wrapped == truth
    size = (320, 180)
    np.testing.assert_array_equal(Film(wrapped).frame(0.5, size), Film(truth).frame(0.5, size))


@pytest.mark.parametrize("prefix", ["_orig_mod.", "module.", "module._orig_mod.", "net.module."])
def test_checkpoints_of_wrapped_modules_fit_the_one_inside(prefix: str, tmp_path: Path) -> None:
    """Whatever was around the model, and around the model's own attribute, when it was saved."""
    for epoch in (1, 2):
        state = {f"{prefix}{n}": t + epoch for n, t in plain().state_dict().items()}
        save_file(state, tmp_path / f"{epoch}.safetensors")
    recording = record_checkpoints(
        str(tmp_path / "[12].safetensors"), lambda: compiled(plain()),
        tmp_path / "run.safetensors", (X, Y), loss="cross_entropy",
    )  # fmt: skip
    expected = plain().state_dict()["0.weight"].numpy() + 2
    np.testing.assert_array_equal(recording.state(1)["0.weight"], expected)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_recorded_but_not_trained(kind: torch.dtype, tmp_path: Path) -> None:
    """A loop's module is kept in float32; a scene, whose data are float32, says what to do."""
    module = plain().to(kind)
    with Recorder(tmp_path / "run.safetensors", module, (X, Y), loss="cross_entropy") as recorder:
        recorder.snapshot(loss=1.0)
    recording = Recording.load(tmp_path / "run.safetensors")
    assert recording.state(1)["0.weight"].dtype == np.float32
    assert Film(recording).frame(0.0, (160, 90)).any()
    assert module[0].weight.dtype == kind

    dataset = datasets.from_arrays(X.numpy(), Y.numpy())
    scene = Scene(
        dataset=dataset,
        model=lambda: plain().to(kind),
        training=Training(epochs=2, loss="cross_entropy"),
    )
    with pytest.raises(NnanimError, match=r"'0.weight' is b?float\d\d: expected float32"):
        record(scene)


def masked() -> nn.Module:
    """Return a module with a mask of infinities among its tensors."""
    made = forked()
    made.register_buffer("mask", torch.full((3, 3), float("-inf")).triu(1))
    return made


def stateful() -> nn.Module:
    """Return a module that keeps more than tensors."""

    class Counting(Forked):
        def get_extra_state(self) -> int:
            return 3

        def set_extra_state(self, state: int) -> None:
            pass

    return Counting()


def set_on_the_object() -> nn.Module:
    """Return a module whose forward runs one object, whatever it is a copy of."""
    made = forked()
    inside = made.inner
    made.forward = lambda x: made.head(inside(x))  # type: ignore[method-assign]
    return made


def lazy() -> nn.Module:
    """Return a module that knows its shapes after a first batch."""
    return nn.Sequential(nn.LazyLinear(3), nn.Tanh(), nn.LazyLinear(2))


def scripted() -> nn.Module:
    """Return a module that torch has made a program of its own from."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made: nn.Module = torch.jit.script(plain())
    return made


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: plain().to("meta"), "'0.weight' is on the device \"meta\""),
        (lazy, "'0.weight' has no shape before its first batch"),
        (masked, "'mask' holds NaN or infinity before the first step"),
        (stateful, "'_extra_state' is int: expected tensors"),
        (set_on_the_object, "forward of Forked is a function set on the object"),
        (scripted, "is a ScriptModule"),
        (lambda: nn.Sequential(scripted()), "is a ScriptModule"),
    ],
)
def test_what_cannot_be_filmed_is_refused_before_the_first_step(
    make: Callable[[], nn.Module], says: str, tmp_path: Path
) -> None:
    """From a scene and a loop of one's own, in one line that names the tensor; no file is left."""
    with pytest.raises(NnanimError, match=says) as loop:
        Recorder(tmp_path / "run.safetensors", make(), (X, Y), loss="cross_entropy")
    dataset = datasets.from_arrays(X.numpy(), Y.numpy())
    scene = Scene(dataset=dataset, model=make, training=Training(epochs=2, loss="cross_entropy"))
    with pytest.raises(NnanimError, match=says):
        record(scene)
    assert "\n" not in str(loop.value)
    assert not list(tmp_path.iterdir())
