"""Replay: what any layer gives for any input at any moment of a recording."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from copy import copy
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import during
from nnanim.film.fitting import check_agreement
from nnanim.geometry import parted
from nnanim.grids import Square
from nnanim.grids.grid import Followed, followed
from nnanim.network.network import Network
from nnanim.network.rows import LARGE
from nnanim.recording.recording import Recording
from nnanim.slices import Plane, Slicing
from nnanim.types import Floats

if TYPE_CHECKING:
    from torch import nn

T = TypeVar("T")

_CACHED = 8  # answers kept: those that several views of one frame ask for
_CACHED_BYTES, _CACHED_ALWAYS = 128 * 2**20, 3  # fewer, if they are larger, but no fewer than 3
_MANY = 100_000  # samples: from there on, a few stand for all in what stands still
_ROW = 1_000  # parameters that take as long as all else that is done for a row
_SAMPLE, _LEAST_MOMENTS = 256, 16  # rows and moments: more moments only where there are such rows
_NEAR = 1e-9  # of the training, from a moment
WORK = 1e10  # parameters by rows by moments of one look over a run, about a second


class Replay:
    """The states of a recording run through its network again; safe to ask from any thread.

    Of more than two inputs it may show a `plane`. `layer` is the one looked at, "" where there is
    none; `followed` is the grid of input space, and `grid_lines` are its lines.
    """

    def __init__(self, recording: Recording, network: Network) -> None:
        self.recording = recording
        self.network = network
        self.data = recording.data
        self.plane = network.plane
        own: Floats = np.array(recording.header.window, float).reshape(-1, 2)
        self.window = own if self.plane is None else self.plane.window
        latent = recording.header.task == "none"
        self.layer = self.checked(network.looked_at(recording.header.layer, latent=latent))
        self.epochs = float(recording.epochs[-1])
        self.followed = _followed(recording, self.window) if network.runs else Followed()
        self.grid_lines = list(self.followed.lines)
        self.grid_points = np.concatenate(self.grid_lines or [self.data.inputs[:2000]])
        self.onward = _onward(recording)  # the snapshot that each goes on from
        # Where a segment ended on another state than its last epoch's.
        self.cuts = recording.epochs[self.onward != np.arange(len(self.onward))]
        # Of a large network, units count too: what they give is kept for a while.
        units = sum(layer.units for layer in network.layers)
        self.cost = max(network.size, _ROW * units) if network.size > LARGE else network.size
        self.cost = _ROW + (self.cost if network.runs else _ROW * units)
        self.large = self.cost > LARGE + _ROW or len(self.data.inputs) > _MANY or not network.runs
        # The layers that views ask for, and one pass gives.
        self._asked = frozenset({*network.hidden, self.layer, network.scores, ""})
        self._cache: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()  # with bytes,
        self._held = 0  # all of them
        self._lock = Lock()
        self._constants: dict[Hashable, Any] = {}

    def over(self, recording: Recording) -> "Replay":
        """Return the replay of other states of the same network at moments of the same training.

        Where this one is cut, that one is, by moments just before.
        """
        found = copy(self)
        found.recording, found.onward = recording, np.arange(len(recording))
        found._cache, found._lock, found._constants = OrderedDict(), Lock(), {}
        found._held = 0
        return found

    def checked(self, layer: str) -> str:
        """Return the name of a layer, or "" for the network; `SceneError` where there is none."""
        return self.network.layer(layer).name if layer else ""

    def state(self, moment: float) -> dict[str, NDArray[Any]]:
        """Return parameters and buffers at `moment`, interpolated between snapshots.

        At the end of a segment they are those that it ended on, from where the next goes on; just
        before, those of its last epoch. Raises `NotKeptError` where activations were kept in
        their place.
        """
        self.network.expect_running()
        names = tuple(self.recording.states)
        return self.remembered(("state", moment), lambda: self._mixed(moment, names))

    def _mixed(self, moment: float, names: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Return what snapshots keep under these names, mixed between the two about `moment`."""
        states, epochs = self.recording.states, self.recording.epochs
        last = len(epochs) - 1
        at = min(max(int(epochs.searchsorted(moment, side="right")) - 1, 0), last)
        begun = self.onward[at]
        if at == last or moment <= epochs[at]:
            return {name: np.array(states[name][begun]) for name in names}
        share = (moment - epochs[at]) / (epochs[at + 1] - epochs[at])
        return {name: _mixed(states[name][begun], states[name][at + 1], share) for name in names}

    def cut_at(self, moment: float) -> float | None:
        """Return the end of a segment that is at `moment`, but for rounding, and kept a state."""
        near = self.cuts[np.abs(self.cuts - moment) <= _NEAR * self.epochs]
        return float(near[0]) if len(near) else None

    def shown(self, moment: float, kept: bool) -> float:
        """Return which moment is shown where the picture's clock is at `moment`, or beyond the end.

        At the end of a segment that is the one just before, unless the state that was `kept` is
        shown; a training that is over shows that.
        """
        own = min(moment, self.epochs)
        cut = self.cut_at(own)
        if cut is None:
            return own
        over = kept or moment - self.epochs > _NEAR * self.epochs
        return cut if over else float(np.nextafter(cut, 0.0))

    def moment_of(self, i: int) -> float:
        """Return the moment at which the state of snapshot `i` is shown.

        That is its epoch, or just before where a segment ends there on another state.
        """
        epoch = float(self.recording.epochs[i])
        return epoch if self.onward[i] == i else float(np.nextafter(epoch, 0.0))

    def outputs(self, layer: str, inputs: Floats, moment: float) -> Floats:
        """Return the outputs (n, units) of `layer` for `inputs`; "" is the network's own."""
        return self.network.outputs(self.state(moment), inputs, [layer])[layer]

    def points(self, layer: str, moment: float) -> Floats:
        """Return the training data (n, units) as `layer` sees them."""
        if not self.network.runs:
            name = self.checked(layer)
            key = ("activations", name, moment)
            return self.remembered(key, lambda: self._mixed(moment, [name])[name])
        return self.known("data", self.data.inputs, layer, moment)

    def image(self, layer: str, moment: float) -> Floats:
        """Return the grid's points (lines × points, units), all in one, as `layer` sees them.

        Where there is no grid, some of the data stand for it.
        """
        if not self.network.runs:
            return self.points(layer, moment)
        return self.known("grid", self.grid_points, layer, moment)

    def grid(self, layer: str, moment: float) -> list[Floats]:
        """Return each line of the input grid (points, units) as `layer` sees it."""
        self.network.expect_running()
        if not self.grid_lines:
            return []
        return parted(self.image(layer, moment), map(len, self.grid_lines))

    def known(self, what: str, inputs: Floats, layer: str, moment: float) -> Floats:
        """Return the outputs of `layer` for inputs that are asked for again, as `what`.

        One pass serves all hidden layers, and what else was asked for before.
        """
        name = self.checked(layer)
        if name not in self._asked:
            self._asked |= {name}
        return self.shared(what, inputs, moment, self._asked)[name]

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
                return self._cache[key][0]  # type: ignore[no-any-return]
        made = make()
        size = _bytes_of(made)
        with self._lock:
            _, before = self._cache.get(key, (None, 0))  # another thread may have been quicker
            self._cache[key] = made, size
            self._held += size - before
            while len(self._cache) > _CACHED or (
                len(self._cache) > _CACHED_ALWAYS and self._held > _CACHED_BYTES
            ):
                _, (_, dropped) = self._cache.popitem(last=False)
                self._held -= dropped
        return made

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, kept for good: for what is constant over a film."""
        if key not in self._constants:
            self._constants[key] = make()
        return self._constants[key]  # type: ignore[no-any-return]

    def sampled_moments(self, count: int) -> Floats:
        """Return moments (about `count`,) over the run, evenly spaced and denser at its start.

        Where a segment ends on another state than its last epoch's, its end and the moment just
        before are among them. Of a large network, or of very many samples, the recorded snapshots
        that are nearest to them, and fewer where one takes long: states between are dear.
        """
        found, cuts = self._sampled(count), self.cuts
        return np.unique([*found, *cuts, *np.nextafter(cuts, 0.0)]) if len(cuts) else found

    def _sampled(self, count: int) -> Floats:
        if not self.large:
            return self._moments(count)
        most = max(_LEAST_MOMENTS, int(WORK / (self.cost * _SAMPLE)))
        recorded = self.recording.epochs
        at = np.searchsorted((recorded[1:] + recorded[:-1]) / 2, self._moments(min(count, most)))
        return np.unique([0.0, *recorded[at], self.epochs])

    def _moments(self, count: int) -> Floats:
        first = max(self.epochs / 1e4, 1 / self.recording.header.steps_per_epoch)
        early = np.geomspace(min(first, self.epochs or 1.0), self.epochs or 1.0, count // 2)
        evenly = np.linspace(0.0, self.epochs, count // 2)
        return np.unique(np.clip(np.concatenate([evenly, early]), 0.0, self.epochs))


def _onward(recording: Recording) -> NDArray[np.int64]:
    """Return for each snapshot (snapshots,) the one from whose state the training went on."""
    onward, epochs = np.arange(len(recording)), recording.epochs
    for kept in recording.kept:
        if kept.epoch is not None:
            onward[np.searchsorted(epochs, kept.at)] = np.searchsorted(epochs, kept.epoch)
    return onward


def _bytes_of(answer: object) -> int:
    if isinstance(answer, np.ndarray):
        return answer.nbytes
    parts = answer.values() if isinstance(answer, dict) else answer
    return sum(map(_bytes_of, parts)) if isinstance(parts, Iterable) else 0


def replay_of(recording: Recording, model: "Callable[[], nn.Module] | None" = None) -> Replay:
    """Return the replay of a recording through its own module, or what `model` returns.

    Raises `RecordingError` where they do not fit, `SceneError` where there is no module.
    """
    if recording.header.activations is not None:
        return Replay(recording, Network.told(recording.header.activations))
    network = recording.network(model)
    check_agreement(recording, network)
    scene = recording.scene
    if scene is not None and scene.plane is not None:
        network.plane = _plane_of(recording, scene.plane)
    return Replay(recording, network)


def _plane_of(recording: Recording, slicing: Slicing) -> Plane:
    """Return the plane of the inputs that a film shows; `SceneError` for one that is none."""
    header, inputs = recording.header, recording.data.inputs
    names = [str(name) for name in header.axis_names[: inputs.shape[-1]]]
    known = header.scaling or [[0.0, 1.0]] * inputs.shape[-1]
    scalings = [(shift, step) for shift, step in known]
    with during(f"the plane {type(slicing).__name__}"):
        return slicing.through(inputs, names, scalings)


def _followed(recording: Recording, window: Floats) -> Followed:
    """Return what a film follows of the grid of its scene, the square one where it has none."""
    scene = recording.scene
    grid = scene.grid if scene is not None else Square()
    return followed(grid, window, getattr(scene, "dataset", None))


def _mixed(before: NDArray[Any], after: NDArray[Any], share: float) -> NDArray[Any]:
    """Return the values between two; whole numbers, as counters, stay at the earlier."""
    if before.dtype.kind != "f":
        return before
    mixed: NDArray[Any] = (1 - share) * before + share * after
    return mixed.astype(before.dtype)
