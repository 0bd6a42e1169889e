"""Ctrl-C and TERM end a program within two seconds, whatever runs, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

SceneFile = Callable[..., Path]

_SOON = 4.0  # seconds: two, and what a busy machine adds
_REACHED = "open('reached', 'w').close()"
_IN_THE_BACKGROUND = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
_VIEW = """
import time


@dataclass(frozen=True)
class Mine:
    def panels(self, film):
        return [Panel("Mine", (0, 1), (0, 1))]

    def marks(self, film, t):
        if t >= {when}:
            {reached}
            {loop}
        return [[]]
"""
_MODEL = """
class Net(nn.Sequential):
    def forward(self, x):
        if torch.is_grad_enabled() and len(x) == 32:
            {reached}
            while True:
                pass
        return super().forward(x)
"""
_DEAF = """while True:
                try:
                    time.sleep(0.01)
                except BaseException:
                    pass"""
# Minutes in one go in compiled code, which never looks at a signal. It tells from within itself
# that it was reached, so that no signal meets Python's own code before it.
_COMPILED = """
from math import sin

import numpy as np
from numba import njit

from nnanim.commands.interruption import soon


@njit(nogil=True)
def added(count, reached):
    total = 0.0
    for i in range(count):
        total += sin(total + i)
        if i == 1000:
            reached[0] = 1
    return total


added(1, np.zeros(1, np.uint8))
with soon():
    print(added(10**12, np.memmap("reached", np.uint8, "w+", shape=(1,))))
"""


def view(loop: str, when: float = 0.0) -> dict[str, str]:
    """Return the parts of a scene with a view that does not end from a time on."""
    before = _VIEW.format(loop=loop, when=when, reached=_REACHED)
    return {"before": before, "more": "views=[Mine()],"}


STUCK: dict[str, dict[str, str]] = {
    "a view on the main thread": view("while True: pass"),
    "a view on every thread": view("while True: pass", 0.2),
    "a view that sleeps": view("time.sleep(1e6)", 0.2),
    "a view that will not be told": view(_DEAF),
    "a model that trains for ever": {
        "before": _MODEL.format(reached=_REACHED),
        "model": "lambda: Net(nn.Linear(2, 1), nn.Sigmoid())",
    },
}


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a view on the main thread", "mp4"),
        pytest.param("a view on every thread", "gif", marks=pytest.mark.slow),
        pytest.param("a view on every thread", "mp4", marks=pytest.mark.slow),
        pytest.param("a view that sleeps", "mp4", marks=pytest.mark.slow),
        pytest.param("a view that will not be told", "mp4", marks=pytest.mark.slow),
        pytest.param("a model that trains for ever", "mp4", marks=pytest.mark.slow),
    ],
)
def test_an_endless_loop_is_ended_at_once(
    name: str, suffix: str, scene_file: SceneFile, tmp_path: Path
) -> None:
    """It ends as any interrupted program does: 130 and one word; an older film stays as it was."""
    film = tmp_path / f"film.{suffix}"
    film.write_text("the older film")
    file = scene_file(**STUCK[name])
    program = rendering(tmp_path, file, "-o", film)
    try:
        until(program, (tmp_path / "reached").exists)
        took, err = ended(program, signal.SIGINT)
    finally:
        program.kill()

    assert program.returncode == 130
    assert err.splitlines()[-1] == "nnanim: interrupted"
    assert took < _SOON
    assert film.read_text() == "the older film"
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".nnanim.")}
    assert left == {"reached", file.name, film.name}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="it has no such signals")
def test_term_ends_an_endless_loop_where_ctrl_c_is_ignored(
    scene_file: SceneFile, tmp_path: Path
) -> None:
    """So it is in a command that a script leaves in the background; Ctrl-C stays ignored there."""
    file = scene_file(**STUCK["a view on every thread"])
    program = rendering(tmp_path, file, "-o", "film.gif", around=_IN_THE_BACKGROUND)
    try:
        until(program, (tmp_path / "reached").exists)
        program.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(timeout=2)
        took, err = ended(program, signal.SIGTERM)
    finally:
        program.kill()

    assert program.returncode == 128 + signal.SIGTERM
    assert err.splitlines()[-1] == "nnanim: interrupted"
    assert took < _SOON
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".nnanim.")}
    assert left == {"reached", file.name}


@pytest.mark.skipif(sys.platform == "win32", reason="its Ctrl-C is no signal")
def test_compiled_code_on_the_main_thread_is_ended_too(tmp_path: Path) -> None:
    """Python itself would look at the signal only when that code is done."""
    program, reached = started(tmp_path, "-c", _COMPILED), tmp_path / "reached"
    try:
        until(program, lambda: reached.exists() and reached.read_bytes() == b"\1")
        took, err = ended(program, signal.SIGINT)
    finally:
        program.kill()

    assert (program.returncode, err) == (130, "nnanim: interrupted\n")
    assert took < _SOON


def rendering(
    folder: Path, *arguments: object, around: tuple[str, ...] = ()
) -> "subprocess.Popen[str]":
    """Start to render a film in a folder."""
    film = ("-r", "128x72", "--fps", "10", "--seconds", "1", "--no-cache")
    return started(folder, "-m", "nnanim.cli", "render", *arguments, *film, around=around)


def started(
    folder: Path, *arguments: object, around: tuple[str, ...] = ()
) -> "subprocess.Popen[str]":
    """Start Python in a folder, by a command `around` it."""
    command = [*around, sys.executable, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def until(program: "subprocess.Popen[str]", reached: Callable[[], bool]) -> None:
    """Wait until a program has got somewhere."""
    for _ in range(6000):
        if reached():
            return
        assert program.poll() is None, program.communicate()
        time.sleep(0.01)
    pytest.fail("the program did not get so far")


def ended(program: "subprocess.Popen[str]", by: signal.Signals) -> tuple[float, str]:
    """Send a signal; returns after how many seconds the program ended, and what it said."""
    program.send_signal(by)
    began = time.monotonic()
    _, err = program.communicate(timeout=60)
    return time.monotonic() - began, err
