"""Jacobian: how a layer stretches, squeezes and folds the inputs about each point.

The Jacobian of a layer is the matrix of the derivatives of its units by the inputs. Its singular
values say how far a small circle of inputs is stretched; its determinant, of two units of two
inputs, is negative where the sheet lies on its back. It is exact, for any torch module.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from nnanim.network.chunks import Forward
from nnanim.network.network import Network
from nnanim.types import Floats, State


@dataclass(frozen=True, eq=False)
class Jacobian:
    """The Jacobians (n, units, inputs) of a layer at n inputs."""

    matrices: Floats

    @property
    def singular_values(self) -> NDArray[np.float64]:
        """Singular values (n, smaller of units and inputs), largest first."""
        matrices = self.matrices.astype(np.float64)
        if 1 in matrices.shape[1:]:
            return np.asarray(np.sqrt((matrices**2).sum(axis=(1, 2)))[:, None])
        if matrices.shape[2] != 2:
            return np.asarray(np.linalg.svd(matrices, compute_uv=False))
        # The eigenvalues of JᵀJ; in double precision their difference is exact enough.
        a, b = matrices[:, :, 0], matrices[:, :, 1]
        aa, bb, ab = ((x * y).sum(axis=1) for x, y in ((a, a), (b, b), (a, b)))
        middle, apart = (aa + bb) / 2, np.hypot((aa - bb) / 2, ab)
        squares = np.stack([middle + apart, np.maximum(middle - apart, 0)], axis=1)
        return np.asarray(np.sqrt(squares))

    @property
    def determinants(self) -> NDArray[np.float64] | None:
        """Determinants (n,); None where there are not as many units as inputs."""
        _, units, inputs = self.matrices.shape
        return np.linalg.det(self.matrices.astype(np.float64)) if units == inputs else None

    @property
    def gradient_norms(self) -> NDArray[np.float64]:
        """Length (n, units) of each unit's gradient."""
        return np.asarray(np.sqrt((self.matrices.astype(np.float64) ** 2).sum(axis=2)))


def jacobian_of(network: Network, state: State, inputs: Floats, layer: str) -> Jacobian:
    """Return the Jacobians of `layer` ("" is the network's own output) at `inputs` (n, inputs).

    All points at once: in evaluation mode the rows of a batch do not depend on each other.
    """
    parts: list[Floats] = []

    def look(rows: slice, chunk: torch.Tensor, run: Forward) -> None:
        given = run(chunk.requires_grad_())[layer]
        given = given.reshape(len(given), -1)
        if not given.requires_grad:  # no input moves it
            matrices = torch.zeros(*given.shape, chunk.shape[1])
        elif given.shape[1] <= chunk.shape[1] + 1:
            matrices = _unit_by_unit(chunk, given)
        else:
            matrices = _input_by_input(chunk, given)
        parts.append(matrices[: rows.stop - rows.start].numpy())

    network.visit(state, inputs, [layer], look)
    return Jacobian(np.concatenate(parts))


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
