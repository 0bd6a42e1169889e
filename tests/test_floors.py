"""The rooms of the house: each imports from rooms below it only, and never round in a circle."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import nnanim

PACKAGE = Path(nnanim.__file__).parent

# The rooms, low to high, and the rooms that each imports from. The pages at the top of the package,
# which authors of views and data sets read, are open to every room; what they themselves import is
# said here too. The faces (the package itself, cli, results) stand above all.
ROOMS = {
    "texts": "",
    "errors": "texts",
    "events": "errors",
    "layer": "errors",
    "ranges": "errors",
    "color": "errors",
    "renamed": "errors",
    "acts": "errors events",
    "types": "",
    "mark_checks": "errors types",
    "camera": "errors types mark_checks",
    "scales": "errors mark_checks",
    "marks": "errors types mark_checks scales",
    "titled": "errors mark_checks",
    "view": "errors types camera mark_checks scales marks titled",
    "row": "errors view",
    "dataset": "errors types",
    "dataset_checks": "errors dataset",
    "geometry": "types",
    "cells": "types geometry",
    "words": "errors",
    "grids": "errors types geometry",
    "slices": "errors types",
    "css": "",
    "themes": "errors css",
    "signals": "",
    "place": "errors signals",
    "tables": "errors place",
    "threads": "",
    "kernels": "",
    "datasets": "",
    "network": "kernels",
    "models": "errors types ranges network",
    "scene": "datasets network",
    "training": "scene network kernels",
    "recording": "training scene network datasets",
    "film": "recording scene network kernels",
    "drawing": "kernels",
    "views": "film network",
    "sheet": "film drawing network scene",
    "writers": "kernels",
    "page": "sheet film drawing network kernels scene",
    "engines": "recording scene kernels",
    "rendering": "views page sheet film recording training scene writers",
    "sweeps": "engines rendering page sheet drawing film recording training scene network writers",
    "gallery": "rendering scene",
    "studio": "engines rendering page sheet views film recording training scene datasets models "
    "drawing",
    "adapters": "recording network datasets",
    "doctor": "kernels recording drawing writers",
    "commands": "studio gallery doctor sweeps engines rendering views film recording scene "
    "adapters writers datasets network",
}
PAGES = (
    *(
        "errors",
        "acts",
        "types",
        "texts",
        "mark_checks",
        "camera",
        "scales",
        "marks",
        "titled",
        "view",
        "row",
        "dataset",
    ),
    *(
        "events",
        "layer",
        "color",
        "geometry",
        "cells",
        "grids",
        "slices",
        "css",
        "themes",
        "words",
        "signals",
        "place",
    ),
    *("threads", "models", "dataset_checks", "ranges", "renamed", "tables"),
)
FACES = ("nnanim", "nnanim.cli", "nnanim.results")

# Where each library belongs; numpy is spoken everywhere.
HOMES = {
    "torch": "network training recording adapters models",
    "keras": "adapters",
    "lightning": "adapters",
    "skorch": "adapters",
    "sklearn": "adapters",
    "safetensors": "recording adapters",
    "ripser": "film",
    "scipy": "film",  # ripser brings it
    "platformdirs": "recording",
    "numba": "kernels",
    "llvmlite": "kernels",
    "matplotlib": "drawing sheet",
    "contourpy": "geometry",
    "PIL": "drawing rendering grids",
    "click": "commands cli",
    "rich": "rendering",
    "pygments": "gallery",  # rich brings it
    "IPython": "rendering",
    "imageio_ffmpeg": "writers",
    "pyarrow": "tables",
    "starlette": "studio",
    "uvicorn": "studio",
    "watchfiles": "studio",
    "cloudpickle": "studio",
    "jupyter_core": "studio",
    "distributed": "engines",
}

# Methods that users call on lower things, each one line that hands on to a function further up.
HANDED_UP = {
    "nnanim.scene.shows.Shows.show": "nnanim.rendering.showing.show",
    "nnanim.scene.shows.ShowsItself.studio": "nnanim.studio.opening.open_studio",
    "nnanim.scene.shows.ShowsItself._repr_mimebundle_": "nnanim.rendering.showing.bundle_of_end",
    "nnanim.film.pictured.Pictured.frame": "nnanim.rendering.filming.picture_of",
    "nnanim.film.pictured.Pictured.still": "nnanim.rendering.filming.still_of",
    "nnanim.view._shared": "nnanim.views.shared_marks",
}


LONGEST = 300  # lines of a module, but for kernels


@cache
def modules() -> dict[str, Path]:
    """Return the file of every module by its dotted name."""
    return {_dotted(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def _dotted(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(module: str, types: bool = True) -> frozenset[str]:
    """Return the full names of what a module imports: wherever in it, lazily, for types, by name.

    A module's name in a string counts, as `import_module` would take it. What is handed up is left
    out, and so are the names that the package resolves for its users. Without `types`, what is
    imported for annotations alone is left out too.
    """
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    found = {name for node in _nodes(module, tree, types) for name in _imported(node)}
    if module == "nnanim":
        found -= {name for name in found if name.split(".")[0] == "nnanim"}
    return frozenset(found)


def _nodes(place: str, tree: ast.AST, types: bool) -> Iterator[ast.AST]:
    """Give every node of a module but those of what it hands up."""
    for node in ast.iter_child_nodes(tree):
        inner = place
        if not types and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            inner = f"{place}.{node.name}"
        if inner not in HANDED_UP:
            yield node
            yield from _nodes(inner, node, types)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (_target(str(node.module), name.name) for name in node.names)
    elif isinstance(node, ast.Constant) and node.value in modules():
        yield str(node.value)


def _target(module: str, name: str) -> str:
    """Return the module that `from module import name` brings in."""
    inner = f"{module}.{name}"
    return inner if inner in modules() else module


def arrows() -> dict[str, set[str]]:
    """Return for each module those of the package that it imports."""
    return {
        module: {name for name in imports(module) if name in modules()} - {module}
        for module in modules()
    }


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the sets of nodes that reach each other."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        todo, seen = [start], set[str]()
        while todo:
            new = graph[todo.pop()] - seen
            seen |= new
            todo += new
        reached[start] = seen
    found = [{b for b in reached[a] if a in reached[b]} for a in graph]
    return [circle for i, circle in enumerate(found) if circle and circle not in found[:i]]


def test_circles_are_found() -> None:
    """The search sees a circle of any length, and none where there is none."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Lazy imports and those for types count; what `HANDED_UP` names does not."""
    assert circles(arrows()) == []


