"""The names that users import: what README, docs and scenes take, wherever it lives."""

import ast
import inspect
import pydoc
import re
from importlib import import_module
from pathlib import Path

import pytest

import nnanim

ROOT = Path(__file__).parents[1]

# Named in what was published before the rooms were built, or there for authors of views.
KEPT = (
    "nnanim.Comparison",
    "nnanim.camera.Camera",
    "nnanim.film.Film",
    "nnanim.rendering.film_of",
    "nnanim.results.results",
    "nnanim.view.ColorBar",
    "nnanim.view.Panel",
    "nnanim.view.View",
    "nnanim.view.data_points",
    "nnanim.view.grid_strokes",
    "nnanim.view.legend",
    "nnanim.view.tints",
)


def _imported(code: str) -> set[str]:
    return {
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "nnanim"
        for name in node.names
    }


def shown() -> set[str]:
    """Return what the scenes and the Python blocks of README and docs import from nnanim."""
    codes = [file.read_text(encoding="utf-8") for file in ROOT.glob("scenes/*.py")]
    for page in (ROOT / "README.md", *ROOT.glob("docs/**/*.md")):
        codes += re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    return set().union(*map(_imported, codes))


@pytest.mark.parametrize("name", sorted({*KEPT, *shown()}))
def test_a_name_that_users_import_is_there(name: str) -> None:
    """Moving code about the house takes nothing from its users."""
    module, _, attribute = name.rpartition(".")

    assert getattr(import_module(module), attribute) is not None


@pytest.mark.parametrize("name", nnanim.__all__)
def test_the_package_gives_every_name_that_it_lists(name: str) -> None:
    """Each is resolved when it is first used."""
    assert getattr(nnanim, name) is not None


@pytest.mark.parametrize(
    "shelf", ["acts", "datasets", "events", "grids", "models", "themes", "views"]
)
def test_completion_shows_the_public_names_of_a_shelf_and_no_others(shelf: str) -> None:
    """Neither its files nor what they import."""
    module = getattr(nnanim, shelf)

    assert dir(module) == sorted(module.__all__)
    assert all(getattr(module, name) is not None for name in dir(module))
    assert not any(inspect.ismodule(getattr(module, name)) for name in dir(module))


def test_completion_and_help_show_the_public_names_of_the_package_and_no_others() -> None:
    """Whatever of it has been imported."""
    assert [name for name in dir(nnanim) if name != "__version__"] == nnanim.__all__
    told = pydoc.plain(pydoc.render_doc(nnanim))
    classes = re.findall(r"^    class (\w+)", told, re.MULTILINE)
    functions = re.findall(r"^    (\w+)\(", told.partition("\nFUNCTIONS\n")[2], re.MULTILINE)

    described = re.findall(r"\w+", told.partition("PACKAGE CONTENTS")[0])
    assert set(nnanim.__all__) <= set(described)
    assert {*classes, *functions} == {
        n for n in nnanim.__all__ if not inspect.ismodule(getattr(nnanim, n))
    }
