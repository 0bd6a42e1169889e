"""Wire: what we and processes of ours say to each other, a message after the other in a pipe."""

import json
import os
import struct
from asyncio import IncompleteReadError, StreamReader
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_HEAD = struct.Struct("<II")  # bytes of what is told, and of what comes with it


@dataclass(frozen=True)
class Message:
    """What is told, as JSON holds it, and the bytes that come with it."""

    told: dict[str, Any]
    content: bytes = b""

    def packed(self) -> bytes:
        """Return it as it goes through a pipe, and to the page where it has content."""
        head = json.dumps(self.told, separators=(",", ":"), ensure_ascii=False).encode()
        return _HEAD.pack(len(head), len(self.content)) + head + self.content


def read_message(pipe: IO[bytes]) -> Message | None:
    """Return the next message of a pipe; None at its end, within a message, too."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    sizes = _HEAD.unpack(head)
    told, content = pipe.read(sizes[0]), pipe.read(sizes[1])
    if (len(told), len(content)) != sizes:
        return None
    return Message(json.loads(told), content)


def own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return what a process of ours is asked through, and what it answers through.

    What a scene reads from then on is nothing, and what it prints goes to standard error.
    """
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return asked, answers


async def next_message(reader: StreamReader) -> Message | None:
    """Return the next message of a pipe that others may wait beside; None at its end."""
    try:
        first, second = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        return Message(
            json.loads(await reader.readexactly(first)), await reader.readexactly(second)
        )
    except IncompleteReadError:
        return None
