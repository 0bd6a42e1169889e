"""Compilation: when kernels are compiled anew, and what is said and done meanwhile."""

import gc
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit
from numba.core import event

from nnanim.kernels.keeping import first, kept, passing

F = TypeVar("F", bound=Callable[..., Any])

_log = logging.getLogger("nnanim")


def compiled(function: F) -> F:
    """Return a function that is compiled when it is first called, and kept on the disk."""
    dispatcher: Any = njit(nogil=True, error_model="numpy")(function)
    place = kept(function)
    if place is not None:
        dispatcher._cache = place  # as numba does for cache=True
    return dispatcher  # type: ignore[no-any-return]


class _Compilation(event.Listener):
    """Says that kernels are compiled, and lets nothing else look through memory meanwhile.

    It is said once for an installation, however many processes compile, and whatever of it each.

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
            if first():
                _log.info("compiling kernels, %s; this takes some seconds", _where())

    def on_end(self, event: Any) -> None:  # noqa: ARG002  # numba's
        """See that it is done."""
        if self._depth:
            self._depth -= 1
            if self._depth == 0 and self._collecting:
                gc.enable()


def _where() -> str:
    """Return how long what is compiled will serve."""
    for place in passing:
        return (
            f"kept in {place}, as neither nnanim's folder nor the user's cache can be written: "
            "NUMBA_CACHE_DIR names one that lasts"
        )
    return "once after installation"


listener = _Compilation()
event.register("numba:compile", listener)  # type: ignore[no-untyped-call]
