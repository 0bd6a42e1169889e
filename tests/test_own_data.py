"""Own data: arrays, tables in CSV and .npz files become data sets, or one line says why not."""

import io
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnanim import Scene, datasets, models
from nnanim.dataset_checks import checked_arrays
from nnanim.datasets.from_arrays import FromArrays
from nnanim.errors import SceneError
from tests.examples import examples

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 2))
Y = np.arange(20) % 2


def refusal(make: Callable[..., object], *arguments: Any, **settings: Any) -> str:
    """Return the one line with which own data are refused."""
    with pytest.raises(SceneError) as caught:
        make(*arguments, **settings)
    line = str(caught.value)
    assert "\n" not in line
    return line


def is_sound(dataset: FromArrays) -> bool:
    """Whether a data set gives what a training takes, the same each time, inside its window."""
    arrays = checked_arrays(dataset, 3)
    again = dataset.arrays(3)
    assert arrays.inputs.tobytes() == again.inputs.tobytes()
    assert arrays.targets.tobytes() == again.targets.tobytes()
    low, high = np.array(dataset.window).T
    assert (low < high).all()
    assert len(dataset.axis_names) == len(dataset.window) + (
        arrays.targets.shape[1] if dataset.task == "regression" else 0
    )
    if dataset.task in ("binary", "classes"):
        rows = arrays.targets.ndim == 2 and arrays.targets.shape[1] > 1
        labels = arrays.targets.argmax(axis=1) if rows else arrays.targets
        assert labels.max() == len(dataset.class_names) - 1
    return bool(((arrays.inputs >= low) & (arrays.inputs <= high)).all())


def sound_or_refused(make: Callable[..., FromArrays], *arguments: Any, **more: Any) -> bool:
    """Whether own data give a sound data set, or one line, which names the file if there is one."""
    try:
        dataset = make(*arguments, **more)
    except SceneError as error:
        named = not isinstance(arguments[0], Path) or arguments[0].name in str(error)
        return named and "\n" not in str(error)
    return is_sound(dataset)


# -- what targets mean -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("targets", "task", "names"),
    [
        (["no", "yes"] * 10, "binary", ("no", "yes")),
        (np.array(["yes", "no"] * 10, object), "binary", ("no", "yes")),
        (["b", "a", "c", "a"] * 5, "classes", ("a", "b", "c")),
        (Y, "binary", ("0", "1")),
        (Y[:, None], "binary", ("0", "1")),
        (Y.astype(float), "binary", ("0", "1")),
        (2 * Y - 1, "binary", ("-1", "1")),
        (Y > 0, "binary", ("False", "True")),
        ([10, 9, 2, 10] * 5, "classes", ("2", "9", "10")),
        (np.linspace(0, 1, 20), "regression", ()),
        (np.arange(20.0), "regression", ()),
        (np.linspace(0, 1, 40).reshape(20, 2), "regression", ()),
        (list(map(float, range(20))), "regression", ()),
        ([1, 2.5] * 10, "regression", ()),
    ],
)
def test_the_kind_of_targets_tells_the_task(
    targets: Any, task: str, names: tuple[str, ...]
) -> None:
    """Text and whole numbers are classes, sorted; other numbers are for regression."""
    dataset = datasets.from_arrays(X, targets)

    assert (dataset.task, dataset.class_names) == (task, names)
    assert is_sound(dataset)


def test_labels_become_the_places_of_their_sorted_names() -> None:
    """Two are float targets (n, 1), more are int64 (n,)."""
    two = datasets.from_arrays(X, ["yes", "no"] * 10).arrays(0)
    three = datasets.from_arrays(X[:6], ["c", "a", "b", "c", "a", "b"], test=None).arrays(0)

    assert two.targets.dtype == np.float32
    assert two.targets.ravel().tolist() == [1, 0] * 10
    assert three.targets.dtype == np.int64
    assert three.targets.tolist() == [2, 0, 1, 2, 0, 1]


def test_the_task_can_be_given() -> None:
    """Two labels as classes of two outputs, whole numbers as measured values, and back."""
    classes = datasets.from_arrays(X, Y, task="classes").arrays(0)
    measured = datasets.from_arrays(X, 3 * Y, task="regression").arrays(0)
    signs = datasets.from_arrays(X, 2.0 * Y - 1, task="binary").arrays(0)

    assert classes.targets.dtype == np.int64
    assert classes.targets.tolist() == Y.tolist()
    assert measured.targets.ravel().tolist() == (3 * Y).tolist()
    assert signs.targets.ravel().tolist() == Y.tolist()


def test_values_are_kept_to_the_bit() -> None:
    """Inputs and measured targets are those that came, as float32."""
    arrays = datasets.from_arrays(X, X[:, 0] * 3.1).arrays(0)

    np.testing.assert_array_equal(arrays.inputs, X.astype(np.float32))
    np.testing.assert_array_equal(arrays.targets[:, 0], (X[:, 0] * 3.1).astype(np.float32))


