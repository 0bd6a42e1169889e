"""Settings: a value given from outside, checked against the type that is declared for it.

It comes as text, from the command line, or as a value, from Python or a page. Text is read as a
literal and never run: a value that is no literal of its type is refused.
"""

import ast
import types
import typing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from numbers import Integral, Real
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from nnanim.errors import UsageError, unknown
from nnanim.ranges import Names, Range

_SEQUENCES = (tuple, list, Sequence)
_PLAIN = (bool, int, float, str, types.NoneType)


class _UnfitError(Exception):
    """A value is not of a type."""


@dataclass(frozen=True)
class Simple:
    """A type with what is said about it taken apart: the types that it may be, range and names."""

    types: tuple[Any, ...]
    range: Range | None = None
    names: tuple[str, ...] = ()


def settled(what: str, hint: Any, given: Any) -> Any:
    """Return a value, or what a text says, as the type `hint` has it.

    Raises `UsageError`, which names `what` is set, for what is not of that type, is out of its
    range or is none of its names.
    """
    try:
        return _fitting(hint, given)
    except _UnfitError:
        pass
    simple = simplified(hint)
    names = [*simple.names, *(str(each) for kind in simple.types for each in _choices(kind))]
    if names:
        raise UsageError(unknown(f"value of {what}", text_of(given), names))
    came = f"{what}={text_of(given):.80}"
    raise UsageError(f"{came}: expected {' or '.join(dict.fromkeys(_told(hint)))}")


def is_plain(hint: Any) -> bool:
    """Return whether a type can be given as text: numbers, names, texts, and rows of these."""
    try:
        return _is_plain(hint)
    except TypeError:  # what is said about it has no hash
        return _is_plain.__wrapped__(hint)


@lru_cache(1000)
def _is_plain(hint: Any) -> bool:
    return any(member is not types.NoneType for member in _plain_members(hint))


def simplified(hint: Any) -> Simple:
    """Return the plain types that a type is made of, with the range and the names said of them."""
    members = list(_plain_members(hint))
    notes = [note for member in members for note in getattr(member, "__metadata__", ())]
    return Simple(
        tuple(get_args(m)[0] if get_origin(m) is Annotated else m for m in members),
        next((note for note in notes if isinstance(note, Range)), None),
        next((note.known for note in notes if isinstance(note, Names)), ()),
    )


def hint_of(value: Any) -> Any:
    """Return the type of a value for which none is declared; None where it is no plain one."""
    if isinstance(value, _PLAIN[:-1]):
        return type(value)
    if isinstance(value, tuple | list) and value and isinstance(value[0], _PLAIN[:-1]):
        return tuple[type(value[0]), ...]  # type: ignore[misc]  # it is made here
    return None


def literal(text: str) -> Any:
    """Return what a text means as a Python literal, else the text."""
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return text


def text_of(value: Any) -> str:
    """Return a value as it is written after `--set name=`; a text is itself."""
    if isinstance(value, str):
        return value
    row = isinstance(value, tuple | list) and len(value) > 1
    if row and all(isinstance(v, _PLAIN) and "," not in str(v) for v in value):
        return ",".join(map(str, value))
    return repr(value)


def _plain_members(hint: Any) -> Iterator[Any]:
    """Give of a type those that a text may mean, texts last, for they may be anything."""
    members = list(_members(hint))
    for member in sorted(members, key=lambda each: _bare(each) is str or _is_words(_bare(each))):
        bare = _bare(member)
        if bare in _PLAIN:
            if bare is not types.NoneType or len(members) > 1:
                yield member
        elif get_origin(bare) is Literal or (_is_row(bare) and all(map(is_plain, _items(bare)))):
            yield member


