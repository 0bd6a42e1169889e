"""A network of which no true film can be made is refused before its first step, in one line."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nnanim import Recorder, Scene, Training, datasets, record
from nnanim.errors import SceneError

SPARE = nn.Linear(2, 2)


class Body(nn.Module):
    """Two layers, with something done to what the first gives."""

    def __init__(self, done: Callable[["Body", torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, 2), nn.Linear(2, 1)
        self.hidden = [nn.Linear(2, 2)]  # as nothing that torch knows of
        self.known = [self.last]
        self.spare = nn.Linear(2, 2)
        self.done = done

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.last(self.done(self, torch.tanh(self.first(x))))  # type: ignore[no-any-return]


class Seasoned(nn.Module):
    """Attention over steps, of a batch whose first side it takes for the steps."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(2, 1, batch_first=batch_first)
        self.last = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        x = x[:, None]
        return self.last(self.attention(x, x, x)[0].mean(1))  # type: ignore[no-any-return]


class Slope(nn.Module):
    """A slope over the inputs, by which a forward has them take a gradient of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.height = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        with torch.enable_grad():
            x = x.clone().requires_grad_()
            height = self.height(x).sum()
            (slope,) = torch.autograd.grad(height, x, create_graph=True)
        return slope[:, :1]


class Held(nn.Module):
    """What a function of its own holds on to stays the first one's, whatever it is a copy of."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, 2), nn.Linear(2, 1)
        self.body = lambda x: torch.tanh(self.first(x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        hidden: torch.Tensor = self.body(x)  # type: ignore[no-untyped-call]
        return self.last(hidden)  # type: ignore[no-any-return]


UNTRUE: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "noise": (lambda: Body(lambda _, h: h + 0.01 * torch.randn_like(h)), "random numbers"),
    "dropout as a function": (lambda: Body(lambda _, h: F.dropout(h)), "self.training"),
    "a mean over the batch": (lambda: Body(lambda _, h: h - h.mean(0)), "the others in its batch"),
    "no running statistics": (
        lambda: Body(lambda _, h: F.batch_norm(h, None, None, training=True)), "running statistics",
    ),
    "attention over samples": (lambda: Seasoned(batch_first=False), "batch_first=True"),
    "modules in a list": (lambda: Body(lambda body, h: body.hidden[0](h)), "nn.ModuleList"),
    "a module of the file": (lambda: Body(lambda _, h: SPARE(h)), "of shape (2, 2)"),
    "a lambda that holds on to it": (Held, "into a method"),
}  # fmt: skip

TRUE: dict[str, Callable[[], nn.Module]] = {
    "noise in training": lambda: Body(
        lambda body, h: h + torch.randn_like(h) if body.training else h
    ),
    "dropout in training": lambda: Body(lambda body, h: F.dropout(h, training=body.training)),
    "attention over steps": lambda: Seasoned(batch_first=True),
    "its own module in a list too": lambda: Body(lambda body, h: h + body.known[0](h)),
    "a gradient over the inputs": Slope,
    "modules in a list that it leaves": lambda: Body(lambda _, h: h),
}


def scene(model: Callable[[], nn.Module]) -> Scene:
    """Return a scene of one epoch."""
    training = Training(epochs=1, loss="bce_with_logits")
    return Scene(dataset=datasets.moons(n=40), model=model, training=training)


@pytest.mark.parametrize("kind", UNTRUE)
def test_a_network_that_would_answer_otherwise_each_time_is_refused(kind: str) -> None:
    """What draws numbers, mixes samples or hides its tensors has no film."""
    model, said = UNTRUE[kind]

    with pytest.raises(SceneError) as caught:
        record(scene(model))

    assert said in str(caught.value)


@pytest.mark.parametrize("kind", TRUE)
def test_what_only_training_changes_is_filmed(kind: str) -> None:
    """Numbers drawn in training alone, and lists of modules that it has anyway, do no harm."""
    assert len(record(scene(TRUE[kind]))) > 1


def test_a_recorder_refuses_such_a_network_before_the_first_step(tmp_path: Path) -> None:
    """As a scene does; no file is left."""
    x, y = torch.randn(40, 2), torch.zeros(40, 1)
    y[::2] = 1
    path = tmp_path / "run.safetensors"

    with pytest.raises(SceneError, match="random numbers"):
        Recorder(path, UNTRUE["noise"][0](), data=(x, y), loss="bce_with_logits").__enter__()

    assert not path.exists()


def test_a_layer_that_the_forward_leaves_is_not_called_unknown() -> None:
    """The model has it; it gives nothing to look at."""
    made = replace(scene(TRUE["modules in a list that it leaves"]), layer="spare")

    with pytest.raises(SceneError, match=r"'spare': the model has it.*does not call it"):
        record(made)


@pytest.mark.parametrize("kind", [TensorDataset, lambda x, y: DataLoader(TensorDataset(x, y))])
def test_torch_s_own_data_sets_are_refused_with_the_way_to_their_arrays(
    kind: Callable[..., object], tmp_path: Path
) -> None:
    """In the place of arrays; that way leads to them, whatever the targets are."""
    data = kind(torch.randn(40, 2), torch.zeros(40, 1))

    with pytest.raises(SceneError, match="of torch: expected an array; take it out") as caught:
        Recorder(tmp_path / "run.safetensors", TRUE["dropout in training"](), data=data)

    way = str(caught.value).partition("x, y = ")[2].partition(", where")[0]
    for targets in (torch.zeros(40, 1), torch.zeros(40, 3), torch.zeros(40)):
        dataset = TensorDataset(torch.randn(40, 2), targets)
        x, y = eval(way, {"DataLoader": DataLoader, "dataset": dataset})
        assert (x.shape, y.shape) == ((40, 2), targets.shape)
