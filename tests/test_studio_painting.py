"""Points painted over a scene's own: what is trained on them, and the table that is saved."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Scene, Training, datasets, models
from nnanim.engines.wire import Message
from nnanim.errors import SceneError, UsageError
from nnanim.scene.files import SceneFile, declared, ran
from nnanim.studio.painting import AS_DECLARED, painted, with_painting
from nnanim.studio.shown import Shown
from nnanim.studio.worker import Worker
from nnanim.studio.writing import written

TEXT = """from nnanim import Scene, Training, datasets, models

scene = Scene(
    dataset=datasets.rings(n=40, noise=0.04),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=1, batch_size=8),
)
"""
POINTS = [[0.25, -1.5, 1], [0.1234, 0.1, 0]]


@pytest.fixture
def scene(tmp_path: Path) -> SceneFile:
    """A scene of two rings."""
    file = tmp_path / "own.py"
    file.write_text(TEXT)
    return ran(file)


def told(scene: SceneFile, kind: str, **painting: Any) -> dict[str, str]:
    """Return what is told of something that is written."""
    asked = {"kind": kind, "knobs": {}, "share": 1.0, "painting": {**AS_DECLARED, **painting}}
    return written(asked, scene, lambda *_: None)


def test_painted_points_stand_beside_the_scene_s_own(scene: SceneFile) -> None:
    """Those of the scene to the last bit, but for the rows that were erased, then the others."""
    own = declared(scene.path).dataset.arrays(0)  # type: ignore[union-attr]
    said = {"kept": True, "without": [0, 7, 1000], "points": POINTS}

    given = with_painting(scene.scene(), said).dataset.arrays(0)  # type: ignore[union-attr]

    rows = np.delete(np.arange(40), [0, 7])
    assert np.array_equal(given.inputs[:38], own.inputs[rows])
    assert np.array_equal(given.targets[:38], own.targets[rows])
    assert (
        given.inputs[38:].tolist() == np.array([[0.25, -1.5], [0.1234, 0.1]], np.float32).tolist()
    )
    assert given.targets[38:].tolist() == [[1.0], [0.0]]
    assert len(given.test_inputs) == 0


@pytest.mark.parametrize("kept", [True, False])
def test_the_line_that_is_shown_loads_what_was_painted(scene: SceneFile, kept: bool) -> None:
    """From another folder too, bit for bit, with the same names and the same window."""
    own = with_painting(scene.scene(), {"kept": kept, "without": [3], "points": POINTS})
    found = told(scene, "points", kept=kept, without=[3], points=POINTS)
    lines = found["text"].split("\n")
    text = TEXT.replace("dataset=datasets.rings(n=40, noise=0.04),", lines[1])

    scene.path.write_text(f"{lines[0]}\n{text}")
    again = declared(scene.path)

    assert isinstance(own, Scene)
    assert isinstance(again, Scene)
    assert Path(found["path"]).name == "own_1.csv"
    one, other = own.dataset.arrays(0), again.dataset.arrays(0)
    assert np.array_equal(one.inputs, other.inputs)
    assert np.array_equal(one.targets, other.targets)
    for name in ("name", "task", "window", "class_names", "axis_names"):
        assert getattr(own.dataset, name) == getattr(again.dataset, name)


def test_a_table_that_is_there_stays(scene: SceneFile) -> None:
    """The next name that is free is taken; a link is not followed."""
    (scene.path.parent / "own_1.csv").write_text("mine")
    (scene.path.parent / "own_2.csv").symlink_to(scene.path.parent / "elsewhere")

    assert Path(told(scene, "points")["path"]).name == "own_3.csv"
    assert (scene.path.parent / "own_1.csv").read_text() == "mine"
    assert not (scene.path.parent / "elsewhere").exists()


def test_standardized_points_are_painted_in_the_units_of_their_axes(tmp_path: Path) -> None:
    """Mean and deviation are those of what is painted; the line loads them to the bit."""
    rng = np.random.default_rng(0)
    own = rng.normal([170, 0.1], [9, 0.01], size=(40, 2))
    data = datasets.from_arrays(own, [0, 1] * 20, standardize=True)
    scene = Scene(dataset=data, model=models.mlp(2, 2, 1), training=Training(epochs=1))

    points = painted(scene, {**AS_DECLARED, "points": [[199.9, 0.123, 1]]})
    (tmp_path / "points.csv").write_text(points.table())
    place = repr(str(tmp_path / "points.csv"))
    loaded = eval(points.line(place), {"datasets": datasets})

    np.testing.assert_allclose(points.places, [*own, [199.9, 0.123]], rtol=1e-6)
    given, again = points.dataset().arrays(0), loaded.arrays(0)
    assert np.array_equal(given.inputs, again.inputs)
    assert np.array_equal(given.targets, again.targets)
    np.testing.assert_allclose(given.inputs.mean(axis=0), 0, atol=1e-5)
    assert loaded.scaling == points.dataset().scaling != data.scaling
    assert loaded.window == points.dataset().window


def test_classes_keep_their_labels_and_odd_names_of_axes(tmp_path: Path) -> None:
    """Of several classes, and where an axis is called as no column of a table can be."""
    rng = np.random.default_rng(0)
    data = datasets.from_arrays(
        rng.normal(size=(9, 2)), [0, 1, 2] * 3, axis_names=["a, b", "a, b"], class_names=list("xyz")
    )
    scene = Scene(dataset=data, model=models.mlp(2, 2, 3), training=Training(epochs=1))

    points = painted(scene, {**AS_DECLARED, "points": [[0, 0, 2]]})
    (tmp_path / "points.csv").write_text(points.table())
    place = repr(str(tmp_path / "points.csv"))
    loaded = eval(points.line(place), {"datasets": datasets})

    assert loaded.axis_names == points.dataset().axis_names == ("a, b", "a, b")
    assert loaded.task == "classes"
    assert loaded.arrays(0).targets.tolist() == [*[0, 1, 2] * 3, 2]


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize("inputs", [1, 2])
def test_numbers_are_painted_over_one_input_and_over_two(
    tmp_path: Path, inputs: int, standardize: bool
) -> None:
    """A point's number is its height over one, its third over two; all is loaded to the bit."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, size=(40, inputs)), rng.normal(size=40)
    data = datasets.from_arrays(x, y, standardize=standardize)
    scene = Scene(dataset=data, model=models.mlp(inputs, 2, 1), training=Training(epochs=1))
    added = [[1.25, -0.1, 7.0], [0.1234, 1e-3, -7.1]]

    points = painted(scene, {"kept": True, "without": [0, 7], "points": added})
    (tmp_path / "points.csv").write_text(points.table())
    place = repr(str(tmp_path / "points.csv"))
    loaded = eval(points.line(place), {"datasets": datasets})

    new = np.array(added)
    np.testing.assert_allclose(points.places[-2:], new[:, :inputs])
    np.testing.assert_allclose(points.targets[-2:], new[:, inputs])
    given, again, own = points.dataset().arrays(0), loaded.arrays(0), data.arrays(0)
    assert np.array_equal(given.inputs, again.inputs)
    assert np.array_equal(given.targets, again.targets)
    assert np.array_equal(again.targets[:-2], np.delete(own.targets, [0, 7], axis=0))
    assert (loaded.task, len(again.test_inputs)) == ("regression", 0)
    for name in ("axis_names", "window", "scaling"):
        assert getattr(loaded, name) == getattr(points.dataset(), name)
    assert loaded.axis_names == data.axis_names


