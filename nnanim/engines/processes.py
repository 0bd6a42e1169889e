"""Processes: workers on this machine, each asked by its pipes for one task after another.

A worker begins with nnanim, never with the program that has started it: of a script nothing runs
twice, whatever it does at its end. Ctrl-C is for us alone, and no worker outlives us.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from nnanim.engines.crew import Task
from nnanim.engines.wire import Message, read_message
from nnanim.errors import SceneError

_MARK = "NNANIM_WORKER"  # in the environment of a worker: it starts none
_BEGIN = "import sys; sys.path[:] = {path!r}; from nnanim.engines.worker import main; main()"
# glibc gives each thread memory of its own: with new threads again and again it would grow.
ARENAS = {"MALLOC_ARENA_MAX": "2"}  # in the environment of our workers

_log = logging.getLogger("nnanim")


class GoneError(SceneError):
    """A worker has ended, or could not be started."""


def may_start() -> bool:
    """Return whether workers can be started from here: a worker of ours starts none."""
    return bool(sys.executable) and _MARK not in os.environ


class Process:
    """A worker on this machine, which imports from `path`, as `sys.path` is.

    Raises `GoneError` where none can be started.
    """

    def __init__(self, path: Sequence[str]) -> None:
        flags = {"win32": {"creationflags": 0x200}}.get(sys.platform, {"start_new_session": True})
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BEGIN.format(path=list(path))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**ARENAS, **os.environ, _MARK: "1"},
                **flags,  # type: ignore[call-overload]  # it knows each by its name
            )
        except OSError as error:
            raise GoneError(f"a process could not be started: {error}") from error

    def ask(self, task: Task, request: bytes, files: bytes, *, quiet: bool = False) -> bytes:
        """Have a task done, a function of a module of ours; what it logs is logged here.

        Not if it is to be `quiet`, as where that has been said already.
        Raises `SceneError` where it raises, and `GoneError` where the worker ends meanwhile.
        """
        pipes = self._process.stdin, self._process.stdout
        assert pipes[0] is not None
        assert pipes[1] is not None
        told = {"task": f"{task.__module__}:{task.__qualname__}", "request": len(request)}
        try:
            pipes[0].write(Message(told, request + files).packed())
            pipes[0].flush()
            answer = read_message(pipes[1])
        except (OSError, ValueError):  # it is broken, or closed by `end`
            answer = None
        if answer is None:
            raise GoneError("the process has ended")
        for level, line in [] if quiet else answer.told["logged"]:
            _log.log(level, "%s", line)
        if "error" in answer.told:
            raise SceneError(answer.told["error"])
        return answer.content

    def end(self) -> None:
        """End it at once, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