@pytest.mark.parametrize(
    ("targets", "settings", "says"),
    [
        (np.zeros(20, int), {}, ("targets hold 0 alone", "at least two classes")),
        (["a"] * 20, {}, ("targets hold 'a' alone", "at least two classes")),
        (["a", None] * 10, {}, ("targets hold None in row 1", "text alone")),
        (["a", 1.5] + ["a"] * 18, {"task": "regression"}, ("targets hold text", "needs numbers")),
        (np.array(["a", 2] * 10, object), {}, ("targets hold 'a' in row 0", "text alone")),
        (np.linspace(0, 1, 20), {"task": "classes"}, ("targets hold 0.05", "row 1", "regression")),
        (["a", "b", "c", "d"] * 5, {"task": "binary"}, ("4 labels", 'task="classes"')),
        (np.arange(20), {}, ("20 different labels in 20 samples", 'task="regression"')),
        (Y, {"task": "clustering"}, ("unknown task 'clustering'", "binary | classes")),
        (Y, {"class_names": ["one"]}, ("class_names has 1 names", "2 labels")),
        (Y, {"class_names": "ab"}, ("class_names='ab'", "list of texts")),
        (X[:, 0], {"class_names": ["a", "b"]}, ("for a regression", "leave them out")),
        (Y[:19], {}, ("20 inputs but 19 targets",)),
        (np.zeros((20, 2, 2)), {}, ("targets have shape (20, 2, 2)",)),
        (np.zeros(20, complex), {}, ("targets are of kind complex128",)),
        (np.zeros(20, "datetime64[s]"), {}, ("targets are of kind datetime64[s]",)),
        (np.where(Y, np.nan, 1.5), {}, ("targets hold nan in row 1", "fill them in")),
        (np.where(Y, np.nan, 1.0), {"task": "classes"}, ("targets hold nan in row 1",)),
        (np.where(Y, 1e30, 1.5), {}, ("targets hold 1e+30 in row 1", "scale them")),
        ([[1], [1, 2]], {}, ("targets cannot be read as an array",)),
        (7, {}, ("targets are one int",)),
        (np.ma.masked_equal(Y, 1), {}, ("targets have masked entries",)),
    ],
)  # fmt: skip
def test_targets_that_mean_nothing_are_refused(
    targets: Any, settings: dict[str, Any], says: tuple[str, ...]
) -> None:
    """In one line with what came, where, and what to do."""
    line = refusal(datasets.from_arrays, X, targets, **settings)

    for part in says:
        assert part in line


# -- inputs, names, window -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([["1", "a"]] * 20, ("inputs hold text", "'a' in row 0, column 1", "expected numbers")),
        (X.astype(str), ("inputs hold text", "x.astype(float)")),
        ([[1.0, None]] * 20, ("inputs hold None in row 0",)),
        ([[1.0, "a"], [2.0, 3.0]] * 10, ("inputs hold text", "'a'")),
        (np.zeros((20, 2, 0)), ("inputs have shape (20, 2, 0)", "or (n, …)")),
        (np.zeros((20, 0)), ("inputs have shape (20, 0)",)),
        (np.where(X > 1, np.inf, X), ("inputs hold inf", "scale them, or drop such rows")),
        (np.where(X > 1, np.nan, X), ("inputs hold nan in row", "fill them in")),
        (1e30 * X, ("expected numbers within ±1e+18",)),
        (None, ("inputs are one NoneType",)),
        (X[:5], ("5 inputs but 20 targets",)),
        ([10**400] * 20, ("inputs cannot be read as numbers",)),
    ],
)
def test_inputs_that_are_no_numbers_are_refused(inputs: Any, says: tuple[str, ...]) -> None:
    """With the row, and the column where there are several."""
    line = refusal(datasets.from_arrays, inputs, Y)

    for part in says:
        assert part in line


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_samples_are_refused(count: int) -> None:
    """Whatever the task."""
    assert "expected at least two" in refusal(datasets.from_arrays, X[:count], X[:count, 0])


def test_one_object_without_targets_is_refused() -> None:
    """The line says what it may be."""
    line = refusal(datasets.from_arrays, X)

    assert "one ndarray" in line
    assert "from_arrays(x, y)" in line


def test_the_window_is_a_little_wider_than_the_data() -> None:
    """By a twentieth of the span; a constant column has a window too."""
    inputs = np.stack([np.linspace(0, 10, 20), np.full(20, 7.0), np.linspace(-1, -1, 20)], axis=1)

    window = datasets.from_arrays(inputs, Y).window

    assert window == ((-0.5, 10.5), (3.5, 10.5), (-1.5, -0.5))


