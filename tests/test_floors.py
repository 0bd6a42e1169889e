"""The order of the modules: higher floors import lower ones, never sideways, never upwards."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

import nnanim

PACKAGE = Path(nnanim.__file__).parent

# Low to high. A module may import from the lines above its own only; "views.*" stands for every
# view, so that a new one touches nothing here. "nnanim" itself resolves its names when they are
# used, so it stands at the bottom and gives only its version.
FLOORS = (
    "errors types",
    "adapters block commands geometry kernels kernels.blend kernels.lanes layout "
    "losses marks nnanim options randomness separability threads video",
    "closure dataset datasets.files glyphs kernels.elementary kernels.indexed kernels.lzw "
    "kernels.planes kernels.raster kernels.shuffle kernels.strokes models partial passes "
    "projection shapes snapshot starter theme ticks timeline units view writers.place "
    "writers.process",
    "canvas container datasets.blobs datasets.circles datasets.damped_sine "
    "datasets.disk_and_ring datasets.jagged datasets.line datasets.linked_tori datasets.moons "
    "datasets.polynomial datasets.rings datasets.spirals datasets.targets datasets.two_curves "
    "datasets.xor header kernels.faces kernels.layers pace painter writers.format writers.metadata",
    "datasets.from_arrays datasets.table furniture kernels.forward kernels.train raster recording "
    "writers.budget writers.ffmpeg writers.palette",
    "cache datasets.from_csv datasets.from_npz journal scene stack writers.apng writers.gif "
    "writers.mov writers.mp4 writers.png writers.webm writers.webp",
    "comparison datasets info network stepper writers",
    "agreement decision jacobian loading preparation replay",
    "commands.scenes eager_trainer fingerprint kernel_trainer opening score trainer",
    "film own_loop strategy terminal",
    "adapters.checkpoints adapters.keras adapters.lightning adapters.sklearn adapters.skorch "
    "card columns export order recorder tiles views.*",
    "captions commands.recordings views",
    "sheet",
    "contact extras renderer results vector",
    "rendering",
    "stills",
    "commands.films",
    "cli",
)

# The one upward call: Film.frame is a convenience for notebooks.
UPWARD = {("film", "renderer")}

HOMES = {
    "torch": {
        "adapters.checkpoints",
        "adapters.keras",
        "adapters.lightning",
        "adapters.sklearn",
        "eager_trainer",
        "fingerprint",
        "jacobian",
        "kernel_trainer",
        "losses",
        "models",
        "network",
        "own_loop",
        "passes",
        "preparation",
        "randomness",
        "stack",
        "stepper",
    },
    "keras": {"adapters.keras"},
    "lightning": {"adapters.lightning"},
    "skorch": {"adapters.skorch"},
    "sklearn": {"adapters.sklearn"},
    "safetensors": {"adapters.checkpoints", "container"},
    "platformdirs": {"cache"},
    "numba": {
        "fingerprint",
        "kernels",
        "kernels.blend",
        "kernels.forward",
        "kernels.lanes",
        "kernels.layers",
        "kernels.shuffle",
        "kernels.strokes",
        "kernels.train",
    },
    "llvmlite": {"kernels.elementary", "kernels.lanes"},
    "matplotlib": {"canvas", "glyphs", "renderer", "ticks", "vector"},
    "contourpy": {"geometry"},
    "PIL": {"canvas"},
    "click": {
        "cli",
        "commands.films",
        "commands.recordings",
        "commands.scenes",
        "options",
        "terminal",
    },
    "rich": {"terminal"},
    "imageio_ffmpeg": {"writers.process"},
    "imageio": {"rendering"},
}


def modules() -> dict[str, Path]:
    """Return the file of every module, by its name below the package."""
    return {_short(_dotted(file)): file for file in sorted(PACKAGE.rglob("*.py"))}


def imports(file: Path) -> set[str]:
    """Return the full names of the modules that a file imports, wherever in it, at run time."""
    return set(_imported(ast.parse(file.read_text(encoding="utf-8"))))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        children: list[ast.AST] = list(node.orelse)
    else:
        children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (_target(str(node.module), name.name) for name in node.names)
    for child in children:
        yield from _imported(child)


def _target(module: str, name: str) -> str:
    """Return the module that `from module import name` brings in."""
    inner = f"{module}.{name}"
    return inner if _short(inner) in modules() else module


def _dotted(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _short(module: str) -> str:
    return module.removeprefix("nnanim.")


def _floor_of() -> dict[str, int]:
    """Return the floor of every module; a name before the pattern that it would fit too."""
    listed = {name: height for height, line in enumerate(FLOORS) for name in line.split()}
    patterns = [name for name in listed if "*" in name]
    found = {
        module: [module, *(name for name in patterns if fnmatch(module, name))]
        for module in modules()
    }
    return {
        module: next(listed[name] for name in names if name in listed)
        for module, names in found.items()
        if any(name in listed for name in names)
    }


def test_every_module_stands_on_one_floor() -> None:
    """The list names each module of the package once, and no module that does not exist."""
    listed = [name for line in FLOORS for name in line.split() if "*" not in name]

    assert sorted(_floor_of()) == sorted(modules())
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(modules())


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_from_lower_floors_only(module: str) -> None:
    """Nothing flows back up, and neighbours do not know each other."""
    floor = _floor_of()
    own = {_short(name) for name in imports(modules()[module]) if name.split(".")[0] == "nnanim"}

    wrong = {name for name in own if floor[name] >= floor[module]}

    assert {(module, name) for name in wrong} <= UPWARD


def test_the_upward_call_is_made() -> None:
    """The exception is still needed; when it is not, it goes."""
    assert all(f"nnanim.{high}" in imports(modules()[low]) for low, high in UPWARD)


@pytest.mark.parametrize("module", modules())
def test_a_library_is_imported_only_where_it_belongs(module: str) -> None:
    """Each library has its modules, no other is used at all; numpy is spoken everywhere."""
    top = {name.split(".")[0] for name in imports(modules()[module])}
    foreign = top - set(sys.stdlib_module_names) - {"nnanim", "numpy"}

    misplaced = {name for name in foreign if module not in HOMES.get(name, ())}

    assert not misplaced


@pytest.mark.parametrize("module", modules())
def test_pyplot_is_never_imported(module: str) -> None:
    """Figures are drawn without matplotlib's global state."""
    assert not any(name.startswith("matplotlib.pyplot") for name in imports(modules()[module]))


def test_the_package_takes_only_its_own_version_from_itself() -> None:
    """Inside, a name is imported from where it is defined, never through the public face."""
    through = {
        (module, name.name)
        for module, file in modules().items()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "nnanim" and module != "nnanim"
        for name in node.names
        if name.name not in modules()
    }

    assert {name for _, name in through} == {"__version__"}


@pytest.mark.parametrize("entrance", ["nnanim", "nnanim.cli", "nnanim.view", "nnanim.marks"])
def test_an_entrance_is_light(entrance: str) -> None:
    """Importing the package, its command line or what authors of views need loads nothing heavy."""
    program = f"import sys, {entrance}; print({{'torch', 'matplotlib'}} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout.split() == [b"set()"]
