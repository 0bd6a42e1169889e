"""Scene files: run to get the scene, or only read."""

import ast
import importlib
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnanim import Scene
from nnanim.commands.terminal import scene_or_recording
from nnanim.errors import NnanimError, SceneError, UsageError
from nnanim.scene.files import listing, load
from nnanim.scene.finding import scene_files

SceneFile = Callable[..., Path]

PARAMETRIC = '''\
"""A scene with a parameter."""

from nnanim import Scene, datasets, models

seen = []


def scene(width=2):
    seen.append(width)
    return Scene(dataset=datasets.rings(n=64), model=models.mlp(2, 2, 1))
'''


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all examples of a property."""
    return tmp_path_factory.mktemp("scenes") / "scene_of_a_test.py"


# -- reading -------------------------------------------------------------------------------------


@given(text=st.text())
@example(text="\0")
@example(text="\ufeffscene = 1")
@example(text="# coding: nonsense\n")
@example(text="(" * 300)
@example(text="x = " + "-" * 20_000 + "1")
@example(text="x = " + "9" * 10_000)
@example(text='"""\\N{no such letter}"""')
def test_any_text_is_listed_or_refused(place: Path, text: str) -> None:
    """A description is one line; nothing but our own error comes out."""
    place.write_text(text, encoding="utf-8")

    with suppress(NnanimError):
        description = listing(place).description
        assert len(description.splitlines()) <= 1


@given(content=st.binary())
@example(content=b"\xff\xfe")
@example(content=b"# coding: utf-16\n")
def test_any_bytes_are_listed_or_refused(place: Path, content: bytes) -> None:
    """A file need not be text."""
    place.write_bytes(content)

    with suppress(NnanimError):
        assert listing(place).name == place.stem


@given(text=st.text())
@example(text="scene = 1")
@example(text="scene = (")
def test_any_text_is_a_scene_file_of_its_folder_or_none(place: Path, text: str) -> None:
    """A folder with one odd file can still be looked through."""
    place.write_text(text, encoding="utf-8")

    with suppress(UsageError):
        assert scene_files(place.parent) == [place]


@given(text=st.text())
def test_the_description_is_the_docstring_in_one_line(place: Path, text: str) -> None:
    """Whatever white space it holds."""
    place.write_text(f"{text!r}\n", encoding="utf-8")

    assert listing(place).description == " ".join(text.split())


def test_listing_runs_nothing(tmp_path: Path) -> None:
    """Name and description are read."""
    file = tmp_path / "told.py"
    file.write_text('"""Told."""\n\nscene = None\nraise SystemExit\n')

    found = listing(file)

    assert (found.name, found.description, found.path) == ("told", "Told.", file)


def test_a_folder_gives_its_scene_files_by_name(tmp_path: Path) -> None:
    """Those that define `scene`, or are broken; not those that begin with _ or do neither."""
    for name, text in {
        "b": "scene = 1",
        "a": "def scene(): ...",
        "typed": "scene: int = 1",
        "broken": "scene = (",
        "_hidden": "scene = 1",
        "other": "x = 1",
        "promised": "scene: int",
        "inner": "def f():\n    scene = 1",
    }.items():
        (tmp_path / f"{name}.py").write_text(text)

    assert [file.stem for file in scene_files(tmp_path)] == ["a", "b", "broken", "typed"]


def test_a_file_is_its_own_scene_file(tmp_path: Path) -> None:
    """Whatever it holds: that is found out when it is run."""
    file = tmp_path / "_x.py"
    file.touch()

    assert scene_files(file) == [file]


# -- running -------------------------------------------------------------------------------------


def test_a_scene_is_named_after_its_file(scene_file: SceneFile) -> None:
    """Its docstring is the description."""
    scene = load(scene_file("small.py"))

    assert (scene.name, scene.description) == ("small", "Two small rings.")


def test_a_scenes_own_name_and_description_stay(scene_file: SceneFile) -> None:
    """What is declared goes before what is derived."""
    scene = load(scene_file(more='name="mine", description="My words.",'))

    assert (scene.name, scene.description) == ("mine", "My words.")


@pytest.mark.parametrize(
    "text", ["x = 1  # defines nothing", "scene = 1\nscene = 2  # twice", "scene = ( # broken"]
)
def test_what_cannot_be_a_scene_is_not_run(tmp_path: Path, text: str) -> None:
    """It is refused before its first line does anything."""
    file = tmp_path / "odd.py"
    mark = tmp_path / "was_run"
    file.write_text(f"from pathlib import Path\n\nPath({str(mark)!r}).touch()\n{text}\n")

    with pytest.raises(SceneError, match=r"odd\.py"):
        load(file)

    assert not mark.exists()


@given(text=st.text())
@example(text="\0")
@example(text="{[]: 1}")
@example(text="(" * 300)
@example(text="-" * 20_000 + "1")
@example(text="9" * 10_000)
@example(text="__import__('os')")
def test_any_value_of_a_setting_reaches_the_scene(parametric: Path, text: str) -> None:
    """It is never run: a literal is its value, all else is the text."""
    load(parametric, {"width": text})

    expected: object = text
    with suppress(Exception):
        expected = ast.literal_eval(text)
    assert repr(sys.modules["nnanim_scene_parametric"].seen) == repr([expected])


@given(setting=st.one_of(st.text(), st.text().map("width={}".format)))
@example(setting="width")
@example(setting="=")
@example(setting="")
def test_any_text_after_set_is_taken_or_refused(parametric: Path, setting: str) -> None:
    """Nothing but our own error comes out."""
    with suppress(NnanimError):
        assert isinstance(scene_or_recording(parametric, (setting,), None, None), Scene)


@pytest.fixture(scope="module")
def parametric(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene file with a parameter."""
    file = tmp_path_factory.mktemp("parametric") / "parametric.py"
    file.write_text(PARAMETRIC)
    return file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-0.5", -0.5),
        ("True", True),
        ("None", None),
        ("(1, 2)", (1, 2)),
        ("tanh", "tanh"),
        ("'3'", "3"),
        ("", ""),
        ("1 + 1", "1 + 1"),
        ("a=b", "a=b"),
    ],
)
def test_a_setting_is_a_python_literal_or_text(parametric: Path, text: str, value: object) -> None:
    """Quotes make text of what looks like a number."""
    scene_or_recording(parametric, (f"width={text}",), None, None)

    assert sys.modules["nnanim_scene_parametric"].seen == [value]