@settings(max_examples=examples(100), deadline=None)
@given(
    hnp.arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 3)),
               elements=st.floats(-1e18, 1e18))
)  # fmt: skip
def test_any_finite_inputs_have_a_window(inputs: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    """Which holds them all, and is not empty."""
    dataset = datasets.from_arrays(inputs, np.arange(len(inputs)) % 2)

    assert is_sound(dataset)


def test_a_given_window_is_taken() -> None:
    """As floats; one that does not fit is refused."""
    assert datasets.from_arrays(X, Y, window=((-1, 1), (0, 2))).window == ((-1.0, 1.0), (0.0, 2.0))
    assert "expected (low, high)" in refusal(datasets.from_arrays, X, Y, window=(0, 1))
    assert "low < high" in refusal(datasets.from_arrays, X, Y, window=((1, 0), (0, 1)))
    assert "1 ranges" in refusal(datasets.from_arrays, X, Y, window=((0, 1),))


@pytest.mark.parametrize(
    ("width", "targets", "names"),
    [
        (1, Y, ("x",)),
        (2, Y, ("x", "y")),
        (3, Y, ("x1", "x2", "x3")),
        (1, X[:, 0], ("x", "y")),
        (2, X[:, 0], ("x1", "x2", "y")),
        (1, X, ("x1", "y1", "y2")),
    ],
)
def test_axes_have_names_of_their_own(width: int, targets: Any, names: tuple[str, ...]) -> None:
    """Those of the inputs, then of the targets of a regression."""
    assert datasets.from_arrays(np.ones((20, width)) * X[:, :1], targets).axis_names == names


def test_names_are_one_short_line_each() -> None:
    """However long they came, so that a legend can hold them."""
    dataset = datasets.from_arrays(
        X, Y, class_names=["two\nlines  and more", "x" * 100], axis_names=["a", "b" * 100]
    )

    assert dataset.class_names == ("two lines and more", "x" * 23 + "…")
    assert dataset.axis_names == ("a", "b" * 23 + "…")
    assert "axis_names has 3 names" in refusal(
        datasets.from_arrays, X, Y, axis_names=["a", "b", "c"]
    )


def test_standardized_inputs_have_no_unit() -> None:
    """Mean 0 and standard deviation 1 over the train part; a constant becomes 0."""
    inputs = np.stack([1000 + 5 * X[:, 0], np.full(20, 3.0)], axis=1)

    dataset = datasets.from_arrays(inputs, Y, test=(inputs[:2] + 5, Y[:2]), standardize=True)
    arrays = dataset.arrays(0)

    np.testing.assert_allclose(arrays.inputs.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(arrays.inputs.std(axis=0), [1, 0], atol=1e-6)
    shift = (arrays.test_inputs - arrays.inputs[:2])[:, 0]
    np.testing.assert_allclose(shift, 1 / X[:, 0].std(), rtol=1e-4)


# -- copies, test part, scene ----------------------------------------------------------------------


def test_later_changes_of_the_arrays_change_nothing() -> None:
    """Neither of those that came nor of those that were given out."""
    inputs, targets = X.astype(np.float32), np.linspace(0, 1, 20, dtype=np.float32)
    before = inputs.tobytes(), targets.tobytes()
    dataset = datasets.from_arrays(inputs, targets[:, None], test=(inputs, targets))

    inputs[:] = 0
    targets[:] = 0
    for given_out in (dataset.arrays(0), datasets.from_arrays(X, Y, test_share=0.2).arrays(0)):
        for part in (given_out.inputs, given_out.targets, given_out.test_inputs):
            part[:] = 0

    after = dataset.arrays(0)
    assert (after.inputs.tobytes(), after.targets.tobytes()) == before
    assert (after.test_inputs.tobytes(), after.test_targets.tobytes()) == before


def test_the_test_share_is_drawn_from_the_seed() -> None:
    """Every sample is in one part; a pinned seed wins."""
    dataset = datasets.from_arrays(X, Y, test_share=0.25)
    first, again, other = dataset.arrays(1), dataset.arrays(1), dataset.arrays(2)
    pinned = datasets.from_arrays(X, Y, test_share=0.25, seed=1)

    assert (len(first.inputs), len(first.test_inputs)) == (15, 5)
    both = np.concatenate([first.inputs, first.test_inputs])
    np.testing.assert_array_equal(np.unique(both, axis=0), np.unique(X.astype(np.float32), axis=0))
    assert again.test_inputs.tobytes() == first.test_inputs.tobytes()
    assert other.test_inputs.tobytes() != first.test_inputs.tobytes()
    assert pinned.arrays(9).test_inputs.tobytes() == first.test_inputs.tobytes()


def test_a_test_part_can_be_given() -> None:
    """With labels that are places among those of the train part."""
    dataset = datasets.from_arrays(X, ["b", "a"] * 10, test=(X[:3] + 1, ["b", "b", "a"]))

    arrays = dataset.arrays(0)

    np.testing.assert_array_equal(arrays.test_inputs, (X[:3] + 1).astype(np.float32))
    assert arrays.test_targets.ravel().tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"test": (X[:, :1], Y)}, "test inputs have shape (20, 1): expected (n, 2)"),
        ({"test": (X, Y + 1)}, "test targets hold 2, which the targets do not"),
        ({"test": (X, ["a"] * 20)}, "not both text"),
        ({"test": (X, Y[:3])}, "20 inputs but 3 targets"),
        ({"test": X}, "expected inputs and targets, test=(x, y)"),
        ({"test": (X, Y), "test_share": 0.5}, "leave one out"),
        ({"test_share": 1.0}, "expected a share from 0 to below 1"),
        ({"test_share": "half"}, "expected a share from 0 to below 1"),
        ({"test_share": 0.99}, "leaves none of 20 samples"),
    ],
)
def test_a_test_part_that_does_not_fit_is_refused(settings: dict[str, Any], says: str) -> None:
    """When it is given, not when it is drawn."""
    assert says in refusal(datasets.from_arrays, X, Y, **settings)


