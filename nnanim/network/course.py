"""Course: the states of a training, as the kernel takes them that runs a stack along it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.forward import forward_along
from nnanim.network.stack import Stack

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Course:
    """A stack's states at `epochs` (k,), flat: parameters (k, p), running statistics (k, s).

    `onward` (k,) is the state from which the training went on at each, most often that one itself.
    """

    stack: Stack
    epochs: Array
    onward: Array
    parameters: Array
    statistics: Array

    def between(self, moment: float) -> tuple[int, int, float]:
        """Return the states between which a moment lies, and what share of the way to the second.

        Where it is that of the first itself, both are that.
        """
        last = len(self.epochs) - 1
        at = min(max(int(self.epochs.searchsorted(moment, side="right")) - 1, 0), last)
        begun, before = int(self.onward[at]), self.epochs[at]
        if at == last or moment <= before:
            return begun, begun, 0.0
        return begun, at + 1, float((moment - before) / (self.epochs[at + 1] - before))

    def along(self, x: Array, names: Sequence[str]) -> Callable[[Array], list[Array]]:
        """Return what gives the outputs (m, n, units) of modules at any moments (m,).

        They are by `names`, for float32 inputs x (n, inputs); between two states they are those of
        the mixed one.
        """
        stack = self.stack
        starts, count = stack.room(x, names)

        def outputs(moments: Array) -> list[Array]:
            found = np.empty((len(moments), count), np.float32)
            forward_along(
                *(moments, self.epochs, self.onward, x, stack.table, stack.options),
                *(self.parameters, self.statistics, starts, found),
            )
            return [stack.part(found, starts, name, len(x)) for name in names]

        return outputs


def course_of(stack: Stack, states: Mapping[str, Array], epochs: Array, onward: Array) -> Course:
    """Return the course of a training by its float32 states (k, …) by torch's names."""
    flat = []
    for places in (stack.places, stack.statistics):
        parts = [np.asarray(states[name]).reshape(len(epochs), -1) for name in places]
        none = np.zeros((len(epochs), 1), np.float32)
        flat.append(np.concatenate(parts, axis=1) if parts else none)
    return Course(stack, epochs, onward, *flat)