def test_numbers_need_two_points() -> None:
    """As a data set does; it is said before any training."""
    scene = Scene(
        dataset=datasets.polynomial(n=20), model=models.mlp(1, 2, 1), training=Training(epochs=1)
    )
    with pytest.raises(SceneError, match="paint at least two"):
        painted(scene, {"kept": False, "without": [], "points": [[0, 0, 0]]})


def test_each_class_needs_a_point(scene: SceneFile) -> None:
    """One that has none is named, before any training, and so is a class that there is not."""
    with pytest.raises(SceneError, match="no point is of class 'outer'"):
        painted(scene.scene(), {"kept": False, "without": [], "points": [[0, 0, 0]]})
    with pytest.raises(SceneError, match="of class 2: expected 0 to 1"):
        painted(scene.scene(), {**AS_DECLARED, "points": [[0, 0, 2]]})
    for number in (0.5, -1):
        with pytest.raises(SceneError, match=f"of class {number}: expected 0 to 1"):
            painted(scene.scene(), {**AS_DECLARED, "points": [[0, 0, number]]})


def test_what_cannot_be_painted_is_refused(scene: SceneFile) -> None:
    """Several numbers to predict, and classes over other than two inputs."""
    made = scene.scene()
    assert isinstance(made, Scene)
    numbers = np.random.default_rng(0).normal(size=(20, 2))
    for data in (datasets.from_arrays(numbers, numbers + 1), datasets.linked_tori(n=20)):
        with pytest.raises(SceneError, match="expected one scene of classes over two inputs"):
            painted(replace(made, dataset=data), AS_DECLARED)


def test_what_cannot_be_written_is_said_where_it_was_asked_for(scene: SceneFile) -> None:
    """Not as a mistake of the scene, whose film is as good as it was."""
    heard: list[Message] = []
    painting = {**AS_DECLARED, "points": POINTS}
    asked = {"do": "write", "kind": "command", "knobs": {}, "share": 1.0, "painting": painting}

    Worker(heard.append).do({**asked, "shown": Shown(scene.path)})

    (told,) = (message.told for message in heard)
    assert (told["told"], told["kind"]) == ("refused", "command")
    assert "save them" in told["text"]


@pytest.mark.parametrize("kind", ["scene", "command"])
def test_painted_points_are_in_no_command(scene: SceneFile, kind: str) -> None:
    """Nor in the scene's file: it is said to save them."""
    with pytest.raises(UsageError, match="save them"):
        told(scene, kind, points=POINTS)
