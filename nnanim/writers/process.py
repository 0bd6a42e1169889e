"""ffmpeg as a process: found, started, listened to, ended.

It runs in a group of its own, so that Ctrl-C comes to us alone, and never outlives us, however we
end.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from threading import Thread, Timer
from typing import IO

import imageio_ffmpeg

from nnanim.errors import UsageError, WriteError

if sys.platform == "linux":
    import fcntl

_LAST_WORDS, _LINES = 600, 4  # bytes and lines of stderr that an error quotes at most
_LONGEST_ANSWER = 2**20
_PIPE = 2**20  # bytes that may wait for ffmpeg: a frame is then few turns, not fifty
_WATCH = 'read -r _ || kill -9 "-$1"'  # its standard input ends without a line when we are gone


class Process:
    """A running ffmpeg: frames go to `stdin`, what it reports comes from `stdout`.

    Raises `WriteError` where there is no ffmpeg, or none that starts.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        command = [ffmpeg(), "-hide_banner", "-loglevel", "error", *arguments]
        # This encoder's chatter is not an error.
        environment = {**os.environ, "SVT_LOG": "1"}
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                start_new_session=True,
                env=environment,
            )
        except OSError as error:
            raise WriteError(f"ffmpeg could not be started: {error}") from error
        self._guard = _guard_of(self._process.pid)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.stdin: IO[bytes] = self._process.stdin
        if sys.platform == "linux":
            with suppress(OSError):  # more than this user may have
                fcntl.fcntl(self.stdin, fcntl.F_SETPIPE_SZ, _PIPE)
        self.stdout: IO[bytes] = self._process.stdout
        self._stderr: IO[bytes] = self._process.stderr
        self._said = b""
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def wait(self) -> int:
        """Wait for its end and return its status."""
        return self._process.wait()

    def kill(self) -> None:
        """End it and whatever it has started."""
        if sys.platform == "win32":
            self._process.kill()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def clear_away(self) -> None:
        """Leave nothing of it behind."""
        self.kill()
        self._process.wait()
        self._listener.join(timeout=2)
        for pipe in (self.stdin, self.stdout, self._stderr):
            _close_quietly(pipe)
        if self._guard is not None and self._guard.stdin is not None:
            with suppress(OSError):
                self._guard.stdin.write(b"\n")
            _close_quietly(self._guard.stdin)
            self._guard.wait()

    def failure(self) -> str:
        """Return how it ended and its last words."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2)
        self.kill()
        status = self._process.wait()
        if status < 0:
            ending = f"was ended by a signal ({signal.strsignal(-status) or -status})"
        else:
            ending = f"failed with exit status {status}"
        return f"ffmpeg {ending}: {self.last_words()}"

    def last_words(self) -> str:
        """Return the last lines of its stderr as one, without the addresses in them."""
        self._listener.join(timeout=2)
        said = re.sub(r" @ 0x[0-9a-f]+", "", self._said.decode(errors="replace"))
        lines = [line.strip(" \r\0") for line in said.split("\n")]
        return "; ".join([line for line in lines if line][-_LINES:]) or "it said nothing"

    def _listen(self) -> None:
        """Drain stderr, or a talkative ffmpeg would stop at a full pipe."""
        while part := os.read(self._stderr.fileno(), 65536):
            self._said = (self._said + part)[-_LAST_WORDS:]


def ffmpeg() -> str:
    """Return the path of ffmpeg; `WriteError` where there is none."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise WriteError(
            "no ffmpeg was found: reinstall imageio-ffmpeg, which brings one, or set "
            "IMAGEIO_FFMPEG_EXE to its path"
        ) from error


def answer(*arguments: str) -> bytes:
    """Return what ffmpeg prints to a question; `WriteError` where it fails or hangs."""
    process = Process(arguments)
    limit = Timer(patience(), process.kill)
    limit.start()
    try:
        _close_quietly(process.stdin)
        told = process.stdout.read(_LONGEST_ANSWER)
        if process.wait() != 0:
            hung = f"ffmpeg did not answer for {patience():g} s and was ended"
            raise WriteError(hung if limit.finished.is_set() else process.failure())
    finally:
        limit.cancel()
        process.clear_away()
    return told


def check_encoder(name: str) -> None:
    """Raise `UsageError` where this ffmpeg has no encoder of that name."""
    if name not in _encoders(ffmpeg()):
        raise UsageError(
            f"the ffmpeg at hand cannot encode with {name}: choose another format or codec, or "
            "set IMAGEIO_FFMPEG_EXE to the path of an ffmpeg that can"
        )


def patience() -> float:
    """Return for how many seconds ffmpeg may do nothing: NNANIM_ENCODER_TIMEOUT, or 60."""
    told = os.environ.get("NNANIM_ENCODER_TIMEOUT", "60")
    try:
        return float(told)
    except ValueError as error:
        raise UsageError(f"NNANIM_ENCODER_TIMEOUT={told}: expected seconds, as 60") from error


@cache
def _encoders(path: str) -> frozenset[str]:
    del path  # another ffmpeg, another answer
    lines = answer("-encoders").decode(errors="replace").splitlines()
    return frozenset(line.split()[1] for line in lines if len(line.split()) > 1)


def _guard_of(group: int) -> "subprocess.Popen[bytes] | None":
    """Start a shell that ends ffmpeg if we are killed: ffmpeg would still finish a short film."""
    if sys.platform == "win32":
        return None
    command = ["/bin/sh", "-c", _WATCH, "sh", str(group)]
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    try:
        return subprocess.Popen(
            command, stdin=pipe, stdout=null, stderr=null, start_new_session=True
        )
    except OSError:
        return None


def _close_quietly(pipe: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be flushed belongs to a film that was given up
        pipe.close()
