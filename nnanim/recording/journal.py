"""Journal: the finished blocks of a recording under way, in a folder beside its file.

The folder bears a mark. One without it, and a link, is somebody else's and is left alone.
"""

import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import RecordingError, UsageError, WriteError
from nnanim.place import check_place, disk_says, sweep
from nnanim.recording import container
from nnanim.recording.header import Header, Json
from nnanim.recording.recording import Recording, recording_of, tensors_of
from nnanim.training.block import Block
from nnanim.types import State

_log = logging.getLogger("nnanim")

_START = "start.safetensors"
_MARK = ".nnanim"
_MARKED = "nnanim made this folder for a recording under way and removes it in the end.\n"
_OURS = re.compile(r"start\.safetensors|[0-9]{6,}\.safetensors")
_BLOCK, _CHECKPOINT = "block/", "checkpoint/"


class Journal:
    """Keeps blocks in `<recording>.blocks`; each appears whole or not at all.

    `start` is the recording as it begins: its header's key says which training the blocks are of,
    and with them it is a recording that can be looked at. With `resume`, those that an earlier run
    has finished are given first. Raises `UsageError` where the folder holds an unfinished recording
    that is not to be resumed, or is one of another training; `WriteError` where the disk refuses
    or what has the folder's name is somebody else's.
    """

    def __init__(self, path: Path, start: Recording, resume: bool) -> None:
        self._path, self.folder = path, blocks_folder(path)
        self._key, self._start = start.header.key, start.states
        self._found: Iterator[tuple[Block, State]] = iter(())
        self._lengths: list[int] = []  # of the blocks, in snapshots
        if os.path.lexists(self.folder) and not is_ours(self.folder):
            raise WriteError(
                f"{self.folder} is in the way: a recording under way keeps its blocks there, and "
                "it bears no mark of nnanim's; move it, or name the recording otherwise"
            )
        if not (self.folder / _START).exists():
            self._begin(start)
        elif not resume:
            raise UsageError(
                f"{self.folder} holds an unfinished recording: go on with it by --resume "
                "(resume=True), or remove that folder"
            )
        else:
            begun = Recording.load(self.folder / _START).header
            self._check((begun.key, begun.probe) == (self._key, start.header.probe))
            self._found = self._read()

    def next(self) -> tuple[Block, State] | None:
        """Return an earlier run's next block and checkpoint; None where it got no further."""
        return next(self._found, None)

    def add(self, block: Block, checkpoint: State, kept: Sequence[Json] = ()) -> None:
        """Keep a block, the checkpoint at its end, and what the header says was kept before."""
        tensors: dict[str, Any] = {f"{_CHECKPOINT}{name}": a for name, a in checkpoint.items()}
        tensors |= {f"{_BLOCK}{name}": array for name, array in block.states.items()}
        tensors |= {"steps": block.steps, "batch_loss": block.batch_loss}
        if block.times is not None:
            tensors["epochs"] = block.times
        header = {
            "format": container.FORMAT,
            "key": self._key,
            "begin": block.begin,
            "diverged_at": block.diverged_at,
            "kept": list(kept),
        }
        file = _file(self.folder, len(self._lengths))
        container.write(file, tensors, header, durable=False)
        self._lengths.append(len(block.steps))

    def states(self) -> dict[str, container.Joined]:
        """Return the states of the start and of all blocks, read one block at a time."""
        files = [_file(self.folder, number) for number in range(len(self._lengths))]
        names = [f"{_BLOCK}{name}" for name in self._start]
        places = [container.places(file, names) for file in files]

        def parts(index: int, start: NDArray[Any]) -> Iterator[NDArray[Any]]:
            yield start
            for file, length, place in zip(files, self._lengths, places, strict=True):
                shape = (length, *start.shape[1:])
                yield container.array_at(file, int(place[index]), start.dtype, shape)

        return {
            name: container.Joined(
                array.dtype,
                (len(array) + sum(self._lengths), *array.shape[1:]),
                partial(parts, index, array),
            )
            for index, (name, array) in enumerate(self._start.items())
        }

    def at(self, rows: Sequence[int]) -> Iterator[State]:
        """Give the states of the start and of all blocks by number, one after another."""
        names, ends = [f"{_BLOCK}{name}" for name in self._start], np.cumsum([1, *self._lengths])
        for row in rows:
            k = int(np.searchsorted(ends, row, side="right"))
            if k == 0:
                yield {name: array[row] for name, array in self._start.items()}
                continue
            file, length = _file(self.folder, k - 1), self._lengths[k - 1]
            places = zip(self._start.items(), container.places(file, names), strict=True)
            yield {
                name: container.array_at(file, int(place), a.dtype, (length, *a.shape[1:]))[
                    row - ends[k - 1]
                ]
                for (name, a), place in places
            }

    def close(self) -> None:
        """Remove the folder: the recording is whole."""
        remove(self.folder)

    def _begin(self, start: Recording) -> None:
        check_place(self._path)
        try:
            self.folder.mkdir(exist_ok=True)
            (self.folder / _MARK).write_text(_MARKED)
            start.save(self.folder / _START)
        except OSError as error:
            remove(self.folder)
            says = disk_says(error, self.folder)
            raise WriteError(f"cannot make the folder {self.folder}: {says}") from error
        except WriteError:
            remove(self.folder)
            raise

    def _read(self) -> Iterator[tuple[Block, State]]:
        for header, block, checkpoint in _blocks(self.folder):
            self._check(header.get("key") == self._key)
            self._lengths.append(len(block.steps))
            yield block, checkpoint

    def _check(self, same: bool) -> None:
        if not same:
            raise UsageError(
                f"{self.folder} holds the blocks of another training: its data, its model, its "
                "settings or nnanim's version have changed; remove that folder to begin anew"
            )


