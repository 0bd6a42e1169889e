"""Inputs of different sizes: scaled for the network, shown in the data's own units, or told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, Recording, Scene, Training, datasets, models, record, views
from nnanim.dataset import advise
from nnanim.datasets.from_arrays import FromArrays
from nnanim.drawing.ticks import axis_ticks
from nnanim.errors import RecordingError, SceneError
from nnanim.film.tiles import film_of_tiles
from nnanim.recording.record import cached_recording, untrained
from nnanim.scene.timeline import Timeline
from nnanim.sheet.columns import columns
from nnanim.sheet.look import Look
from nnanim.sheet.sheet import Sheet
from nnanim.themes import THEMES
from nnanim.training.run import prepare
from nnanim.view import Panel, View
from tests.recordings import Given

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(60, 2))
KIND = np.where(Z[:, 0] * Z[:, 1] > 0, "same", "different")
MEAN, SIZE = np.array([1e8, 20_000.0]), np.array([1.0, 3000.0])
X = Z * SIZE + MEAN  # a time in seconds beside an income


def scene(dataset: FromArrays, **more: Any) -> Scene:
    """Return a scene of two inputs and two classes."""
    return Scene(
        dataset=dataset,
        model=models.mlp(2, 3, 2, 1, output="sigmoid"),
        training=Training(epochs=2, loss="bce", lr=0.03, optimizer="adam"),
        **more,
    )


@pytest.fixture
def said(said: Callable[[], list[str]]) -> Iterator[Callable[[], list[str]]]:
    """Return the lines that the logger has said, as in a fresh process."""
    advise.cache_clear()
    yield said
    advise.cache_clear()


def in_units(panel: Panel) -> np.ndarray[Any, Any]:
    """Return the limits (axes, 2) of a panel as its ticks say them."""
    pairs = ((panel.x, panel.x_scaling), (panel.y, panel.y_scaling))
    return np.array([shift + step * np.array(limits) for limits, (shift, step) in pairs])


# -- axes ------------------------------------------------------------------------------------------

PLANES: list[View] = [
    views.InputSpace(),
    views.UnitLines(),
    views.Probability(),
    views.Activations(),
    views.ActiveUnits(),
    views.Jacobian(),
]


@pytest.mark.parametrize("view", PLANES, ids=lambda view: type(view).__name__)
def test_axes_keep_the_units_of_standardized_data(view: View) -> None:
    """Of every view over the input plane: they are those of the data as they came."""
    film = Film(untrained(scene(datasets.from_arrays(X, KIND, standardize=True))))
    low, high = X.min(axis=0), X.max(axis=0)

    for panel in view.panels(film):
        found = in_units(panel)
        room = 0.3 * (high - low)
        assert (found[:, 0] <= low).all()
        assert (found[:, 0] > low - room).all()
        assert (found[:, 1] >= high).all()
        assert (found[:, 1] < high + room).all()


@pytest.mark.parametrize(
    "view",
    [views.Fit(), views.Thresholds(hard=False), views.Contributions()],
    ids=lambda view: type(view).__name__,
)
def test_the_axis_of_one_standardized_input_keeps_its_unit(view: View) -> None:
    """The target's axis is as it was."""
    x, y = X[:, 1], Z[:, 0]
    made = Scene(
        dataset=datasets.from_arrays(x, y, standardize=True),
        model=models.mlp(1, 3, 1, activation="relu"),
    )

    (panel,) = view.panels(Film(untrained(made)))

    assert in_units(panel)[0] == pytest.approx([x.min(), x.max()], abs=0.06 * np.ptp(x))
    assert panel.y_scaling == (0.0, 1.0)


def test_arrows_over_standardized_inputs_point_where_the_axes_say() -> None:
    """A step to the east and one to the north, whatever these are worth on the sheet."""
    targets = np.where(Z[:, :1] > 0, [[100.0, 0.0]], [[0.0, 100.0]])
    made = Scene(
        dataset=datasets.from_arrays(X * [1, 3], targets, standardize=True),
        model=models.mlp(2, 3, 2),
    )
    film = Film(untrained(made))
    view = views.Arrows()
    (panel,), (marks,) = view.panels(film), view.marks(film, 0.0)

    low, high = X.min(axis=0) * [1, 3], X.max(axis=0) * [1, 3]
    assert (in_units(panel)[:, 0] < low).all()
    assert (in_units(panel)[:, 1] > high).all()
    steps = np.array([panel.x_scaling[1], panel.y_scaling[1]])
    drawn = [steps * (line[1] - line[0]) for line in marks[0].paths]  # type: ignore[union-attr]
    lengths = [float(np.abs(arrow).max()) for arrow in drawn]
    assert max(lengths) == pytest.approx(min(lengths), rel=1e-3)