def _members(hint: Any) -> Iterator[Any]:
    """Give the types of a union, each with what is said about it."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        for member in get_args(hint):
            yield from _members(member)
    elif origin is Annotated and get_origin(get_args(hint)[0]) in (Union, types.UnionType):
        for member in _members(get_args(hint)[0]):
            # As of Annotated[int | None, Range(1, 8)]: the range is that of the number.
            noted = member is not types.NoneType
            yield Annotated[member, *hint.__metadata__] if noted else member
    else:
        yield hint


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def _is_row(hint: Any) -> bool:
    return hint in _SEQUENCES or (get_origin(hint) in _SEQUENCES and bool(get_args(hint)))


def _is_words(hint: Any) -> bool:
    return _is_row(hint) and _items(hint)[:1] == (str,)


def _items(hint: Any) -> tuple[Any, ...]:
    return tuple(arg for arg in get_args(hint) if arg is not ...)


def _fitting(hint: Any, given: Any) -> Any:
    """Return what is given as that type; `_UnfitError` where it is none."""
    for member in _plain_members(hint):
        try:
            value = _as(_bare(member), given)
        except _UnfitError:
            continue
        for note in getattr(member, "__metadata__", ()):
            if isinstance(note, Range) and value not in note:
                raise _UnfitError
            if isinstance(note, Names) and value not in note.known:
                raise _UnfitError
        return value
    raise _UnfitError


def _as(kind: Any, given: Any) -> Any:
    if _is_row(kind):
        return _row(kind, given)
    if get_origin(kind) is Literal:
        return _one_of(get_args(kind), given)
    return _READERS[kind](given)


def _one_of(choices: tuple[Any, ...], given: Any) -> Any:
    for choice in choices:
        if (type(given) is type(choice) and given == choice) or given == str(choice):
            return choice
    raise _UnfitError


def _row(kind: Any, given: Any) -> Any:
    if isinstance(given, str):
        given = _parts(given, words=_is_words(kind))
    if not isinstance(given, tuple | list | range):
        raise _UnfitError
    items = _items(kind)
    fixed = get_origin(kind) is tuple and ... not in get_args(kind)
    if fixed and len(items) != len(given):
        raise _UnfitError
    hints = items if fixed else (items or (float,)) * len(given)
    return tuple(_fitting(hint, each) for hint, each in zip(hints, given, strict=True))


def _parts(text: str, words: bool) -> Any:
    """Return the values that a text says with commas between them, in brackets or without.

    `words` are texts even where they look like numbers.
    """
    found = literal(text)
    listed = found if isinstance(found, tuple | list) else (found,)
    if not isinstance(found, str) and not (words and any(not isinstance(v, str) for v in listed)):
        return listed
    return [part.strip() for part in text.strip("()[] ").split(",")]


def _switch(given: Any) -> bool:
    if isinstance(given, str) and given.lower() in ("true", "false"):
        return given.lower() == "true"
    if isinstance(given, bool) or type(given).__name__ == "bool":  # as numpy's
        return bool(given)
    raise _UnfitError


def _whole(given: Any) -> int:
    given = literal(given) if isinstance(given, str) else given
    if isinstance(given, bool) or not isinstance(given, Integral):
        raise _UnfitError
    return int(given)


def _number(given: Any) -> float:
    given = literal(given) if isinstance(given, str) else given
    if isinstance(given, bool) or not isinstance(given, Real):
        raise _UnfitError
    try:
        number = float(given)
    except OverflowError:
        raise _UnfitError from None
    if not isfinite(number):
        raise _UnfitError
    return number


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise _UnfitError
    return given


def _nothing(given: Any) -> None:
    if given is not None and given not in ("None", "none"):
        raise _UnfitError


_READERS: dict[Any, Callable[[Any], Any]] = {
    bool: _switch, int: _whole, float: _number, str: _text, types.NoneType: _nothing
}  # fmt: skip


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) is typing.Literal else ()


def _told(hint: Any) -> Iterator[str]:
    """Give what is expected, in words."""
    for member in _plain_members(hint):
        bare = _bare(member)
        limits = [f" {n}" for n in getattr(member, "__metadata__", ()) if isinstance(n, Range)]
        if _is_row(bare):
            yield _told_row(bare)
        elif get_origin(bare) is not Literal:
            yield _NAMES[bare] + "".join(limits)


def _told_row(kind: Any) -> str:
    items = _items(kind)
    count = f"{len(items)} " if get_origin(kind) is tuple and ... not in get_args(kind) else ""
    bare = _bare(items[0]) if items else float
    named = {int: "whole numbers", str: "texts"}.get(bare, "numbers")
    example = "(2,3,1)" if bare is int else "(a,b)" if bare is str else "(0.5,1)"
    return f"{count}{named} with commas between them, as {example}"


_NAMES = {
    bool: "True or False", int: "a whole number", float: "a number", str: "a text",
    types.NoneType: "None",
}  # fmt: skip
