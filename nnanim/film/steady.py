"""Steady: a film of means, each of a network's parameters over some seconds of it.

The window about a frame reaches as far to both sides, and no further than to where the film jumps,
a segment of a training ends, or one of several trainings: there, and where the film stands still
for as long, the network itself is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.acts import Shown
from nnanim.dataset import evenly
from nnanim.errors import SceneError
from nnanim.film.figures import told_losses
from nnanim.film.replay import Replay
from nnanim.network.fresh import flat_of, fresh_statistics, parameters_in
from nnanim.threads import on_all_cores
from nnanim.types import Floats

_SAMPLES = 4_000  # over which BatchNorm takes its statistics
_NUMBERS = 2**22  # of states that are added up at a time
_MOST = 2**27  # numbers of all means: of a larger network there are fewer
_NEAR = 1e-9  # of the training, from a seam
_ON = 1e-6  # of a frame: as near as that, a time is the frame's

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Windows:
    """The window of each frame: as many frames to both sides as its `reach` (frames,).

    On its own each would show the moment `single` (frames,), in epochs of the picture's clock, and
    there a state that was `kept` or not. Between the first and the last of each of the `runs`, one
    frame goes on from the other.
    """

    single: Floats
    kept: NDArray[np.bool_]
    reach: Ints
    runs: tuple[tuple[int, int], ...]

    @cached_property
    def moments(self) -> Floats:
        """The moment (frames,) shown, which is the mean over the window."""
        return _means(self.single, self.reach)

    def moment(self, place: float) -> float | None:
        """Return the moment shown at a place, counted in frames; None where the film jumps."""
        frame = round(place) if abs(place - round(place)) < _ON else int(place)
        share = max(0.0, place - frame) if place - frame > _ON else 0.0
        if not share:
            return float(self.moments[frame]) if frame < len(self.single) else None
        if frame + 1 >= len(self.single) or frame in self._ends:
            return None
        before, after = self.moments[frame : frame + 2]
        return float(before + share * (after - before))

    def span(self, moment: float) -> tuple[float, float]:
        """Return the first and the last moment of the window of what is shown at `moment`."""
        moments, first, last = self._spans
        if not len(moments) or not moments[0] <= moment <= moments[-1]:
            return moment, moment
        low, high = (float(np.interp(moment, moments, ends)) for ends in (first, last))
        return min(low, moment), max(high, moment)

    @cached_property
    def _ends(self) -> frozenset[int]:
        return frozenset(last for _, last in self.runs)

    @cached_property
    def _spans(self) -> tuple[Floats, Floats, Floats]:
        """Return the moments, and the first and the last of the window of each, all (n,)."""
        frames = np.concatenate([np.arange(0), *(own for own in _first_shown(self, self.single))])
        moments, at = np.unique(self.moments[frames], return_index=True)
        frames, reach = frames[at], self.reach[frames[at]]
        return moments, self.single[frames - reach], self.single[frames + reach]


def windows_of(
    shown: Sequence[Shown], ends: Sequence[int], half: int, seams: Sequence[float], last: float
) -> Windows:
    """Return the windows of what frames have shown each on its own, `half` to both sides.

    `ends` are the frames from which the film jumps to the next, `seams` the moments across which
    there is no window, `last` is the last of the training.
    """
    single = np.array([each.moment for each in shown])
    kept = np.array([each.kept for each in shown])
    passed = np.zeros(len(shown), int)
    for seam in seams:
        at = np.abs(single - seam) <= _NEAR * last
        passed += np.where(at, kept, single > seam)
    parted = (np.diff(single) < 0) | (np.diff(passed) != 0)
    parted[[end for end in ends if end < len(parted)]] = True
    borders = np.flatnonzero(parted)
    firsts = np.concatenate([[0], borders + 1])
    lasts = np.concatenate([borders, [len(shown) - 1]])
    frames = np.arange(len(shown))
    run = np.searchsorted(lasts, frames)
    reach = np.minimum(np.minimum(frames - firsts[run], lasts[run] - frames), half)
    return Windows(single, kept, reach, tuple(zip(firsts.tolist(), lasts.tolist(), strict=True)))


def steadied(replay: Replay, windows: Windows, stretch: float) -> Replay:
    """Return a replay of means of a training's states, in `stretch` epochs of the picture each.

    At a moment that the film does not show, it is the training's own; at one that it shows more
    than once, as at first. BatchNorm takes its statistics anew, over at most 4,000 even samples;
    where the film comes from a single state or goes to one, as much of them as is of the mean. A
    loss that only a function tells stays that of the training. Raises `SceneError` where no
    parameters were kept.
    """
    if not replay.network.runs:
        raise SceneError(
            "Timeline(smooth=…) shows means of parameters, and this recording keeps activations: "
            'leave smooth out, or record with record="parameters"'
        )
    recorded = replay.recording
    own = np.array(
        [
            replay.shown(max(0.0, moment) / stretch, kept)
            for moment, kept in zip(windows.single.tolist(), windows.kept.tolist(), strict=True)
        ]
    )
    alone, states = _alone(replay, own, windows)
    moments, parts = [alone], [states]
    for frames in _first_shown(windows, own):
        some = frames[evenly(len(frames), max(2, _MOST // max(1, replay.network.size)))]
        moments.append(_means(own, windows.reach)[some])
        parts.append(_mean_states(replay, own, windows.reach, some))
    joined, order = np.unique(np.concatenate(moments), return_index=True)
    named = {n: np.concatenate([part[n] for part in parts])[order] for n in recorded.states}
    steps = np.floor(np.interp(joined, recorded.epochs, recorded.steps)).astype(np.int64)
    mean = replace(
        recorded,
        header=replace(recorded.header, kept=[]),
        states=named,
        steps=steps,
        times=joined,
        test_loss=told_losses(replay, joined),
    )
    return replay.over(mean)


def _first_shown(windows: Windows, own: Floats) -> Iterator[Ints]:
    """Give of each run with a window the frames whose moments no earlier one has shown."""
    shown: list[tuple[float, float]] = []
    for first, last in windows.runs:
        if own[first] == own[last]:
            continue
        frames = np.arange(first, last + 1)
        moments = _means(own, windows.reach)[frames]
        new = np.ones(len(frames), bool)
        for low, high in shown:
            new &= (moments < low) | (moments > high)
        shown.append((float(own[first]), float(own[last])))
        if new.any():
            yield frames[new]


def _alone(replay: Replay, own: Floats, windows: Windows) -> tuple[Floats, dict[str, Floats]]:
    """Return the recorded moments (n,) that no run passes, and the states (n, …) there."""
    epochs, onward = replay.recording.epochs, replay.onward
    pairs = [(replay.moment_of(i), i) for i in range(len(epochs))]
    pairs += [(float(epochs[i]), int(k)) for i, k in enumerate(onward) if k != i]
    moments = np.array([moment for moment, _ in pairs])
    free = np.ones(len(pairs), bool)
    for first, last in windows.runs:
        if own[first] != own[last]:
            free &= (moments < own[first]) | (moments > own[last])
    rows = np.array([i for _, i in pairs], int)[free]
    return moments[free], {n: np.asarray(a)[rows] for n, a in replay.recording.states.items()}


def _means(values: Floats, reach: Ints) -> Floats:
    """Return the mean (frames,) of values that go straight on between frames, over each window."""
    frames = np.arange(len(values))
    first, last = values[frames - reach], values[frames + reach]
    area = np.concatenate([[0.0], np.cumsum((values[1:] + values[:-1]) / 2)])
    wide = area[frames + reach] - area[frames - reach]
    found = np.where(reach > 0, wide / np.maximum(2 * reach, 1), values)
    return np.asarray(np.clip(found, np.minimum(first, last), np.maximum(first, last)))


def _mean_states(replay: Replay, own: Floats, reach: Ints, some: Ints) -> dict[str, Floats]:
    """Return the mean states (n, …) over the windows of `some` (n,) frames of one run."""
    recorded, first, last = replay.recording, int(some[0] - reach[some[0]]), int(some[-1])
    last += int(reach[some[-1]])
    path = own[first : last + 1]
    epochs = recorded.epochs
    between = epochs[(epochs > path[0]) & (epochs < path[-1])]
    frame = np.searchsorted(path, between, side="right") - 1
    gaps = path[np.minimum(frame + 1, len(path) - 1)] - path[frame]
    times = np.concatenate([np.arange(len(path)), frame + (between - path[frame]) / gaps])
    order = np.argsort(times, kind="stable")
    place = np.argsort(order, kind="stable")  # of each frame among all that is added up
    mixed = _Mixed(replay, np.concatenate([path, between])[order])
    windows = place[some - first - reach[some]], place[some - first + reach[some]]
    still = own[some - reach[some]] == own[some + reach[some]]
    found = {}
    for name, array in recorded.states.items():
        if array.dtype.kind == "f":
            flat = np.asarray(array).reshape(len(array), -1)
            parts = mixed.means(flat, times[order], windows, place[some - first], still)
            found[name] = parts.reshape(len(some), *array.shape[1:])
        else:
            found[name] = np.asarray(array)[mixed.before[place[some - first]]]
    moving = np.concatenate([[0], np.cumsum(np.diff(own) > 0)])
    passing = moving[some + reach[some]] - moving[some - reach[some]]
    return found | _fresh(replay, found, passing / max(1, 2 * int(reach.max())))


class _Mixed:
    """Recorded states, mixed at `moments` (n,) of a run."""

    def __init__(self, replay: Replay, moments: Floats) -> None:
        epochs = replay.recording.epochs
        last = len(epochs) - 1
        at = np.clip(np.searchsorted(epochs, moments, side="right") - 1, 0, last)
        self.before, self._after = replay.onward[at], np.minimum(at + 1, last)
        gap = np.where(self._after > at, epochs[self._after] - epochs[at], 1.0)
        self._share = np.clip((moments - epochs[at]) / gap, 0.0, 1.0)[:, None]
        self._share[self._after == at] = 0.0

    def means(
        self, flat: Floats, times: Floats, windows: tuple[Ints, Ints], own: Ints, still: Floats
    ) -> Floats:
        """Return the means (k, numbers) of states (snapshots, numbers) over windows of `times`.

        Each begins and ends at one of these (n,); one that stands `still` shows that of its `own`.
        """
        (first, last), parts = windows, []
        for columns in np.array_split(
            np.arange(flat.shape[1]), -(-flat.shape[1] * len(times) // _NUMBERS)
        ):
            states = flat[:, columns].astype(np.float64)
            mixed = (1 - self._share) * states[self.before] + self._share * states[self._after]
            steps = (mixed[1:] + mixed[:-1]) / 2 * np.diff(times)[:, None]
            area = np.concatenate([np.zeros((1, len(columns))), np.cumsum(steps, axis=0)])
            wide = np.maximum(times[last] - times[first], 1e-300)[:, None]
            mean = np.where(still[:, None], mixed[own], (area[last] - area[first]) / wide)
            parts.append(mean.astype(flat.dtype))
        return np.concatenate(parts, axis=1)


def _fresh(replay: Replay, states: dict[str, Floats], shares: Floats) -> dict[str, Floats]:
    """Return the running statistics (n, …) of means (n, …), of which `shares` (n,) are new."""
    inputs = replay.data.inputs
    given = fresh_statistics(replay.network, inputs[evenly(len(inputs), _SAMPLES)])
    if given is None:
        return {}
    names = tuple(parameters_in(replay.network))
    rows = np.flatnonzero(shares)
    each = (flat_of(names, {n: states[n][row] for n in names}) for row in rows)
    found: dict[str, Floats] = {}
    for row, statistics in zip(rows, on_all_cores(given, each), strict=True):
        for name, value in statistics.items():
            mixed = found.setdefault(name, states[name].copy())
            mixed[row] += shares[row] * (value - mixed[row])
    return found
