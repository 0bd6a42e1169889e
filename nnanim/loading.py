"""Scene files: run to get the scene, or only read to know what they hold."""

import ast
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from nnanim.errors import NnanimError, SceneError, UsageError, unknown
from nnanim.scene import Scene


@dataclass(frozen=True)
class Listing:
    """What reading a scene file tells: its name and caption, and whether it can be a scene."""

    path: Path
    name: str
    caption: str


def scene_files(place: Path) -> list[Path]:
    """Return the scene file at `place`, or all in that folder, by name."""
    if place.is_dir():
        files = [file for file in sorted(place.glob("*.py")) if not file.name.startswith("_")]
        files = [file for file in files if _definitions(_parsed(file, lenient=True))]
        if not files:
            raise UsageError(f"no scene file in {place}: expected .py files that define `scene`")
        return files
    if not place.is_file():
        near = sorted(place.parent.glob("*.py")) if place.parent.is_dir() else []
        hint = (
            unknown("scene file", str(place), [str(file) for file in near])
            if near
            else (f"no scene file {str(place)!r}: `nnanim new {place.stem}` writes one")
        )
        raise UsageError(hint)
    return [place]


def listing(file: Path) -> Listing:
    """Return a scene file's name and caption; the file is read, not run."""
    return Listing(file, file.stem, caption_of(_parsed(file)))


def caption_of(tree: ast.Module) -> str:
    """Return the docstring of a file as one line."""
    return " ".join((ast.get_docstring(tree) or "").split())


def load(file: Path, settings: Mapping[str, str] | None = None) -> Scene:
    """Run a scene file and return its scene, named after the file, captioned by its docstring.

    `settings` are the parameters of a file that defines a function `scene`, as text. Raises
    `SceneError` with the line of the file, and `UsageError` for a setting that the scene has not.
    """
    tree = _parsed(file)
    lines = _definitions(tree)
    if not lines:
        raise SceneError(
            f"{file} defines no `scene`: expected scene = Scene(…), or a function scene() that "
            "returns one"
        )
    if len(lines) > 1:
        raise SceneError(
            f"{file} defines `scene` {len(lines)} times, in lines {', '.join(map(str, lines))}: "
            "keep one, a scene file is one film"
        )
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    with _blamed_on(file), _importing_beside(file):
        exec(compile(tree, str(file), "exec"), module.__dict__)  # a scene file is a program
    made = module.__dict__["scene"]
    if inspect.isfunction(made):
        parameters = _parameters(file, made, settings or {})
        with _blamed_on(file), _importing_beside(file):
            made = made(**parameters)
    elif settings:
        raise UsageError(f"{file} has no parameters, so --set {next(iter(settings))} means nothing")
    if not isinstance(made, Scene):
        raise SceneError(f"`scene` of {file} is a {type(made).__name__}: expected a Scene")
    caption = made.caption or caption_of(tree)
    return replace(made, name=made.name or file.stem, caption=caption)


def _parsed(file: Path, lenient: bool = False) -> ast.Module:
    try:
        return ast.parse(file.read_text(encoding="utf-8"), str(file))
    except SyntaxError as error:
        if lenient:  # in a folder, a broken file is still a scene to complain about when it is run
            return ast.parse("scene = None")
        raise SceneError(f"{file}:{error.lineno}: {error.msg}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SceneError(f"cannot read {file}: {error}") from error


def _definitions(tree: ast.Module) -> list[int]:
    """Return the lines at which a file's top level defines `scene`."""
    lines = []
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        if isinstance(node, ast.FunctionDef) and node.name == "scene":
            lines.append(node.lineno)
        lines += [node.lineno for t in targets if isinstance(t, ast.Name) and t.id == "scene"]
    return lines


def _parameters(file: Path, function: Any, settings: Mapping[str, str]) -> dict[str, Any]:
    names = list(inspect.signature(function).parameters)
    for name in settings:
        if name not in names:
            raise UsageError(f"{file}: {unknown('parameter', name, names)}")
    return {name: _value(text) for name, text in settings.items()}


def _value(text: str) -> Any:
    """Return what a text means as a Python literal, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


@contextmanager
def _blamed_on(file: Path) -> Iterator[None]:
    """Turn what a scene file raises into one line with the file's own line number."""
    try:
        yield
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame.lineno for frame in frames if frame.filename == str(file)]
        where = f"{file}:{own[-1]}" if own else str(file)
        kind = "" if isinstance(error, NnanimError) else f"{type(error).__name__}: "
        raise SceneError(f"{where}: {kind}{error}") from error


@contextmanager
def _importing_beside(file: Path) -> Iterator[None]:
    """Let a scene file import modules that lie beside it."""
    folder = str(file.parent.resolve())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