def test_left_out_a_parameter_has_its_default(parametric: Path) -> None:
    """A scene with parameters renders without any."""
    load(parametric)

    assert sys.modules["nnanim_scene_parametric"].seen == [2]


def test_a_scene_may_import_what_lies_beside_it(tmp_path: Path, scene_file: SceneFile) -> None:
    """From its first line on, and no longer: the path is as before."""
    (tmp_path / "beside_the_scene.py").write_text("EPOCHS = 3\n")
    before = list(sys.path)

    scene = load(
        scene_file(before="import beside_the_scene", training="epochs=beside_the_scene.EPOCHS")
    )

    assert scene.training.epochs == 3
    assert sys.path == before


HELPED = """
from nnanim import Scene, Training, datasets, models
{}


def rings():
    import {helper}
    return datasets.rings(n={helper}.N)


class Late:
    name, task, window = "Late", "binary", ((-1.0, 1.0), (-1.0, 1.0))
    class_names, axis_names = ("a", "b"), ("x", "y")

    def arrays(self, seed):
        return rings().arrays(seed)


scene = Scene(dataset=Late(), model=models.mlp(2, 1), training=Training(epochs=EPOCHS))
"""


def helped(folder: Path, n: int, helper: str = "held") -> Path:
    """Write a scene whose data and length a module beside it says; returns its path."""
    folder.mkdir(exist_ok=True)
    part = folder.joinpath(*helper.split("."))
    part.parent.mkdir(exist_ok=True)
    part.with_suffix(".py").write_text(f"N = {n}\n\n\nclass Kept:\n    n = N\n")
    text = HELPED.replace("{helper}", helper).replace(
        "{}", f"from {helper} import Kept, N as EPOCHS"
    )
    (folder / "s.py").write_text(text)
    return folder / "s.py"


def told_by(scene: Scene) -> tuple[int, int]:
    """Return what the module beside a scene says when it is loaded, and when it is trained."""
    return scene.training.epochs, len(scene.dataset.arrays(0).inputs)


@pytest.mark.parametrize("helper", ["held", "pack.held"])
def test_each_scene_imports_what_lies_beside_itself(tmp_path: Path, helper: str) -> None:
    """Also while it is trained, when another scene has been loaded since."""
    files = [helped(tmp_path / name, n, helper) for name, n in (("one", 20), ("two", 30))]

    scenes = [load(file) for file in (*files, files[0])]

    assert [told_by(scene) for scene in scenes] == [(20, 20), (30, 30), (20, 20)]
    assert [told_by(scene) for scene in reversed(scenes)] == [(20, 20), (30, 30), (20, 20)]


