"""Recordings spoilt by chance, opened one after another in a process of its own.

`python -m tests.spoiling KIND SEED COUNT FOLDER` prints how many were pictures and lines, the
longest time in seconds and the memory in MB. It fails where one ends otherwise, takes five seconds
of the processor or twenty of waiting, or more memory than three times its file and 200 MB.
"""

import faulthandler
import json
import random
import resource
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save

from nnanim import Film, NnanimError, Recorder, Recording, datasets, models, record
from nnanim.recording import container
from nnanim.recording.info import facts_of, told_of
from nnanim.recording.journal import Journal, blocks_folder, unfinished
from tests.bad_files import Header, Tensors, content, of_classes, sound
from tests.recordings import RINGS
from tests.test_odd_recordings import VALUES, WAYS

_SECONDS, _BYTES, _TIMES = 5.0, 200e6, 3
_ADDRESSES = 8 * 2**30  # bytes; whoever asks for more harms everybody on the machine
_TEXTS = ("", "x" * 100_000, "\x1b[2J\n", "\u202e", "0" * 400, "$x^2$", "a.b.c" * 50, "𝔫" * 999)
_NUMBERS = (2**62, -1e29, 1e29, 1e-29)
_EDGES = (0, 1, -1, 1e-38, 3e38, -3e38, 1e-45, 2**31, 2**62, np.nan, np.inf)
_NAMES = ("epochs", "state/", "a" * 999, "\0")
_BITS_OF_JSON = (b"9", b"[", b"{", b'"', b"-", b"e", b"9" * 30)


@dataclass(frozen=True)
class Spoiler:
    """Spoils recordings, each seed its own way."""

    chance: random.Random
    folder: Path

    @cached_property
    def sources(self) -> list[Recording]:
        """Sound recordings: two classes, three, loops with epochs of their own."""
        return [sound(), of_classes(), self._of_loop("parameters"), self._of_loop("activations")]

    def _of_loop(self, kept: Literal["parameters", "activations"]) -> Recording:
        points = np.linspace(-1, 1, 20, dtype=np.float32).reshape(10, 2)
        data = datasets.from_arrays(points, points[:, :1])
        path, module = self.folder / f"{kept}.safetensors", models.mlp(2, 2, 1)()
        with Recorder(path, module, data, record=kept) as recorder:
            for epoch in (0.5, 1.0, 7.0):
                recorder.snapshot(0.5, epoch=epoch)
        assert recorder.recording is not None
        return recorder.recording

    @cached_property
    def blocks(self) -> Path:
        """The folder that a killed recording leaves."""
        path = self.folder / "killed.safetensors"
        with patch.object(Journal, "close"):
            record(RINGS, path)
        path.unlink()
        return blocks_folder(path)

    def write_bytes(self, path: Path) -> None:
        """Write a file of which some bytes are wrong."""
        self._pack(path, *content(self.chance.choice(self.sources)))
        self._cut(path)

    def write_content(self, path: Path) -> None:
        """Write a file that is well-formed, and in some places not what it should be."""
        header, tensors = content(self.chance.choice(self.sources))
        for _ in range(self.chance.randint(0, 3)):
            self._spoil(header)
        for _ in range(self.chance.randint(0, 2)):
            self._spoil_array(tensors)
        self._pack(path, header, tensors)

    def write_blocks(self, path: Path) -> None:
        """Write the blocks of a recording under way, one of them spoilt."""
        shutil.rmtree(blocks_folder(path), ignore_errors=True)
        shutil.copytree(self.blocks, blocks_folder(path))
        spoilt = self.chance.choice(sorted(blocks_folder(path).glob("*.safetensors")))
        if self.chance.randrange(3):
            self._cut(spoilt)
            return
        header, mapped = container.read(spoilt)
        tensors = {name: np.array(array) for name, array in mapped.items()}
        self._spoil(header)
        self._spoil_array(tensors)
        container.write(spoilt, tensors, header)

    def _pack(self, path: Path, header: Header, tensors: Tensors) -> None:
        """Write a file without a checksum, or with one that is right."""
        if self.chance.randrange(2):
            path.write_bytes(save(tensors, {"nnanim": json.dumps({**header, "format": 1})}))
        else:
            container.write(path, tensors, {**header, "format": container.FORMAT})

    def _cut(self, path: Path) -> None:
        """Change bytes, take some away, put some in; most where the header is."""
        whole = bytearray(path.read_bytes())
        for _ in range(self.chance.choice((1, 1, 2, 5))):
            at = int(len(whole) * self.chance.random() ** self.chance.choice((1, 1, 8)))
            length = self.chance.choice((1, 8, 100))
            way = self.chance.choice(("change", "change", "flip", "flip", "cut", "add", "JSON"))
            if way == "change":
                whole[at : at + 1] = self.chance.randbytes(1)
            elif way == "flip" and at < len(whole):
                whole[at] ^= 1 << self.chance.randrange(8)
            elif way == "cut":
                del whole[at : at + length]
            elif way == "add":
                whole[at:at] = self.chance.choice((self.chance.randbytes(length), whole[:length]))
            else:
                whole[at : at + 1] = self.chance.choice(_BITS_OF_JSON)
        path.write_bytes(whole)

    def _spoil(self, node: Any) -> None:
        """Put something else into a part of a header, a thousand times, or take it away."""
        keys = sorted(node) if isinstance(node, dict) else range(len(node))
        key = self.chance.choice(keys)
        if isinstance(node[key], dict | list) and node[key] and self.chance.randrange(4):
            self._spoil(node[key])
            return
        node[key] = self.chance.choice((*VALUES, *_TEXTS, *_NUMBERS, [0] * 5000))
        if self.chance.randrange(4) == 0:
            del node[key]
        elif isinstance(node, list) and self.chance.randrange(4) == 0:
            node += [self.chance.choice(VALUES)] * 1000

    def _spoil_array(self, tensors: Tensors) -> None:
        """Change the numbers, the type, the shape or the name of an array."""
        name = self.chance.choice(sorted(tensors))
        array = tensors[name]
        way = self.chance.choice(("number", "way", "name", "shape", "none"))
        with np.errstate(all="ignore"):
            if way == "number" and array.size:
                edge = np.float64(self.chance.choice(_EDGES)).astype(array.dtype)
                array.reshape(-1)[self.chance.randrange(array.size)] = edge
            elif way == "way" and array.ndim:
                tensors[name] = WAYS[self.chance.choice(sorted(WAYS))](array)
            elif way == "name":
                tensors[self.chance.choice((*tensors, *_NAMES))] = array
            elif way == "shape":
                tensors[name] = self.chance.choice((array[None], array[..., None], array.T.copy()))
            else:
                del tensors[name]