@pytest.mark.parametrize(("handed", "to"), HANDED_UP.items())
def test_what_is_handed_up_is_one_line(handed: str, to: str) -> None:
    """It takes what the table names from further up, and returns what that gives; no more."""
    _docstring, taken, handing = function(handed).body

    assert isinstance(taken, ast.ImportFrom)
    assert [f"{taken.module}.{name.name}" for name in taken.names] == [to]
    assert isinstance(handing, ast.Return)
    assert handing.lineno == handing.end_lineno
    assert to.rsplit(".", 1)[1] in {n.id for n in ast.walk(handing) if isinstance(n, ast.Name)}


def test_few_things_are_handed_up() -> None:
    """A method that knows of a room above its own is an exception."""
    assert len(HANDED_UP) <= 8


def function(name: str) -> ast.FunctionDef:
    """Return a function or method of the package by its dotted name."""
    module = max((module for module in modules() if name.startswith(f"{module}.")), key=len)
    node: ast.AST = ast.parse(modules()[module].read_text(encoding="utf-8"))
    for part in name.removeprefix(f"{module}.").split("."):
        inside = ast.iter_child_nodes(node)
        node = next(inner for inner in inside if getattr(inner, "name", "") == part)
    assert isinstance(node, ast.FunctionDef)
    return node


def room(module: str) -> str:
    """Return the room of a module, or the page that it is."""
    return [*module.split("."), ""][1]


@pytest.mark.parametrize("module", sorted(set(modules()) - set(FACES)))
def test_a_module_imports_from_its_room_and_those_below(module: str) -> None:
    """Nothing flows back up: what a room may import is listed, and pages beside it."""
    own = room(module)
    allowed = {own, *ROOMS[own].split()}
    if own not in PAGES:
        allowed |= set(PAGES)

    assert {room(name) for name in arrows()[module] if name != "nnanim"} <= allowed


@pytest.mark.parametrize("module", sorted(name for name in modules() if room(name) != "kernels"))
def test_a_module_is_soon_read(module: str) -> None:
    """It has no more than three hundred lines; what is compiled stays together."""
    assert len(modules()[module].read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_rooms_are_listed_low_to_high() -> None:
    """A room imports from those that stand before it in the list."""
    names = list(ROOMS)
    rooms = {name: [names.index(below) for below in ROOMS[name].split()] for name in names}

    assert [name for name in names if any(i >= names.index(name) for i in rooms[name])] == []


@pytest.mark.parametrize("module", sorted(modules()))
def test_a_library_is_imported_only_where_it_belongs(module: str) -> None:
    """Each library has its rooms, no other is used at all."""
    top = {name.split(".")[0] for name in imports(module, types=False)}
    foreign = top - set(sys.stdlib_module_names) - {"nnanim", "numpy"}

    assert {name for name in foreign if room(module) not in HOMES.get(name, "").split()} == set()


@pytest.mark.parametrize("module", modules())
def test_pyplot_is_never_imported(module: str) -> None:
    """Figures are drawn without matplotlib's global state."""
    assert not any(name.startswith("matplotlib.pyplot") for name in imports(module))


def test_the_package_takes_only_its_own_version_from_itself() -> None:
    """Inside, a name is imported from where it is defined, never through the public face."""
    through = {
        name.name
        for module, file in modules().items()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "nnanim" and module != "nnanim"
        for name in node.names
        if f"nnanim.{name.name}" not in modules()
    }

    assert through == {"__version__"}


def heavy(program: str) -> bytes:
    """Return what of the slow libraries is loaded when a program has run by itself."""
    program += "; import sys; print({'torch', 'matplotlib', 'numba'} & set(sys.modules))"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(
    "entrance",
    [
        *("nnanim", "nnanim.cli", "nnanim.view", "nnanim.marks", "nnanim.camera", "nnanim.models"),
        *(module for module in modules() if room(module) == "scene"),
    ],
)
def test_an_entrance_is_light(entrance: str) -> None:
    """So is the package, its command line, what authors of views need, and all that declares."""
    assert heavy(f"import {entrance}") == b"set()"


def test_a_training_is_declared_without_torch() -> None:
    """The names of losses and optimisers are looked up, their functions are not."""
    declared = "from nnanim import Training; Training(loss='bce', optimizer='adamw')"

    assert heavy(declared) == b"set()"


def test_pixels_are_drawn_without_matplotlib() -> None:
    """It draws letters and colour maps for the raster, which itself loads nothing of it."""
    assert heavy("import nnanim.drawing.raster") == b"{'numba'}"
