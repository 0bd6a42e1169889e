"""Small: which trainings of a sweep its film shows as small multiples, and in what order."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import NnanimError, UsageError, during, unknown
from nnanim.scene.comparison import MOST_TILES, Comparison
from nnanim.scene.scene import Scene, Source
from nnanim.scene.settings import text_of
from nnanim.sheet.bands import is_seed
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.variants import Settings, Variants, short, told
from nnanim.view import View

Only = Mapping[str, Sequence[Any]]  # the values of settings that are shown


@dataclass(frozen=True)
class Small:
    """The variants that a film shows, by `numbers`, row by row as they stand, the highest first.

    `x` is the setting across and `y` the one up, "" where tiles go on from row to row. Of a setting
    that is neither, one value is `held`.
    """

    numbers: tuple[int, ...]
    x: str
    y: str
    varied: Mapping[str, Sequence[str]]
    held: Mapping[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """What is shown of the sweep, in words."""
        at = ", ".join(f"{name} = {short(value)}" for name, value in self.held.items())
        return f"{len(self.numbers)} trainings" + (f", all with {at}" if at else "")


def small_of(
    variants: Variants, x: str | None = None, y: str | None = None, only: Only | None = None
) -> Small:
    """Return the variants that a film of small multiples shows, those with `only` such values.

    Two settings are its axes, left out the first that vary, seeds last, that of more values across.
    Of every other, the first value alone is shown. Raises `UsageError` for none, one, or more tiles
    than there is room for.
    """
    names = dict.fromkeys(variants[0])
    for name in [*(only or ()), *(n for n in (x, y) if n is not None)]:
        if name not in names:
            raise UsageError(unknown("setting of the sweep", name, list(names)))
    wanted = {name: {told(value) for value in values} for name, values in (only or {}).items()}
    rows = {i: {n: told(v) for n, v in settings.items()} for i, settings in enumerate(variants)}
    kept = {i: r for i, r in rows.items() if all(r[n] in some for n, some in wanted.items())}
    varied = _varied(kept.values())
    axes = axes_of(varied, x, y, seeds=True)
    if x is None and y is None:  # a sheet is wide
        axes = tuple(sorted(axes, key=lambda name: -len(varied[name])))
    held: Settings = {}
    if variants.chosen is None and len(variants.trials) == 1:
        held = {name: values[0] for name, values in varied.items() if name not in axes}
        kept = {i: r for i, r in kept.items() if all(r[n] == v for n, v in held.items())}
    _check(len(kept), axes, wanted)
    across, up = (*axes, "", "")[:2]
    columns, lines = varied.get(across, []), varied.get(up, [])
    places = {(r.get(up), r.get(across)): i for i, r in kept.items()}
    if len(places) == len(kept) == len(columns) * max(1, len(lines)):
        order = [places[line, column] for line in lines[::-1] or [None] for column in columns]
        texts = {up: [short(v) for v in lines[::-1]], across: [short(v) for v in columns]}
        return Small(tuple(order), across, up, {n: t for n, t in texts.items() if n}, held)
    return Small(tuple(kept), across, up, {}, held)


def axes_of(
    varied: Mapping[str, Sequence[Any]], x: str | None, y: str | None, *, seeds: bool = False
) -> tuple[str, ...]:
    """Return the settings that a picture is over, x and y, where not given the first that vary.

    Seeds are no axes unless they are asked for, or with `seeds` where nothing else is left.
    """
    free = [name for name in varied if not is_seed(name)]
    free += [name for name in varied if name not in free and seeds]
    free = [name for name in free if name not in (x, y)]
    first = x or next(iter(free), None)
    second = y or next((name for name in free if name != first), None)
    return tuple(name for name in (first, second) if name is not None)


def comparison_of(
    plan: Plan,
    small: Small,
    losses: Callable[[int], NDArray[np.float64] | None],
    title: str | None = None,
    views: Sequence[View] | None = None,
) -> Comparison:
    """Return the comparison that a film shows, without those trainings that failed.

    They have no `losses(i)`; those of others are (epochs,), a mean for each.
    """
    numbers = [i for i in small.numbers if losses(i) is not None]
    if len(numbers) < 2:
        raise UsageError(f"{len(small.numbers) - len(numbers)} trainings fail: too few for a film")
    settings = [plan.variants[i] for i in numbers]
    scenes = [plan.make(each) for each in settings]
    unlike = list(_varied(settings)) or list(settings[0])
    source = scenes[0].source
    return Comparison(
        scenes,
        names=[", ".join(f"{n} = {short(each[n])}" for n in unlike) for each in settings],
        views=views,
        title=title,
        description=scenes[0].description,
        name=Path(plan.file).stem if plan.file is not None else scenes[0].name,
        source=source and Source(source.file, source.sha256, _swept(settings)),
        shown="tiles",
        varied=small.varied if len(numbers) == len(small.numbers) else {},
        repeats=[
            [own for own in map(losses, others) if own is not None]
            for others in repeats_of(plan.variants, numbers)
        ],
    )


def trial_of(plan: Plan, small: Small, views: Sequence[View] | None = None) -> Comparison | None:
    """Return the comparison of the first two that can be made; None where there are not two."""
    scenes: list[Scene] = []
    for i in small.numbers:
        with suppress(NnanimError), during("the variant"):
            scenes.append(plan.make(plan.variants[i]))
        if len(scenes) == 2:
            return Comparison(scenes, names=("1", "2"), views=views, shown="tiles")
    return None


def repeats_of(variants: Variants, numbers: Sequence[int]) -> list[list[int]]:
    """Return, for each of some variants, which ones differ from it by their seed alone, it too.

    Nothing where all seeds are among the variants that are given, or where there is only one.
    """
    shown = _varied(variants[i] for i in numbers)
    seeds = [name for name in variants.varied if is_seed(name) and name not in shown]
    if not seeds:
        return []

    def key(settings: Settings) -> tuple[Any, ...]:
        return tuple(told(value) for name, value in settings.items() if name not in seeds)

    alike: dict[tuple[Any, ...], list[int]] = {key(variants[i]): [] for i in numbers}
    for i, settings in enumerate(variants):
        alike.get(key(settings), []).append(i)
    return [alike[key(variants[i])] for i in numbers]


def _varied(rows: Any) -> dict[str, list[Any]]:
    """Return the settings that have several values in rows, each with those, as they came."""
    found: dict[str, dict[Any, None]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, {})[told(value)] = None
    return {name: list(values) for name, values in found.items() if len(values) > 1}


def _check(count: int, axes: Sequence[str], wanted: Mapping[str, object]) -> None:
    if not count:
        raise UsageError(
            f"no training has the values of --only {', '.join(wanted)}: expected some of the sweep"
        )
    if count == 1:
        raise UsageError("a film of small multiples needs two trainings: this one would show one")
    if count > MOST_TILES:
        over = f", {' by '.join(axes)}" if axes else ""
        name = axes[0] if axes else "width"
        raise UsageError(
            f"the film would have {count:,} tiles{over}: expected up to {MOST_TILES}; say which "
            f"values it shows, as --only {name}=…"
        )


def _swept(settings: Sequence[Settings]) -> tuple[tuple[str, str], ...]:
    """Return all that was set, each with its values, as a source keeps it."""
    values: dict[str, dict[str, None]] = {}
    for each in settings:
        for name, value in each.items():
            values.setdefault(name, {})[text_of(value)] = None
    return tuple(sorted((name, ",".join(given)) for name, given in values.items()))
