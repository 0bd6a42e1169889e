"""Written: what tabs ask to have written down, one thing at a time, by a worker of its own."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nnanim.place import sweep
from nnanim.studio.shown import Shown
from nnanim.studio.workers import Workers

_one = asyncio.Lock()
MADE: dict[str, Path] = {}  # what may be fetched, by a key that nobody can guess


class Writer:
    """Has things written for one tab."""

    def __init__(
        self, shown: Shown, workers: Workers, tell: Callable[..., Awaitable[None]]
    ) -> None:
        self._shown, self._workers, self._tell = shown, workers, tell
        self._task: asyncio.Task[None] | None = None

    async def write(self, asked: dict[str, Any]) -> None:
        """Begin to write something, unless something is being written."""
        if _one.locked() or (self._task is not None and not self._task.done()):
            await self._tell(
                told="refused", kind=asked["kind"], text="one at a time: another is being written"
            )
            return
        self._task = asyncio.create_task(self._write(asked))

    async def end(self) -> None:
        """Give up what is being written."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _write(self, asked: dict[str, Any]) -> None:
        async with _one:
            told = await self._made(asked)
        if told is not None:
            await self._tell(**linked(told, asked["kind"]))

    async def _made(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Return what a worker tells in the end, when it is gone; None if it tells nothing."""
        hand = await self._workers.take()
        try:
            await hand.ask({**asked, "number": 0}, self._shown)
            while (message := await hand.answer()) is not None:
                if message.told["told"] != "progress":
                    return message.told
                await self._tell(**{**message.told, "told": "writing", "kind": asked["kind"]})
            return None
        finally:
            await hand.end()
            sweep(self._shown.path.parent)  # what a worker that was killed had begun
            self._workers.prepare()


def linked(told: dict[str, Any], kind: str = "") -> dict[str, Any]:
    """Return what a worker tells of something written, its path as a link that can be fetched."""
    if "path" in told:
        key = secrets.token_urlsafe(24)
        MADE[key] = Path(told.pop("path"))
        return {**told, "link": f"made/{key}", "name": MADE[key].name}
    return told if told["told"] == "written" else {**told, "told": "refused", "kind": kind}
