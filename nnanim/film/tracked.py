"""Tracked: points of the picture, at any moments, such that their distances are its motion."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import evenly
from nnanim.film.along import Along, course_through
from nnanim.film.replay import Replay
from nnanim.film.spans import Spans
from nnanim.kernels.pictures import EPOCHS_AT, FILM, Runs, pictures, put
from nnanim.network.course import Course
from nnanim.network.rows import rows_of
from nnanim.types import Floats

LEAST = 100  # points of an image
_NUMBERS = 8000  # that are tracked of all images at most
_BEYOND = 1.0  # panels: what is thrown further off a panel is not tracked


@dataclass(frozen=True, eq=False)
class Tracked:
    """What is tracked of the picture, at any moments, such that distances are `Motion`'s.

    `films` are replay, stretch and images of each film in it.
    """

    films: list[tuple[Replay, float, "_Images"]]

    @classmethod
    def of(cls, spans: Sequence[Spans], stretch: Callable[[float], float], rows: int) -> "Tracked":
        """Return what is tracked of films, about so many `rows` of each of their images."""
        return cls(
            [
                (each.replay, stretch(each.replay.epochs), _Images.of(each, rows, len(spans)))
                for each in spans
            ]
        )

    @cached_property
    def count(self) -> int:
        """How many numbers the picture is."""
        return sum(images.count for _, _, images in self.films)

    @cached_property
    def runs(self) -> Runs | None:
        """The films as the kernels run them; None where torch runs one of them."""
        runs = []
        for replay, ratio, images in self.films:
            course = course_through(replay)
            if course is None:
                return None
            runs.append(_run(images, course, (ratio, replay.epochs)))
        return _joined(runs)

    def __call__(self, moments: Floats) -> Floats:
        """Return the picture (m, count) at moments (m,)."""
        out = np.empty((len(moments), self.count), np.float32)
        self.put(moments, out)
        return out

    def put(self, moments: Floats, out: Floats) -> None:
        """Put the picture at moments (m,) into the first rows of `out` (…, count)."""
        if self.runs is not None:
            assert len(moments) <= len(out)  # a kernel writes past an end without a word
            assert out.shape[1] == self.count
            pictures(moments, self.runs, out)
            return
        at = 0
        for replay, ratio, images in self.films:
            images.put(np.minimum(moments / ratio, replay.epochs), out, at)
            at += images.count


@dataclass(frozen=True, eq=False)
class _Images:
    """What the layer that is looked at makes of the grid; in a regression, the output of it, too.

    They are parts, each what the layer of one of `names` makes of points of the `grid`, or of rows
    of the `data` where the network does not run. In the picture they are moved so that `low` (n,)
    of each part, where its panels begin, is 0, and multiplied by its `gain` (n,); `most` (2,) is
    how far below 0 they are at most, and how far above.
    """

    replay: Replay
    names: Sequence[str]
    grid: Floats
    data: NDArray[np.int64]
    low: Sequence[Floats]
    gain: Sequence[Floats]
    most: Floats

    @classmethod
    def of(cls, spans: Spans, rows: int, films: int) -> "_Images":
        """Return the images of a film among so many, of about so many `rows` each."""
        replay = spans.replay
        boxes = {replay.layer: spans.limits(replay.layer)} if replay.layer else {}
        if replay.recording.header.task == "regression":
            targets = replay.data.targets.astype(np.float64)
            boxes[""] = np.stack([targets.min(axis=0), targets.max(axis=0) + 1e-12], axis=1)
        elif not boxes:
            boxes[""] = np.tile([[0.0, 1.0]], (replay.network.outputs_width, 1))
        rows = max(LEAST, min(rows, _NUMBERS // (films * sum(map(len, boxes.values())))))
        grid = replay.grid_points[evenly(len(replay.grid_points), rows)]
        data = evenly(len(replay.data.inputs), rows)
        points = len(grid if replay.network.runs else data)
        root = float(np.sqrt(points * sum(map(len, boxes.values())) * films))
        low = [_narrowed(box[:, 0], points) for box in boxes.values()]
        wide = [np.maximum(box[:, 1] - box[:, 0], 1e-30) for box in boxes.values()]
        gain = [_narrowed(1 / (root * each), points) for each in wide]
        most = np.array([_BEYOND, 1.0 + _BEYOND]) / root
        return cls(replay, list(boxes), grid, data, low, gain, most.astype(np.float32))

    @cached_property
    def count(self) -> int:
        """How many numbers they are."""
        return sum(map(len, self.low))

    def put(self, moments: Floats, out: Floats, at: int) -> None:
        """Put the images at moments (m,) into the columns of out (m, …) from `at`."""
        first = 0
        for parts in self._given(moments):
            column = at
            for part, low, gain in zip(parts, self.low, self.gain, strict=True):
                assert part.shape[1] == len(low)  # a kernel writes past an end without a word
                given = np.ascontiguousarray(part, np.float32)
                put(given, low, gain, self.most, out, first, column)
                column += len(low)
            first += len(parts[0])

    def _given(self, moments: Floats) -> Iterator[list[Floats]]:
        """Give the parts at moments one after another, (k, n) each."""
        replay, names = self.replay, self.names
        if replay.network.runs:
            for found in Along(replay, names, self.grid)(moments):
                yield [found[name].reshape(len(found[name]), -1) for name in names]
            return
        for moment in moments.tolist():
            yield [replay.points(name, moment)[self.data].reshape(1, -1) for name in names]


def _narrowed(values: Floats, times: int) -> Floats:
    """Return values (n,) so many times over, as float32."""
    return np.tile(values.astype(np.float32), times)


def _run(images: _Images, course: Course, clock: Sequence[float]) -> Runs:
    """Return the training of a film as the kernels run it."""
    stack, x = course.stack, rows_of(images.replay.network.lifted(images.grid))
    starts, _ = stack.room(x, images.names)
    parts = [
        [starts[stack.rows[name]], len(low)]
        for name, low in zip(images.names, images.low, strict=True)
    ]
    numbers, running = course.parameters, course.statistics
    counts = [*numbers.shape, running.shape[1], *x.shape, len(stack.table), len(parts)]
    return Runs(
        films=np.array([counts + [0] * (FILM - len(counts))]),
        clocks=np.array([clock]),
        epochs=np.array(course.epochs, float),
        onward=np.array(course.onward),
        parameters=numbers.ravel(),
        statistics=running.ravel(),
        inputs=x.ravel(),
        table=np.array(stack.table),
        options=np.array(stack.options),
        starts=starts,
        parts=np.array(parts),
        low=np.concatenate(images.low),
        gain=np.concatenate(images.gain),
        most=images.most[None],
    )


def _joined(runs: Sequence[Runs]) -> Runs:
    """Return several runs as one."""
    if len(runs) == 1:
        return runs[0]
    sizes = [
        list(map(len, (r.epochs, r.parameters, r.statistics, r.inputs, r.table, r.parts)))
        for r in runs
    ]
    joined = Runs(*map(np.concatenate, zip(*runs, strict=True)))
    joined.films[:, EPOCHS_AT:] = np.cumsum(sizes, axis=0) - sizes
    return joined
