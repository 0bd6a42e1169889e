"""What can go wrong by a user's hand.

    NnanimError            one line for the user; never a bug of ours
    ├── UsageError         a command or a call asks for what cannot be    exit 2
    ├── SceneError         a scene, its data or its model is not right    exit 3
    │   └── NotKeptError   a view needs what the recording has not kept      exit 3
    ├── RecordingError     a file is not a recording, or not a whole one  exit 3
    └── WriteError         a disk, a permission or an encoder refused     exit 5

Every message says what came, what was expected and what to do.
"""

import linecache
import shlex
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from nnanim.texts import printable

_MOST_LINES = 4  # of the user's own, above a message in a notebook


class NnanimError(Exception):
    """Something that the user can mend."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: the user's own lines, the message."""
        lines = list(dict.fromkeys(_own_lines(self)))
        return [*lines[-_MOST_LINES:], f"{type(self).__name__}: {self}"]


class UsageError(NnanimError):
    """A command or a call asks for what cannot be."""

    exit_code = 2


class SceneError(NnanimError):
    """A scene, its data or its model is not right."""

    exit_code = 3


class NotKeptError(SceneError):
    """What needs the network itself was asked of a recording that keeps activations."""


class RecordingError(NnanimError):
    """A file is not a recording, or not a whole one."""

    exit_code = 3


class WriteError(NnanimError):
    """A disk, a permission or an encoder refused."""

    exit_code = 5


def unknown(what: str, came: object, known: Iterable[str]) -> str:
    """Return the message for a name that is not among the `known` ones, with the nearest.

    They may be anyone's, as those of the layers in a recording.
    """
    names = list(known)
    near = get_close_matches(str(came), names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {what} {came!r}: expected {' | '.join(map(printable, names)) or 'none'}{hint}"


def expect_installed(
    what: str, *packages: str, kind: type[NnanimError] = UsageError, else_: str = ""
) -> None:
    """Raise an error of its `kind` where `what` needs packages that nnanim is installed without.

    They are imported by the names that pip knows them by. `else_` is what would do, too.
    """
    lacking = [name for name in packages if find_spec(name) is None]
    if lacking:
        cure = shlex.join([sys.executable, "-m", "pip", "install", *lacking])
        raise kind(f"{what} needs {', '.join(lacking)}, not installed here: {cure}{else_}")


@contextmanager
def during(what: str) -> Iterator[None]:
    """Turn what a scene's own code raises into a `SceneError` that names the step."""
    try:
        yield
    except NnanimError:
        raise
    except Exception as error:
        raise SceneError(f"{what} failed: {told(error)}") from error


def told(error: BaseException) -> str:
    """Return the kind of an error and its message."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _own_lines(error: BaseException) -> Iterator[str]:
    """Give where the user's own code took part in an error and its causes, the innermost last."""
    link: BaseException | None = error
    while link is not None:
        for frame, number in traceback.walk_tb(link.__traceback__):
            file = frame.f_code.co_filename
            source = linecache.getline(file, number).strip()
            if source and not _is_installed(file):
                yield f"{_called(file)}, line {number}: {source}"
        link = link.__cause__


@cache
def _is_installed(file: str) -> bool:
    """Return whether a file is nnanim's, Python's or a library's, not the user's."""
    path, ours = Path(file), Path(__file__).parent
    if ours in path.parents or {"site-packages", "dist-packages"} & set(path.parts):
        return True
    return any(Path(sysconfig.get_path(lib)) in path.parents for lib in ("stdlib", "platstdlib"))


def _called(file: str) -> str:
    """Return what a file is called where IPython runs: "Cell In[3]", or its own name."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    cell = shell.compile.format_code_name(file) if shell is not None else None
    return " ".join(cell) if cell else file
