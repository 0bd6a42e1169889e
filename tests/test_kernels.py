"""What all kernels share: when they are compiled anew, and what is said and done meanwhile."""

import gc
import logging
from collections.abc import Callable
from typing import Any

import pytest
from numba import njit
from numba.core.event import Event, EventStatus, Listener, install_listener

from nnanim.kernels.compilation import _Compilation
from nnanim.kernels.train import train_block


class Seen(Listener):
    """Notes whether the garbage collector runs while something is compiled."""

    def __init__(self) -> None:
        self.collecting: list[bool] = []

    def on_start(self, event: Event) -> None:  # noqa: ARG002  # numba's
        self.collecting.append(gc.isenabled())

    def on_end(self, event: Event) -> None:  # noqa: ARG002
        self.collecting.append(gc.isenabled())


def compiled(module: str) -> None:
    """Compile a new function of that module."""

    def one(x: float) -> float:
        return x + 1

    one.__module__ = module
    make: Callable[..., Any] = njit
    make(one)(2.0)


@pytest.mark.parametrize(
    ("module", "collecting"), [("nnanim.kernels.some", False), ("elsewhere", True)]
)
def test_nothing_is_collected_while_a_kernel_is_compiled(module: str, collecting: bool) -> None:
    """And again afterwards; what others compile is theirs."""
    seen = Seen()

    with install_listener("numba:compile", seen):
        compiled(module)

    assert seen.collecting[0] == collecting
    assert gc.isenabled()


def test_compilation_is_said_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many functions, some of them within others; a collector that was off stays off."""
    monkeypatch.setattr("nnanim.kernels.compilation.first", lambda: True)
    caplog.set_level(logging.INFO, logger="nnanim")
    listener = _Compilation()
    what = {"dispatcher": train_block}
    start = Event("numba:compile", EventStatus.START, what)  # type: ignore[no-untyped-call]
    end = Event("numba:compile", EventStatus.END, what)  # type: ignore[no-untyped-call]

    gc.disable()
    try:
        for happens in (start, start, end, end, start, end):
            (listener.on_start if happens.is_start else listener.on_end)(happens)
        assert not gc.isenabled()
    finally:
        gc.enable()

    assert [message[:17] for message in caplog.messages] == ["compiling kernels"]
