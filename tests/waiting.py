"""Waits for a state, never for a time: a slow machine takes longer, and fails no test."""

import time
from collections.abc import Callable


def comes(true: Callable[[], object], seconds: float = 30) -> bool:
    """Return whether something is true before long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return bool(true())
