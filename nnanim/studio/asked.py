"""Asked: what a page may ask for, checked for its form; whether it can be, the scene says."""

from collections.abc import Callable, Mapping
from typing import Any

MOST_POINTS = 2_000  # that are painted
_MOST_ROWS = 100_000  # of the scene's own points, that are taken out
_MOST_HANDS, _MOST_WEIGHTS = 8, 200  # that are laid on one after the other, and turned by each
_FARTHEST = 1e6  # of a point from 0
_MOST_KNOBS, _LONGEST = 200, 1000

Fits = Callable[[Any], bool]


class MalformedError(Exception):
    """A page says what none of ours says."""


def checked(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a page asks for, if it is what a page may ask; else `MalformedError`."""
    expected = _ASKED.get(str(said.get("do")))
    if expected is None or not _fits(said, {"do": _is_text, **expected}, _MORE[said["do"]]):
        raise MalformedError
    return said


def _fits(said: Any, expected: Mapping[str, Fits], more: Mapping[str, Fits] = {}) -> bool:
    """Return whether something has these parts, and may have more, each as it is expected."""
    if not isinstance(said, dict) or not set(expected) <= set(said) <= {*expected, *more}:
        return False
    known = {**expected, **more}
    return all(known[name](value) for name, value in said.items())


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _is_time(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < 1e6


def _are_values(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= _MOST_KNOBS
        and all(len(name) <= _LONGEST and _is_value(given) for name, given in value.items())
    )


def _is_value(value: Any) -> bool:
    """Return whether a knob may be asked to be that; whether it can, the scene says."""
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return isinstance(value, int | float) and abs(value) < 1e300


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_near(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= _FARTHEST


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_ROWS and all(map(_is_count, value))


def _are_points(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_POINTS and all(map(_is_point, value))


def _is_point(value: Any) -> bool:
    """Return whether something is x, y and a number, or the number of a class."""
    return isinstance(value, list) and len(value) == 3 and all(map(_is_near, value))


def _is_painting(value: Any) -> bool:
    return _fits(value, {"kept": _is_switch, "without": _are_rows, "points": _are_points})


def _are_hands(value: Any) -> bool:
    parts: dict[str, Fits] = {"moment": _is_time, "weights": _are_weights}
    return (
        isinstance(value, list)
        and len(value) <= _MOST_HANDS
        and all(_fits(hand, parts) for hand in value)
    )


def _are_weights(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MOST_WEIGHTS and all(map(_is_weight, value))


def _is_weight(value: Any) -> bool:
    """Return whether something is the name of a Linear, a unit, the one it hears, and a number."""
    if not isinstance(value, list) or len(value) != 4:
        return False
    name, unit, source, number = value
    named = _is_text(name) and len(name) <= _LONGEST
    return named and _is_count(unit) and _is_count(source) and _is_near(number)


_ASKED: dict[str, dict[str, Fits]] = {
    "film": {"number": _is_count, "knobs": _are_values, "t": _is_time, "moment": _is_time},
    "stop": {},
    "write": {"kind": _is_text, "knobs": _are_values, "share": _is_time},
}
_BY_HAND: dict[str, Fits] = {"painting": _is_painting, "hands": _are_hands, "held": _is_switch}
_MORE = {"film": _BY_HAND, "stop": {}, "write": _BY_HAND}
