"""Jacobian: how a layer stretches, squeezes and folds the inputs about each point.

The Jacobian of a layer is the matrix of the derivatives of its units by the inputs. Its singular
values say how far a small circle of inputs is stretched; its determinant, of two units of two
inputs, is negative where the sheet lies on its back. It is exact, for any torch module.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        if units != inputs:
            return None
        matrices = self.matrices.astype(np.float64)
        if units != 2:
            return np.asarray(np.linalg.det(matrices))
        (a, b), (c, d) = matrices.transpose(1, 2, 0)
        return np.asarray(a * d - b * c)

    @property
    def gradient_norms(self) -> NDArray[np.float64]:
        """Length (n, units) of each unit's gradient."""
        return np.asarray(np.sqrt((self.matrices.astype(np.float64) ** 2).sum(axis=2)))


def jacobian_of(network: Network, state: State, inputs: Floats, layer: str) -> Jacobian:
    """Return the Jacobians of `layer` ("" is the network's own output) at `inputs` (n, inputs)."""
    return jacobians_of(network, state, inputs, [layer])[0]


def jacobians_of(
    network: Network, state: State, inputs: Floats, layers: Sequence[str]
) -> list[Jacobian]:
    """Return those of several layers, of one pass."""
    return [Jacobian(found) for found in network.jacobians(state, inputs, layers)]
