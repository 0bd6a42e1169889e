"""Data sets: one file each, one line here."""

from nnanim.datasets.blobs import Blobs as blobs  # noqa: N813
from nnanim.datasets.circles import Circles as circles  # noqa: N813
from nnanim.datasets.damped_sine import DampedSine as damped_sine  # noqa: N813
from nnanim.datasets.disk_and_ring import DiskAndRing as disk_and_ring  # noqa: N813
from nnanim.datasets.from_arrays import from_arrays
from nnanim.datasets.from_csv import from_csv
from nnanim.datasets.from_npz import from_npz
from nnanim.datasets.jagged import Jagged as jagged  # noqa: N813
from nnanim.datasets.line import Line as line  # noqa: N813
from nnanim.datasets.linked_tori import LinkedTori as linked_tori  # noqa: N813
from nnanim.datasets.moons import Moons as moons  # noqa: N813
from nnanim.datasets.polynomial import Polynomial as polynomial  # noqa: N813
from nnanim.datasets.rings import Rings as rings  # noqa: N813
from nnanim.datasets.spirals import Spirals as spirals  # noqa: N813
from nnanim.datasets.two_curves import TwoCurves as two_curves  # noqa: N813
from nnanim.datasets.xor import Xor as xor  # noqa: N813

__all__ = [
    "blobs",
    "circles",
    "damped_sine",
    "disk_and_ring",
    "from_arrays",
    "from_csv",
    "from_npz",
    "jagged",
    "line",
    "linked_tori",
    "moons",
    "polynomial",
    "rings",
    "spirals",
    "two_curves",
    "xor",
]


def __dir__() -> list[str]:
    return __all__
