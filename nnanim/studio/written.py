"""Written: what tabs ask to have drawn and written down, one at a time, by a worker of its own."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from nnanim.place import sweep
from nnanim.studio.shown import Shown
from nnanim.studio.workers import Workers

_one = asyncio.Lock()
_MOST = 3  # things for a tab, the one that is drawn and those that wait
MADE: dict[str, Path] = {}  # what may be fetched, by a key that nobody can guess


class Writer:
    """Has things written for one tab."""

    def __init__(
        self, shown: Shown, workers: Workers, tell: Callable[..., Awaitable[None]]
    ) -> None:
        self._shown, self._workers, self._tell = shown, workers, tell
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def write(self, asked: dict[str, Any]) -> None:
        """Begin to write something, as soon as nothing else is being written for any tab.

        Of a kind that is written, or waits, no second one is begun.
        """
        kind = asked["kind"]
        self._tasks = {kind: task for kind, task in self._tasks.items() if not task.done()}
        if kind in self._tasks or len(self._tasks) >= _MOST:
            text = "one at a time: another is being written"
            await self._tell(told="refused", kind=kind, text=text)
            return
        if _one.locked():
            await self._tell(told="writing", kind=kind, stage="waiting")
        self._tasks[kind] = asyncio.create_task(self._write(asked))

    async def end(self) -> None:
        """Give up what is being written."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _write(self, asked: dict[str, Any]) -> None:
        async with _one:
            told = await self._made(asked)
        await self._tell(**linked(told, asked["kind"]))

    async def _made(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what a worker tells in the end, when it is gone."""
        hand = await self._workers.take()
        try:
            await hand.ask({**asked, "number": 0}, self._shown)
            while (message := await hand.answer()) is not None:
                if message.told["told"] != "progress":
                    return message.told
                await self._tell(**{**message.told, "told": "writing", "kind": asked["kind"]})
            return {"told": "error", "text": "its process was ended from outside: press again"}
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
