"""The one ffmpeg process: frames in, a whole file out or none at all.

The file grows under a temporary name beside its place and is renamed only when every planned frame
went in, ffmpeg said it was content, and the bytes are on the disk.
"""

import os
import subprocess
import tempfile
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import IO

import imageio_ffmpeg
import numpy as np

from nnanim.errors import WriteError
from nnanim.writers.format import Frame, Shots


class Encoder:
    """An ffmpeg process that takes the frames of `shots` and leaves the film at `path`.

    Use as a context; leaving it by an exception leaves no file. Raises `WriteError` with ffmpeg's
    last words where it fails.
    """

    def __init__(
        self, path: Path, shots: Shots, arguments: Sequence[str], inputs: Sequence[Path] = ()
    ) -> None:
        self._path = path
        self._shots = shots
        self._written = 0
        self._last_words: deque[str] = deque(maxlen=12)
        self._temporary = temporary_beside(path)
        width, height = shots.size
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
        command += ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}"]
        command += ["-r", str(Fraction(shots.fps).limit_denominator(1001)), "-i", "pipe:0"]
        for more in inputs:
            command += ["-i", str(more)]
        command += [*arguments, str(self._temporary)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        except OSError as error:
            self._temporary.unlink(missing_ok=True)
            raise WriteError(f"ffmpeg could not be started: {error}") from error
        assert self._process.stderr is not None
        self._listener = Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()

    def __enter__(self) -> "Encoder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            # Whatever happened, no process and no half file stays behind.
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            self._listener.join(timeout=2)
            for pipe in (self._process.stdin, self._process.stderr):
                if pipe is not None and not pipe.closed:
                    _close_quietly(pipe)
            self._temporary.unlink(missing_ok=True)

    def write(self, frame: Frame) -> None:
        """Hand over the next frame (height, width, 4)."""
        width, height = self._shots.size
        if frame.shape != (height, width, 4):
            raise ValueError(f"frame of shape {frame.shape}: expected ({height}, {width}, 4)")
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(np.ascontiguousarray(frame).data.cast("B"))
        except OSError as error:
            self._process.wait()
            raise self._failure() from error
        self._written += 1

    def _finish(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError as error:
            self._process.wait()
            raise self._failure() from error
        if self._process.wait() != 0:
            raise self._failure()
        if self._written != self._shots.count:
            raise ValueError(f"{self._written} frames written: expected {self._shots.count}")
        try:
            publish(self._temporary, self._path)
        except OSError as error:
            raise WriteError(f"cannot write {self._path}: {error.strerror}") from error

    def _failure(self) -> WriteError:
        self._listener.join(timeout=2)
        words = "; ".join(self._last_words) or f"exit status {self._process.returncode}"
        return WriteError(f"ffmpeg failed while writing {self._path}: {words}")

    def _listen(self, stderr: IO[bytes]) -> None:
        """Drain stderr, or a talkative ffmpeg would stop at a full pipe; keep its last lines."""
        for line in stderr:
            self._last_words.append(line.decode(errors="replace").strip())


def temporary_beside(path: Path) -> Path:
    """Return a new empty file in the folder of `path`; `WriteError` where that cannot be."""
    if path.is_dir():
        raise WriteError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise WriteError(
            f"the folder {path.parent} does not exist: make it first, or choose another"
        )
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}.", suffix=f".part{path.suffix}", dir=path.parent
        )
    except OSError as error:
        raise WriteError(f"cannot write in the folder {path.parent}: {error.strerror}") from error
    os.close(handle)
    return Path(name)


def publish(temporary: Path, path: Path) -> None:
    """Give a finished temporary file its name: bytes to the disk first, then the rename."""
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def _close_quietly(pipe: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be flushed belongs to a film that was given up
        pipe.close()
