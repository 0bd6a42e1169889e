"""Watching: when a scene's files are saved, by the system's events or by looking."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from watchfiles import Change, awatch

_TOGETHER = 60  # milliseconds within which changes are one
_STEP = 20


async def changes(files: Sequence[Path]) -> AsyncIterator[None]:
    """Give each time that one of these files is another; what is deleted comes again.

    An editor replaces a file by another, so it is their folders that are watched.
    """
    names = {str(file) for file in files}
    folders = sorted({file.parent for file in files})

    def concerns(change: Change, path: str) -> bool:
        return change != Change.deleted and path in names

    async for _ in awatch(
        *folders, watch_filter=concerns, debounce=_TOGETHER, step=_STEP, recursive=False
    ):
        yield None