def test_a_package_beside_is_part_of_a_scenes_code(tmp_path: Path) -> None:
    """Where a module of it is imported, the package is run first."""
    file = helped(tmp_path, 20, "pack.held")
    package = tmp_path / "pack" / "__init__.py"
    told = []
    for text in ("A = 1\n", "A = 2\n"):
        package.write_text(text)
        told.append(load(file).source)

    assert told[0] != told[1]


def test_a_module_within_a_package_beside_is_its_own(tmp_path: Path) -> None:
    """However the package itself imports it."""
    scenes = []
    for name, n in (("one", 20), ("two", 30)):
        file = helped(tmp_path / name, n, "pack.held")
        pack = file.parent / "pack"
        (pack / "held.py").rename(pack / "inner.py")
        (pack / "held.py").write_text("from . import inner\nfrom .inner import Kept, N\n")
        (pack / "__init__.py").write_text("from .held import N\n")
        scenes.append(load(file))

    assert [told_by(scene) for scene in scenes] == [(20, 20), (30, 30)]


def test_an_edit_of_what_lies_beside_is_seen(tmp_path: Path) -> None:
    """Even one within the same second that leaves its size."""
    file = helped(tmp_path, 20)
    before = load(file)
    times = (tmp_path / "held.py").stat()
    helped(tmp_path, 30)
    os.utime(tmp_path / "held.py", ns=(times.st_atime_ns, times.st_mtime_ns))

    after = load(file)

    assert told_by(after) == (30, 30)
    assert told_by(before) == (20, 20)
    assert before.source != after.source


def test_a_scene_does_not_get_what_lies_beside_another(tmp_path: Path) -> None:
    """What is missing beside it is missing."""
    load(helped(tmp_path / "one", 20))
    file = helped(tmp_path / "two", 30)
    (tmp_path / "two" / "held.py").unlink()

    with pytest.raises(SceneError, match="No module named 'held'"):
        load(file)


def test_what_the_interpreter_has_imported_stays_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scene reads the file as it is now."""
    file = helped(tmp_path, 20, "pack.held")
    (tmp_path / "pack" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    pack = importlib.import_module("pack")
    helped(tmp_path, 30, "pack.held")

    scene = load(file)

    assert sys.modules["pack"] is pack
    assert told_by(scene) == (30, 30)
    assert "pack.held" not in sys.modules
    monkeypatch.delitem(sys.modules, "pack")


def test_a_scenes_module_is_found_by_its_name(tmp_path: Path) -> None:
    """As dataclasses and pickle look up the module of a class."""
    scene = load(helped(tmp_path, 20))

    kept = type(scene.dataset).arrays.__globals__["Kept"]

    assert pickle.loads(pickle.dumps(kept())).n == 20
    assert sys.modules["held"].Kept is kept


def test_libraries_stay(tmp_path: Path) -> None:
    """Also those that a folder beside the scene has the name of."""
    (tmp_path / "nnanim").mkdir()
    (tmp_path / "numpy").mkdir()
    before = dict(sys.modules)

    load(helped(tmp_path, 20))

    libraries = ("nnanim.", "numpy", "torch", "tests")
    names = [name for name in before if name.startswith(libraries)]
    assert all(sys.modules[name] is before[name] for name in names)


def test_a_scene_that_fails_leaves_the_path_as_it_was(scene_file: SceneFile) -> None:
    """A folder of scenes goes on in one process."""
    before = list(sys.path)

    with pytest.raises(SceneError):
        load(scene_file(before="1 / 0"))

    assert sys.path == before


def test_a_scene_may_put_off_its_annotations(tmp_path: Path) -> None:
    """Dataclasses look up their module's name where annotations are text."""
    file = tmp_path / "late.py"
    file.write_text(
        "from __future__ import annotations\n\n"
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n\n"
        "from nnanim import Scene, datasets, models\n\n\n"
        "@dataclass(frozen=True)\n"
        "class Mine:\n"
        "    names: ClassVar[tuple[str, ...]] = ()\n"
        "    n: int = 64\n\n\n"
        "scene = Scene(dataset=datasets.rings(n=Mine().n), model=models.mlp(2, 1))\n"
    )

    assert load(file).name == "late"


def test_a_scene_may_be_named_as_a_library(scene_file: SceneFile) -> None:
    """Running random.py leaves Python's own random where it is."""
    import random

    load(scene_file("random.py"))

    assert sys.modules["random"] is random
