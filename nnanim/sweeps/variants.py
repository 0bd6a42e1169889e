"""Variants: the settings of every training of a sweep, made when they are asked for."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnanim.errors import UsageError
from nnanim.scene.settings import literal, text_of
from nnanim.scene.values import values_in

MOST = 100_000

_PLAIN = (bool, int, float, str, type(None))

Settings = dict[str, Any]


@dataclass(frozen=True)
class Variants(Sequence[Settings]):
    """Every combination of `values`, the last setting changing fastest, of each of the `trials`.

    With `chosen`, only those of these numbers. Nothing is written down before it is asked for.
    """

    values: Mapping[str, Sequence[Any]]
    trials: tuple[Mapping[str, Any], ...] = ({},)
    chosen: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return self.possible if self.chosen is None else len(self.chosen)

    def __getitem__(self, i: Any) -> Any:
        """Return the settings of a variant."""
        if not 0 <= i < len(self):
            raise IndexError(i)
        rest = i if self.chosen is None else self.chosen[i]
        found: Settings = {}
        for name, values in reversed(list(self.values.items())):
            rest, place = divmod(rest, len(values))
            found[name] = values[place]
        return {**self.trials[rest], **dict(reversed(found.items()))}

    @property
    def possible(self) -> int:
        """How many combinations there are."""
        return len(self.trials) * math.prod(map(len, self.values.values()))

    @cached_property
    def varied(self) -> dict[str, list[Any]]:
        """The settings that have several values, each with those that there are, as they came."""
        listed: dict[str, list[Any]] = {}
        if self.chosen is None:
            listed = {name: list(values) for name, values in self.values.items()}
        for settings in self.trials if self.chosen is None else self:
            for name, value in settings.items():
                listed.setdefault(name, []).append(value)
        unlike = {
            name: list({told(v): v for v in values}.values()) for name, values in listed.items()
        }
        return {name: values for name, values in unlike.items() if len(values) > 1}

    @cached_property
    def travel(self) -> bool:
        """Whether each value is read again as it is when it is written as text."""
        given = [*self.values.values(), *(trial.values() for trial in self.trials)]
        lists = (values for values in given if not isinstance(values, range))
        return all(_is_read_again(value) for values in lists for value in values)

    def each_value(self) -> Iterator[Settings]:
        """Give the first variant, and it with every other value of every setting in turn."""
        if len(self):
            first = self[0]
            yield first
            for name, values in self.varied.items():
                yield from ({**first, name: value} for value in values if value != first[name])

    def described(self) -> dict[str, Any]:
        """Return them as plain JSON."""
        values = {name: _written(given) for name, given in self.values.items()}
        trials = [{k: text_of(v) for k, v in trial.items()} for trial in self.trials]
        return {"values": values, "trials": trials, "chosen": self.chosen}


def listed_of(name: str, given: object) -> Sequence[Any]:
    """Return the values of a setting, any iterable, or a text that lists them as `values_in` reads.

    Raises `UsageError` for what is none.
    """
    if isinstance(given, str):
        return values_in(given)
    if isinstance(given, range):
        return given
    if not isinstance(given, Iterable):
        raise UsageError(f"{name}={given!r:.80}: expected its values, as {name}=[{given!r:.80}]")
    return list(given)


def variants_of(
    values: Mapping[str, Sequence[Any]],
    trials: Sequence[Mapping[str, Any]] | None = None,
    sample: int | None = None,
    seed: int = 0,
) -> Variants:
    """Return the variants of a grid, of a table of `trials`, or a `sample` of them from `seed`.

    A sample keeps the grid's order. Raises `UsageError` for none, and for more than can be kept.
    """
    variants = Variants(values, tuple(trials) if trials is not None else ({},))
    many = variants.possible
    twice = [name for name in values if name in variants.trials[0]] if variants.trials else []
    if twice:
        raise UsageError(f"{twice[0]} is set by --set and by the trials: leave one out")
    if not many:
        raise UsageError("nothing to train: expected at least one value of each setting")
    if sample is not None:
        if not 1 <= sample <= MOST:
            raise UsageError(f"--sample {sample}: expected a number from 1 to {MOST:,}")
        numbers = sorted(random.Random(seed).sample(range(many), min(sample, many)))
        return Variants(values, variants.trials, tuple(numbers))
    if many > MOST:
        raise UsageError(
            f"{many:,} trainings, more than the {MOST:,} that a sweep keeps: give fewer values, or "
            "draw some of them, as --sample 500"
        )
    return variants


def told(value: Any) -> Any:
    """Return a value as a table has it: a number, a name, else its text."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, str):
        found = literal(value)
        return found if isinstance(found, _PLAIN) and not isinstance(found, str) else value
    return value if isinstance(value, _PLAIN) else text_of(value)


def short(value: Any) -> str:
    """Return a value as it stands at an axis."""
    value = told(value)
    return f"{value:.3g}" if isinstance(value, float) else text_of(value)


def _is_read_again(value: Any) -> bool:
    plain = value.item() if hasattr(value, "item") else value
    found = literal(text_of(told(value)))
    return isinstance(plain, str) or (type(found) is type(plain) and bool(found == plain))


def _written(values: Sequence[Any]) -> Any:
    if isinstance(values, range):
        return f"{values.start}..{values.stop - 1}:{values.step}"
    return list(map(text_of, values))
