"""Scene files: run to get the scene, or only read to know what they hold."""

import ast
import hashlib
import inspect
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from nnanim.errors import NnanimError, RecordingError, SceneError, UsageError, told, unknown
from nnanim.place import kind_at, staying
from nnanim.scene.beside import Beside
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene, Source, expect_words


@dataclass(frozen=True)
class Listing:
    """What reading a scene file tells: its name and description, and whether it can be a scene."""

    path: Path
    name: str
    description: str


def defines_scene(file: Path) -> bool:
    """Return whether a file of Python defines a scene, as far as reading it tells.

    One that is broken may: who runs it is to hear of that.
    """
    return bool(_definitions(_parsed(file, lenient=True)))


def is_recording(file: Path) -> bool:
    """Return whether a path names a recording, not a scene."""
    return file.suffix == ".safetensors"


def function_at(place: str) -> Any:
    """Return what a Python file defines, named as "file.py:make"."""
    name, _, attribute = place.rpartition(":")
    file = Path(name)
    if not name or not attribute.isidentifier() or file.suffix != ".py":
        raise UsageError(f"{place!r}: expected a file and what it defines, as nets.py:make")
    if kind_at(file) != "a file":
        came = f"{name!r} is {kind_at(file)}" if kind_at(file) else f"no file {name!r}"
        raise UsageError(f"{came}: expected the Python file that defines {attribute}")
    defined = _run(file, _parsed(file), Beside(file.parent))
    if attribute not in defined:
        raise UsageError(unknown(f"name in {file}", attribute, [k for k in defined if k[0] != "_"]))
    return defined[attribute]


def listing(file: Path) -> Listing:
    """Return a scene file's name and description; the file is read, not run."""
    description = description_of(_parsed(file))
    with blamed_on(file):
        expect_words(None, description)
    return Listing(file, file.stem, description)


def description_of(tree: ast.Module) -> str:
    """Return the docstring of a file as one line."""
    return " ".join((ast.get_docstring(tree) or "").split())


def load(file: Path, settings: Mapping[str, str] | None = None) -> Scene:
    """Return the one scene of a file as `declared` does; `UsageError` for a comparison."""
    made = declared(file, settings)
    if isinstance(made, Comparison):
        raise UsageError(f"{file} is a comparison: expected a file of one scene")
    return made


def declared(file: Path, settings: Mapping[str, str] | None = None) -> Scene | Comparison:
    """Run a scene file and return its scene, named after the file, described by its docstring.

    Instead of a scene, the file may hold a comparison.

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
    beside = Beside(file.parent)
    code = code_hash(file)
    made = _run(file, tree, beside).get("scene")
    if inspect.isfunction(made):
        parameters = _parameters(file, made, settings or {})
        with blamed_on(file), beside.importing(), _taking_back():
            made = made(**parameters)
    elif settings:
        raise UsageError(
            f"{file} has no parameters, so --set {next(iter(settings))} means nothing: "
            "let it define a function scene(width=2, …) that returns the Scene"
        )
    if not isinstance(made, Scene | Comparison):
        raise SceneError(
            f"{file}: `scene` is of type {type(made).__name__}: expected a Scene, a Comparison, "
            "or a function that returns one"
        )
    description = made.description or description_of(tree)
    source = Source(file.name, code, tuple(sorted((settings or {}).items())))
    if isinstance(made, Comparison):
        scenes = [
            _one_of(source, i, part) if isinstance(part, Scene) else part
            for i, part in enumerate(made.scenes)
        ]
        made = replace(made, scenes=scenes)
    return replace(made, name=made.name or file.stem, description=description, source=source)


def _one_of(source: Source, i: int, scene: Scene) -> Scene:
    """Return a scene that says where in the file of its comparison it stands."""
    place = (*source.settings, ("scene", str(i)))
    return replace(scene, source=replace(source, settings=place))


def _run(file: Path, tree: ast.Module, beside: Beside) -> dict[str, Any]:
    """Run a file and return what it defines."""
    with _parsing(file):
        code = compile(tree, str(file), "exec")
    module = ModuleType(f"nnanim_scene_{file.stem}")
    module.__file__ = str(file)
    module.__dict__["__builtins__"] = beside.builtins
    sys.modules[module.__name__] = module  # dataclasses look their own module up
    with blamed_on(file), beside.importing(), _taking_back():
        exec(code, module.__dict__)  # a scene file is a program
    return module.__dict__


@contextmanager
def _taking_back() -> Iterator[None]:
    """Take back what a scene does to the whole program: its folder, how deep calls may be."""
    depth = sys.getrecursionlimit()
    with staying():
        try:
            yield
        finally:
            sys.setrecursionlimit(max(depth, sys.getrecursionlimit()))


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
    for node in ast.walk(_parsed(file, lenient=True)):
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


def _parsed(file: Path, lenient: bool = False) -> ast.Module:
    try:
        with _parsing(file):
            if kind_at(file) not in ("", "a file"):
                raise SceneError(f"{file} is {kind_at(file)}: expected a file of Python")
            return ast.parse(file.read_text(encoding="utf-8"), str(file))
    except SceneError:
        if lenient:  # in a folder, a broken file is still a scene to complain about when it is run
            return ast.parse("scene = None")
        raise


@contextmanager
def _parsing(file: Path) -> Iterator[None]:
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
    known = inspect.signature(function).parameters
    for name in settings:
        if name not in known:
            raise UsageError(f"{file}: {unknown('parameter', name, known)}")
    for name, parameter in known.items():
        if parameter.default is parameter.empty and name not in settings:
            raise UsageError(f"{file}: scene() needs its parameter: add --set {name}=VALUE")
    return {name: _value(text) for name, text in settings.items()}


def _value(text: str) -> Any:
    """Return what a text means as a Python literal, else the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return text


@contextmanager
def blamed_on(file: Path) -> Iterator[None]:
    """Name the scene file, and its line where one took part, in what is raised inside.

    What none of the scene's lines took part in, and is no error of ours, is a bug: it passes.
    """
    try:
        yield
    except (SceneError, RecordingError) as error:
        if str(error).startswith(str(file)):
            raise
        raise type(error)(f"{_place(file, error) or file}: {error}") from error
    except NnanimError:
        raise
    except (Exception, SystemExit) as error:
        place = _place(file, error)
        if place is None:
            raise
        raise SceneError(f"{place}: {told(error)}") from error


def _place(file: Path, error: BaseException) -> str | None:
    """Return the line of the scene, or of a module beside it, that is nearest to `error`."""
    link: BaseException | None = error
    while link is not None:
        for frame, line in reversed(list(traceback.walk_tb(link.__traceback__))):
            code = frame.f_code
            if code.co_filename == str(file) or _is_beside(file, Path(code.co_filename)):
                function = "" if code.co_name == "<module>" else f", in {code.co_qualname}"
                return f"{code.co_filename}:{line}{function}"
        link = link.__cause__
    return None


def _is_beside(file: Path, other: Path) -> bool:
    return other.parent.resolve() == file.parent.resolve() and other.is_file()