def test_a_line_of_one_standardized_input_keeps_its_unit() -> None:
    """The output's axis is that of a probability."""
    made = Scene(
        dataset=datasets.from_arrays(X[:, 1], KIND, standardize=True),
        model=models.mlp(1, 3, 1, output="sigmoid"),
    )
    film = Film(untrained(made))

    (below,), (above,) = views.Line1D().panels(film), views.Line1D("output").panels(film)

    assert in_units(below)[0, 0] < X[:, 1].min() < X[:, 1].max() < in_units(below)[0, 1]
    assert above.x_scaling == (0.0, 1.0)


def test_a_point_stands_where_the_ticks_say() -> None:
    """Position and label agree: a tick at a sample's value stands at the sample."""
    dataset = datasets.from_arrays(X, KIND, standardize=True)
    film = Film(untrained(scene(dataset)))
    (panel,) = views.InputSpace().panels(film)
    shift, step = panel.y_scaling
    at = np.asarray(film.data.inputs)[:, 1].astype(float)

    np.testing.assert_allclose(shift + step * at, X[:, 1], rtol=1e-6)
    ticks = axis_ticks(panel.y, True, False, panel.y_scaling)[0]
    assert ticks.labels == ("15000", "20000", "25000")
    np.testing.assert_allclose(
        shift + step * np.array(ticks.values), [float(label) for label in ticks.labels]
    )


def test_given_ticks_are_places_and_say_the_values_there() -> None:
    """As numbers in the panel's coordinates."""
    ticks = axis_ticks((-2.0, 2.0), (-1.0, 0.0, 1.0, 9.0), False, (100.0, 10.0))[0]

    assert ticks.values == (-1.0, 0.0, 1.0)
    assert ticks.labels == ("90", "100", "110")


def test_ticks_close_together_far_from_zero_can_be_told_apart() -> None:
    """In as many digits as that takes, and no more."""
    for scaling in ((1e8, 1.0), (0.0, 1.0)):
        low, high = (1e8 - 4 - scaling[0], 1e8 + 4 - scaling[0])
        labels = axis_ticks((low, high), True, False, scaling)[0].labels
        assert len(set(labels)) == len(labels) >= 3
        assert "100000000" in labels
    assert axis_ticks((0.0, 1.0), True, False)[0].labels == ("0", "0.5", "1")


@pytest.mark.parametrize(
    "scaling", [(0.0, 0.0), (0.0, -1.0), (0.0,), "ab", (np.nan, np.nan), (np.inf, 1), ((1, 2), 3)]
)
def test_a_scaling_that_is_none_is_refused(scaling: Any) -> None:
    """With what gives one."""
    with pytest.raises(SceneError, match=r"film\.scaling"):
        Panel("t", (0, 1), (0, 1), x_scaling=scaling)


# -- the training, the window, the recording -------------------------------------------------------


def test_standardizing_is_what_one_does_by_hand_in_64_bits() -> None:
    """Even where 32 bits would have lost the data; the recording is that, to the bit."""
    by_hand = (X - X.mean(axis=0)) / X.std(axis=0)

    ours = record(scene(datasets.from_arrays(X, KIND, standardize=True)))
    theirs = record(scene(datasets.from_arrays(by_hand, KIND)))

    assert ours.data.inputs.tobytes() == by_hand.astype(np.float32).tobytes()
    for name, states in theirs.states.items():
        assert ours.states[name].tobytes() == states.tobytes()
    assert ours.header.scaling is not None
    np.testing.assert_allclose(ours.header.scaling, np.stack([X.mean(axis=0), X.std(axis=0)]).T)
    assert theirs.header.scaling is None


def test_a_constant_is_not_divided_by_nothing() -> None:
    """Nor by the rounding error that its deviation is."""
    x = np.column_stack([Z[:, 0], np.full(60, 0.1) + 0.2, np.full(60, 7)])
    x[::2, 1] = 0.3  # as 0.1 + 0.2, but for the last bit

    inputs = datasets.from_arrays(x, KIND, standardize=True).arrays(0).inputs

    assert np.abs(inputs[:, 1:]).max() < 1e-6


def test_a_window_is_given_in_the_units_of_the_data() -> None:
    """As everything that a user sees."""
    window = ((1e8 - 5, 1e8 + 5), (0, 40_000))
    dataset = datasets.from_arrays(X, KIND, standardize=True, window=window)
    film = Film(untrained(scene(dataset)))

    (panel,) = views.ActiveUnits().panels(film)

    np.testing.assert_allclose(in_units(panel), window)
    with pytest.raises(SceneError, match="1 ranges"):
        datasets.from_arrays(X, KIND, standardize=True, window=window[:1])


