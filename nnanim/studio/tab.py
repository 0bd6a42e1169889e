"""Tab: a page that is open: what it asks for, checked, and what its worker answers."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from nnanim.engines.wire import Message
from nnanim.studio.asked import MalformedError, checked
from nnanim.studio.door import Lock
from nnanim.studio.shown import Shown
from nnanim.studio.watching import changes
from nnanim.studio.workers import Hand, Workers
from nnanim.studio.written import Writer, linked

LARGEST = 2**20  # bytes of what a page may say at once

_HASTE = 2.0  # seconds in which the token is to come
_PATIENCE = 10.0  # seconds in which a page is to take what it is sent
_FAILED, _REFUSED, _MALFORMED = 1011, 1008, 1007
_SHORT = ("scene", "command", "points")  # what is written in no time, by the tab's own worker


async def let_in(socket: WebSocket, lock: Lock) -> dict[str, Any] | None:
    """Return what a page says that says the token, at once and first of all; else it is closed.

    It may say the name of a scene with it.
    """
    await socket.accept()
    with suppress(TimeoutError, MalformedError, WebSocketDisconnect):
        said = await asyncio.wait_for(_said(socket), _HASTE)
        if {"token"} <= set(said) <= {"token", "scene"} and lock.opens_with(said["token"]):
            return said
    await _close(socket, _REFUSED)
    return None


class Tab:
    """A page that has been let in, the scene that it shows, and who trains for it."""

    def __init__(self, socket: WebSocket, hand: Hand, shown: Shown, workers: Workers) -> None:
        self._socket, self._hand, self._shown, self._workers = socket, hand, shown, workers
        self._sending = asyncio.Lock()
        self._writer = Writer(shown, workers, self.tell)
        self._asked: dict[str, Any] | None = None  # the film that was asked for last
        self._watching: asyncio.Task[None] | None = None
        self._watched: set[Path] = set()

    async def run(self) -> None:
        """Serve the page until it is gone."""
        await self._hand.ask({"do": "open"}, self._shown)
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._answer())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except MalformedError:
            await _close(self._socket, _MALFORMED)
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            await _close(self._socket, _FAILED)
        finally:
            for each in filter(None, [*tasks, self._watching]):
                each.cancel()
            await self._writer.end()

    async def tell(self, **told: Any) -> None:
        """Tell the page something."""
        await self._send(Message(told))

    async def _listen(self) -> None:
        while True:
            asked = checked(await _said(self._socket))
            if asked["do"] == "write" and asked["kind"] not in _SHORT:
                await self._writer.write(asked)
                continue
            if asked["do"] == "film":
                self._asked = asked
            await self._hand.ask(asked)

    async def _answer(self) -> None:
        while (message := await self._hand.answer()) is not None:
            if message.told["told"] == "scene":
                self._watch({Path(name) for name in message.told.pop("files")})
            if message.told["told"] == "written":
                message = Message(linked(message.told))
            await self._send(message)
            if message.told.get("stage") == "whole":
                self._workers.prepare()
        await self.tell(told="error", number=0, text="the training's process has ended: reload")

    def _watch(self, files: set[Path]) -> None:
        """Watch files, too; what is saved while a watch gives way to another would be lost."""
        if files <= self._watched:
            return
        if self._watching is not None:
            self._watching.cancel()
        # A folder that is gone, with files of an earlier form of the scene, cannot be watched.
        self._watched = {file for file in self._watched | files if file.parent.is_dir()}
        self._watching = asyncio.create_task(self._follow(sorted(self._watched)))

    async def _follow(self, files: list[Path]) -> None:
        """Have the film made anew whenever the scene's files change."""
        async for _ in changes(files):
            await self.tell(told="saved")
            await self._hand.ask({"do": "open"}, self._shown)
            if self._asked is not None:
                await self._hand.ask(self._asked)

    async def _send(self, message: Message) -> None:
        async with self._sending:
            if message.content:
                sent = self._socket.send_bytes(message.packed())
            else:
                sent = self._socket.send_text(json.dumps(message.told, ensure_ascii=False))
            await asyncio.wait_for(sent, _PATIENCE)


async def _said(socket: WebSocket) -> dict[str, Any]:
    """Return the next thing that a page says; `MalformedError` for what is no JSON of ours."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text")
    if text is None or len(text) > LARGEST:
        raise MalformedError
    try:
        said = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise MalformedError from error
    if not isinstance(said, dict):
        raise MalformedError
    return said


def _no_number(text: str) -> None:
    raise ValueError(text)


async def _close(socket: WebSocket, code: int) -> None:
    with suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code)
