"""Workers: processes that train and film, one of them always warm for who comes next."""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Any

from nnanim.engines.processes import ARENAS
from nnanim.engines.wire import Message, next_message
from nnanim.studio.shown import Shown

_LARGEST = 2**26  # bytes of an answer that are read at once
_PATIENCE = 1.2  # seconds for a worker to be gone when nobody listens to it any more


class Hand:
    """A worker as the server has it: it is asked, and answers."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def ask(self, told: dict[str, Any], shown: Shown | None = None) -> None:
        """Ask for something, of another scene than before where one is `shown`.

        Where the worker is gone, nothing is done.
        """
        assert self._process.stdin is not None
        if shown is not None:
            told = {**told, "file": str(shown.path), "settings": dict(shown.settings)}
        with suppress(ConnectionError):
            self._process.stdin.write(Message(told, shown.content if shown else b"").packed())
            await self._process.stdin.drain()

    async def answer(self) -> Message | None:
        """Return the next answer, None from a worker that is gone."""
        assert self._process.stdout is not None
        return await next_message(self._process.stdout)

    async def end(self) -> None:
        """Let the worker end, whatever it does."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _PATIENCE)
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


class Workers:
    """Gives a worker to each who asks, and keeps a further one warm."""

    def __init__(self) -> None:
        self._spare: asyncio.Task[Hand] | None = None

    def prepare(self) -> None:
        """Begin to warm one."""
        self._spare = self._spare or asyncio.create_task(_started())

    async def take(self) -> Hand:
        """Return a worker, warm if there is one.

        The next is begun by who has got what this one was taken for: it would slow that down.
        """
        self.prepare()
        assert self._spare is not None
        spare, self._spare = self._spare, None
        return await spare

    async def end(self) -> None:
        """End the one that nobody has taken."""
        if self._spare is not None:
            await (await self._spare).end()


async def _started() -> Hand:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nnanim.studio.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=_LARGEST,
        env={**ARENAS, **os.environ},
    )
    return Hand(process)
