"""Interruption: Ctrl-C and its kin end the program soon, whatever runs.

Python looks at signals between two of its own instructions, so compiled code would have to end
first; and at its end it waits for its threads, of which one may be in a scene's endless loop. What
such an end leaves half-written lies hidden, and the next render removes it.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

_PATIENCE = 1.0  # seconds for an end in order
_SHOW_CURSOR = "\x1b[?25h"  # a progress bar hides it


@contextmanager
def soon() -> Iterator[threading.Event]:
    """Let no interruption inside take longer than `_PATIENCE` to end the program.

    The event is to say that the user has been told of it. Where Ctrl-C does not interrupt, as in
    what a script has left running in the background, it does not here; TERM and HUP do. On another
    thread than the main one nothing is changed.
    """
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    pressable = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    names = ("SIGINT", "SIGTERM", "SIGHUP") if pressable else ("SIGTERM", "SIGHUP")
    ends = {getattr(signal, name, None) for name in names}  # Windows has no HUP
    written, read = socket.socketpair()
    written.setblocking(False)
    before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    if pressable:
        signal.signal(signal.SIGINT, _once)
    threading.Thread(target=_watch, args=(read, ends, told), daemon=True).start()
    try:
        yield told
    except SystemExit as end:
        if pressable and signal.getsignal(signal.SIGINT) is not _once:
            _leave(end.code)
        raise
    finally:
        signal.set_wakeup_fd(before)
        written.close()
        if signal.getsignal(signal.SIGINT) is _once:  # nobody has pressed it
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _once(number: int, frame: FrameType | None) -> NoReturn:
    """Interrupt, and let who presses Ctrl-C twice not interrupt the end in order."""
    del frame
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _watch(read: socket.socket, ends: set[int | None], told: threading.Event) -> None:
    """Wait for the number of a signal that ends, then for the program to end; else end it."""
    with read:
        while number := read.recv(1):
            if number[0] in ends:
                time.sleep(_PATIENCE)
                _end(number[0], told)


def _end(number: int, told: threading.Event) -> NoReturn:
    with suppress(OSError, ValueError):
        if sys.stderr.isatty():
            sys.stderr.write(_SHOW_CURSOR)
        if not told.is_set():
            sys.stderr.write("nnanim: interrupted\n")
    _leave(128 + number)


def _leave(code: int | str | None) -> NoReturn:
    """End without waiting for threads, and for libraries to clear away what ends with us."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 1)
