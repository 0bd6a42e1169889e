"""What a module's forward takes and gives: one tensor, a row for each sample, or one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from nnanim import Film, NnanimError, Recorder, Scene, Training, datasets, record
from tests.test_own_loop import X, Y


class Net(nn.Module):
    """A module whose forward is another for each test."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.hidden, self.end = nn.Linear(2, 3), nn.Linear(3, 1)

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities (n, 1)."""
        return torch.sigmoid(self.end(torch.tanh(self.hidden(x))))


def net(forward: Callable[..., Any]) -> Callable[[], nn.Module]:
    """Return what makes a network of that forward."""
    return type("Own", (Net,), {"forward": forward})


def two(self: Any, p: Any, v: Any) -> Any:
    """Take position and speed apart."""
    return self.scores(torch.cat([p, v], 1))


def masked(self: Any, x: Any, *, mask: Any) -> Any:
    """Take a mask that must be named."""
    return self.scores(x * mask)


def nothing(self: Any) -> Any:
    """Take no inputs."""
    return self.scores(X)


def fails(self: Any, x: Any) -> Any:
    """Look for what is not there."""
    return self.missing(x)


def imports(self: Any, x: Any) -> Any:
    """Need a package that is not installed."""
    import no_such_package  # type: ignore[import-not-found]

    return no_such_package.solve(self.scores, x)


def asserts(self: Any, x: Any) -> Any:
    """Expect four inputs."""
    assert x.shape[1] == 4, "four inputs"
    return self.scores(x)


LINES: dict[str, tuple[Callable[..., Any], str]] = {
    "two": (two, "forward takes 2 tensors, p, v: expected one, x of shape (n, 2)"),
    "a mask": (masked, "forward takes 2 tensors, x, mask: expected one"),
    "nothing": (nothing, "forward takes nothing: expected one tensor"),
    "an attribute": (fails, "the model's forward failed with AttributeError: 'Own' object has no"),
    "a package": (imports, "model's forward failed with ModuleNotFoundError: No module named"),
    "an assertion": (asserts, "its forward failed with AssertionError: four inputs"),
    "squeezed": (lambda self, x: self.scores(x).squeeze(), "returned shape (n,), without a second"),
    "indexed": (lambda self, x: self.scores(x)[:, 0], "leave out the squeeze or the index"),
    "flat": (lambda self, x: self.scores(x).flatten(), "or end in .unsqueeze(1)"),
    "a mean": (lambda self, x: self.scores(x).mean(0), "returned shape (1,) for 3 samples"),
    "a number": (lambda self, x: self.scores(x).sum(), "returned shape () for 3 samples"),
}


@pytest.mark.parametrize("kind", LINES)
def test_a_forward_of_another_kind_is_one_line(kind: str, tmp_path: Path) -> None:
    """From a scene and from a loop of one's own, before the first step, and no file is left."""
    forward, says = LINES[kind]
    dataset = datasets.from_arrays(X.numpy(), Y.numpy())
    scene = Scene(dataset=dataset, model=net(forward), training=Training(epochs=2, loss="bce"))
    with pytest.raises(NnanimError) as declared:
        record(scene)
    with pytest.raises(NnanimError) as recorded:
        Recorder(tmp_path / "run.safetensors", net(forward)(), (X, Y), loss="bce")

    assert says in str(declared.value)
    assert says in str(recorded.value)
    assert "\n" not in str(declared.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "forward",
    [
        lambda self, x: self.scores(x).squeeze().unsqueeze(1),
        lambda self, x, mask=None: self.scores(x if mask is None else x * mask),
        lambda self, *parts: self.scores(*parts),
    ],
)
def test_what_the_lines_advise_works(forward: Callable[..., Any]) -> None:
    """A dimension put back, and what has a default, is a film."""
    dataset = datasets.from_arrays(X.numpy(), Y.numpy())
    scene = Scene(dataset=dataset, model=net(forward), training=Training(epochs=2, loss="bce"))
    assert len(record(scene)) > 1


class Recurrent(nn.Module):
    """An LSTM over the columns, whose last state is the code."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.LSTM(1, 4, batch_first=True)
        self.look, self.end = nn.Identity(), nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities (n, 1)."""
        last = self.cells(x.unsqueeze(-1))[0][:, -1]
        return torch.sigmoid(self.end(self.look(last)))


def convolved() -> nn.Sequential:
    """Return a network with a layer of two channels of two by one."""
    return nn.Sequential(
        nn.Unflatten(1, (1, 2, 1)), nn.Conv2d(1, 2, 1), nn.Tanh(), nn.Flatten(), nn.Linear(4, 1),
        nn.Sigmoid(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "layer", "says", "instead"),
    [
        (convolved, "1", "layer '1' gives (3, 2, 2, 1) for 3 samples", "3"),
        (convolved, "2", "pick one, as Layer('2', pixel=\"mean\")", "2[pixel=mean]"),
        (Recurrent, "cells[pixel=0x0]", "there is no pixel (0, 0) of 4", "cells"),
    ],
)
def test_a_layer_that_gives_no_rows_is_told_with_its_shape(
    model: Callable[[], nn.Module], layer: str, says: str, instead: str, tmp_path: Path
) -> None:
    """And how to look at it all the same, which works."""

    def scene(layer: str) -> Scene:
        dataset = datasets.from_arrays(X.numpy(), Y.numpy())
        training = Training(epochs=2, loss="bce")
        return Scene(dataset=dataset, model=model, layer=layer, training=training)

    with pytest.raises(NnanimError) as declared:
        record(scene(layer))
    with pytest.raises(NnanimError) as recorded:
        Recorder(tmp_path / "run.safetensors", model(), (X, Y), loss="bce", layer=layer)
    assert says in str(declared.value)
    assert says in str(recorded.value)
    assert Film(record(scene(instead))).frame(0.0, (160, 90)).any()
