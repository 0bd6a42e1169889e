"""Knobs: what can be set of a scene, the keywords of its function first, and how far each goes.

knobs_of(scene, {})                        # of a Scene, a Comparison, or a function of one
scene_with(scene, {"width": 4, "training.lr": "0.03"})
"""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from nnanim.errors import SceneError, UsageError, unknown
from nnanim.ranges import Range
from nnanim.scene.addresses import (
    Declared,
    declared_values,
    hints_of,
    is_address,
    nearest,
    with_values,
)
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.settings import Simple, hint_of, is_plain, literal, settled, simplified
from nnanim.texts import called

Kind = Literal["whole", "number", "switch", "choice", "list", "text"]
_FACTOR = 10.0  # below and above the default of a number without a range


@dataclass(frozen=True)
class Knob:
    """Something of a scene that can be set: a keyword of its function, or what has an address.

    Its slider goes from `low` to `high`, in factors where `log`; nothing else is taken where it is
    `bounded`. A choice is one of `choices`. It may be None where it is `optional`. `more` are those
    that a page shows only when asked: all but keywords.
    """

    name: str
    kind: Kind
    default: Any
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()
    bounded: bool = False
    optional: bool = False
    more: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


def knobs_of(found: Any, settings: Mapping[str, Any]) -> tuple[Knob, ...]:
    """Return what can be set of a scene, or of a function that returns one, as `settings` make it.

    The default of each is the value that the settings give it, else its own. An address is left out
    where a keyword sets the same.
    """
    own = keywords_of(found)
    below = declared_values(scene_with(found, settings))
    for address in _set_by_keywords(found, own, settings, below):
        del below[address]
    given = {name: replace(own[name], value=_settled(own[name], v))
             for name, v in settings.items() if name in own}  # fmt: skip
    keywords = [_knob(given.get(name, each), more=False) for name, each in own.items()]
    return tuple(filter(None, [*keywords, *(_knob(each, more=True) for each in below.values())]))


def scene_with(found: Any, settings: Mapping[str, Any]) -> Scene | Comparison:
    """Return what a scene is by settings: keywords of a function of one, and addresses in it.

    Raises `UsageError` for one that the scene has not, with the nearest, and for a value that is
    not of its type; text is read as a literal. `SceneError` where no scene is returned.
    """
    if not inspect.isfunction(found):
        return with_values(_scene(found), settings)
    own = keywords_of(found)
    for name in settings:
        if name not in own and not is_address(name):
            raise UsageError(_unknown(found, own, settings, name))
    given = {name: _settled(own[name], value) for name, value in settings.items() if name in own}
    lacking = [name for name, each in own.items() if each.value is inspect.Parameter.empty]
    for name in lacking:
        if name not in given:
            raise UsageError(f"{called(found)}() needs its parameter: add --set {name}=VALUE")
    further = {name: value for name, value in settings.items() if name not in own}
    return with_values(_scene(found(**given)), further)


def _scene(made: Any) -> Scene | Comparison:
    if not isinstance(made, Scene | Comparison):
        raise SceneError(
            f"`scene` is of type {type(made).__name__}: expected a Scene, a Comparison, or a "
            "function that returns one"
        )
    return made


def keywords_of(found: Any) -> dict[str, Declared]:
    """Return the keywords of a function of a scene with their defaults and types; else none."""
    if not inspect.isfunction(found):
        return {}
    hints = hints_of(found)
    return {
        name: Declared(name, parameter.default, hints.get(name))
        for name, parameter in inspect.signature(found).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }


def _settled(keyword: Declared, given: Any) -> Any:
    if is_plain(keyword.hint):
        return settled(keyword.address, keyword.hint, given)
    return literal(given) if isinstance(given, str) else given


def _unknown(
    found: Any, own: Mapping[str, Declared], settings: Mapping[str, Any], name: str
) -> str:
    """Return the message for a name that is no keyword: the nearest, an address among them."""
    told = unknown("parameter", name, own)
    if "did you mean" in told:
        return told
    with suppress(Exception):  # it is the scene's own code, and only asked for advice
        made = scene_with(found, {key: v for key, v in settings.items() if key in own})
        near = nearest(name, declared_values(made))
        return f"{told}; did you mean {near!r}?" if near else told
    return told


def _set_by_keywords(
    found: Any,
    own: Mapping[str, Declared],
    settings: Mapping[str, Any],
    below: Mapping[str, Declared],
) -> Iterator[str]:
    """Give the addresses that are always what a keyword is."""
    given = {
        name: _settled(each, settings[name]) if name in settings else each.value
        for name, each in own.items()
    }
    for name, keyword in own.items():
        value = given[name]
        alike = [a for a, each in below.items() if _is_same(each.value, value)]
        other = _another(keyword, value)
        if not alike or other is None:
            continue
        with suppress(Exception):  # of the scene's own code: another value may not suit it
            made = declared_values(found(**{**given, name: other}))
            yield from (a for a in alike if a in made and _is_same(made[a].value, other))


def _another(keyword: Declared, value: Any) -> Any:
    """Return another value that a keyword may have; None where none is known."""
    knob = _knob(Declared(keyword.address, value, keyword.hint), more=False)
    if knob is None:
        return None
    if knob.kind == "switch":
        return not value
    if knob.kind == "choice":
        return next((each for each in knob.choices if each != value), None)
    if knob.kind not in ("whole", "number"):
        return None
    kind = int if knob.kind == "whole" else float
    return kind(knob.high) if knob.low == value else kind(knob.low)  # type: ignore[arg-type]


def _is_same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(a == b)


def _knob(declared: Declared, more: bool) -> Knob | None:
    """Return the knob of a declared value; None for a text, and for what is of no plain type."""
    value, name = declared.value, declared.address
    hint = declared.hint if is_plain(declared.hint) else hint_of(value)
    if hint is None:
        return None
    simple = simplified(hint)
    optional = type(None) in simple.types
    kinds = [kind for kind in simple.types if kind is not type(None)]
    choices = simple.names or tuple(c for kind in kinds for c in getattr(kind, "__args__", ()))
    kind = _kind(kinds[0], simple)
    if kind == "text":
        return None
    value = None if value is inspect.Parameter.empty else value
    if kind == "choice":
        value = called(value) if callable(value) else value
        return Knob(name, kind, value, choices=choices, optional=optional, more=more)
    if kind in ("whole", "number"):
        span = simple.range or _span(kind, value)
        return Knob(
            name,
            kind,
            value,
            *(span.low, span.high, span.log),
            bounded=simple.range is not None,
            optional=optional,
            more=more,
        )
    return Knob(name, kind, value, optional=optional, more=more)


def _kind(kind: Any, simple: Simple) -> Kind:
    if simple.names or getattr(kind, "__origin__", None) is Literal:
        return "choice"
    plain: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", str: "text"}
    return plain.get(kind, "list")


def _span(kind: Kind, default: Any) -> Range:
    """Return how far a slider goes for which no range is declared."""
    if kind == "whole":
        least = min(1, default if isinstance(default, int) else 1)
        return Range(least, max(2 * (default or 0) + 2, least + 1))
    if not default:
        return Range(0, 1)
    low, high = sorted((default / _FACTOR, default * _FACTOR))
    return Range(low, high, log=default > 0)
