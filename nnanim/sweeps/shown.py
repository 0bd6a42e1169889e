"""Shown: what of a training colours its pixel, and what the shades of it mean."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnanim.errors import UsageError, unknown
from nnanim.events import Event
from nnanim.sweeps.mapped import Kept, Map
from nnanim.sweeps.reached import EXAMPLES, map_event
from nnanim.sweeps.shades import COLORS, GAP, NONE, Shades, check_colors

_TOLD = (0.0, 0.25, 0.5, 0.75, 1.0)  # shares of the area at which a bar tells a number


@dataclass(frozen=True, eq=False)
class Bar:
    """A part of a legend: the places of a colour map from `first`, at its top, to `last`.

    `ticks` are texts by how far down they stand, from 0 to 1.
    """

    name: str
    first: float
    last: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """What a training is coloured by: `numbers(map)` (height, width), NaN where there is none.

    In `halves`, what converges is below 0 and what diverges above it; else the best is the lowest,
    or where it is `rising` the highest. `sentence` says what it is, `none` where no number is.
    """

    name: str
    sentence: str
    numbers: Callable[[Map], Kept]
    halves: bool = False
    none: str = ""
    rising: bool = False


@dataclass(frozen=True, eq=False)
class Coloring:
    """What colours the pixels of a map, in which colours: one of `SHOWN`, or an event's epoch.

    Raises `UsageError` for what is not known by these names.
    """

    by: str = "speed"
    colors: str = COLORS

    def __post_init__(self) -> None:
        if self.by not in SHOWN and self.event is None:
            raise UsageError(unknown("--by", self.by, [*SHOWN, *EXAMPLES]))
        check_colors(self.colors)

    @property
    def shown(self) -> Shown:
        """What is shown."""
        return SHOWN.get(self.by) or Shown(
            self.by,
            f"the epoch of {str(self.event)!r}",
            lambda made: made.kept("epoch"),
            none="it does not happen",
        )

    @property
    def event(self) -> Event | None:
        """The event by whose epoch pixels are coloured; None where it is by something else."""
        return None if self.by in SHOWN else map_event(self.by)

    def folder(self, path: Path, kind: str) -> Path:
        """Return where the trainings of a picture or a film at `path` stay."""
        event = "" if self.event is None else f".{str(self.event).replace(' ', '_')}"
        return path.with_suffix(f"{event}.{kind}")

    def shades(self, numbers: Kept) -> Shades:
        """Return the shades of what is shown of some pixels."""
        shown = self.shown
        return Shades.of(numbers, self.colors, halves=shown.halves, rising=shown.rising)

    def legend(self, shades: Shades, numbers: Kept) -> list[Bar]:
        """Return what the shades of a map mean, which has these numbers."""
        lost = 1 - float(np.isfinite(numbers).mean())
        none = [Bar(f"{self.shown.none}, {_percent(lost)}", np.nan, np.nan, ())] if lost else []
        if not self.shown.halves:
            return [_ranked(shades, self.shown.rising), *none] if shades.numbers.size else none
        learns = float((numbers < 0).mean())
        upper = Bar(f"converges, {_percent(learns)}", 1.0, (1 + GAP) / 2, _ends("slowly", "fast"))
        lower = Bar(
            f"diverges, {_percent(1 - learns)}", (1 - GAP) / 2, 0.0, _ends("fast", "slowly")
        )
        return [*([upper] if learns else []), *([lower] if learns < 1 else [])]


def color_of(shades: Shades, place: float) -> tuple[int, int, int, int]:
    """Return the colour at a place of a legend; NaN is where there is no number."""
    if np.isnan(place):
        return NONE
    red, green, blue, alpha = shades.table[round(place * 255)].tolist()
    return red, green, blue, alpha


def _ranked(shades: Shades, rising: bool) -> Bar:
    below = [1 - share if rising else share for share in _TOLD]
    values = np.quantile(shades.numbers, below).tolist()
    ticks = [(share, f"{value:.3g}") for share, value in zip(_TOLD, values, strict=True)]
    return Bar("", 1.0, 0.0, tuple(ticks))


def _ends(first: str, last: str) -> tuple[tuple[float, str], ...]:
    return (0.0, first), (1.0, last)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _loss(done: Map) -> Kept:
    """Return the last loss of each; NaN where one before it is no number."""
    whole = done.kept("steps") == done.plan.pixels.run.steps
    return np.where(whole, done.kept("last"), np.nan)


def _lost(done: Map) -> Kept:
    """Return how many steps give a finite loss before the first that gives none, or NaN."""
    steps = done.kept("steps")
    return np.where(steps < done.plan.pixels.run.steps, steps, np.nan)


SHOWN = {
    each.name: each
    for each in (
        Shown("speed", "how fast the loss converges or diverges", lambda made: made.speed, True),
        Shown("loss", "the loss of the last step", _loss, none="no finite loss"),
        Shown(
            "score",
            "accuracy or R² at the end",
            lambda made: made.kept("score"),
            none="no finite score",
            rising=True,
        ),
        Shown("lost", "the steps until a loss is no number", _lost, none="all are numbers"),
    )
}
