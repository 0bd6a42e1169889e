"""Passes: what any network's layers give, and how that changes with its inputs, by torch."""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from nnanim.network.chunks import Forward, Visit
from nnanim.types import Floats, State

Visiting = Callable[[State, Floats, Sequence[str], Visit], None]  # as `Network.visit`


def outputs(
    visit: Visiting, state: State, inputs: Floats, names: Sequence[str]
) -> dict[str, Floats]:
    """Return by name the outputs (n, units) of layers at `state`."""
    found: dict[str, Floats] = {}

    def look(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
        given = run(chunk)
        for name in names:
            part = given[name].detach().numpy()  # a forward may ask for gradients itself
            if name not in found:
                found[name] = np.empty((len(inputs), *part.shape[1:]), part.dtype)
            found[name][rows] = part[: rows.stop - rows.start]

    with torch.no_grad():
        visit(state, inputs, names, look)
    return found


def gradient(
    visit: Visiting, state: State, inputs: Floats, scores: str, weight: Floats
) -> tuple[Floats, Floats]:
    """Return z·weight (n,) of what the layer `scores` gives, and its gradients (n, inputs).

    `weight` is one (outputs,) for all, or one (n, outputs) for each.
    """
    values = np.empty(len(inputs), np.float32)
    slopes = np.empty((len(inputs), inputs.shape[1]), np.float32)
    each = np.broadcast_to(weight, (len(inputs), np.shape(weight)[-1])).astype(np.float32)

    def look(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
        given = run(chunk.requires_grad_())[scores]
        value = (given[: rows.stop - rows.start] * torch.as_tensor(each[rows])).sum(dim=1)
        (slope,) = torch.autograd.grad(value.sum(), chunk)
        values[rows] = value.detach().numpy()
        slopes[rows] = slope[: rows.stop - rows.start].numpy()

    visit(state, inputs, [scores], look)
    return values, slopes


def jacobians(visit: Visiting, state: State, inputs: Floats, names: Sequence[str]) -> list[Floats]:
    """Return the Jacobians (n, units, inputs) of layers at `inputs` (n, inputs)."""
    parts: list[list[Floats]] = [[] for _ in names]

    def look(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
        found = run(chunk.requires_grad_())
        for name, known in zip(names, parts, strict=True):
            given = found[name].reshape(len(chunk), -1)
            if not given.requires_grad:  # no input moves it
                matrices = torch.zeros(*given.shape, chunk.shape[1])
            elif given.shape[1] <= chunk.shape[1] + 1:
                matrices = _unit_by_unit(chunk, given)
            else:
                matrices = _input_by_input(chunk, given)
            known.append(matrices[: rows.stop - rows.start].numpy())

    visit(state, inputs, names, look)
    return [np.concatenate(known) for known in parts]


def _unit_by_unit(chunk: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Return the Jacobians (n, units, inputs) by a backward pass for each unit."""
    units = torch.eye(given.shape[1])
    slopes = (torch.autograd.grad(given, chunk, u.expand_as(given), True)[0] for u in units)
    return torch.stack(list(slopes), dim=1)


def _input_by_input(chunk: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
    """Return the same by two backward passes and one more for each input.

    The gradient Jᵀu is linear in u, and its derivative by u along an input is a column of J.
    """
    u = torch.zeros_like(given, requires_grad=True)
    (slope,) = torch.autograd.grad(given, chunk, u, create_graph=True)
    inputs = torch.eye(chunk.shape[1])
    columns = (torch.autograd.grad(slope, u, x.expand_as(slope), True)[0] for x in inputs)
    return torch.stack(list(columns), dim=2)
