"""What a cell of a table holds: a number, nothing, or text; and what to say of a wrong one."""

import re

from nnanim.datasets.plain import LARGEST
from nnanim.errors import SceneError

# What programs write for a value that is not there; among numbers some signs mean that too.
_NO_LABEL = frozenset({"", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "null"})
_NOTHING = _NO_LABEL | {"none", "nil", "?", "-", "."}
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(e[+-]?[0-9]+)?", re.IGNORECASE)
_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+(e[+-]?[0-9]+)?", re.IGNORECASE)
_THOUSANDS = re.compile(
    r"[+-]?[1-9][0-9]{0,2}([,.' \u2019\u00a0\u202f])[0-9]{3}(\1[0-9]{3})*([,.][0-9]+)?"
)


def number_in(cell: str, decimal: str = ".") -> float | None:
    """Return the number that a cell holds; None where it is text."""
    if decimal != ".":
        if "." in cell:
            return None
        cell = cell.replace(decimal, ".")
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def is_sound(number: float | None) -> bool:
    """Whether a number is finite in 32 bits."""
    return number is not None and -LARGEST <= number <= LARGEST


def is_nothing(cell: str) -> bool:
    """Whether a cell, without blanks around it, stands among numbers for no value."""
    return cell.lower() in _NOTHING


def is_no_label(cell: str) -> bool:
    """Whether a cell, without blanks around it, stands among texts for no value."""
    return cell.lower() in _NO_LABEL


def has_comma(cell: str) -> bool:
    """Whether a cell is a number with a comma."""
    return _COMMA.fullmatch(cell) is not None


def has_point(cell: str) -> bool:
    """Whether a cell is a number with a point."""
    return _POINT.fullmatch(cell) is not None


def has_thousands(cell: str) -> bool:
    """Whether a cell may be a number whose thousands are parted."""
    return _THOUSANDS.fullmatch(cell) is not None


def complaint(place: str, cell: str, decimal: str, cure: str, label: str = "") -> SceneError:
    """Return the error for a cell, without blanks around it, that is no number to train on.

    `place` is where it is; `cure` is for one of text, `label` for one that may be a label.
    """
    return SceneError(f"{place}: {_said(cell, decimal, cure, label)}")


def _said(cell: str, decimal: str, cure: str, label: str) -> str:
    shown, number = f"{cell!r:.60}", number_in(cell, decimal)
    if not cell:
        return 'the cell is empty: fill it in, or leave such rows out by missing="drop"'
    if is_nothing(cell):
        what = f"{shown} stands for no value"
        return f'{what}: fill it in, or leave such rows out by missing="drop"{label}'
    if number is not None:
        return f"{shown} is no number within ±{LARGEST:g}: scale it, or remove the row"
    if cell.startswith("#"):
        return f"{shown} is not a number: if the line is a comment, remove it"
    return f"{shown} {_mark_said(cell, decimal) or f'is not a number: {cure}'}"


def _mark_said(cell: str, decimal: str) -> str:
    """Return what is wrong with the marks in a number; "" where that is not what is wrong."""
    if decimal == "." and has_comma(cell):
        if has_thousands(cell):
            return 'has a comma: give decimal="," if it is the decimal one, else take it out'
        return 'has a decimal comma: give decimal=","'
    if decimal == "," and has_point(cell):
        return (
            "has a decimal point, while decimal commas are read: write all alike, or give "
            'decimal="."'
        )
    if has_thousands(cell):
        return "has a mark between its thousands: take it out"
    return ""