def test_parts_of_the_plane_are_given_in_the_units_of_the_data() -> None:
    """Of a Jacobian its window, of a probability its margin."""
    film = Film(untrained(scene(datasets.from_arrays(X, KIND, standardize=True))))
    part = ((1e8 - 1, 1e8 + 1), (19_000.0, 21_000.0))
    (jacobian, *_) = views.Jacobian(window=part).panels(film)
    (near,), (far,) = (
        views.Probability(margin=0).panels(film),
        views.Probability(margin=2).panels(film),
    )

    np.testing.assert_allclose(in_units(jacobian), part)
    np.testing.assert_allclose(in_units(far) - in_units(near), [[-2, 2], [-2, 2]], atol=1e-4)


def test_a_recording_keeps_the_units_of_its_data(tmp_path: Path) -> None:
    """Its file alone draws the same axes; a scaling that does not fit it is refused."""
    path = tmp_path / "run.safetensors"
    made = scene(datasets.from_arrays(X, KIND, standardize=True))
    recording = record(made, path)

    loaded = Recording.load(path)

    assert views.InputSpace().panels(Film(loaded)) == views.InputSpace().panels(Film(recording))
    for wrong in ([[0.0, 1.0]], [[0.0, 0.0]] * 2, [[0.0]] * 2, "two", [[0.0, 1e300]] * 2, 3):
        broken = replace(recording, header=replace(recording.header, scaling=wrong))  # type: ignore[arg-type]
        broken.save(path)
        with pytest.raises(RecordingError, match="scaling"):
            Recording.load(path)


def test_a_kept_training_is_drawn_in_the_units_of_the_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metres and kilometres make one training, and two axes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    metres = scene(datasets.from_arrays(Z * 1024, KIND, standardize=True))
    kilometres = scene(datasets.from_arrays(Z, KIND, standardize=True))

    first = cached_recording(metres, prepare(metres))
    second = cached_recording(kilometres, prepare(kilometres))

    assert first.header.key == second.header.key
    assert first.header.scaling is not None
    assert second.header.scaling is not None
    np.testing.assert_allclose(
        np.array(first.header.scaling), 1024 * np.array(second.header.scaling)
    )


def test_films_side_by_side_keep_their_own_units() -> None:
    """Where they differ, every tile has ticks of its own; else they share them."""

    def panels(*parts: FromArrays) -> tuple[list[Panel], list[bool]]:
        scenes = [scene(part) for part in parts]
        film = film_of_tiles(Comparison(scenes), [untrained(s) for s in scenes], Timeline())
        shown: Sequence[Sequence[View]] = [[views.InputSpace()] for _ in scenes]
        rows = columns(film.tiles, [shown[:1]] * len(scenes))
        stands = Sheet(film, rows, Look((1280, 720), THEMES["dark"], bare=False)).layout.stands
        found = [panel for row in rows for tile in row for panel in tile.panels(film)]
        return found, [stand.x_ticks and stand.y_ticks for stand in stands]

    first = datasets.from_arrays(X, KIND, standardize=True)
    other = datasets.from_arrays(3 * X, KIND, standardize=True)

    (alike, shared), (apart, own) = panels(first, first), panels(first, other)

    assert alike[0].x == alike[1].x
    assert shared == [True, False]
    assert in_units(apart[1])[1] == pytest.approx(3 * in_units(apart[0])[1], rel=0.01)
    assert own == [True, True]


# -- advice ----------------------------------------------------------------------------------------


def test_inputs_of_very_different_sizes_get_one_line_of_advice(
    said: Callable[[], list[str]],
) -> None:
    """Once, with the names and what helps; not where that has been done, nor below 1,000 : 1."""
    x = Z * [1, 5000]
    uneven = scene(datasets.from_arrays(x, KIND, axis_names=["age", "income"], name="People"))

    prepare(scene(datasets.from_arrays(x, KIND, standardize=True)))
    prepare(scene(datasets.from_arrays(Z * [1, 500], KIND)))
    prepare(scene(datasets.from_arrays(x * [0, 1], KIND)))
    assert said() == []
    prepare(uneven)
    prepare(uneven.with_seed(3))

    assert len(said()) == 1
    assert said()[0].startswith("People: 'income' spans ")
    assert "'age' " in said()[0]
    assert "standardize=True" in said()[0]


def test_a_data_set_of_ones_own_gets_advice_too(said: Callable[[], list[str]]) -> None:
    """Of the sizes of its inputs, and of what 32 bits do not hold."""
    y = (KIND == "same").astype(np.float32)[:, None]

    prepare(scene(Given(Z * [1, 5000], y)))  # type: ignore[arg-type]
    prepare(scene(Given(Z + MEAN * [1, 0], y)))  # type: ignore[arg-type]

    assert ["so different sizes" in line for line in said()] == [True, False]
    assert "32 bits do not hold how the values of column 0 differ" in said()[1]


