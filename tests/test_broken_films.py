"""Whatever happens while a film is written: the old one stays or a whole one takes its place."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import imageio.v3 as iio
import imageio_ffmpeg
import numpy as np
import pytest

from nnanim import place
from nnanim.errors import WriteError
from nnanim.place import check_place
from nnanim.themes import THEMES
from nnanim.types import Frame
from nnanim.writers import FORMATS
from nnanim.writers.checks import check_format
from nnanim.writers.format import Shots

if sys.platform == "win32":
    pytest.skip("signals and locks of folders are not those of Windows", allow_module_level=True)

SIZE = (64, 64)
REAL = imageio_ffmpeg.get_ffmpeg_exe()

# A film that takes long, of noise, in a process of its own.
CHILD = """
import signal, sys, time
from pathlib import Path
import numpy as np
from nnanim.themes import THEMES
from nnanim.writers import FORMATS
from nnanim.writers.checks import check_format
from nnanim.writers.format import Shots

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which is ignored where tests run under nohup
path, count, pause = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
noise = np.random.default_rng(1).integers(0, 256, (64, 64, 4), dtype=np.uint8)

def frames():
    for i in range(count):
        yield np.roll(noise, i, axis=0)
        time.sleep(pause)

plan = Shots((64, 64), 20, count, THEMES["dark"], frames, lambda n: [noise])
FORMATS[path.suffix[1:]].write(path, plan)
"""


def shots(count: int = 12, frames: Callable[[], Iterator[Frame]] | None = None) -> Shots:
    pictures = [np.full((*SIZE, 4), 20 * i % 256, np.uint8) for i in range(count)]
    given = frames or (lambda: iter(pictures))
    return Shots(SIZE, 20, count, THEMES["dark"], given, lambda n: pictures[:n])


def endless() -> Iterator[Frame]:
    noise = np.random.default_rng(1).integers(0, 256, (*SIZE, 4), dtype=np.uint8)
    while True:
        yield noise


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder with an old film in every format."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in FORMATS:
        if name != "png":
            (folder / f"film.{name}").write_bytes(b"old")
    (folder / "film.png").mkdir()
    (folder / "film.png" / "frame_00001.png").write_bytes(b"old")
    return folder


def assert_untouched(films: Path) -> None:
    """No old film has changed and nothing else lies there."""
    assert sorted(path.name for path in films.iterdir()) == sorted(f"film.{n}" for n in FORMATS)
    for path in films.iterdir():
        files = list(path.iterdir()) if path.is_dir() else [path]
        assert [file.read_bytes() for file in files] == [b"old"]


def processes(word: str) -> list[str]:
    """Return the command lines of all living processes that hold `word`."""
    lines = subprocess.run(
        ["ps", "-ww", "-eo", "stat=,args="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [line for line in lines if word in line and not line.startswith("Z")]


def assert_soon(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("name", FORMATS)
def test_a_failure_while_drawing_leaves_the_old_film(name: str, films: Path) -> None:
    """Ctrl-C too, in every format; no process and no stray file stays."""

    def failing() -> Iterator[Frame]:
        yield np.zeros((*SIZE, 4), np.uint8)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FORMATS[name].write(films / f"film.{name}", shots(frames=failing))

    assert_untouched(films)
    assert not processes(str(films))


def test_too_few_frames_are_our_bug_and_leave_no_film(films: Path) -> None:
    """A film appears under its name only with every planned frame."""
    few = [np.zeros((*SIZE, 4), np.uint8)] * 3

    with pytest.raises(ValueError, match="3 frames written: expected 12"):
        FORMATS["mp4"].write(films / "film.mp4", shots(frames=lambda: iter(few)))

    assert_untouched(films)


# -- a bad ffmpeg --------------------------------------------------------------------------------

NAP = f"sleep 1{os.getpid()}"  # not that of another process that runs these tests
BAD = {
    "dies at once": ("echo 'No space left' >&2; exit 1", "exit status 1: No space left"),
    "dies in the middle": (
        "head -c 40000 >/dev/null; echo 'No space left' >&2; exit 3",
        "exit status 3: No space left",
    ),
    "dies at the end": ("cat >/dev/null; echo 'No space left' >&2; exit 1", "No space left"),
    "says nothing": ("exit 7", "exit status 7: it said nothing"),
    "is killed": ("kill -9 $$", r"ended by a signal \(Killed\)"),
    "is killed at the end": ("cat >/dev/null; kill -9 $$", r"ended by a signal \(Killed\)"),
    "floods stderr, then dies": (
        "head -c 3000000 /dev/zero >&2; echo; echo 'the end' >&2; exit 1",
        "the end",
    ),
    "takes no frame": (NAP, "took no frame for 0.5 s and was ended"),
    "never ends": (f"cat >/dev/null; {NAP}", "took no frame for 0.5 s and was ended"),
    "lies": ("cat >/dev/null; exit 0", "encoded 0 of 12 frames"),
    "loses frames": (
        "cat >/dev/null; echo frame=11; echo progress=end; echo 'lost' >&2",
        "encoded 11 of 12 frames: lost",
    ),
}


@pytest.mark.parametrize("script", BAD)
def test_a_bad_ffmpeg_is_our_error(
    script: str, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 5 and its last words; the old film stays, its children do not."""
    line, message = BAD[script]
    fake(tmp_path, monkeypatch, line)
    if NAP in line:
        monkeypatch.setenv("NNANIM_ENCODER_TIMEOUT", "0.5")

    with pytest.raises(WriteError, match=message) as caught:
        FORMATS["mp4"].write(films / "film.mp4", shots(12))

    assert caught.value.exit_code == 5
    assert_untouched(films)
    assert not processes(str(tmp_path))
    assert not processes(NAP)


