"""Addresses: every declared value of a scene has one, `training.lr` or `model.widths`.

Whatever sets a value from outside, a command, a slider, a sweep, does it by these. A number, a
name, a text, a switch, or a row of such, has an address where a frozen value holds it; what lies in
lists is counted from 0, as `views.0.layer`, what lies in mappings goes by its name, as
`training.lr.hidden1`. A network class of the user's own has none, unless it is given as a
`functools.partial` or a frozen dataclass.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import Any, TypeVar, get_type_hints

from nnanim.errors import UsageError
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.settings import hint_of, is_plain, settled
from nnanim.scene.timeline import Timeline
from nnanim.texts import called

Made = TypeVar("Made", Scene, Comparison, Scene | Comparison)

# What a scene is given when it is read, and a comparison for its columns.
_NAMED = ("name", "source", "scenes", "names", "varied", "shown")
_FOUND = ("task", "scaling")  # what a data set finds out


@dataclass(frozen=True)
class Declared:
    """A value that a scene declares, the type that it may have, and where it stands."""

    address: str
    value: Any
    hint: Any


def declared_values(scene: Scene | Comparison) -> dict[str, Declared]:
    """Return all values that a scene, or every scene of a comparison, declares, by address."""
    own = {each.address: each for each in _declared_by(_whole(scene), "")}
    if isinstance(scene, Scene):
        return own
    found = [declared_values(part) for part in scene.to_train] or [{}]
    shared = [address for address in found[0] if all(address in each for each in found)]
    return {address: found[0][address] for address in shared if address not in own} | own


def with_values(scene: Made, changes: Mapping[str, Any]) -> Made:
    """Return the same scene with the values at some addresses changed; text is read as a literal.

    Of a comparison, what all its scenes declare is changed in each. Raises `UsageError` for an
    address that is not there, with the nearest, and for a value of another type or out of range,
    `SceneError` for one that the scene refuses.
    """
    if not changes:
        return scene
    known = {address: each for address in changes if (each := _declared_at(scene, address))}
    for address in changes:
        if address not in known:
            raise UsageError(_unknown(scene, address, declared_values(scene)))
    values = {name: settled(name, known[name].hint, given) for name, given in changes.items()}
    if isinstance(scene, Comparison):
        own = {each.address for each in _declared_by(_whole(scene), "")}
        for_each = {name: value for name, value in values.items() if name not in own}
        values = {name: value for name, value in values.items() if name in own}
        parts = [
            _changed_in(part, for_each) if isinstance(part, Scene) else part
            for part in scene.scenes
        ]
        scene = replace(scene, scenes=parts)
    return _changed_in(scene, values)  # type: ignore[no-any-return]


def is_address(name: str) -> bool:
    """Return whether a name is one of a declared value by its form, or of a scene's own field."""
    return "." in name or name in _OWN


def _changed_in(scene: Any, values: Mapping[str, Any]) -> Any:
    timed = any(address.startswith("timeline.") for address in values)
    return _changed(_whole(scene) if timed else scene, values) if values else scene


def _whole(scene: Any) -> Any:
    """Return a scene with the timeline that it has where it says nothing of it."""
    return replace(scene, timeline=Timeline()) if scene.timeline is None else scene


def _declared_at(scene: Scene | Comparison, address: str) -> Declared | None:
    """Return the value at an address; None where there is none.

    To find all, as `declared_values` does, takes as long as a small training.
    """
    if not isinstance(scene, Scene):
        return declared_values(scene).get(address)
    owner: Any = _whole(scene) if address.startswith("timeline.") else scene
    *outer, last = address.split(".")
    for name in outer:
        owner = next((value for held, value, _ in _held(owner) if held == name), None)
        if not _holds(owner):
            return None
    for value, declared in ((value, hint) for held, value, hint in _held(owner) if held == last):
        hint = declared if is_plain(declared) else hint_of(value)
        if _is_plain(value, hint):
            return Declared(address, value, hint)
    return None


def _declared_by(owner: Any, prefix: str) -> Iterator[Declared]:
    """Give the plain values that a frozen value, a list or a partial holds, to any depth."""
    for name, value, declared in _held(owner):
        address = f"{prefix}{name}"
        hint = declared if is_plain(declared) else hint_of(value)
        if _is_plain(value, hint):
            yield Declared(address, value, hint)
        elif _holds(value):
            yield from _declared_by(value, f"{address}.")


