"""Activations: what a recording keeps of a network that is too large to keep at every snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.dataset import Arrays, evenly, of_rows
from nnanim.errors import SceneError, UsageError, unknown
from nnanim.network.network import Network
from nnanim.network.torch_state import random_numbers
from nnanim.network.wrappers import bare_state
from nnanim.recording.header import Header

Kept = Literal["parameters", "activations"]

LARGE = 1_000_000  # parameters: from there on a loop's snapshots are of activations
_PROBE, _LEAST = 2_000, 200  # samples
_WORK = 7e8  # parameters by samples of one snapshot, some 30 ms


@dataclass(frozen=True, eq=False)
class Activations:
    """What some layers give for a probe of the data; "" among them is the network's own output.

    `layer` is the one looked at, `of` how many samples the probe (Arrays without a test part) was
    chosen from.
    """

    network: Network
    layers: tuple[str, ...]
    layer: str
    probe: Arrays
    of: int

    def state(self, module: nn.Module) -> dict[str, NDArray[Any]]:
        """Return by layer what it gives (probe, units) as the module stands, in evaluation."""
        lent = {name: _array(tensor) for name, tensor in bare_state(module).items()}
        with random_numbers():
            return self.network.outputs(lent, self.probe.inputs, self.layers)

    def told_in(self, header: Header) -> Header:
        """Return the header of a recording that keeps them."""
        return replace(header, layers=None, layer=self.layer, activations=self._described())

    def why(self) -> str:
        """Return in one line what is kept where nobody asked for it, and what else could be."""
        count, names = len(self.probe.inputs), ", ".join(name for name in self.layers if name)
        return (
            f"of {self.network.size:,} parameters each snapshot keeps what {names} and the output "
            f'give for {count:,} of {self.of:,} samples; record="parameters" keeps the network '
            "itself"
        )

    def _described(self) -> dict[str, Any]:
        """Return as plain JSON what a film must know of a network that it cannot run."""
        return {
            "samples": len(self.probe.inputs),
            "of": self.of,
            **self.network.described([name for name in self.layers if name]),
        }


def activations_of(
    network: Network,
    data: Arrays,
    record: Kept | None,
    layers: Sequence[str] | None,
    probe: int | None,
    layer: str,
) -> Activations | None:
    """Return what is kept at each snapshot; None where that is the parameters.

    Raises `UsageError` for what cannot be asked, `SceneError` for a layer that there is not.
    """
    if record not in (None, *get_args(Kept)):
        raise UsageError(unknown("record=", record, get_args(Kept)))
    if (record or ("activations" if network.size >= LARGE else "parameters")) == "parameters":
        if layers is not None or probe is not None:
            raise UsageError(
                f"{'probe' if layers is None else 'layers'}= says which activations are kept, but "
                'parameters are: give record="activations" too, or leave it out'
            )
        return None
    if probe is not None and (isinstance(probe, bool) or not isinstance(probe, int) or probe < 1):
        raise UsageError(f"probe={probe!r}: expected a number of samples, as probe=2_000")
    if isinstance(layers, str):
        raise UsageError(f"layers={layers!r}: expected a list of names, as [{layers!r}]")
    layer = network.layer(layer).name if layer else ""
    names = _names(network, layers, layer)
    most = probe or max(_LEAST, min(_PROBE, int(_WORK / max(network.size, 1))))
    n = len(data.inputs)
    hidden = [name for name in network.hidden if name in names]
    looked_at = layer or (hidden or names)[-1]
    chosen = of_rows(data, evenly(n, most), np.zeros(0, np.int64))
    return Activations(network, (*names, ""), looked_at, chosen, n)


def _names(network: Network, layers: Sequence[str] | None, layer: str) -> list[str]:
    """Return the layers that are kept, each once."""
    given = network.hidden if layers is None else layers
    names = list(dict.fromkeys(network.layer(name).name for name in given if name))
    if layer and layer not in names:
        if layers is not None:
            raise SceneError(f"layer={layer!r} is not among layers={names}: add it there")
        names.append(layer)
    if not names:
        known = ", ".join(repr(found.name) for found in network.layers) or "none in this model"
        raise SceneError(
            f"no layer is kept, and a film of activations shows one: give layers= some of {known}"
        )
    return names


def _array(tensor: torch.Tensor) -> NDArray[Any]:
    return np.asarray((tensor.float() if tensor.is_floating_point() else tensor).cpu().numpy())
