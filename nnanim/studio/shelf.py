"""Shelf: a page on which the scenes of a folder are seen, before one of them is opened."""

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from starlette.websockets import WebSocket, WebSocketDisconnect

from nnanim.studio.wire import Message
from nnanim.studio.workers import Hand


async def show(socket: WebSocket, hand: Hand, files: Sequence[Path]) -> None:
    """Tell a page which scenes there are, and their posters as they come, until it is gone."""
    names = [file.stem for file in files]
    task = asyncio.create_task(_posters(socket, hand, files))
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_json({"told": "scenes", "names": names})
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _posters(socket: WebSocket, hand: Hand, files: Sequence[Path]) -> None:
    for file in files:
        await hand.ask({"do": "poster", "file": str(file), "number": 0})
        while (message := await hand.answer()) is not None:
            if message.told["told"] != "progress":
                await socket.send_json(_told(message, file))
                break


def _told(message: Message, file: Path) -> dict[str, str]:
    """Return what a page is told of a scene: its poster, or what is wrong with it."""
    if message.told["told"] == "error":
        return {"told": "poster", "name": file.stem, "text": message.told["text"]}
    picture = f"data:image/png;base64,{b64encode(message.content).decode()}"
    return {"told": "poster", "name": file.stem, "link": picture, "text": message.told["text"]}