def _held(owner: Any) -> Iterator[tuple[str, Any, Any]]:
    """Give (name, value, type) of what an owner of values holds."""
    if isinstance(owner, tuple | list):
        yield from ((str(i), value, None) for i, value in enumerate(owner))
    elif isinstance(owner, Mapping):
        yield from ((name, value, None) for name, value in owner.items() if "." not in name)
    elif isinstance(owner, partial):
        hints = hints_of(_called_in(owner))
        for name, parameter in _parameters(owner).items():
            yield name, parameter.default, hints.get(name)
    elif is_dataclass(owner):
        hints = hints_of(type(owner))  # type: ignore[arg-type]  # a class can be hashed
        top = isinstance(owner, Scene | Comparison)
        for entry in fields(owner):
            if entry.init and entry.name not in _FOUND and not (top and entry.name in _NAMED):
                yield entry.name, getattr(owner, entry.name), hints.get(entry.name)


def _called_in(made: "partial[Any]") -> Any:
    """Return what declares the types of a partial's keywords."""
    return vars(made.func).get("__init__") if isinstance(made.func, type) else made.func


def _parameters(made: "partial[Any]") -> dict[str, inspect.Parameter]:
    """Return the keywords of a partial that have a value."""
    try:
        known = inspect.signature(made).parameters
    except (TypeError, ValueError):  # a class of C tells none
        return {}
    named = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return {
        name: parameter
        for name, parameter in known.items()
        if parameter.kind in named and parameter.default is not parameter.empty
    }


@lru_cache(1000)
def hints_of(owner: Any) -> dict[str, Any]:
    """Return the types that a class declares for its fields, or a function for its keywords.

    Those that cannot be looked up here, as names that only a type checker imports, are left out.
    """
    try:
        return get_type_hints(owner, include_extras=True)
    except Exception:  # anyone's annotations may say anything
        pass
    try:
        own = dict(owner.__annotations__)
    except Exception:
        return {}
    return {name: hint for name, hint in own.items() if not isinstance(hint, str)}


def _is_plain(value: Any, hint: Any) -> bool:
    """Return whether a value is to be set as a whole."""
    return not _holds(value) and is_plain(hint)


def _holds(value: Any) -> bool:
    """Return whether a value holds others that have addresses of their own."""
    if isinstance(value, tuple | list):
        return any(map(_holds, value))
    if isinstance(value, Mapping):
        return all(isinstance(name, str) for name in value)
    return isinstance(value, partial) or (is_dataclass(value) and not isinstance(value, type))


def _changed(owner: Any, changes: Mapping[str, Any]) -> Any:
    """Return a value with others at some addresses in it, all of one owner changed at once."""
    inner: dict[str, dict[str, Any]] = {}
    new: dict[str, Any] = {}
    for address, value in changes.items():
        first, _, rest = address.partition(".")
        if rest:
            inner.setdefault(first, {})[rest] = value
        else:
            new[first] = value
    for name, below in inner.items():
        new[name] = _changed(_at(owner, name), below)
    if isinstance(owner, tuple | list):
        return type(owner)(new.get(str(i), value) for i, value in enumerate(owner))
    if isinstance(owner, Mapping):
        return {**owner, **new}
    if isinstance(owner, partial):
        return partial(owner.func, *owner.args, **{**owner.keywords, **new})
    return replace(owner, **new)


def _at(owner: Any, name: str) -> Any:
    return next(value for held, value, _ in _held(owner) if held == name)


def _unknown(scene: Any, address: str, known: Mapping[str, Declared]) -> str:
    """Return the message for an address that is not there."""
    model = getattr(scene, "model", None)
    first, _, last = address.rpartition(".")
    if first == "model" and not any(name.startswith("model.") for name in known):
        return (
            f"unknown setting {address!r}: what {called(model)} is made of cannot be seen; give "
            f"model=functools.partial({called(model)}, {last}=…), or a function "
            f"scene({last}=…) that returns the Scene"
        )
    if first == "training.lr" and first in known:
        rate = known[first].value
        return (
            f"unknown setting {address!r}: the scene has one rate for all layers, {rate!r}; for "
            f'one of each, it must first set lr={{"hidden1": {rate!r}, "output": {rate!r}}}'
        )
    near = nearest(address, known)
    hint = f"; did you mean {near!r}?" if near else ""
    beside = [name for name in known if name.rpartition(".")[0] == first and first]
    heads = dict.fromkeys(name.partition(".")[0] + ".…" * ("." in name) for name in known)
    keyword = "" if first else f"; a function scene({last}=…) that returns the Scene takes it, too"
    return f"unknown setting {address!r}: expected {' | '.join(beside or heads)}{hint or keyword}"


def nearest(address: str, known: Mapping[str, Declared]) -> str:
    """Return the address that is meant: the one that ends so, or is written most alike."""
    last = address.rpartition(".")[2]
    ends = {name.rpartition(".")[2]: name for name in reversed(list(known))}
    near = get_close_matches(address, known, n=1)
    if last in ends and (last == address or not near):
        return ends[last]
    alike = get_close_matches(last, ends, n=1)
    return near[0] if near else ends[alike[0]] if alike else ""


_OWN = frozenset(entry.name for entry in fields(Scene)) - {*_NAMED}
