"""The encoder: every planned frame in, a whole film out, or an error with ffmpeg's words."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

import numpy as np

from nnanim.errors import WriteError
from nnanim.signals import put_off
from nnanim.types import Frame
from nnanim.writers.containers import frames_in
from nnanim.writers.format import Shots
from nnanim.writers.process import Process, patience

BITEXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact")  # no version strings, no dates
BT709_TAGS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
BT709 = f"scale=out_color_matrix=bt709:out_range=tv,{BT709_TAGS}"


class Encoder:
    """An ffmpeg process that takes the frames of `shots` and makes the film `path`.

    It is given them as `pixels`: "rgba", "yuv420p" for planes, or "pal8" for indices that a palette
    follows.

    Use as a context. Raises `WriteError` with ffmpeg's last words where it fails, where it takes
    no frame for `NNANIM_ENCODER_TIMEOUT` seconds (60), or when it says that it encoded another
    number of frames than went in, or `count` finds another number at `path`. Without a `count`,
    whoever uses it is to look.
    """

    def __init__(
        self,
        path: Path,
        shots: Shots,
        arguments: Sequence[str],
        count: Callable[[Path], int] | None = frames_in,
        pixels: str = "rgba",
    ) -> None:
        self._shots = shots
        self._path, self._count_made = path, count
        self._written = 0
        self._encoded = 0
        self._waiting_since: float | None = None
        self._patience = patience()
        self._hung = False
        self._over = Event()
        width, height = shots.size
        command = ["-progress", "pipe:1", "-y"]
        self._shape = {
            "rgba": (height, width, 4),
            "yuv420p": (height * width * 3 // 2,),
            "pal8": (height * width + 1024,),
        }[pixels]
        command += ["-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{width}x{height}"]
        command += ["-r", str(Fraction(shots.fps).limit_denominator(1001)), "-i", "pipe:0"]
        # ffmpeg would take a name for an option, or what stands before a colon for a protocol.
        self._command = [*command, *arguments, str(path.absolute())]
        self._counter, self._watcher = (
            Thread(target=part, daemon=True) for part in (self._count, self._watch)
        )
        self._afterwards = ExitStack()

    def __enter__(self) -> "Encoder":
        # An ffmpeg that nobody ends would make its film again when it has been taken away.
        try:
            with put_off():
                self._process = Process(self._command)
                self._afterwards.callback(self._end)
                self._counter.start()
                self._watcher.start()
        except BaseException:
            self._afterwards.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._afterwards:
            if kind is None:
                self._finish()

    def write(self, frame: Frame) -> None:
        """Hand over the next frame, (height, width, 4) or the bytes that `pixels` stands for."""
        if frame.shape != self._shape:
            raise ValueError(f"frame of shape {frame.shape}: expected {self._shape}")
        self._waiting_since = time.monotonic()
        try:
            self._process.stdin.write(np.ascontiguousarray(frame).data.cast("B"))
        except OSError as error:
            raise self._failure() from error
        self._waiting_since = None
        self._written += 1

    def _finish(self) -> None:
        self._waiting_since = time.monotonic()
        try:
            self._process.stdin.close()
        except OSError as error:
            raise self._failure() from error
        if self._process.wait() != 0:
            raise self._failure()
        if self._written != self._shots.count:
            raise ValueError(f"{self._written} frames written: expected {self._shots.count}")
        self._counter.join(timeout=2)
        if self._count_made is None:
            return
        if self._encoded != self._written:
            raise WriteError(
                f"ffmpeg says it encoded {self._encoded} of {self._written} frames: "
                f"{self._process.last_words()}"
            )
        try:
            made = self._count_made(self._path)
        except (OSError, ValueError) as error:
            raise WriteError(
                f"ffmpeg says it encoded {self._written} frames, but what it made cannot be read: "
                f"{error}"
            ) from error
        if made != self._written:
            raise WriteError(
                f"ffmpeg says it encoded {self._written} frames, but what it made holds {made}"
            )

    def _end(self) -> None:
        """Leave nothing of ffmpeg and of those that listen to it."""
        self._over.set()
        self._process.kill()
        for listener in (self._counter, self._watcher):
            if listener.is_alive():
                listener.join(timeout=2)
        self._process.clear_away()

    def _failure(self) -> WriteError:
        if self._hung:
            words = self._process.last_words()
            return WriteError(
                f"ffmpeg took no frame for {self._patience:g} s and was ended: {words}"
            )
        return WriteError(self._process.failure())

    def _count(self) -> None:
        """Note how many frames ffmpeg says it has encoded."""
        for line in self._process.stdout:
            name, _, value = line.strip().partition(b"=")
            if name == b"frame" and value.isdigit() and int(value) != self._encoded:
                self._encoded = int(value)
                if self._waiting_since is not None:
                    self._waiting_since = time.monotonic()

    def _watch(self) -> None:
        """End an ffmpeg that has hung."""
        while not self._over.wait(min(0.5, self._patience / 4)):
            since = self._waiting_since
            if since is not None and time.monotonic() - since > self._patience:
                self._hung = True
                self._process.kill()
                return
