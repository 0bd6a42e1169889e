"""Notebook: whether there is one, and a place below its cell in which what is shown may change."""

import sys
from typing import Any

_NOTHING: dict[str, Any] = {"text/html": ""}


def shell() -> Any:
    """Return IPython's shell where code runs in one, with or without a notebook; else None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def cell() -> int | None:
    """Return the number of the notebook's cell that runs; None where there is no notebook."""
    found = shell()
    return int(found.execution_count) if hasattr(found, "kernel") else None


class Place:
    """A place below the cell, which is there when something is first shown in it."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, bundle: dict[str, Any]) -> None:
        """Show what is given, by type of media, in place of what was there."""
        if self._handle is not None:
            self._handle.update(bundle, raw=True)
            return
        from IPython.display import display

        self._handle = display(bundle, raw=True, display_id=True)

    def clear(self) -> None:
        """Show nothing there."""
        if self._handle is not None:
            self.show(_NOTHING)
