"""Tracks: the marks of many times, told which of one time is which of the next."""

from collections.abc import Sequence
from typing import Any

from nnanim.marks import Cells, Lines, Mark, Plane, Points, Text

Track = list[Any]  # a mark for each sample, None where it is not there


def tracks(rows: Sequence[Sequence[Mark]]) -> list[Track]:
    """Return the marks of each sample as tracks, back to front.

    Where all samples have marks of the same kinds, they go on in their places; else those that
    look alike do. At each sample, marks lie over each other as they do in its row.
    """
    kinds = [[_kind(mark) for mark in row] for row in rows]
    if all(each == kinds[0] for each in kinds):
        return [list(marks) for marks in zip(*rows, strict=True)]
    looks = [[_look(mark) for mark in row] for row in rows]
    order = _merged(looks)
    if len(order) > 4 * max(map(len, rows)):
        looks = kinds
        order = _merged(looks)
    found: list[Track] = [[None] * len(rows) for _ in order]
    for k, (row, own) in enumerate(zip(rows, looks, strict=True)):
        at = -1
        for mark, look in zip(row, own, strict=True):
            at = order.index(look, at + 1)
            found[at][k] = mark
    return found


def shown(track: Track) -> list[list[int]] | None:
    """Return the samples, from and to, at which a mark is there; None: at all."""
    ranges: list[list[int]] = []
    for k, mark in enumerate(track):
        if mark is None:
            continue
        if ranges and ranges[-1][1] == k - 1:
            ranges[-1][1] = k
        else:
            ranges.append([k, k])
    return None if ranges == [[0, len(track) - 1]] else ranges


def _kind(mark: Mark) -> tuple[Any, ...]:
    """Return what a mark cannot change."""
    has = tuple(getattr(mark, name, None) is not None for name in ("values", "index"))
    return (
        type(mark).__name__,
        *has,
        getattr(mark, "shape", None),
        getattr(mark, "scale", None),
        isinstance(getattr(mark, "color", ""), str),
    )


def _look(mark: Mark) -> tuple[Any, ...]:
    if isinstance(mark, Points | Lines):
        color = mark.color if isinstance(mark.color, str) else tuple(mark.color)
        across = mark.size if isinstance(mark, Points) else mark.width
        return (*_kind(mark), color, across, mark.alpha)
    if isinstance(mark, Text):
        return (*_kind(mark), mark.color, mark.size, mark.bold)
    if isinstance(mark, Plane | Cells):
        return _kind(mark)
    return (*_kind(mark), getattr(mark, "color", ""), getattr(mark, "alpha", 1.0))


def _merged(rows: Sequence[Sequence[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    """Return looks in one order, in which those of each row come one after the other as there.

    What lies over another at a time would else lie below it: a plate over its own letters.
    """
    order: list[tuple[Any, ...]] = []
    for row in rows:
        at = 0
        for look in row:
            if look in order[at:]:
                at = order.index(look, at) + 1
            else:
                order.insert(at, look)
                at += 1
    return order
