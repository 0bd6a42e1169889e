"""Data sets: one file each, one line here."""

from nnanim.datasets.polynomial import Polynomial as polynomial  # noqa: N813
from nnanim.datasets.rings import Rings as rings  # noqa: N813

__all__ = ["polynomial", "rings"]
