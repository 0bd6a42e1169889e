"""Chunks: a module run on chunks of inputs, at parameters that it is lent.

Rows of a matrix product change in the last bit with the batch around them, so every chunk has the
same number of rows: an answer depends on the question alone, never on what is asked with it. That
is dear for few rows; who asks for the same again and again, and shows no row, does without it.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, count
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.func import functional_call
from torch.utils.hooks import RemovableHandle

from nnanim.layer import Layer
from nnanim.network.picks import picked
from nnanim.network.rows import CHUNK, FEW, LARGE, rows_of
from nnanim.slices import Plane

_NUMBERS = 2**22  # of a chunk at most: of wide rows there are fewer

# A layer whose activation is a function, as torch.tanh, has no module of its own: it is known by
# the Linear that it feeds, as "fc2.input".
FED = ".input"

Results = Mapping[str, torch.Tensor]  # what layers give, by name; the network's own is ""
Forward = Callable[[torch.Tensor], Results]
Visit = Callable[[slice, torch.Tensor, Forward], None]


class Chunks(nn.Module):
    """Makes passes of a module, which it takes for its own and leaves in evaluation mode."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner.eval()
        self._caught: dict[str, torch.Tensor] = {}
        self._called: set[str] = set()
        self._wanted: set[str] = set()
        self._picks: list[Layer] = []  # of those, what is picked of what they give
        self._samples = 0
        self._handles: list[RemovableHandle] = []
        parameters = sum(parameter.numel() for parameter in inner.parameters())
        self._rows = CHUNK if parameters <= LARGE else FEW
        for part in inner.modules():
            if type(part) is nn.BatchNorm1d and part.track_running_stats:
                part.forward = partial(_normalised, part)  # type: ignore[method-assign]

    def visit(
        self,
        state: Mapping[str, NDArray[Any]],
        inputs: NDArray[np.floating],
        names: Sequence[str],
        look: Visit,
        padded: bool = True,
    ) -> None:
        """Let `look` run the module at `state` on all inputs, one chunk after another.

        Those that are not `padded` have no more rows than there are inputs.

        It is given which rows of the inputs a chunk (rows, inputs) begins with, the chunk, and a
        function of it that returns by name what the layers `names` give.
        """
        self._catch(names)

        def passes() -> None:
            for rows, chunk in _chunks(
                inputs, self._rows if padded else min(self._rows, max(1, len(inputs)))
            ):
                look(rows, chunk, self._run)

        tensors = {
            f"inner.{name}": torch.as_tensor(np.asarray(array)) for name, array in state.items()
        }
        # The state names a shared tensor by each of its names, so none need be tied again.
        functional_call(self, tensors, (passes,), tie_weights=False)

    def forward(self, passes: Callable[[], None]) -> None:
        """Make the passes, while the parameters are lent."""
        passes()

    def _run(self, chunk: torch.Tensor) -> Results:
        self._caught, self._samples = {}, len(chunk)
        self._called.clear()
        output = self.inner(chunk)
        return {**self._caught, "": output}

    def _catch(self, names: Sequence[str]) -> None:
        """Look at the modules that give these layers only: without a hook one is called faster."""
        picks = [layer for layer in map(Layer.of, names) if layer.picks]
        wanted = {giver for name in names for giver in _givers(name)}
        if wanted == self._wanted and picks == self._picks:
            return
        for handle in self._handles:
            handle.remove()
        parts = dict(self.inner.named_modules())
        self._handles = [
            parts[name].register_forward_hook(self._hook(name))
            for name in sorted(wanted & set(parts) - {""})
        ]
        self._wanted, self._picks = wanted, picks

    def _hook(self, name: str) -> Callable[..., None]:
        def catch(part: nn.Module, given: tuple[object, ...], result: object) -> None:
            called = numbered(name, self._called)
            self._called.add(called)
            for layer in self._picks:
                if layer.module == called:
                    self._caught[layer] = picked(layer, part, result, self._samples)
            if isinstance(result, torch.Tensor):
                self._caught[called] = result
                if isinstance(part, nn.Linear) and isinstance(given[0], torch.Tensor):
                    self._caught[f"{called}{FED}"] = given[0]

        return catch


def on(plane: Plane, look: Visit) -> Visit:
    """Return a visit of points (n, 2) in a plane of the inputs: run, they are lifted."""
    origin = torch.as_tensor(plane.origin, dtype=torch.float32)
    directions = torch.as_tensor(plane.directions, dtype=torch.float32)

    def of_points(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
        look(rows, chunk, lambda points: run(origin + points @ directions))

    return of_points


def numbered(name: str, taken: Container[str]) -> str:
    """Return `name`, or where that is taken the first of name#2, name#3 … that is not."""
    names = chain([name], (f"{name}#{k}" for k in count(2)))
    return next(free for free in names if free not in taken)


def _givers(layer: str) -> tuple[str, str]:
    """Return the names in `named_modules()` of what may give a layer's output."""
    name = Layer.of(layer).module.partition("#")[0]
    return name, name.removesuffix(FED)


def _normalised(norm: nn.BatchNorm1d, x: torch.Tensor) -> torch.Tensor:
    """Return what BatchNorm gives in evaluation: a scale and a shift for each unit.

    torch's own takes ten times as long to differentiate.
    """
    if x.ndim != 2:
        return nn.BatchNorm1d.forward(norm, x)
    mean, variance = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
    scale = (variance + norm.eps).rsqrt()
    if norm.affine:
        scale = scale * norm.weight
        return torch.addcmul(norm.bias - mean * scale, x, scale)
    return (x - mean) * scale


def _chunks(inputs: NDArray[np.floating], most: int) -> Iterator[tuple[slice, torch.Tensor]]:
    """Give the rows of `inputs` in tensors of one length, and which of the inputs these are.

    `most` are the rows of one, where they are no wider than four thousand numbers.
    """
    rows = rows_of(inputs)
    length = min(most, max(1, _NUMBERS // max(1, rows[:1].size)))
    for start in range(0, len(rows), length) or (0,):
        part = rows[start : start + length]
        padded = np.zeros((length, *rows.shape[1:]), np.float32)
        padded[: len(part)] = part
        yield slice(start, start + len(part)), torch.from_numpy(padded)
