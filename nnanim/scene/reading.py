"""Reading: what a scene file says without being run: its text, its code, where its scene is."""

import ast
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nnanim.errors import SceneError, told
from nnanim.place import kind_at


def defines_scene(file: Path) -> bool:
    """Return whether a file of Python defines a scene, as far as reading it tells.

    One that is broken may: who runs it is to hear of that.
    """
    return bool(definitions(parsed(file, lenient=True)))


def description_of(tree: ast.Module) -> str:
    """Return the docstring of a file as one line."""
    return " ".join((ast.get_docstring(tree) or "").split())


def code_hash(file: Path) -> str:
    """Return the SHA-256 of a scene file and of all modules beside it that it imports."""
    digest = hashlib.sha256()
    for part in sorted(code_files(file.resolve(), set())):
        content = part.read_bytes()
        digest.update(os.fsencode(f"{part.name} {len(content)} "))
        digest.update(content)
    return digest.hexdigest()


def code_files(file: Path, found: set[Path]) -> set[Path]:
    """Return a scene file and the modules beside it that it imports, with those `found` before."""
    found.add(file)
    for node in ast.walk(parsed(file, lenient=True)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            prefix = f"{node.module}." if node.module else ""
            names = [prefix.rstrip("."), *(prefix + name.name for name in node.names)]
        for name in filter(None, names):
            place = file.parent.joinpath(*name.split("."))
            while place != file.parent:  # a package is run before what is in it
                for part in (place.with_suffix(".py"), place / "__init__.py"):
                    if part.is_file() and part not in found:
                        code_files(part, found)
                place = place.parent
    return found


def parsed(file: Path, lenient: bool = False, text: str | None = None) -> ast.Module:
    """Return the syntax of a file, or of a `text` in its place.

    `lenient`, that of a scene where it is broken.
    """
    try:
        with parsing(file):
            if kind_at(file) not in ("", "a file"):
                raise SceneError(f"{file} is {kind_at(file)}: expected a file of Python")
            text = file.read_text(encoding="utf-8") if text is None else text
            return ast.parse(text, str(file))
    except SceneError:
        if lenient:  # in a folder, a broken file is still a scene to complain about when it is run
            return ast.parse("scene = None")
        raise


@contextmanager
def parsing(file: Path) -> Iterator[None]:
    """Turn what Python says of a file that is not its language into one line."""
    try:
        yield
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text else ""
        raise SceneError(f"{file}:{error.lineno or 1}: {error.msg}{text}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SceneError(f"{file} cannot be read: {error}; expected Python in UTF-8") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SceneError(f"{file}: {told(error)}; expected Python") from error


def definitions(tree: ast.Module) -> list[int]:
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
