"""Contrast: which colours are hard to see on the ground, told before anything is trained."""

from collections.abc import Sequence

from nnanim.dataset import advise
from nnanim.themes import LEAST_CONTRAST, Theme


def tell_of_faint(theme: Theme, named: Sequence[str]) -> None:
    """Say in one line, and once, which of the colours `named` by views, or else by the theme, are.

    Those of nnanim's own themes are known, and not told.
    """
    faint = [color for color in named if theme.contrast(color) < LEAST_CONTRAST]
    faint = faint if named else theme.faint
    if faint:
        told = ", ".join(f"{color} ({theme.contrast(color):.1f} : 1)" for color in faint)
        advise(
            f"the theme {theme.name!r} has the ground {theme.ground}: {told} "
            f"{'are' if faint[1:] else 'is'} hard to see on it, below {LEAST_CONTRAST:g} : 1"
        )
