"""Replay: what any layer gives for any input at any moment of a recording."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim.network.network import Network
from nnanim.recording.recording import Recording
from nnanim.types import Floats

T = TypeVar("T")

_CACHED = 8  # answers kept: those that several views of one frame ask for


class Replay:
    """The states of a recording run through its network again; safe to ask from any thread."""

    def __init__(self, recording: Recording, network: Network) -> None:
        self.recording = recording
        self.network = network
        self._cache: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def state(self, moment: float) -> dict[str, NDArray[Any]]:
        """Return parameters and buffers at `moment`, interpolated between snapshots."""
        return self.remembered(("state", moment), lambda: self._state(moment))

    def _state(self, moment: float) -> dict[str, NDArray[Any]]:
        epochs = self.recording.epochs
        after = int(np.clip(np.searchsorted(epochs, moment, side="right"), 1, len(epochs) - 1))
        if len(epochs) == 1 or moment <= epochs[0]:
            return self.recording.state(0)
        if moment >= epochs[-1]:
            return self.recording.state(len(epochs) - 1)
        share = (moment - epochs[after - 1]) / (epochs[after] - epochs[after - 1])
        before, later = self.recording.state(after - 1), self.recording.state(after)
        return {name: _mixed(before[name], later[name], share) for name in before}

    def outputs(self, layer: str, inputs: Floats, moment: float) -> Floats:
        """Return the outputs (n, units) of `layer` for `inputs`; "" is the network's own."""
        return self.network.outputs(self.state(moment), inputs, [layer])[layer]

    def shared(
        self, what: str, inputs: Floats, moment: float, layers: frozenset[str]
    ) -> dict[str, Floats]:
        """Return the outputs of all `layers` by name in one pass, kept under the name `what`.

        They are read-only: the next view to ask is given the same arrays.
        """

        def make() -> dict[str, Floats]:
            found = self.network.outputs(self.state(moment), inputs, sorted(layers))
            for array in found.values():
                array.setflags(write=False)
            return found

        return self.remembered((what, moment, layers), make)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, kept for the next asking; the oldest answers are dropped."""
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]  # type: ignore[no-any-return]
        made = make()
        with self._lock:
            self._cache[key] = made
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        return made


def _mixed(before: NDArray[Any], after: NDArray[Any], share: float) -> NDArray[Any]:
    """Return the values between two; whole numbers, as counters, stay at the earlier."""
    if not np.issubdtype(before.dtype, np.floating):
        return before
    mixed: NDArray[Any] = (1 - share) * before + share * after
    return mixed.astype(before.dtype)