def use(recording: Recording, path: Path, drawn: bool) -> None:
    """Do what commands do; if `drawn`, the frame too, which takes longest."""
    facts = facts_of(recording, path)
    assert json.dumps(facts, allow_nan=False)
    assert told_of(facts)
    film = Film(recording)
    if drawn:
        film.frame(3.0, (160, 90))


def ends(spoiler: Spoiler, kind: str, count: int) -> Iterator[tuple[bool, float, int]]:
    """Give of each spoilt recording whether it was a picture, its seconds and its bytes."""
    path = spoiler.folder / "run.safetensors"
    write: Callable[[Path], None] = getattr(spoiler, f"write_{kind}")
    opened = unfinished if kind == "blocks" else Recording.load
    for number in range(count):
        try:
            write(path)
        except (ValueError, TypeError, SafetensorError):  # what no file can hold
            continue
        files = [path] if path.is_file() else [*blocks_folder(path).iterdir()]
        size = sum(file.stat().st_size for file in files)
        faulthandler.dump_traceback_later(4 * _SECONDS, exit=True)
        begun, said = time.process_time(), ""
        try:
            use(opened(path), path, drawn=number % 4 == 0)
        except NnanimError as error:
            said = str(error)
        faulthandler.cancel_dump_traceback_later()
        yield not said, time.process_time() - begun, size
        assert "\n" not in said, said


def most_memory() -> int:
    """Return the most bytes of memory that this process has taken."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(kind: str, seed: str, count: str, folder: str) -> None:
    """Open spoilt recordings and print what came of them."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    warnings.simplefilter("ignore")  # of numbers near the end of all numbers
    spoiler = Spoiler(random.Random(f"{kind} {seed}"), Path(folder))
    for recording in spoiler.sources:
        use(recording, spoiler.folder, drawn=True)  # what is loaded and compiled once
    before, pictures, longest, number = most_memory(), 0, 0.0, 0
    for number, (picture, seconds, size) in enumerate(ends(spoiler, kind, int(count)), start=1):
        pictures, longest = pictures + picture, max(longest, seconds)
        assert seconds < _SECONDS, f"number {number} took {seconds:.1f} s"
        grown = most_memory() - before
        assert grown < _BYTES + _TIMES * size, f"number {number}, {size} bytes: {grown} bytes more"
    told = (pictures, number - pictures, round(longest, 2), (most_memory() - before) // 10**6)
    sys.stdout.write(" ".join(map(str, told)))


if __name__ == "__main__":
    main(*sys.argv[1:])