@dataclass(eq=False)
class Column:
    """A column of a data frame, as far as it is looked at."""

    values: Any
    name: str

    def to_numpy(self) -> Any:
        """Return an array."""
        return np.asarray(self.values)


@dataclass(eq=False)
class Frame:
    """A data frame, as far as it is looked at."""

    values: Any
    columns: list[str]

    def to_numpy(self) -> Any:
        """Return an array."""
        return np.asarray(self.values, object)


def test_names_of_a_data_frame_are_taken_over() -> None:
    """Of its columns, and of the target's for regression."""
    frame = Frame(X, ["width", "height"])

    classes = datasets.from_arrays(frame, Column(["no", "yes"] * 10, "ripe"))
    measured = datasets.from_arrays(frame, Column(X[:, 0], "weight"))

    assert (classes.axis_names, classes.class_names) == (("width", "height"), ("no", "yes"))
    assert measured.axis_names == ("width", "height", "weight")
    np.testing.assert_array_equal(measured.arrays(0).inputs, X.astype(np.float32))


def bunch(**more: Any) -> SimpleNamespace:
    """Return what scikit-learn's loaders return."""
    parts = {
        "data": X,
        "target": np.arange(20) % 3,
        "feature_names": ["wide", "high"],
        "target_names": np.array(["plum", "pear", "fig"]),
    }
    return SimpleNamespace(**(parts | more))


def test_an_object_with_data_and_target_is_taken() -> None:
    """With the names of its features and of its classes."""
    dataset = datasets.from_arrays(bunch())

    assert dataset.task == "classes"
    assert dataset.class_names == ("plum", "pear", "fig")
    assert dataset.axis_names == ("wide", "high")
    assert datasets.from_arrays(bunch(), class_names=list("abc")).class_names == ("a", "b", "c")


def test_names_stay_with_their_labels_when_a_class_is_left_out() -> None:
    """Labels 1 and 2 alone are the second and the third name."""
    dataset = datasets.from_arrays(bunch(target=1 + Y))

    assert dataset.class_names == ("pear", "fig")


def test_names_of_a_measured_target_are_names_of_axes() -> None:
    """As some of scikit-learn's regression sets have them."""
    dataset = datasets.from_arrays(bunch(target=2 * X, target_names=["up", "down"]))

    assert (dataset.class_names, dataset.axis_names) == ((), ("wide", "high", "up", "down"))


def test_tensors_and_lists_are_taken() -> None:
    """Whatever numpy can read."""
    tensors = datasets.from_arrays(torch.tensor(X), torch.tensor(Y))
    lists = datasets.from_arrays(X.tolist(), Y.tolist())
    single = datasets.from_arrays(X[:, 0], Y)

    np.testing.assert_array_equal(tensors.arrays(0).inputs, lists.arrays(0).inputs)
    assert single.arrays(0).inputs.shape == (20, 1)


def test_a_scene_takes_an_object_with_data_and_target() -> None:
    """As it takes a data set; what is no such thing is refused as before."""
    fruit: Any = bunch()

    scene = Scene(dataset=fruit, model=models.mlp(2, 2, 3))

    assert scene.dataset.class_names == ("plum", "pear", "fig")
    assert "at least two classes" in refusal(
        Scene, dataset=bunch(target=np.ones(20, int)), model=models.mlp(2, 2, 3)
    )


ANYTHING = st.one_of(
    hnp.arrays(
        st.one_of(hnp.scalar_dtypes(), hnp.unicode_string_dtypes(max_len=3)),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=5),
        max_leaves=12,
    ),
)


FITTING = st.integers(2, 7).flatmap(
    lambda n: st.tuples(
        hnp.arrays(
            hnp.floating_dtypes() | hnp.integer_dtypes() | hnp.boolean_dtypes(),
            st.tuples(st.just(n), st.integers(1, 3)),
        ),
        hnp.arrays(
            st.sampled_from(["<U1", "?", "i1", "u8", "f4", "f8"]),
            st.sampled_from([(n,), (n, 1), (n, 2)]),
        ),
    )
)


@settings(max_examples=examples(500), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    xy=st.tuples(ANYTHING, ANYTHING) | FITTING,
    task=st.sampled_from([None, "binary", "classes", "regression"]),
)
def test_any_arrays_give_a_data_set_or_one_line(xy: tuple[Any, Any], task: Any) -> None:
    """Never another exception."""
    assert sound_or_refused(datasets.from_arrays, *xy, task=task)


