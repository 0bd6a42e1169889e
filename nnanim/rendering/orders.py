"""Orders: which films are asked for, checked before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nnanim.errors import UsageError, unknown
from nnanim.film.film import Film
from nnanim.place import check_place
from nnanim.rendering.subject import Subject, last_epoch, theme_of, timeline_for
from nnanim.scene.timeline import Timeline
from nnanim.theme import theme_named
from nnanim.writers import FORMATS
from nnanim.writers.format import DEFAULTS, Encoding, Format

_LEAST_SIDE, _LARGEST_SIDE = 64, 7680
_SLACK = 1e-9  # of an epoch: the film's clock counts in floats


@dataclass(frozen=True)
class Order:
    """A film asked for: where, and what is not left to the scene or the format.

    `start` and `stop` cut it by epochs; `max_bytes` bounds the file; `extras` asks for a poster,
    alt text and snippets beside it.
    """

    path: Path
    format: str | None = None
    size: tuple[int, int] | None = None
    fps: float | None = None
    seconds: float | None = None
    theme: str | None = None
    bare: bool = False
    start: float | None = None
    stop: float | None = None
    encoding: Encoding = DEFAULTS
    max_bytes: int | None = None
    extras: bool = False


@dataclass(frozen=True)
class Plan:
    """An order with nothing left open: all of it can be done."""

    order: Order
    path: Path
    kind: Format
    size: tuple[int, int]
    timeline: Timeline

    def times(self, film: Film) -> list[float]:
        """Return the film times of the frames in order: the whole film, or the part asked for.

        Raises `UsageError` where no frame lies between `start` and `stop`.
        """
        low = 0.0 if self.order.start is None else self.order.start
        high = film.epochs if self.order.stop is None else self.order.stop
        times = [self.timeline.time(i) for i in range(self.timeline.frames)]
        times = [t for t in times if low - _SLACK <= film.moment(t) <= high + _SLACK]
        if not times:
            raise UsageError(
                f"no frame of the film lies from epoch {low:g} to {high:g}: widen that, or make "
                "the film longer"
            )
        if self.order.encoding.loop == "pingpong":
            times += times[-2:0:-1]
        return times


def planned(scene: Subject, order: Order) -> Plan:
    """Return what is to be done for `order`; `UsageError` or `WriteError` for what cannot be."""
    kind = format_of(order.path, order.format)
    path = order.path
    if kind.folder and path.suffix == f".{kind.name}":
        path = path.with_suffix("")
    size = checked_size(order.size or kind.size)
    timeline = timeline_for(scene, kind, order.fps, order.seconds)
    theme = theme_named(order.theme or theme_of(scene))
    kind.check(size, timeline.fps, theme, order.encoding)
    _check_cut(scene, order)
    if order.max_bytes is not None and not kind.qualities:
        bounded = ", ".join(name for name, other in FORMATS.items() if other.qualities)
        raise UsageError(f"--max-size is for {bounded}, not for {kind.name}: leave it out")
    check_place(path, folder=kind.folder)
    return Plan(order, path, kind, size, timeline)


def plans_for(scene: Subject, orders: Sequence[Order]) -> list[Plan]:
    """Return what is to be done for all orders; `UsageError` where two go to one place."""
    plans = [planned(scene, order) for order in orders]
    places = [plan.path.resolve() for plan in plans]
    for plan, place in zip(plans, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"{plan.path} is asked for twice: give each film a name of its own")
    return plans


def format_of(path: Path, name: str | None) -> Format:
    """Return the format that a path and a name agree on."""
    suffix = path.suffix.lstrip(".").lower()
    if name is not None and name not in FORMATS:
        raise UsageError(unknown("format", name, FORMATS))
    if name is not None and suffix in FORMATS and suffix != name:
        raise UsageError(f"{path.name} asks for {suffix} but --format for {name}: leave one out")
    if name is None and suffix not in FORMATS:
        raise UsageError(
            unknown(f"format of {path.name!r}", path.suffix, [f".{f}" for f in FORMATS])
        )
    return FORMATS[name or suffix]


def checked_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return a size (width, height) that can be drawn."""
    if not all(isinstance(side, int) and _LEAST_SIDE <= side <= _LARGEST_SIDE for side in size):
        raise UsageError(
            f"a size of {size[0]}x{size[1]} cannot be drawn: "
            f"expected {_LEAST_SIDE} to {_LARGEST_SIDE} pixels each way, as 1280x720"
        )
    return size


def _check_cut(scene: Subject, order: Order) -> None:
    last = last_epoch(scene)
    start = 0.0 if order.start is None else order.start
    stop = last if order.stop is None else order.stop
    for name, epoch in (("from", start), ("to", stop)):
        if not 0 <= epoch <= last:
            raise UsageError(
                f"--{name} {epoch:g}: expected an epoch of the training, from 0 to {last:g}"
            )
    if start > stop:
        raise UsageError(f"--from {start:g} --to {stop:g}: expected the earlier epoch first")
