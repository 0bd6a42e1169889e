"""Worker: a process of its own that does one task after another, and ends with who has started it.

It reads messages from its standard input and answers each on its standard output: `task` names a
function of ours, as "nnanim.sweeps.requests:run_block", and is called with the two parts of what
comes with it, of which the first is `request` bytes long. At the end of the input it is gone at
once, whatever it does.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from nnanim.engines.wire import Message, own_pipes, read_message
from nnanim.errors import told

Line = tuple[int, str]  # how grave it is, as `logging` counts, and what is logged


def main() -> None:
    """Do what comes, for ever."""
    asked: SimpleQueue[Message] = SimpleQueue()
    pipe, answers = own_pipes()
    Thread(target=_listen, args=(pipe, asked), daemon=True).start()
    while True:
        answers.write(answer_to(asked.get()).packed())
        answers.flush()


def answer_to(asked: Message) -> Message:
    """Return what a task gives, or the `error` that it raises, and the lines that it `logged`."""
    module, _, name = asked.told["task"].partition(":")
    at = asked.told["request"]
    with _logged() as lines:
        try:
            task: Any = getattr(import_module(module), name)
            content = task(asked.content[:at], asked.content[at:])
        except Exception as error:  # whatever it is, who has asked is to know of it
            return Message({"error": told(error), "logged": lines})
    return Message({"logged": lines}, content)


def _listen(pipe: IO[bytes], asked: "SimpleQueue[Message]") -> None:
    while (message := read_message(pipe)) is not None:
        asked.put(message)
    os._exit(0)  # in the midst of a training, too


class _Lines(logging.Handler):
    """Gathers what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        self.lines.append((record.levelno, record.getMessage()))


@contextmanager
def _logged() -> Iterator[list[Line]]:
    """Gather what nnanim logs inside: it is said by who has asked."""
    log, handler = logging.getLogger("nnanim"), _Lines()
    level, onward = log.level, log.propagate
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    try:
        yield handler.lines
    finally:
        log.removeHandler(handler)
        log.propagate = onward
        log.setLevel(level)
