"""A bound on a film's size: quality is given up first, then frames a second, then size."""

import logging
import math
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nnanim.errors import UsageError
from nnanim.place import hidden, replacing
from nnanim.types import Frame
from nnanim.writers.format import Encoding, Format, Shots

_log = logging.getLogger("nnanim")

_LEAST_RATE = 10.0  # frames a second, below which a film is a slide show
_SHARES = (0.8, 0.64, 0.5, 0.4)  # of width and height
_LEAST_SIDE = 64
_GUESSES = 3  # then the gap is halved


@dataclass(frozen=True)
class Rung:
    """What is given up: steps of quality, all but every so many-th frame, width and height.

    `likely` is what share of the bytes is left, roughly: it only says where to look first.
    """

    step: int
    every: int
    size: tuple[int, int]
    likely: float


def write_within(
    bound: int,
    kind: Format,
    path: Path,
    shots_of: Callable[[tuple[int, int]], Shots],
    size: tuple[int, int],
    encoding: Encoding,
) -> Shots:
    """Write the film in at most `bound` bytes and return the shots that it holds at last.

    The first of the rungs that fits is taken; frames are drawn once for each size that is tried.
    What was given up is logged. Raises `UsageError` where nothing fits, and leaves no file.
    """
    with (
        replacing(path) as made,
        hidden(path.parent, folder=True) as folder,
        _Trials(kind, shots_of, encoding, folder) as trials,
    ):
        whole = trials.shots(size)
        rungs = _rungs(kind, whole)
        found = first_that_fits(rungs, bound, trials.bytes_of)
        if found is None:
            raise UsageError(
                f"{path.name} takes {_readable(trials.latest)} even with "
                f"{_told(kind, rungs[-1], whole)}: {_readable(bound)} are too few; make the film "
                "shorter, or allow more"
            )
        trials.take(found, made)
        if found != rungs[0]:
            taken = _readable(made.stat().st_size)
            _log.info("%s has %s, with %s", path.name, taken, _told(kind, found, whole))
        return trials.reduced(found)


def _rungs(kind: Format, whole: Shots) -> list[Rung]:
    steps = len(kind.qualities)
    rungs = [Rung(step, 1, whole.size, 0.8**step) for step in range(steps)]
    worst = rungs[-1]
    most = int(min(whole.fps / _LEAST_RATE, whole.count / 2))
    rungs += [
        replace(worst, every=every, likely=worst.likely * every**-0.7)
        for every in range(2, most + 1)
    ]
    last = rungs[-1]
    for share in _SHARES:
        # Even sides suit every format.
        width, height = (2 * round(share * side / 2) for side in whole.size)
        if min(width, height) >= _LEAST_SIDE:
            likely = last.likely * share**1.6
            rungs.append(replace(last, size=(width, height), likely=likely))
    return rungs


def first_that_fits(rungs: list[Rung], bound: int, bytes_of: Callable[[Rung], int]) -> Rung | None:
    """Return the first rung that fits, by a search that guesses from what it has seen."""
    low, high = -1, len(rungs)  # the last that did not fit, the first that did
    probe, tried = 0, 0
    while high - low > 1:
        taken = bytes_of(rungs[probe])
        tried += 1
        if taken <= bound:
            high = probe
        else:
            low = probe
        room = bound / taken * rungs[probe].likely
        guess = next((i for i, rung in enumerate(rungs) if rung.likely <= room), high)
        if tried > _GUESSES:
            guess = (low + high) // 2
        probe = min(max(guess, low + 1), high - 1)
    return rungs[high] if high < len(rungs) else None


class _Trials:
    """Films that were tried, and the frames that they are made of."""

    def __init__(
        self,
        kind: Format,
        shots_of: Callable[[tuple[int, int]], Shots],
        encoding: Encoding,
        folder: Path,
    ) -> None:
        self._kind = kind
        self._shots_of = shots_of
        self._encoding = encoding
        self._folder = folder
        self._spools: dict[tuple[int, int], _Spool] = {}
        self._made: dict[Rung, Path] = {}
        self.latest = 0

    def __enter__(self) -> "_Trials":
        return self

    def __exit__(self, *_: object) -> None:
        for spool in self._spools.values():
            spool.file.close()

    def shots(self, size: tuple[int, int]) -> Shots:
        """Return the whole film at a size."""
        if size not in self._spools:
            self._spools[size] = _Spool(self._shots_of(size))
        return self._spools[size].shots

    def reduced(self, rung: Rung) -> Shots:
        """Return the shots of a rung: every so many-th of those at its size."""
        shots = self.shots(rung.size)
        spool, every = self._spools[rung.size], rung.every
        count = math.ceil(shots.count / every)
        rate = shots.fps / every
        return replace(
            shots,
            fps=rate,
            count=count,
            frames=lambda: spool.frames(every),
            yuv420=None,
            converted=None,
        )

    def bytes_of(self, rung: Rung) -> int:
        """Write the film of a rung and return its size in bytes."""
        trial = self._folder / f"trial{len(self._made)}.{self._kind.name}"
        encoding = replace(self._encoding, step=rung.step)
        self._kind.encode(trial, self.reduced(rung), encoding)
        self._made[rung] = trial
        self.latest = trial.stat().st_size
        return self.latest

    def take(self, rung: Rung, made: Path) -> None:
        """Let the film of a rung be the one that is made."""
        shutil.copyfile(self._made[rung], made)


class _Spool:
    """The frames of a film, drawn once, packed in a file that has no name."""

    def __init__(self, shots: Shots) -> None:
        self.shots = shots
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by its owner
        self._ends = [0]

    def frames(self, every: int) -> Iterator[Frame]:
        """Give every so many-th frame."""
        width, height = self.shots.size
        if len(self._ends) == 1:
            for frame in self.shots.frames():
                self._ends.append(self._ends[-1] + self.file.write(_packed(frame)))
        for i in range(0, len(self._ends) - 1, every):
            self.file.seek(self._ends[i])
            packed = self.file.read(self._ends[i + 1] - self._ends[i])
            # Kernels are compiled anew for arrays that may not be written.
            content = bytearray(zlib.decompress(packed))
            yield np.frombuffer(content, np.uint8).reshape(height, width, -1)


def _packed(frame: Frame) -> bytes:
    return zlib.compress(np.ascontiguousarray(frame).data, 1)


def _told(kind: Format, rung: Rung, whole: Shots) -> str:
    parts = [kind.qualities[rung.step]]
    if rung.every > 1:
        parts.append(f"{whole.fps / rung.every:.4g} frames a second")
    if rung.size != whole.size:
        parts.append(f"{rung.size[0]}x{rung.size[1]}")
    return ", ".join(parts)


def _readable(count: int) -> str:
    return f"{count / 1e6:.3g} MB" if count >= 1e6 else f"{count / 1e3:.3g} kB"
