"""Signals: what ends the program ends it in order, and not in the midst of a beginning."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_TERMINATION = ("SIGTERM", "SIGHUP")

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def terminable() -> Iterator[None]:
    """Let TERM and HUP end the work in order, as Ctrl-C does, where nobody else handles them."""

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(128 + number)

    before: dict[int, Any] = {}
    try:
        _answer(before, end, _TERMINATION, lambda handler: handler is signal.SIG_DFL)
        yield
    finally:
        _restore(before)


@contextmanager
def put_off() -> Iterator[None]:
    """Let Ctrl-C, TERM and HUP wait until all inside is done.

    So whoever begins a thing knows of it, and can end it, when they come. They interrupt the main
    thread only; on another one nothing is changed.
    """
    came: list[int] = []
    before: dict[int, Any] = {}

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(number)

    try:
        _answer(before, note, ("SIGINT", *_TERMINATION), lambda handler: handler is not None)
        yield
    finally:
        _restore(before)
        for number in came[:1]:
            signal.raise_signal(number)


def _answer(
    before: dict[int, Any], handler: Handler, names: tuple[str, ...], where: Callable[[Any], bool]
) -> None:
    """Let `handler` answer the signals of those names; notes in `before` what did."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in names:
        number = getattr(signal, name, None)
        if number is None:  # on Windows
            continue
        now = signal.getsignal(number)
        if now is not signal.SIG_IGN and where(now):
            before[number] = now
            signal.signal(number, handler)


def _restore(before: dict[int, Any]) -> None:
    """Let those answer again that did; Ctrl-C last, so that it interrupts none of this."""
    for number in reversed(before):
        with suppress(ValueError):
            signal.signal(number, before[number])
