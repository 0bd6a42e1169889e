"""Tracked: points of the picture, at any moments, such that their distances are its motion."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnanim.dataset import evenly
from nnanim.film.along import Along
from nnanim.film.replay import Replay
from nnanim.film.spans import Spans
from nnanim.kernels.pictures import put
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

    def __call__(self, moments: Floats) -> Floats:
        """Return the picture (m, count) at moments (m,)."""
        out = np.empty((len(moments), self.count), np.float32)
        self.put(moments, out)
        return out

    def put(self, moments: Floats, out: Floats) -> None:
        """Put the picture at moments (m,) into the first rows of `out` (…, count)."""
        at = 0
        for replay, ratio, images in self.films:
            root = float(np.sqrt(images.count * len(self.films)))
            images.put(np.minimum(moments / ratio, replay.epochs), root, out, at)
            at += images.count


@dataclass(frozen=True, eq=False)
class _Images:
    """What the layer that is looked at makes of the grid; in a regression, the output of it, too.

    `given` gives it by parts, each a layer, at moments one after another, (k, n) each; where their
    panels begin is `low` (n,) of each part, how wide they are its `span` (n,).
    """

    given: Callable[[Floats], Iterator[list[Floats]]]
    low: Sequence[Floats]
    span: Sequence[Floats]

    @classmethod
    def of(cls, spans: Spans, rows: int, films: int) -> "_Images":
        """Return the images of a film among so many, of about so many `rows` each."""
        replay = spans.replay
        boxes = {replay.layer: spans.limits(replay.layer)} if replay.layer else {}
        if replay.recording.header.task == "regression":
            targets = replay.data.targets
            boxes[""] = np.stack([targets.min(axis=0), targets.max(axis=0) + 1e-12], axis=1)
        elif not boxes:
            boxes[""] = np.tile([[0.0, 1.0]], (replay.network.outputs_width, 1))
        rows = max(LEAST, min(rows, _NUMBERS // (films * sum(map(len, boxes.values())))))
        grid = replay.grid_points[evenly(len(replay.grid_points), rows)]
        data = evenly(len(replay.data.inputs), rows)
        along = Along(replay, list(boxes), grid) if replay.network.runs else None

        def given(moments: Floats) -> Iterator[list[Floats]]:
            if along is not None:
                for found in along(moments):
                    yield [found[name].reshape(len(found[name]), -1) for name in boxes]
                return
            for moment in moments.tolist():
                yield [replay.points(name, moment)[data].reshape(1, -1) for name in boxes]

        points = len(data if along is None else grid)
        low = [np.tile(box[:, 0], points) for box in boxes.values()]
        span = [np.tile(box[:, 1] - box[:, 0], points) for box in boxes.values()]
        return cls(given, low, span)

    @cached_property
    def count(self) -> int:
        """How many numbers they are."""
        return sum(map(len, self.low))

    def put(self, moments: Floats, root: float, out: Floats, at: int) -> None:
        """Put the images at moments (m,) into the columns of out (m, …) from `at`, over `root`."""
        first = 0
        for parts in self.given(moments):
            column = at
            for part, low, span in zip(parts, self.low, self.span, strict=True):
                assert part.shape[1] == len(low)  # a kernel writes past an end without a word
                put(np.ascontiguousarray(part), low, span, _BEYOND, root, out, first, column)
                column += len(low)
            first += len(parts[0])