# -- CSV -------------------------------------------------------------------------------------------

Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Write the text of a CSV file and return its path."""

    def write(text: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


FRUIT = "wide,high,kind\n1,2,plum\n3,4.5,fig\n-5e1,6,plum\n"


def test_a_table_is_a_data_set(table: Table) -> None:
    """Its header names the axes, its text the classes, file and target the data set."""
    dataset = datasets.from_csv(table(FRUIT), target="kind")
    arrays = dataset.arrays(0)

    assert (dataset.name, dataset.task) == ("table (kind)", "binary")
    assert dataset.axis_names == ("wide", "high")
    assert dataset.class_names == ("fig", "plum")
    assert arrays.inputs.tolist() == [[1, 2], [3, 4.5], [-50, 6]]
    assert arrays.targets.ravel().tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        FRUIT.replace(",", ";"),
        FRUIT.replace(",", "\t"),
        FRUIT.replace(",", " , "),
        FRUIT.replace("\n", "\r\n"),
        FRUIT.replace("\n", "\r"),
        FRUIT.replace("\n", ",\n"),
        FRUIT.replace(",", "|"),
        FRUIT.encode("utf-16"),
        b"\xfe\xff" + FRUIT.encode("utf-16-be"),
        FRUIT.encode("utf-32"),
        FRUIT.replace("\n", "\n\n").rstrip("\n"),
        "\ufeff" + FRUIT,
        FRUIT.replace("plum", '"plum"').replace("wide", '"wide"'),
        FRUIT + "   \n",
    ],
)
def test_tables_are_written_in_several_ways(table: Table, text: str | bytes) -> None:
    """Commas, semicolons or tabs, quotes, a byte order mark, blank lines: all the same."""
    expected = datasets.from_csv(table(FRUIT), target="kind")

    dataset = datasets.from_csv(table(text, "other.csv"), target="kind")

    assert dataset.axis_names == expected.axis_names
    assert dataset.class_names == expected.class_names
    np.testing.assert_array_equal(dataset.arrays(0).inputs, expected.arrays(0).inputs)
    np.testing.assert_array_equal(dataset.arrays(0).targets, expected.arrays(0).targets)


def test_quotes_hold_separators_after_a_blank(table: Table) -> None:
    """As in tables that are written by hand."""
    path = table('wide, kind\n1, "plum, blue"\n2, fig\n')

    assert datasets.from_csv(path, target="kind").class_names == ("fig", "plum, blue")


def test_columns_are_chosen_by_name(table: Table) -> None:
    """In the order asked for; a number as target is for regression, whole numbers are classes."""
    path = table("a,b,c,d\n1,2,x,0\n3,4.5,y,1\n5,6,z,2\n7,8,x,1\n9,1,y,0\n2,1,z,2\n")

    chosen = datasets.from_csv(path, inputs=["b", "a"], target="d", name="Chosen")
    single = datasets.from_csv(path, inputs="a", target="b")
    several = datasets.from_csv(path, inputs="a", target=["b", "d"])

    assert (chosen.task, chosen.name, chosen.axis_names) == ("classes", "Chosen", ("b", "a"))
    assert chosen.arrays(0).inputs[1].tolist() == [4.5, 3]
    assert (single.task, single.axis_names) == ("regression", ("a", "b"))
    assert (several.task, several.axis_names) == ("regression", ("a", "b", "d"))
    assert several.arrays(0).targets[1].tolist() == [4.5, 1]


def test_a_second_table_is_the_test_part(table: Table) -> None:
    """Its columns may stand in another order."""
    test = table("kind,high,wide\nfig,8,7\n", "test.csv")

    arrays = datasets.from_csv(table(FRUIT), target="kind", test=test).arrays(0)

    assert arrays.test_inputs.tolist() == [[7, 8]]
    assert arrays.test_targets.tolist() == [[0]]


@pytest.mark.parametrize(
    ("text", "settings", "says"),
    [
        ("", {}, ("line 1 is empty", "names of the columns")),
        ("wide,high,kind\n", {}, ("no row with values", "at least 2")),
        ("wide,high,kind\n1,2,plum\n", {}, ("one row with values", "at least 2")),
        (FRUIT, {"target": "kin"}, ("line 1", "'kin'", "wide | high | kind", "mean 'kind'")),
        (FRUIT, {"inputs": ["wide", "deep"]}, ("line 1", "unknown column 'deep'", "wide | high")),
        (FRUIT, {"inputs": "kind"}, ("column 'kind' is in inputs and target",)),
        (FRUIT, {"inputs": ["wide", "wide"]}, ("column 'wide' is in inputs twice",)),
        (FRUIT, {"inputs": []}, ("0 columns of inputs",)),
        ("kind\na\nb\n", {}, ("0 columns of inputs", 'delimiter=":"')),
        ("1,2,3\n4,5,6\n", {}, ("line 1 holds no names of columns, as '1'", "target=3")),
        (",wide,kind\n0,1,a\n1,2,b\n", {}, ("column 1 has no name", "inputs=['wide']")),
        ("wide,wide,kind\n0,1,a\n1,2,b\n", {}, ("two columns are named 'wide'",)),
        ("kind,kind,wide\na,a,1\nb,b,2\n", {}, ("two columns are named 'kind'",)),
        (FRUIT.replace("4.5", "tall"), {}, ("line 3, column 'high': 'tall' is not a number",)),
        (FRUIT.replace("4.5", ""), {}, ("line 3, column 'high': the cell is empty",)),
        (FRUIT.replace("4.5", "nan"), {}, ("line 3, column 'high': 'nan' stands for no value",)),
        (FRUIT.replace("4.5", "1e99"), {}, ("line 3, column 'high': '1e99' is no number within",)),
        (FRUIT.replace("4.5", "1_0"), {}, ("line 3, column 'high': '1_0' is not a number",)),
        (FRUIT.replace("4.5", '"4,5"'), {}, ("line 3", "decimal comma", 'decimal=","')),
        (FRUIT.replace("fig", ""), {}, ("line 3, column 'kind': the cell is empty",)),
        (FRUIT.replace("fig", "7"), {}, ("line 2, column 'kind': 'plum' is not a number",
                                         'task="classes"')),
        (FRUIT.replace("fig", "plum"), {}, ("column 'kind': 'plum' in every row, lines 2 to 4",)),
        (FRUIT, {"task": "regression"}, ("line 2, column 'kind': 'plum' is not a number",)),
        (FRUIT.replace("4.5,", "4.5,9,"), {}, ("line 3 has 4 cells: expected 3",)),
        (FRUIT.replace("3,4.5", "34.5"), {}, ("line 3 has 2 cells: expected 3",)),
        (FRUIT + '"open,2,plum\n', {}, ("line 5", "unexpected end of data")),
        (FRUIT.encode() + b"1,2,p\xe4\n", {}, ("line 5: byte 0xe4 is not UTF-8", "'pä'",
                                               "encoding='latin-1'")),
        ("wide,kind\n" + "1" * 2**20, {}, ("line 2 is longer than 1048576 characters",)),
        ("wide,kind\n1," + "b" * 200_000, {}, ("line 2: field larger than field limit",)),
        ("wide,kind\n" + "".join(f"{i},{i % 60}.\n" for i in range(99)).replace(".", "x"), {},
         ("60 different labels in 99 samples", 'task="classes"')),
        (FRUIT, {"test": "nowhere.csv"}, ("no file 'nowhere.csv'",)),
        (FRUIT, {"window": ((0, 1),)}, ("table.csv: ", "has 1 ranges")),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_refused_with_the_place(
    table: Table, text: str | bytes, settings: dict[str, Any], says: tuple[str, ...]
) -> None:
    """The line, the column, what came and what to do."""
    line = refusal(datasets.from_csv, table(text), **{"target": "kind", **settings})

    for part in says:
        assert part in line
    assert "table.csv" in line or "nowhere.csv" in line


def test_the_line_is_right_after_quoted_breaks_and_in_a_long_table(table: Table) -> None:
    """A record is named by the line in which it starts, however many rows came before."""
    rows = [f"{i},{'ab'[i % 2]}\n" for i in range(10_000)]
    rows[5000] = '5000,"a\nb"\n'
    rows[9000] = 'bad,"a\nb"\n'
    path = table("wide,kind\n" + "".join(rows))

    assert "line 9003, column 'wide': 'bad'" in refusal(datasets.from_csv, path, target="kind")


@pytest.mark.parametrize("name", ["missing.csv", ".", "nul\0.csv", "x" * 300, "a/b.csv"])
def test_a_file_that_is_not_there_is_said_to_be_missing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the folder in which it was looked for."""
    monkeypatch.chdir(tmp_path)

    for line in (refusal(datasets.from_csv, name, target="y"), refusal(datasets.from_npz, name)):
        assert "no file" in line or "no path of a file" in line
    if "\0" not in name and len(name) < 255:
        assert str(tmp_path) in line


