"""What own data are called whose name is not given: by what they hold."""

from collections.abc import Sequence
from itertools import dropwhile

from nnanim.datasets.plain import names_of

UNNAMED = "My data"
_LONGEST = 60  # letters of a heading
_MOST = 3  # targets that are named


def name_of(column: object) -> list[str] | None:
    """Return the name of a data frame's column, or None."""
    name = getattr(column, "name", None)
    return [name] if isinstance(name, str) and name else None


def named_after(came: object, targets: object) -> str:
    """Return what data are called that came as one object, or with targets of their own.

    That is the heading of its description, as scikit-learn's have one, else the targets' names.
    """
    held = came if targets is None else None
    own = getattr(held, "target", None) if targets is None else targets
    names = names_of(own, "columns") or name_of(own) or []
    return _heading(getattr(held, "DESCR", None)) or _joined(names) or UNNAMED


def named_after_file(stem: str, targets: Sequence[str]) -> str:
    """Return what a table in a file is called: "iris (species)"."""
    held = _joined(targets)
    return f"{stem} ({held})" if held and held != stem else stem


def _joined(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _MOST else ""


def _heading(description: object) -> str:
    """Return the first line of a description that is text, and not too long for a title."""
    if not isinstance(description, str):
        return ""
    lines = (line.strip() for line in description.splitlines())
    first = next(dropwhile(lambda line: not line or line[0] in ".:=-", lines), "")
    heading = first.removesuffix(" dataset")
    return heading if len(heading) <= _LONGEST else ""
