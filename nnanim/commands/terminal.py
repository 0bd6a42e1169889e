"""Terminal: results to stdout, progress and errors to stderr; the only place that prints."""

import errno
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nnanim.errors import UsageError, WriteError
from nnanim.rendering.bars import progress_bar
from nnanim.texts import printable

if TYPE_CHECKING:
    from nnanim.rendering.subject import Subject
    from nnanim.scene.comparison import Comparison, Way
    from nnanim.scene.timeline import ClockFace
    from nnanim.threads import Progress

_LONGEST = 2000  # characters of a message


class _Lines(logging.Formatter):
    """Makes one line of whatever is logged."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return _line(record.getMessage())


def open_streams() -> None:
    """Let what is said have somewhere to go, and be what a terminal can take."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by who started us: a file would get its number
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115  # for the whole life
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("nnanim").setLevel(logging.INFO)


def say(text: str | bytes) -> None:
    """Print a result, at once; raises `WriteError` where stdout does not take it."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError as error:
        # What is left over would be tried again at the end.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        if error.errno == errno.EPIPE:  # who reads has seen enough
            sys.exit(1)
        raise WriteError(f"cannot write to the standard output: {error.strerror}") from error


def fail(message: str, code: int) -> NoReturn:
    """End with one line on stderr."""
    with suppress(OSError):
        click.echo(_line(message), err=True)
    sys.exit(code)


def _line(message: str) -> str:
    """Return a message, which may hold anyone's text, as one line of at most `_LONGEST` letters."""
    line = printable(" ".join(part.strip() for part in message.splitlines()))
    return f"nnanim: {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}"


@contextmanager
def work_on(file: Path) -> "Iterator[Progress | None]":
    """Show progress; what the scene prints goes to stderr, what it raises names its file."""
    from nnanim.scene.files import blamed_on

    with progress_bar(file.stem) as progress, redirect_stdout(sys.stderr), blamed_on(file):
        yield progress


def scene_or_recording(
    file: Path,
    settings: tuple[str, ...],
    seed: int | None,
    model: str | None,
    drawn: Mapping[str, Any] | None = None,
) -> "Subject":
    """Return what a file is, with the settings of the command line and its directions `drawn`."""
    from nnanim.commands.subjects import opened
    from nnanim.rendering.subject import directed

    return directed(opened(file, dict(map(setting_in, settings)), seed, model), **(drawn or {}))


def comparison_of(
    files: Sequence[Path],
    settings: tuple[str, ...],
    seed: int | None,
    model: str | None,
    clock: "ClockFace | None" = None,
    shown: "Way" = "columns",
) -> "Comparison":
    """Return the comparison that files and the settings of the command line ask for."""
    from nnanim.commands.subjects import compared

    made = compared(files, settings_in(settings), seed, model, shown)
    return made if clock is None else replace(made, clock=clock)


def settings_in(settings: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return the values of each setting of the command line."""
    from nnanim.scene.values import values_in

    return {key: values_in(text) for key, text in map(setting_in, settings)}


def setting_in(setting: str) -> tuple[str, str]:
    key, equals, value = setting.partition("=")
    if not key or not equals:
        raise UsageError(f"--set {setting}: expected KEY=VALUE, as --set width=3")
    return key, value


def output_path(name: str, output: Path | None, many: bool = False, frames: bool = False) -> Path:
    """Return where the result goes, `name` in a folder; only the default folder is made.

    With `frames`, a folder of such pictures is itself replaced.
    """
    if output is None:
        from nnanim.place import make_folder

        folder = Path("renders")
        make_folder(folder)
        return folder / name
    if many and not output.is_dir():
        raise UsageError(f"-o {output}: for a folder of scenes, expected a folder that exists")
    named = output.name not in ("", "..")  # and is not the folder we are in
    if frames and named and output.is_dir() and not many and _is_old_film(output):
        return output
    return output / name if output.is_dir() else output


def _is_old_film(folder: Path) -> bool:
    from nnanim.place import holds_frames

    return holds_frames(folder)


def report(path: Path, facts: dict[str, Any], opened: bool, as_json: bool) -> None:
    """Print a result: its path, or JSON of it and `facts`."""
    # In a pipe the name is what opens the file; a terminal would obey what is in it.
    name = printable(str(path)) if sys.stdout.isatty() else os.fsencode(path)
    say(json.dumps({"path": str(path), **facts}) if as_json else name)
    if opened:
        click.launch(str(path))
