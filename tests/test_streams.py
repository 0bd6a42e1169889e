"""What is printed: where stdout or stderr is closed, full or narrow, and whatever a file holds."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]

EVIL = "\x1b]0;PWNED\x07 \x9b31m\u202ered\r"  # a terminal would take a title and colours from it
SHOWN = r"\x1b]0;PWNED\x07 \x9b31m\u202ered"
posix = pytest.mark.skipif(sys.platform == "win32", reason="its shell knows no such redirections")


def shell(folder: Path, arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a shell does, with its redirections."""
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m nnanim.cli {arguments}', sys.executable],
        cwd=folder,
        env={**os.environ, **paths, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@posix
@pytest.mark.parametrize(
    "closed",
    [
        "<&- >&- 2>&-",
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("<&-", ">&-", "2>&-")),
    ],
)
def test_a_film_is_made_whatever_is_closed(
    closed: str, scene_file: SceneFile, tmp_path: Path
) -> None:
    """And it holds the film alone: its file has not taken the number of a closed stream."""
    film = "render tiny.py -o f.gif -r 64x64 --fps 5 --seconds 0.4 --no-cache"
    scene_file(before="import sys; print('said', file=sys.stderr)")

    done = shell(tmp_path, f"{film} {closed}")

    assert done.returncode == 0
    assert done.stdout == ("" if ">&-" in closed.split() else "f.gif\n")
    assert done.stderr == ("" if "2>&-" in closed else "said\n")
    assert (tmp_path / "f.gif").read_bytes()[:6] == b"GIF89a"


@posix
@pytest.mark.parametrize(
    ("where", "code", "says"),
    [
        (">&-", 0, ""),
        ("| true", 0, ""),
        (">/dev/full", 5, "nnanim: cannot write to the standard output: No space left on device\n"),
        ("2>/dev/full", 0, ""),
    ],
)
def test_a_stdout_that_takes_nothing_is_one_line(
    where: str, code: int, says: str, scene_file: SceneFile, tmp_path: Path
) -> None:
    """Or none, where nobody wants to hear of it."""
    scene_file()

    done = shell(tmp_path, f"list . {where}")

    assert (done.returncode, done.stderr) == (code, says)


@posix
@pytest.mark.slow
def test_a_stdout_that_a_scene_has_closed_is_one_line(
    scene_file: SceneFile, tmp_path: Path
) -> None:
    """The picture is there; only its name could not be printed."""
    scene_file(before="import os; os.close(1)")

    done = shell(tmp_path, "still tiny.py -o s.png -r 64x64 --no-cache")

    assert done.returncode == 5
    assert done.stderr == ("nnanim: cannot write to the standard output: Bad file descriptor\n")
    assert (tmp_path / "s.png").is_file()


@posix
def test_letters_beyond_the_terminals_are_escaped(scene_file: SceneFile, tmp_path: Path) -> None:
    """A description with an arrow is listed where stdout is Latin-1."""
    file = scene_file()
    file.write_text(f'"""2 → 1."""\n{file.read_text()}')

    done = shell(tmp_path, "list .", PYTHONIOENCODING="latin-1")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "tiny  2 \\u2192 1.\n"


def evil(tmp_path: Path, scene_file: SceneFile) -> Path:
    """Return a scene that has what a terminal would obey wherever it can."""
    file = scene_file(more=f"title={EVIL!r}, description={EVIL!r},")
    text = f'"""{ascii(EVIL)[1:-1]}"""\n{file.read_text()}'
    file.unlink()
    there = tmp_path / "evil.py"
    there.write_text(text)
    return there


def test_what_a_terminal_would_obey_is_escaped(
    scene_file: SceneFile, tmp_path: Path, nnanim: Nnanim
) -> None:
    """In lists, in what a recording and a film tell, in plain and as JSON."""
    file = evil(tmp_path, scene_file)
    assert nnanim("record", file, "-o", "r.safetensors")[0] == 0
    assert nnanim("still", file, "-o", "s.png", "-r", "64x64")[0] == 0

    for command in (("list", "."), ("info", "r.safetensors"), ("info", "s.png")):
        code, plain, err = nnanim(*command)
        assert (code, err) == (0, "")
        assert SHOWN in plain or "\ufffd]0;PWNED" in plain
        _, told, _ = nnanim(*command, "--json")
        for text in (plain, told):
            assert all(letter == "\n" or letter.isprintable() for letter in text)
        assert "PWNED" in json.dumps(json.loads(told))


def test_what_is_refused_is_escaped(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """One line, whatever a message is made of."""
    code, _, err = nnanim("still", scene_file(before=f"raise ValueError({EVIL!r})"))

    assert code == 3
    assert err.count(SHOWN) == 1
    assert all(letter == "\n" or letter.isprintable() for letter in err)


@posix
@pytest.mark.slow
def test_what_is_logged_is_escaped(scene_file: SceneFile, tmp_path: Path) -> None:
    """The names of a scene's own classes, as of anything else."""
    net = f"type({EVIL!r}, (nn.Linear,), {{}})"
    scene_file(model=f"lambda: nn.Sequential({net}(2, 1), nn.Sigmoid())")

    done = shell(tmp_path, "still tiny.py -r 64x64 --no-cache")

    assert done.stderr.count(SHOWN) == 1
    assert done.stderr.startswith("nnanim: torch trains this scene, not the kernel: ")
    assert all(letter == "\n" or letter.isprintable() for letter in done.stderr)
