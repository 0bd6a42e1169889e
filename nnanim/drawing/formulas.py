"""Formulas in a text: what stands between two dollars is set as mathematics."""

import re
from functools import lru_cache
from itertools import chain
from threading import Lock

from matplotlib.mathtext import MathTextParser

from nnanim.errors import SceneError

_DOLLAR = re.compile(r"(?<!\\)\$")
_LONGEST = 300  # letters of a formula
SETTING = Lock()  # matplotlib keeps one font object and one grammar of formulas for all


@lru_cache(maxsize=1024)
def runs_of(text: str) -> tuple[tuple[str, bool], ...]:
    r"""Return the runs of a text, each with whether it is a formula, its dollars about it.

    Where dollars are no pairs, or something between them is no formula, they are dollars; `\$` is
    one always.
    """
    parts = _DOLLAR.split(text)
    formulas = [f"${part}$" for part in parts[1::2]]
    if len(parts) % 2 == 0 or any(map(_refusal, formulas)):
        return ((text.replace(r"\$", "$"), False),)
    plain = [(part.replace(r"\$", "$"), False) for part in parts[::2]]
    runs = [plain[0], *chain(*zip([(each, True) for each in formulas], plain[1:], strict=True))]
    return tuple(run for run in runs if run[0]) or (("", False),)


def expect_settable(text: str) -> None:
    """Raise `SceneError` for a formula in a text that matplotlib does not set."""
    parts = _DOLLAR.split(text)
    if len(parts) % 2 == 0:
        return
    for formula in (f"${part}$" for part in parts[1::2]):
        if refusal := _refusal(formula):
            raise SceneError(refusal)


@lru_cache(maxsize=1024)
def _refusal(formula: str) -> str:
    """Return what is wrong with a formula; "" for one that can be set."""
    if len(formula) > _LONGEST:
        return (
            f"a formula of {len(formula)} letters: expected at most {_LONGEST}; write "
            r"\$ for a dollar"
        )
    try:
        with SETTING:
            MathTextParser("path").parse(formula)
    except (ValueError, RecursionError) as error:
        reason = next((line for line in reversed(str(error).splitlines()) if line.strip()), "")
        return (
            f"the formula {formula!r} cannot be set: {reason.strip() or 'it is nested too deep'}; "
            r"expected mathematics as matplotlib sets it, or \$ for a dollar"
        )
    return ""