# What ffmpeg does before it reports that all is well, and what is found in most formats.
LIES = {
    "makes nothing": "",
    "makes another thing": "Path(made).write_text('all is well')",
    "makes the start of it": (
        "run(); files = [made] if '%' not in made else glob(made.replace('%05d', '*'))\n"
        "for file in files: os.truncate(file, 40)"
    ),
    "leaves frames out": "run('-frames:v', '5')",
}
LIAR = """#!{python}
import os, subprocess, sys
from glob import glob
from pathlib import Path

*arguments, made = sys.argv[1:]

def run(*more):
    subprocess.run([{real!r}, *arguments, *more, made], stdout=subprocess.DEVNULL, check=True)

{does}
sys.stdin.buffer.read()
print("frame=12\\nprogress=end")
"""


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "gif"])
def test_an_ffmpeg_that_reports_success_is_not_believed(
    name: str, lie: str, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has made is looked at: its container, and how many frames are in it."""
    fake(tmp_path, monkeypatch, LIAR.format(python=sys.executable, real=REAL, does=LIES[lie]))

    with pytest.raises(WriteError, match=r"^cannot write .*: ffmpeg (says it encoded 12|made a W)"):
        FORMATS[name].write(films / f"film.{name}", shots(12))

    assert_untouched(films)


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    path = folder / "ffmpeg"
    path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(path))


@pytest.mark.parametrize("flood", ["tr '\\0' '\\n'", "cat"], ids=["lines", "one line"])
def test_a_talkative_ffmpeg_does_not_stop_the_film(
    flood: str, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stderr is drained while the frames go in."""
    fake(tmp_path, monkeypatch, f'head -c 3000000 /dev/zero | {flood} >&2; exec {REAL} "$@"')

    FORMATS["mp4"].write(films / "film.mp4", shots())

    assert len(iio.imread(films / "film.mp4")) == 12


@pytest.mark.slow
def test_a_slow_ffmpeg_is_no_hung_one(
    films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is the time since it last took or made a frame, and ours does not count."""
    fake(tmp_path, monkeypatch, f'sleep 0.3; exec {REAL} "$@"')
    monkeypatch.setenv("NNANIM_ENCODER_TIMEOUT", "2")

    def slow() -> Iterator[Frame]:
        for frame in shots(2).frames():
            time.sleep(2.5)
            yield frame

    FORMATS["mp4"].write(films / "film.mp4", shots(2, slow))

    assert len(iio.imread(films / "film.mp4")) == 2


@pytest.mark.parametrize("there", [False, True], ids=["missing", "no program"])
def test_an_ffmpeg_that_cannot_be_run_is_said(
    there: bool, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the training, by the check, and while writing."""
    path = tmp_path / "ffmpeg"
    if there:
        path.write_text("no program")
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", lambda: str(path))

    with pytest.raises(WriteError, match="ffmpeg could not be started"):
        check_format(FORMATS["mp4"], SIZE, 20, THEMES["dark"])
    with pytest.raises(WriteError, match="ffmpeg could not be started"):
        FORMATS["mp4"].write(films / "film.mp4", shots())

    assert_untouched(films)


def test_no_ffmpeg_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to get one."""

    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)

    with pytest.raises(WriteError, match="IMAGEIO_FFMPEG_EXE"):
        check_format(FORMATS["mp4"], SIZE, 20, THEMES["dark"])


def test_an_ffmpeg_that_does_not_answer_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it can encode is asked before the training."""
    fake(tmp_path, monkeypatch, NAP)
    monkeypatch.setenv("NNANIM_ENCODER_TIMEOUT", "0.3")

    with pytest.raises(WriteError, match=r"did not answer for 0\.3 s"):
        check_format(FORMATS["mp4"], SIZE, 20, THEMES["dark"])

    assert not processes(NAP)


# -- a full disk ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mp4", "gif", "webm", "mov", "webp", "apng", "png"])
def test_a_file_that_may_not_grow_leaves_the_old_film(name: str, films: Path) -> None:
    """As on a full disk, ffmpeg or we are refused; both say so."""
    program = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n{CHILD}"
    path = films / f"film.{name}"

    done = subprocess.run(
        [sys.executable, "-c", program, str(path), "40", "0"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "WriteError" in done.stderr.splitlines()[-1]
    assert "ile" in done.stderr.splitlines()[-1]
    assert_untouched(films)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("name", ["mp4", "gif", "webm", "mov", "webp", "apng", "png"])
def test_a_full_disk_leaves_the_old_film(name: str, tmp_path: Path) -> None:
    """A real one, of 60 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=60k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (disk / "old").write_bytes(b"old")

        def noise() -> Iterator[Frame]:
            rng = np.random.default_rng(1)
            for _ in range(60):
                yield rng.integers(0, 256, (*SIZE, 4), dtype=np.uint8)

        with pytest.raises(WriteError, match=r"No space left on device.*; [0-9,]+ bytes are free"):
            FORMATS[name].write(disk / f"film.{name}", shots(60, noise))

        assert [path.name for path in disk.iterdir()] == ["old"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# -- signals -------------------------------------------------------------------------------------


Begun = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def begun() -> Iterator[Begun]:
    """Start a process that writes a film at a path, and wait until ffmpeg runs."""
    children: list[subprocess.Popen[bytes]] = []

    def start(path: Path, count: int = 100_000, pause: float = 0.01) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", CHILD, str(path), str(count), str(pause)]
        children.append(
            subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
        )
        assert_soon(lambda: any("rawvideo" in line for line in processes(str(path.parent))), 20)
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.wait()


def ended(child: "subprocess.Popen[bytes]", number: int) -> int:
    child.send_signal(number)
    return child.wait(timeout=10)


@pytest.mark.parametrize("name", ["mp4", "webm", "png"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(
    name: str, number: signal.Signals, films: Path, begun: Begun
) -> None:
    """No stray file and no process is left; the exit status says which signal it was."""
    child = begun(films / f"film.{name}")

    status = ended(child, number)

    assert status in (128 + number, -number)
    assert not processes(str(films))
    assert_untouched(films)


# What begins when a film does, and which time it does so.
BEGINNINGS: dict[str, tuple[Any, str, int]] = {
    "the hidden file": (place, "_lock", 1),
    "ffmpeg": (subprocess, "Popen", 1),
    "its guard": (subprocess, "Popen", 2),
    "who listens to its words": (Thread, "start", 1),
    "who counts its frames": (Thread, "start", 2),
    "who watches it": (Thread, "start", 3),
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["mp4", "png"])
def test_a_signal_while_it_begins_ends_it_in_order(
    name: str,
    number: signal.Signals,
    beginning: str,
    films: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An ffmpeg that was not known yet made its hidden film again after it was taken away."""
    owner, begin, time = BEGINNINGS[beginning]
    real, begun = getattr(owner, begin), []

    def interrupted(*arguments: Any, **more: Any) -> Any:
        made = real(*arguments, **more)
        begun.append(made)
        if len(begun) == time:
            signal.raise_signal(number)
        return made

    monkeypatch.setattr(owner, begin, interrupted)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        FORMATS[name].write(films / f"film.{name}", shots(12))

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert_soon(lambda: not processes(str(films)), 5)
    assert_untouched(films)


def test_ctrl_c_in_a_terminal_comes_to_us_alone(films: Path, begun: Begun) -> None:
    """It goes to the whole group of processes, and ffmpeg would finish a short film."""
    child = begun(films / "film.mp4")

    os.killpg(child.pid, signal.SIGINT)

    assert child.wait(timeout=10) in (130, -signal.SIGINT)
    assert not processes(str(films))
    assert_untouched(films)


@pytest.mark.parametrize("name", ["mp4", "webm", "png"])
def test_when_we_are_killed_ffmpeg_ends_and_the_next_render_clears_up(
    name: str, films: Path, begun: Begun
) -> None:
    """What stays is hidden, and goes when something is written there again."""
    child = begun(films / f"film.{name}")

    ended(child, signal.SIGKILL)

    assert_soon(lambda: not processes(str(films)), 2)
    left = {path.name for path in films.iterdir()} - {f"film.{name}" for name in FORMATS}
    assert len(left) == 1
    assert left.pop().startswith(".nnanim.")
    check_place(films / "other.gif")
    assert_untouched(films)


def test_when_ffmpeg_is_killed_it_is_our_error(films: Path, begun: Begun) -> None:
    """Whoever killed it."""
    child = begun(films / "film.mp4")
    found = subprocess.run(["pgrep", "-f", f"rawvideo.*{films}"], capture_output=True, check=True)

    for number in found.stdout.split():
        os.kill(int(number), signal.SIGKILL)

    assert child.wait(timeout=10) == 1
    assert_untouched(films)


def test_two_renders_to_one_name_leave_one_whole_film(films: Path, begun: Begun) -> None:
    """Neither clears away what the other is making."""
    path = films / "film.mp4"
    child = begun(path, count=150)

    FORMATS["mp4"].write(path, shots(12))
    assert len(iio.imread(path)) == 12

    assert child.wait(timeout=30) == 0
    assert len(iio.imread(path)) == 150
    assert len(list(films.iterdir())) == len(FORMATS)


# -- places --------------------------------------------------------------------------------------


def test_a_new_folder_of_frames_takes_the_old_ones_place(films: Path) -> None:
    """All of it: no frame of a longer old film stays."""
    for i in range(2, 40):
        (films / "film.png" / f"frame_{i:05d}.png").write_bytes(b"old")

    FORMATS["png"].write(films / "film.png", shots(3))

    names = [path.name for path in sorted((films / "film.png").iterdir())]
    assert names == ["frame_00001.png", "frame_00002.png", "frame_00003.png"]
    assert len(list(films.iterdir())) == len(FORMATS)


def test_a_folder_that_holds_other_things_is_not_replaced(tmp_path: Path) -> None:
    """Nobody's pictures are thrown away."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "holiday.png").touch()

    with pytest.raises(WriteError, match="more than a film's frames"):
        FORMATS["png"].write(folder, shots(3))

    assert (folder / "holiday.png").is_file()


def test_files_are_as_open_as_the_user_lets_them_be(tmp_path: Path) -> None:
    """Not closed to others as temporary files are."""
    before = os.umask(0o027)
    try:
        FORMATS["mp4"].write(tmp_path / "film.mp4", shots(2))
        FORMATS["png"].write(tmp_path / "frames", shots(2))
    finally:
        os.umask(before)

    assert (tmp_path / "film.mp4").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "frames").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "frames" / "frame_00001.png").stat().st_mode & 0o777 == 0o640


def test_names_that_mean_something_elsewhere_are_names(tmp_path: Path) -> None:
    """To ffmpeg, a shell, or a pattern of files."""
    for name in ("100%03d [a] *'; x.mp4", "pipe:1.mp4", "-y.mp4", "é→.mp4"):
        FORMATS["mp4"].write(tmp_path / name, shots(2))
        assert len(iio.imread(tmp_path / name)) == 2
    FORMATS["png"].write(tmp_path / "100%03d", shots(2))
    assert len(list((tmp_path / "100%03d").iterdir())) == 2