def test_names_that_are_no_names_are_refused(table: Table, tmp_path: Path) -> None:
    """Of columns, and of arrays."""
    npz = saved(tmp_path / "some.npz", x=X, y=Y)

    assert "from_csv(target=3.0)" in refusal(datasets.from_csv, table(FRUIT), target=3.0)
    assert "from_csv(inputs=[True])" in refusal(
        datasets.from_csv, table(FRUIT), inputs=[True], target="kind"
    )
    assert "no column 0: expected a number from 1 to 3" in refusal(
        datasets.from_csv, table(FRUIT), inputs=[0, 1], target="kind"
    )
    assert "from_npz(test='x')" in refusal(datasets.from_npz, npz, test="x")
    assert "unknown array 0" in refusal(datasets.from_npz, npz, inputs=0)


def test_what_is_no_path_is_refused() -> None:
    """Rather than taken for a file descriptor."""
    assert "no path of a file" in refusal(datasets.from_csv, 1, target="y")


CELLS = st.sampled_from(["1", "2.5", "-3", "a", "b", "", "nan", '"', "1,5", " ", "é", "0", "x y"])
LINES = st.lists(CELLS, max_size=4).map(",".join)


@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(str.encode),
        st.binary(max_size=60).map(lambda rest: b"x,y\n1,2\n3,4\n" + rest),
        st.lists(LINES, max_size=6).map(lambda lines: "\n".join(["x,y", *lines]).encode()),
    ),
    task=st.sampled_from([None, "binary", "classes", "regression"]),
)
def test_any_bytes_give_a_data_set_or_one_line(table: Table, content: bytes, task: Any) -> None:
    """Never another exception."""
    path = table(content)

    assert sound_or_refused(datasets.from_csv, path, target="y", task=task)


