"""Texts that may come from anyone's file: what of them a terminal, a picture, a reader gets."""

import json
import math
import re
from typing import Any

LONGEST_TITLE, LONGEST_DESCRIPTION = 1_000, 4_000  # letters
_DEPTH, _DIGITS = 32, 20  # of JSON's nesting and its whole numbers
_SPACES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
# What XML, fonts and encodings have no place for: controls, halves of characters, no characters.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """Return a text without what a terminal would obey, or could not write."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def drawable(text: str) -> str:
    """Return a text in one line in which every letter has a place in pictures and in XML."""
    return _UNSEEN.sub("\ufffd", _SPACES.sub(" ", text))


def writable(text: str) -> str:
    """Return a text that UTF-8 can hold: bytes of a name that are no letters are spelled out."""
    return text.encode(errors="backslashreplace").decode()


def called(thing: object) -> str:
    """Return what anyone's function or class is called; of anything else, what its class is."""
    return str(getattr(thing, "__name__", type(thing).__name__))


def json_in(text: str) -> Any:
    """Return what JSON says; `ValueError` for what serves to do harm.

    That is nesting without end, numbers of many digits or that are none, halves of characters.
    """
    try:
        found = json.loads(text, parse_constant=_real, parse_float=_real, parse_int=_whole)
        _check_texts(found, _DEPTH)
    except RecursionError as error:
        raise ValueError(str(error)) from error
    return found


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is no number")
    return number


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"{digits[:20]}… has {len(digits)} digits")
    return int(digits)


def _check_texts(value: object, depth: int) -> None:
    """Raise `ValueError` for what cannot be written again: half characters, endless nesting."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError(f"it is nested more than {_DEPTH} deep")
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            _check_texts(part, depth - 1)
