"""Folders: where the blocks of a sweep lie, each whole or not at all."""

import json
from collections.abc import Iterable
from pathlib import Path

from nnanim.errors import NnanimError, UsageError
from nnanim.place import make_folder, replacing, sweep
from nnanim.recording.container import read, write
from nnanim.sweeps.block import Block
from nnanim.sweeps.planned import Planned

_BLOCKS = "blocks"


class Folder:
    """The folder of a sweep, or of a "map": its plan, and the blocks that are done.

    Raises `UsageError` where another one lies there, `WriteError` where the disk refuses.
    """

    def __init__(self, path: Path, plan: Planned, kind: str = "sweep") -> None:
        self.path, self._plan = path, plan
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file: expected a folder for the {kind}, as -o {kind}/")
        told = path / f"{kind}.json"
        if told.is_file() and self._key_of(told) != plan.key:
            raise UsageError(
                f"{path} holds another {kind}, of other settings, code or versions: give another "
                "folder by -o, or remove that one"
            )
        if path.is_dir() and not told.is_file() and any(path.iterdir()):
            raise UsageError(f"{path} is no {kind} and not empty: give another folder by -o")
        make_folder(path / _BLOCKS)
        sweep(path / _BLOCKS)
        with replacing(told) as made:
            made.write_text(json.dumps({"key": plan.key, **plan.described}, indent=2) + "\n")

    def block(self, number: int) -> Block | None:
        """Return a block that is done; None where it is not, or is not whole."""
        file = self._file(number)
        if not file.is_file():
            return None
        try:
            header, tensors = read(file)
        except NnanimError:  # it is trained again
            return None
        if header.get("key") != self._plan.key or header.get("block") != number:
            return None
        return Block(number, list(header["rows"]), tensors, dict(header["made"]))

    def drop(self, numbers: Iterable[int]) -> None:
        """Remove blocks."""
        for number in numbers:
            self._file(number).unlink(missing_ok=True)

    def keep(self, block: Block) -> None:
        """Write a block that is done."""
        header = {"key": self._plan.key, "block": block.number, "rows": block.rows}
        write(self._file(block.number), block.tensors, {**header, "made": block.made})

    def _file(self, number: int) -> Path:
        return self.path / _BLOCKS / f"{number:06d}.safetensors"

    @staticmethod
    def _key_of(told: Path) -> object:
        try:
            found = json.loads(told.read_text(encoding="utf-8"))
        except ValueError:
            return None
        return found.get("key") if isinstance(found, dict) else None


def block_of(plan: Planned, folder: Folder | None, number: int) -> Block:
    """Return a block, trained where it is not there yet, and kept where there is a folder."""
    found = None if folder is None else folder.block(number)
    if found is not None:
        return found
    block = plan.block(number)
    if folder is not None:
        folder.keep(block)
    return block