def blocks_folder(path: Path) -> Path:
    """Return the folder beside a recording that holds its blocks while it is made."""
    return path.with_name(f"{path.name}.blocks")


def is_ours(folder: Path) -> bool:
    """Return whether nnanim has made a folder of blocks: it bears the mark and is no link."""
    try:
        return not folder.is_symlink() and (folder / _MARK).is_file()
    except OSError:
        return False


def remove(folder: Path) -> None:
    """Remove the blocks in a folder that is ours, and the folder if nothing else lies in it."""
    with suppress(OSError):
        sweep(folder)
        for entry in [*folder.iterdir()]:
            if _OURS.fullmatch(entry.name):
                entry.unlink()
        if {entry.name for entry in folder.iterdir()} <= {_MARK}:
            (folder / _MARK).unlink(missing_ok=True)
            folder.rmdir()


def put_aside(path: Path) -> None:
    """Save what a killed run has left beside `path` under another name: nothing is lost."""
    folder = blocks_folder(path)
    try:
        found = unfinished(path)
    except RecordingError:
        if any(folder.glob("*.safetensors")):
            raise
    else:
        aside = found.save(_aside(path))
        _log.info("what a run that was cut off had recorded is now in %s", aside)
    remove(folder)


def _aside(path: Path) -> Path:
    """Return a place of which nobody has taken the name."""
    stem = f"{path.stem}.unfinished"
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    places = (path.with_name(f"{name}.safetensors") for name in names)
    return next(place for place in places if not os.path.lexists(place))


def unfinished(path: Path) -> Recording:
    """Return the recording that the finished blocks beside `path` make, of the last attempt.

    Raises `RecordingError` where there are none, or where they do not fit each other.
    """
    folder = blocks_folder(path)
    start = Recording.load(folder / _START)
    begin = Block(0, start.steps, start.states, np.zeros(0), start.times)
    blocks, kept = [begin], []
    for header, block, _ in _blocks(folder):
        blocks = [begin, block] if block.begin == 0 else [*blocks, block]
        kept = header.get("kept", [])
    if len(blocks) == 1:
        blocks = [replace(begin, batch_loss=start.batch_loss)]
    times = [block.times for block in blocks if block.times is not None]
    try:
        whole = replace(
            start,
            steps=np.concatenate([block.steps for block in blocks]),
            states={n: np.concatenate([block.states[n] for block in blocks]) for n in start.states},
            batch_loss=np.concatenate([block.batch_loss for block in blocks]),
            times=None if start.times is None else np.concatenate(times),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise RecordingError(f"the blocks in {folder} do not fit each other: {error}") from error
    told = Header.from_json(folder, {**start.header, "kept": kept, "unfinished": True})
    return recording_of(folder, told, tensors_of(whole))


def _blocks(folder: Path) -> Iterator[tuple[dict[str, Any], Block, State]]:
    """Give headers, blocks and checkpoints up to the first that is missing or not whole."""
    for number in count():
        file = _file(folder, number)
        if not file.exists():
            return
        try:
            header, tensors = container.read(file)
            block = Block(
                header["begin"],
                tensors["steps"],
                _under(_BLOCK, tensors),
                tensors["batch_loss"],
                tensors.get("epochs"),
                header["diverged_at"],
            )
        except (RecordingError, KeyError) as error:
            why = f"{file} lacks {error}" if isinstance(error, KeyError) else error
            _log.warning("the blocks from the %d. on are not used: %s", number + 1, why)
            return
        yield header, block, _under(_CHECKPOINT, tensors)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:06}.safetensors"


def _under(prefix: str, arrays: State) -> State:
    return {
        name.removeprefix(prefix): np.array(array)
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
