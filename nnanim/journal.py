"""Journal: the finished blocks of a recording under way, in a folder beside its file."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from nnanim import container
from nnanim.block import Block, State
from nnanim.errors import RecordingError, UsageError, WriteError
from nnanim.recording import Recording

_START = "start.safetensors"
_BLOCK, _CHECKPOINT = "block/", "checkpoint/"


class Journal:
    """Keeps blocks in `<recording>.blocks`; each appears whole or not at all.

    `start` is the recording as it begins: its header's key says which training the blocks are of,
    and with them it is a recording that can be looked at. With `resume`, those that an earlier run
    has finished are given first. Raises `UsageError` where the folder holds an unfinished recording
    that is not to be resumed, or is one of another training; `WriteError` where the disk refuses.
    """

    def __init__(self, path: Path, start: Recording, resume: bool) -> None:
        self.folder = blocks_folder(path)
        self._key = start.header["key"]
        self._found: Iterator[tuple[Block, State]] = iter(())
        self._count = 0
        if not self.folder.exists():
            _make(self.folder)
        elif not resume and (self.folder / _START).exists():
            raise UsageError(
                f"{self.folder} holds an unfinished recording: go on with it by --resume "
                "(resume=True), or remove that folder"
            )
        else:
            self._found = self._read()
        if not (self.folder / _START).exists():
            start.save(self.folder / _START)

    def next(self) -> tuple[Block, State] | None:
        """Return an earlier run's next block and checkpoint; None where it got no further."""
        return next(self._found, None)

    def add(self, block: Block, checkpoint: State) -> None:
        """Keep a block and the checkpoint at its end."""
        tensors: dict[str, Any] = {f"{_CHECKPOINT}{name}": a for name, a in checkpoint.items()}
        tensors |= {f"{_BLOCK}{name}": array for name, array in block.states.items()}
        tensors |= {"steps": block.steps, "batch_loss": block.batch_loss}
        if block.times is not None:
            tensors["epochs"] = block.times
        header = {"key": self._key, "begin": block.begin, "diverged_at": block.diverged_at}
        file = _file(self.folder, self._count)
        container.write(file, tensors, header, durable=False)
        self._count += 1

    def close(self) -> None:
        """Remove the folder: the recording is whole."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> Iterator[tuple[Block, State]]:
        for header, block, checkpoint in _blocks(self.folder):
            if header.get("key") != self._key:
                raise UsageError(
                    f"{self.folder} holds the blocks of another training: its data, its model, "
                    "its settings or nnanim's version have changed; remove that folder to begin "
                    "anew"
                )
            self._count += 1
            yield block, checkpoint


def blocks_folder(path: Path) -> Path:
    """Return the folder beside a recording that holds its blocks while it is made."""
    return path.with_name(f"{path.name}.blocks")


def unfinished(path: Path) -> Recording:
    """Return the recording that the finished blocks beside `path` make, of the last attempt.

    Raises `RecordingError` where there are none.
    """
    start = Recording.load(blocks_folder(path) / _START)
    steps, losses = [start.steps], [np.zeros(0)]
    states, times = [start.states], [start.epochs]
    for _, block, _ in _blocks(blocks_folder(path)):
        if block.begin == 0:
            del steps[1:], losses[1:], states[1:], times[1:]
        steps.append(block.steps)
        losses.append(block.batch_loss)
        states.append(block.states)
        if block.times is not None:
            times.append(block.times)
    batch_loss = np.concatenate(losses) if len(losses) > 1 else start.batch_loss
    return replace(
        start,
        header={**start.header, "unfinished": True},
        steps=np.concatenate(steps),
        states={name: np.concatenate([s[name] for s in states]) for name in start.states},
        batch_loss=batch_loss,
        times=None if start.times is None else np.concatenate(times),
    )


def _blocks(folder: Path) -> Iterator[tuple[dict[str, Any], Block, State]]:
    """Give headers, blocks and checkpoints up to the first that is missing or was cut off."""
    for number in count():
        try:
            header, tensors = container.read(_file(folder, number))
            block = Block(
                header["begin"],
                tensors["steps"],
                _under(_BLOCK, tensors),
                tensors["batch_loss"],
                tensors.get("epochs"),
                header["diverged_at"],
            )
        except (RecordingError, KeyError):
            return
        yield header, block, _under(_CHECKPOINT, tensors)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.safetensors"


def _make(folder: Path) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        raise WriteError(f"cannot make the folder {folder}: {error.strerror}") from error


def _under(prefix: str, arrays: State) -> State:
    return {
        name.removeprefix(prefix): np.array(array)
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
