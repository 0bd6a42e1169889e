"""The compiled inner loops."""

from hashlib import sha256
from pathlib import Path


def sources() -> str:
    """Return a digest of everything in this folder that compiled code is made of.

    numba keeps what it has compiled until the file of that very function changes. A function that
    has this among its free variables is compiled anew when any of the files does.
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
