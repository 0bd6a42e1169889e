"""Data sets: one file each, one line here."""

from nnanim.datasets.from_arrays import from_arrays
from nnanim.datasets.from_csv import from_csv
from nnanim.datasets.from_npz import from_npz
from nnanim.datasets.polynomial import Polynomial as polynomial  # noqa: N813
from nnanim.datasets.rings import Rings as rings  # noqa: N813

__all__ = ["from_arrays", "from_csv", "from_npz", "polynomial", "rings"]
