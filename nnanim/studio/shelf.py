"""Shelf: a page on which the scenes of a folder are seen, before one of them is opened."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from nnanim.engines.wire import Message
from nnanim.studio.shown import Shown
from nnanim.studio.workers import Hand


async def show(socket: WebSocket, hand: Hand, scenes: Mapping[str, Shown]) -> None:
    """Tell a page which scenes there are, and their posters as they come, until it is gone."""
    task = asyncio.create_task(_posters(socket, hand, scenes))
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_json({"told": "scenes", "names": list(scenes)})
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _posters(socket: WebSocket, hand: Hand, scenes: Mapping[str, Shown]) -> None:
    for name, shown in scenes.items():
        await hand.ask({"do": "poster", "number": 0}, shown)
        while (message := await hand.answer()) is not None:
            if message.told["told"] != "progress":
                await socket.send_json(_told(message, name))
                break


def _told(message: Message, name: str) -> dict[str, str]:
    """Return what a page is told of a scene: its poster, or what is wrong with it."""
    if message.told["told"] == "error":
        return {"told": "poster", "name": name, "text": message.told["text"]}
    picture = f"data:image/png;base64,{b64encode(message.content).decode()}"
    return {"told": "poster", "name": name, "link": picture, "text": message.told["text"]}
