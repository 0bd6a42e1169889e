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

    The event is to say that the user has been told of it. Where Ctrl-C does not interrupt, or on
    another thread than the main one, nothing is changed.
    """
    told = threading.Event()
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield told
        return
    written, read = socket.socketpair()
    written.setblocking(False)
    before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _once)
    threading.Thread(target=_watch, args=(read, told), daemon=True).start()
    try:
        yield told
    except SystemExit as end:
        if signal.getsignal(signal.SIGINT) is not _once:
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


def _watch(read: socket.socket, told: threading.Event) -> None:
    """Wait for the number of a signal, then for the program to end; else end it."""
    ends = {getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")}
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