# -- npz -------------------------------------------------------------------------------------------


def saved(path: Path, **arrays: Any) -> Path:
    """Write arrays as numpy does."""
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_a_file_are_a_data_set(save: Callable[..., None], tmp_path: Path) -> None:
    """Text labels and a test part too, under any names."""
    path = tmp_path / "fruit.npz"
    save(path, x=X, y=np.array(["no", "yes"] * 10), x_test=X[:3], y_test=np.array(["yes"] * 3))

    dataset = datasets.from_npz(path, test=("x_test", "y_test"))
    arrays = dataset.arrays(0)

    assert (dataset.name, dataset.task, dataset.class_names) == ("fruit", "binary", ("no", "yes"))
    np.testing.assert_array_equal(arrays.inputs, X.astype(np.float32))
    assert arrays.test_targets.ravel().tolist() == [1, 1, 1]


class Trap:
    """Something that does harm when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what would be run."""
        return pytest.fail, ("a pickle was read",)


def test_an_array_of_objects_is_refused_unread(tmp_path: Path) -> None:
    """Reading one would run whatever it says."""
    targets = np.array([Trap()] * 20, object)

    line = refusal(datasets.from_npz, saved(tmp_path / "trap.npz", x=X, y=targets))

    assert "array 'y' holds Python objects" in line
    assert "y.astype(str)" in line


def test_a_pickle_that_is_called_npz_is_refused_unread(tmp_path: Path) -> None:
    """It is no archive."""
    path = tmp_path / "trap.npz"
    path.write_bytes(pickle.dumps(Trap()))

    assert "cannot be read" in refusal(datasets.from_npz, path)


def lying(shape: tuple[int, ...]) -> bytes:
    """Return the bytes of an array whose header says another shape than it has."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    return buffer.getvalue() + bytes(64)


@pytest.mark.parametrize("shape", [(10**12, 2), (2**62, 2**62), (10**6, 1)])
def test_a_header_that_lies_about_its_size_is_refused(
    shape: tuple[int, ...], tmp_path: Path
) -> None:
    """Before any memory is asked for."""
    path = tmp_path / "lie.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", lying(shape))
        archive.writestr("y.npy", lying((8,)))

    assert "expected no more than the 192 bytes that there are of it" in refusal(
        datasets.from_npz, path
    )


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((10**7, 2), np.uint8), Y),
        (np.zeros((2**21, 8), np.uint8), Y),
        (X, np.zeros(10**8, bool)),
        (X, np.zeros(2 * 10**6, "U1")),
    ],
)
def test_a_small_file_of_large_arrays_is_refused(x: Any, y: Any, tmp_path: Path) -> None:
    """By what its arrays would take, of which their bytes on the disk tell little."""
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=x, y=y)

    line = refusal(datasets.from_npz, path)

    assert path.stat().st_size < 2**18
    assert "expected at most 67,108,864 bytes of arrays" in line


@pytest.mark.parametrize("shape", [(0, 10**12), (0,), (19, 2)])
def test_targets_that_are_not_as_many_as_inputs_are_refused_at_once(
    shape: tuple[int, ...], tmp_path: Path
) -> None:
    """However wide they are: no row takes no memory, and a name for each column takes all of it."""
    path = saved(tmp_path / "few.npz", x=X, y=np.zeros(shape, np.float32))

    assert f"20 inputs but {shape[0]} targets" in refusal(datasets.from_npz, path)


def test_entries_of_no_width_are_refused(tmp_path: Path) -> None:
    """They take no byte on the disk, and gigabytes in memory."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": "<U0", "fortran_order": False, "shape": (10**9, 2)}
    )
    path = tmp_path / "nothing.npz"
    path.write_bytes(archive_of(buffer.getvalue(), lying((8,))))

    assert "array 'x' of shape (1000000000, 2) and kind <U0" in refusal(datasets.from_npz, path)


def test_arrays_that_are_packed_well_but_not_too_well_are_read(tmp_path: Path) -> None:
    """As images and one-hot rows are; what is not packed is read whatever it holds."""
    images = np.repeat(np.random.default_rng(0).integers(0, 256, (600, 98), np.uint8), 8, axis=1)
    labels = np.arange(600) % 10
    np.savez_compressed(tmp_path / "packed.npz", x=images, y=labels)
    np.savez(
        tmp_path / "zeros.npz", x=np.zeros((2 * 10**5, 100), np.uint8), y=np.arange(2 * 10**5) % 2
    )

    assert datasets.from_npz(tmp_path / "packed.npz").arrays(0).inputs.shape == (600, 784)
    assert datasets.from_npz(tmp_path / "zeros.npz").arrays(0).inputs.shape == (200_000, 100)


