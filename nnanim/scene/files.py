"""Scene files: run to get the scene, or only read to know what they hold."""

import ast
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
from nnanim.scene.knobs import Knob, knobs_of, scene_with
from nnanim.scene.reading import code_hash, definitions, description_of, parsed, parsing
from nnanim.scene.scene import Scene, Source, expect_words
from nnanim.scene.settings import text_of


@dataclass(frozen=True)
class Listing:
    """What reading a scene file tells: its name and description, and whether it can be a scene."""

    path: Path
    name: str
    description: str


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
    defined = _run(file, parsed(file), Beside(file.parent))
    if attribute not in defined:
        raise UsageError(unknown(f"name in {file}", attribute, [k for k in defined if k[0] != "_"]))
    return defined[attribute]


def listing(file: Path) -> Listing:
    """Return a scene file's name and description; the file is read, not run."""
    description = description_of(parsed(file))
    with blamed_on(file):
        expect_words(None, description)
    return Listing(file, file.stem, description)


def load(file: Path, settings: Mapping[str, str] | None = None) -> Scene:
    """Return the one scene of a file as `declared` does; `UsageError` for a comparison."""
    made = declared(file, settings)
    if isinstance(made, Comparison):
        raise UsageError(f"{file} is a comparison: expected a file of one scene")
    return made


def declared(file: Path, settings: Mapping[str, Any] | None = None) -> Scene | Comparison:
    """Run a scene file and return its scene, named after the file, described by its docstring.

    Instead of a scene, the file may hold a comparison.

    `settings` are values by the keywords of a file that defines a function `scene`, or by the
    addresses of what is declared, as text. Raises `SceneError` with the line of the file, and
    `UsageError` for a setting that the scene has not.
    """
    return ran(file).scene(settings)


def ran(file: Path, text: str | None = None) -> "SceneFile":
    """Run a scene file, or a `text` in its place; raises `SceneError` with its line."""
    tree = parsed(file, text=text)
    lines = definitions(tree)
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
    return SceneFile(
        file, description_of(tree), code, _run(file, tree, beside).get("scene"), beside
    )


@dataclass(frozen=True)
class SceneFile:
    """A scene file that has been run: what it declares, for whatever settings are asked."""

    path: Path
    description: str
    sha256: str  # of all its code
    found: Any  # a Scene, a Comparison, or a function that returns one
    beside: Beside

    def scene(self, settings: Mapping[str, Any] | None = None) -> Scene | Comparison:
        """Return its scene with these settings, as `declared` does."""
        file, settings = self.path, settings or {}
        with self._asked():
            made = scene_with(self.found, settings)
        texts = tuple(sorted((name, text_of(value)) for name, value in settings.items()))
        source = Source(file.name, self.sha256, texts)
        if isinstance(made, Comparison):
            scenes = [
                _one_of(source, i, part) if isinstance(part, Scene) else part
                for i, part in enumerate(made.scenes)
            ]
            made = replace(made, scenes=scenes)
        description = made.description or self.description
        name = made.name or file.stem
        return replace(made, name=name, description=description, source=source)

    def knobs(self, settings: Mapping[str, Any] | None = None) -> tuple[Knob, ...]:
        """Return what can be set of it, with the values that it has by these settings."""
        with self._asked():
            return knobs_of(self.found, settings or {})

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Run its code as it was run first; what is wrong is its own."""
        try:
            with blamed_on(self.path), self.beside.importing(), _taking_back():
                yield
        except UsageError as error:
            raise UsageError(f"{self.path}: {error}") from error


def _one_of(source: Source, i: int, scene: Scene) -> Scene:
    """Return a scene that says where in the file of its comparison it stands."""
    place = (*source.settings, ("scene", str(i)))
    return replace(scene, source=replace(source, settings=place))


def _run(file: Path, tree: ast.Module, beside: Beside) -> dict[str, Any]:
    """Run a file and return what it defines."""
    with parsing(file):
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
