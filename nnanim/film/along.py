"""Along: what layers give along a run, at many moments together."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from nnanim.film.replay import Replay
from nnanim.network.course import Course, course_of
from nnanim.network.rows import rows_of
from nnanim.network.stacked import StackedNetwork
from nnanim.threads import in_order
from nnanim.types import Floats

_THREADS = 4  # where a network is run at one moment after another
_NUMBERS = 2**18  # that one call gives at most, but for those of one moment


class Along:
    """The outputs of layers, by `names`, for the same inputs at any moments of a run.

    A narrow stack of known layers is run at many moments in one call of a kernel; what it gives is
    that of `replay.outputs`, bit for bit. What torch gives may differ from that in the last bits.
    """

    def __init__(self, replay: Replay, names: Sequence[str], inputs: Floats) -> None:
        self._replay, self._names, self._inputs = replay, tuple(names), inputs
        network, course = replay.network, course_through(replay)
        self._outputs: Callable[[Floats], list[Floats]] | None = None
        if course is not None:
            rows = rows_of(network.lifted(inputs))
            self._outputs = course.along(rows, self._names)
            units = {layer.name: layer.units for layer in network.layers}
            each = sum(units.get(name, network.outputs_width) for name in names)
            self._size = max(1, _NUMBERS // max(1, each * len(rows)))

    def __call__(self, moments: Floats) -> Iterator[dict[str, Floats]]:
        """Give by name what the layers give (k, n, units) at the next k of `moments` (m,)."""
        if self._outputs is None:
            for found in in_order(self._at, moments.tolist(), _THREADS):
                yield {name: array[None] for name, array in found.items()}
            return
        for start in range(0, len(moments), self._size):
            parts = self._outputs(moments[start : start + self._size])
            yield dict(zip(self._names, parts, strict=True))

    def _at(self, moment: float) -> dict[str, Floats]:
        state = self._replay.state(moment)
        return self._replay.network.outputs(state, self._inputs, self._names, padded=False)


def runs_singly(replay: Replay) -> bool:
    """Return whether a network is run at one moment after another, which takes long."""
    return course_through(replay) is None


def course_through(replay: Replay) -> Course | None:
    """Return the run as the kernels take it; None where torch runs the network, or in 64 bits."""
    return replay.once(course_through, lambda: _made(replay))


def _made(replay: Replay) -> Course | None:
    network, recording = replay.network, replay.recording
    if not isinstance(network, StackedNetwork) or not network.narrow:
        return None
    kinds = {array.dtype for array in recording.states.values() if array.dtype.kind == "f"}
    if kinds != {np.dtype(np.float32)}:
        return None
    return course_of(network.stack, recording.states, recording.epochs, replay.onward)