@pytest.mark.parametrize(
    ("arrays", "settings", "says"),
    [
        ({"a": X, "y": Y}, {}, ("unknown array 'x'", "a | y")),
        ({"a\n\x1b[2J": X, "y": Y}, {}, ("unknown array 'x'", r"a\n\x1b[2J | y")),
        ({"x": X, "y": Y}, {"test": ("x", "z")}, ("unknown array 'z'", "x | y")),
        ({"x": X[:, :, None][..., :0], "y": Y}, {}, ("inputs have shape (20, 2, 0)",)),
        ({"x": X, "y": Y[:5]}, {}, ("20 inputs but 5 targets",)),
        ({"x": np.zeros(3, "i4,f8"), "y": Y}, {}, ("inputs are",)),
        ({}, {}, ("unknown array 'x'", "expected none")),
    ],
)
def test_a_file_without_the_right_arrays_is_refused(
    arrays: dict[str, Any], settings: dict[str, Any], says: tuple[str, ...], tmp_path: Path
) -> None:
    """With the names of those that there are."""
    line = refusal(datasets.from_npz, saved(tmp_path / "some.npz", **arrays), **settings)

    assert "some.npz" in line
    for part in says:
        assert part in line


def archive_of(x: bytes, y: bytes) -> bytes:
    """Return an archive with these two members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.npy", x)
        archive.writestr("y.npy", y)
    return buffer.getvalue()


def test_a_header_that_numpy_does_not_trust_is_refused_in_one_line(table: Table) -> None:
    """Whose own words for that are three."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}" + b" " * 20_000
    member = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header

    line = refusal(datasets.from_npz, table(archive_of(member, member), "large.npz"))

    assert "cannot be read: Header info length (20055) is large" in line


def member(array: Any, version: tuple[int, int]) -> bytes:
    """Return the bytes of an array that is said to be in a format of .npy."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(3, 0))
    content = buffer.getvalue()
    return content[:6] + bytes(version) + content[8:]


@pytest.mark.parametrize("version", [(2, 0), (3, 0)])
def test_later_formats_of_arrays_are_read(version: tuple[int, int], table: Table) -> None:
    """As numpy itself reads them, to the bit."""
    path = table(archive_of(member(X, version), member(Y, version)), "later.npz")

    arrays = datasets.from_npz(path).arrays(0)

    np.testing.assert_array_equal(arrays.inputs, X.astype(np.float32))
    np.testing.assert_array_equal(arrays.targets.ravel(), Y)


def test_an_array_of_named_fields_is_told_by_them(table: Table) -> None:
    """In letters of any script, which are why numpy takes the third format."""
    fields = np.zeros(len(Y), [("größe", "f4"), ("重さ", "f4")])
    path = table(archive_of(member(fields, (3, 0)), member(Y, (3, 0))), "fields.npz")

    assert "inputs are of kind [('größe', '<f4'), ('重さ', '<f4')]" in refusal(
        datasets.from_npz, path
    )


@pytest.mark.parametrize("version", [(0, 1), (1, 1), (4, 0), (255, 255)])
def test_an_unknown_format_of_an_array_is_named(version: tuple[int, int], table: Table) -> None:
    """With those that are known, and what writes one of them."""
    path = table(archive_of(member(X, version), member(Y, (3, 0))), "newer.npz")

    assert (
        f"array 'x' has the .npy format {version[0]}.{version[1]}: expected one of 1.0, 2.0, 3.0; "
        "save it anew by numpy.savez(path, x=x, y=y)"
    ) in refusal(datasets.from_npz, path)


WHOLE = io.BytesIO()
np.savez_compressed(WHOLE, x=X, y=Y)


@settings(
    max_examples=examples(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    content=st.one_of(
        st.binary(max_size=200),
        st.builds(archive_of, st.binary(max_size=200), st.binary(max_size=200)),
        st.builds(
            lambda text: archive_of(
                b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text, b""
            ),
            st.text(max_size=99).map(str.encode),
        ),
        st.tuples(st.integers(0, len(WHOLE.getvalue()) - 1), st.integers(0, 255)).map(
            lambda at: WHOLE.getvalue()[: at[0]] + bytes([at[1]]) + WHOLE.getvalue()[at[0] + 1 :]
        ),
        st.integers(0, len(WHOLE.getvalue())).map(lambda end: WHOLE.getvalue()[:end]),
    )
)
def test_any_archive_gives_a_data_set_or_one_line(table: Table, content: bytes) -> None:
    """Cut, changed in a byte, or made up: never another exception."""
    path = table(content, "some.npz")

    assert sound_or_refused(datasets.from_npz, path)