def test_a_spread_that_32_bits_lose_is_told(said: Callable[[], list[str]], tmp_path: Path) -> None:
    """By the column's name, from arrays and from a table; standardizing keeps it."""
    path = tmp_path / "times.csv"
    rows = [f"{time:.3f},{kind}" for time, kind in zip(X[:, 0], KIND, strict=True)]
    path.write_text("\n".join(["time,kind", *rows]))

    for standardize in (True, False):
        datasets.from_arrays(X, KIND, axis_names=["when", "income"], standardize=standardize)
        datasets.from_csv(path, target="kind", standardize=standardize)

    assert [line.split(",")[0] for line in said()] == [
        "My data: 32 bits do not hold how the values of 'when' differ",
        "times (kind): 32 bits do not hold how the values of 'time' differ",
    ]
    assert all("standardize=True" in line for line in said())
    table = datasets.from_csv(path, target="kind", standardize=True).arrays(0).inputs
    expected = (Z[:, 0] - Z[:, 0].mean()) / Z[:, 0].std()
    np.testing.assert_allclose(table[:, 0], expected, atol=2e-3)  # of three decimals


def test_a_target_whose_spread_32_bits_lose_is_told(said: Callable[[], list[str]]) -> None:
    """By its name."""
    datasets.from_arrays(Z, X[:, 0], axis_names=["a", "b", "when"])

    assert len(said()) == 1
    assert "how the targets 'when' differ" in said()[0]


@pytest.mark.parametrize(
    "x",
    [
        Z,
        1e-20 * Z,
        X.astype(np.float32),
        np.column_stack([np.full(60, 1e8 + 1), Z[:, 0]]),
        np.column_stack([2000 + np.arange(60), np.arange(60) + 16_000_000]),
        np.column_stack([0.1 + 0.2 * np.ones(60) + 1e-17 * Z[:, 0], Z[:, 0]]),
        (1000 * Z).astype(np.int64),
    ],
)
def test_nothing_is_said_of_what_32_bits_hold(x: Any, said: Callable[[], list[str]]) -> None:
    """Nor of what came in 32 bits, nor of a constant."""
    datasets.from_arrays(x, KIND)

    assert said() == []


# -- data frames -----------------------------------------------------------------------------------


@dataclass(eq=False)
class Frame:
    """A data frame, as far as it is looked at."""

    values: Any
    columns: list[str]
    index: list[int]

    def to_numpy(self) -> Any:
        """Return an array of objects, as of columns of different kinds."""
        return np.asarray(self.values, object)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.nan, "inputs hold nan in row 3, column 'height'"),
        (None, "inputs hold None in row 3, column 'height'"),
        (np.datetime64("2026-01-01"), "in row 3, column 'height': expected numbers alone"),
    ],
)
def test_what_is_wrong_in_a_data_frame_is_named_by_its_column(value: Any, says: str) -> None:
    """And by its row, from 0."""
    values = Z.astype(object)
    values[3, 1] = value

    with pytest.raises(SceneError) as caught:
        datasets.from_arrays(Frame(values, ["width", "height"], list(range(60))), KIND)

    assert says in str(caught.value)


def test_a_column_of_text_in_a_data_frame_is_named() -> None:
    """Whether alone or among numbers."""
    colours = np.array([["a", "1"]] * 60, object)
    mixed = np.array([[1.0, "red"]] * 60, object)

    for values, named in ((colours, "'width'"), (mixed, "'colour'")):
        with pytest.raises(SceneError, match=f"column {named}"):
            datasets.from_arrays(Frame(values, ["width", "colour"], list(range(60))), KIND)


def test_a_missing_label_among_texts_is_named_itself() -> None:
    """Not the first text beside it; pandas keeps one as NaN."""
    labels = KIND.astype(object)
    labels[5] = np.nan

    with pytest.raises(SceneError, match="targets hold nan in row 5"):
        datasets.from_arrays(Z, labels)


def test_rows_of_data_frames_are_taken_in_their_order(said: Callable[[], list[str]]) -> None:
    """Which is said where their indices are the same in another order."""
    rows = list(range(60))
    shuffled = RNG.permutation(60).tolist()
    x = Frame(Z, ["a", "b"], rows)
    y = Z[:, 0].astype(object)

    datasets.from_arrays(x, Frame(y, ["y"], rows))
    datasets.from_arrays(x, Frame(y, ["y"], [row + 5 for row in rows]))
    assert said() == []
    dataset = datasets.from_arrays(x, Frame(y, ["y"], shuffled))

    np.testing.assert_array_equal(dataset.arrays(0).targets[:, 0], Z[:, 0].astype(np.float32))
    assert len(said()) == 1
    assert "y.loc[x.index]" in said()[0]
