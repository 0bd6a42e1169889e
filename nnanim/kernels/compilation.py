"""Compilation: when kernels are compiled anew, and what is said and done meanwhile."""

import gc
import logging
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import njit
from numba.core import event

compiled = njit(cache=True, nogil=True, error_model="numpy")

_log = logging.getLogger("nnanim")


def sources() -> str:
    """Return a digest of everything in this folder that compiled code is made of.

    numba keeps what it has compiled until the file of that very function changes. A function that
    has this among its free variables is compiled anew when any of the files does.
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


class _Compilation(event.Listener):
    """Says once that kernels are compiled, and lets nothing else look through memory meanwhile.

    The garbage collector would look through all that torch has made, again and again: a sixth of
    the time. numba compiles one function at a time, with those that it calls.
    """

    def __init__(self) -> None:
        self.said = self._collecting = False
        self._depth = 0

    def on_start(self, event: Any) -> None:
        """See what is compiled."""
        ours = event.data["dispatcher"].py_func.__module__.startswith(f"{__package__}.")
        if self._depth == 0 and not ours:
            return
        self._depth += 1
        if self._depth == 1:
            self._collecting = gc.isenabled()
            gc.disable()
        if not self.said:
            self.said = True
            _log.info("compiling kernels, once after installation; this takes some seconds")

    def on_end(self, event: Any) -> None:  # noqa: ARG002  # numba's
        """See that it is done."""
        if self._depth:
            self._depth -= 1
            if self._depth == 0 and self._collecting:
                gc.enable()


listener = _Compilation()
event.register("numba:compile", listener)  # type: ignore[no-untyped-call]
