"""A film answers for any layer at any time, and its answers are what the network gave."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import ref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import nn

from nnanim import (
    Comparison,
    Film,
    NnanimError,
    Recorder,
    Scene,
    Timeline,
    Training,
    models,
    record,
)
from nnanim.film.tiles import film_of_tiles
from nnanim.geometry import clip_line
from nnanim.network.rows import CHUNK
from nnanim.page.traced import traced
from nnanim.recording.record import untrained
from nnanim.rendering.filming import renderer_of
from nnanim.sheet.look import Look
from nnanim.themes import THEMES
from nnanim.types import Floats
from tests.recordings import (
    FIT,
    NORMED,
    RINGS,
    SQUARE,
    Given,
    bent_classes,
    bent_film,
    fit_film,
    normed_film,
    rings_film,
    thirds,
    thirds_film,
    train_plainly,
    with_parameters,
)

BOX = np.array([[-1.18, 1.18]] * 2)  # the limits of two units of tanh


@dataclass(frozen=True, eq=False)
class Seen:
    """What forward hooks saw of a layer: the whole batch at once, and chunk by chunk."""

    whole: Floats
    chunked: Floats


def hooked(module: nn.Module, layer: str, inputs: Floats) -> Seen:
    """Return what a hook on `layer` sees of `inputs`; the module's mode is left as it was."""
    caught: list[Floats] = []
    handle = module.get_submodule(layer).register_forward_hook(
        lambda _part, _given, result: caught.append(result.detach().numpy().copy())
    )
    training = module.training
    module.eval()
    rows = torch.tensor(inputs, dtype=torch.float32)
    with torch.no_grad():
        module(rows)
        for chunk in torch.split(rows, CHUNK):
            module(torch.cat([chunk, torch.zeros(CHUNK - len(chunk), rows.shape[1])]))
    module.train(training)
    handle.remove()
    whole, *chunks = caught
    return Seen(whole, np.concatenate(chunks)[: len(inputs)])


def epochs_of(scene: Scene, film: Film, layer: str) -> list[tuple[Seen, Seen]]:
    """Return what hooks saw of data and grid in a training by hand, at the end of each epoch."""
    seen: list[tuple[Seen, Seen]] = []
    grid = np.concatenate(film.grid_lines)

    def look(step: int, module: nn.Module, _loss: float) -> None:
        if step % film.header.steps_per_epoch == 0:
            seen.append((hooked(module, layer, film.data.inputs), hooked(module, layer, grid)))

    train_plainly(scene, look)
    return seen


@pytest.mark.parametrize(
    ("filmed", "layer"),
    [
        (rings_film, "hidden1"),
        (rings_film, "hidden2"),
        (rings_film, "hidden2.0"),
        (normed_film, "body"),
        (normed_film, "body.0"),
    ],
)
def test_every_epochs_mapping_is_what_a_forward_hook_saw(
    filmed: Callable[[], Film], layer: str
) -> None:
    """Data and grid, at each epoch's end: the same to 1e-6, to the bit where torch replays them."""
    film = filmed()
    scene = film.recording.scene
    assert isinstance(scene, Scene)

    epochs = epochs_of(scene, film, layer)

    assert len(epochs) == len(film.snapshots) == scene.training.epochs + 1
    for snapshot, (data, grid) in zip(film.snapshots, epochs, strict=True):
        points, lines = snapshot.points(layer), np.concatenate(snapshot.grid(layer))
        np.testing.assert_allclose(points, data.whole, rtol=0, atol=1e-6)
        np.testing.assert_allclose(lines, grid.whole, rtol=0, atol=1e-6)
        if filmed is normed_film:  # not a stack that the kernel knows
            np.testing.assert_array_equal(points, data.chunked)
            np.testing.assert_array_equal(lines, grid.chunked)


def test_a_snapshot_knows_its_step_epoch_and_loss() -> None:
    """Snapshots are the untrained network, then every epoch's end with its last batch's loss."""
    losses: dict[int, float] = {}
    train_plainly(RINGS, lambda step, _module, loss: losses.update({step: loss}))

    snapshots = rings_film().snapshots

    assert [snapshot.epoch for snapshot in snapshots] == list(range(9))
    assert [snapshot.step for snapshot in snapshots] == list(range(0, 81, 10))
    assert [s.loss for s in snapshots[1:]] == [losses[s.step] for s in snapshots[1:]]
    assert repr(snapshots[2]) == f"Snapshot(epoch 2, step 20, loss {snapshots[2].loss:.4g})"


def test_a_film_that_nobody_looks_at_is_given_up_at_once() -> None:
    """With its picture and pace: nothing in it goes round in a circle for the collector to find."""
    film = Film(record(RINGS))
    renderer_of(film, Look((320, 180), THEMES["dark"]), threads=1).frame(film.timeline.seconds / 2)
    seen = ref(film)
    gc.disable()
    try:
        del film
        assert seen() is None
    finally:
        gc.enable()


def test_a_part_of_a_film_of_several_holds_on_to_the_whole() -> None:
    """Whose acts are the clock's, when nobody else does; so does what a page makes of a film."""
    parts = [record(RINGS), record(RINGS)]
    tile = film_of_tiles(Comparison([RINGS, RINGS]), parts, Timeline(seconds=2, fps=10)).tiles[0]
    copy = traced(Film(parts[0]))

    gc.collect()

    assert tile.moment(1.0) > 0
    assert copy.moment(1.0) > 0


def test_the_grid_is_42_lines_of_100_points() -> None:
    """Twenty-one lines each way over the window, in every layer."""
    lines = rings_film().snapshots[-1].grid("hidden2")

    assert len(lines) == 42
    assert {line.shape for line in lines} == {(100, 2)}


# -- between snapshots -----------------------------------------------------------------------------


@settings(deadline=None)
@given(share=st.floats(0, 1), index=st.integers(0, 79))
def test_between_two_snapshots_parameters_are_mixed(share: float, index: int) -> None:
    """The parameters at a moment lie on the straight line between those before and after."""
    film = rings_film()
    before, after = film.recording.state(index), film.recording.state(index + 1)
    start, end = film.recording.epochs[index : index + 2]

    mixed = film.replay.state(float(start + share * (end - start)))

    for name, value in mixed.items():
        expected = before[name] + share * (after[name].astype(float) - before[name])
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)


def test_counters_are_not_mixed() -> None:
    """A buffer of whole numbers keeps the value and the type that it had before."""
    film = normed_film()
    counter = "body.1.num_batches_tracked"

    between = film.replay.state(float(film.recording.epochs[3:5].mean()))[counter]

    assert between == film.recording.state(3)[counter] == 3
    assert np.asarray(between).dtype == np.int64


def test_beyond_the_run_the_states_are_the_first_and_the_last() -> None:
    """A moment before the start or after the end is the start or the end."""
    film = rings_film()

    for name, value in film.replay.state(-1.0).items():
        np.testing.assert_array_equal(value, film.recording.states[name][0])
    for name, value in film.replay.state(99.0).items():
        np.testing.assert_array_equal(value, film.recording.states[name][-1])


# -- time ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", ["motion", "epochs", "steps", "log"])
def test_the_film_starts_untrained_and_ends_trained(pace: str) -> None:
    """In the first hold the moment is 0, in the last the end, and between it only rises."""
    timeline = Timeline(seconds=4.0, fps=10.0, pace=pace)  # type: ignore[arg-type]
    film = Film(rings_film().recording, timeline=timeline)
    first, _, last = film.acts

    moments = [film.moment(t) for t in np.linspace(0, 4.0, 200)]

    assert film.moment(0.0) == film.moment(first.end) == 0.0
    assert film.moment(last.begin) == film.moment(timeline.time(39)) == film.epochs == 8.0
    assert (np.diff(moments) >= 0).all()
    assert len(np.unique(moments)) > 50


@settings(deadline=None)
@given(moment=st.floats(0, 8))
def test_time_at_finds_the_time_of_a_moment(moment: float) -> None:
    """What the film shows at `time_at(moment)` is that moment."""
    film = rings_film()

    assert film.moment(film.time_at(moment)) == pytest.approx(moment, abs=1e-9)


# -- limits ----------------------------------------------------------------------------------------


def test_limits_of_a_bounded_layer_follow_from_its_activation() -> None:
    """Tanh shows ±1 with a margin, sigmoid 0 to 1."""
    np.testing.assert_allclose(rings_film().limits("hidden2"), [[-1.18, 1.18]] * 2)
    np.testing.assert_allclose(rings_film().limits("output"), [[-0.09, 1.09]])


def test_limits_of_an_unbounded_layer_hold_99_percent_of_the_run() -> None:
    """One span for all units, from what the layer gives over the whole training."""
    scene = replace(RINGS, model=models.mlp(2, 3, 2, 1, activation="relu", output="sigmoid"))
    film = Film(record(scene))

    low, high = film.limits("hidden2").T

    run = np.concatenate([snapshot.points("hidden2") for snapshot in film.snapshots])
    assert ((low <= run) & (run <= high)).mean(axis=0).min() >= 0.99
    assert np.ptp(high - low) < 1e-9
    assert (high - low).max() < 2 * np.ptp(run, axis=0).max()
    np.testing.assert_array_equal(film.limits("hidden2"), Film(film.recording).limits("hidden2"))


@pytest.mark.parametrize("units", [(0, 1), (4, 0), (2,), (3, 1, 0)])
def test_limits_follow_the_units_that_are_asked_for(units: tuple[int, ...]) -> None:
    """A unit that reaches far leaves those beside which it is not shown as they are."""
    scene = replace(RINGS, model=models.mlp(2, 5, 1, activation="relu", output="sigmoid"))
    weight = np.diag([1.0, 2.0, 0.5, 1.0, 90.0]).astype(np.float32)[:, [0, 1]]
    weight[2:] = [[0.3, 0.3], [-1.0, 0.1], [90.0, 0.0]]
    film = Film(with_parameters(untrained(scene), hidden1__0__weight=weight))

    low, high = film.limits("hidden1", units).T

    reached = film.points("hidden1", 0.0)[:, units]
    assert ((low <= reached) & (reached <= high)).mean(axis=0).min() > 0.98
    assert np.ptp(high - low) < 1e-9
    assert (high - low).max() < 3 * np.ptp(reached, axis=0).max()
    assert len(film.limits("hidden1")) == 5
    assert np.ptp(film.limits("hidden1"), axis=1).min() > 80


# -- the boundary ----------------------------------------------------------------------------------


def moments_with_boundary(film: Film) -> Iterator[tuple[float, list[Floats]]]:
    """Give moments, at the ends of epochs and between, at which there is a boundary."""
    for moment in np.linspace(0, film.epochs, 2 * int(film.epochs) + 2):
        if lines := film.boundary(float(moment)):
            yield float(moment), lines


@pytest.mark.parametrize("filmed", [rings_film, normed_film])
def test_on_the_boundary_the_logit_is_zero(filmed: Callable[[], Film]) -> None:
    """In input space, at every moment, to a thousandth."""
    film, found = filmed(), 0

    for moment, lines in moments_with_boundary(film):
        assert np.abs(film.scores(np.concatenate(lines), moment)).max() <= 1e-3
        found += 1

    assert found > 2


def test_a_sharp_bend_makes_the_boundary_no_less_exact() -> None:
    """In input space as on the hyperplane that it is pushed forward to."""
    film = bent_film()
    plane = film.hyperplane(0.0)
    assert plane is not None

    boundary, pushed = film.boundary(0.0), film.boundary(0.0, "hidden2")

    assert np.abs(film.scores(np.concatenate(boundary), 0.0)).max() <= 1e-3
    off = (np.concatenate(pushed) @ plane[0] - plane[1]) / np.hypot(*plane[0])
    assert np.abs(off).max() <= 1e-3


def test_the_boundary_is_all_of_it() -> None:
    """Wherever the class changes between two neighbours of a lattice, a boundary runs near."""
    film, moment, side = rings_film(), rings_film().epochs, 60
    axis = np.linspace(-1.2, 1.2, side)
    points = np.stack(np.meshgrid(axis, axis), axis=-1)
    classes = (film.scores(points.reshape(-1, 2), moment) > 0).reshape(side, side)
    boundary = np.concatenate(film.boundary(moment))

    changes = ((points[:, 1:] + points[:, :-1]) / 2)[classes[:, 1:] != classes[:, :-1]]

    distance = np.hypot(*(changes[:, None] - boundary[None]).transpose(2, 0, 1)).min(axis=1)
    assert len(changes) > 10
    assert distance.max() < axis[1] - axis[0]


def test_the_boundary_pushed_forward_lies_on_the_hyperplane() -> None:
    """The last hidden layer sees the curved boundary as a straight line, to 1e-5 of its span."""
    film = rings_film()
    found = 0

    for moment, _ in moments_with_boundary(film):
        plane = film.hyperplane(moment)
        assert plane is not None
        normal, offset = plane
        pushed = np.concatenate(film.boundary(moment, "hidden2"))
        away = np.abs((pushed @ normal - offset) / np.hypot(*normal)).max()
        assert away <= 1e-5 * float(np.ptp(film.limits("hidden2"), axis=1).max())
        found += 1

    assert found > 2


def test_between_several_classes_two_scores_are_equal_and_largest() -> None:
    """To a thousandth of their span, at every point of the boundary; there is no one hyperplane."""
    film = bent_classes()

    scores = np.sort(film.scores(np.concatenate(film.boundary(0.0)), 0.0), axis=1)

    assert (scores[:, -1] - scores[:, -2]).max() < 1e-3 * np.ptp(scores)
    assert film.hyperplane(film.epochs) is None


@pytest.mark.parametrize("film_of", [bent_film, bent_classes])
def test_a_pushed_boundary_lies_on_its_hyperplane(film_of: Callable[[], Film]) -> None:
    """To 1e-5 of the layer's span, for two classes and for five, in the last hidden layer."""
    film = film_of()
    layer = film.layer
    weight, bias = (film.state(0.0)[f"output.0.{part}"] for part in ("weight", "bias"))
    rows, shift = np.asarray(weight, float), np.asarray(bias, float)
    if len(rows) == 1:
        rows, shift = np.concatenate([rows, 0 * rows]), np.append(shift, 0.0)

    pushed = np.concatenate(film.boundary(0.0, layer)).astype(float)

    scores = pushed @ rows.T + shift
    order = np.argsort(scores, axis=1)
    first, second = order[:, -1], order[:, -2]
    gap = np.take_along_axis(scores, order, axis=1)[:, -1] - scores[np.arange(len(scores)), second]
    away = gap / np.linalg.norm(rows[first] - rows[second], axis=1)
    assert len(pushed) > 100
    assert away.max() < 1e-5 * float(np.ptp(film.limits(layer), axis=1).max())


def test_regression_has_no_boundary() -> None:
    """Where there is no class there is nothing to decide."""
    film = fit_film()

    assert film.boundary(film.epochs) == film.snapshots[-1].boundary() == []
    assert film.decision is None
    assert film.hyperplane(film.epochs) is None


@pytest.mark.parametrize(
    ("weight", "bias", "expected"),
    [
        ((1.0, 0.0), -0.5, [[0.5, -1.18], [0.5, 1.18]]),
        ((0.0, 1.0), -0.5, [[-1.18, 0.5], [1.18, 0.5]]),
        ((0.0, -3.0), 1.5, [[-1.18, 0.5], [1.18, 0.5]]),
        ((1.0, 1.0), 0.0, [[-1.18, 1.18], [1.18, -1.18]]),
    ],
)
def test_no_single_weight_is_divided_by(
    weight: tuple[float, float], bias: float, expected: list[list[float]]
) -> None:
    """Upright and level decision lines are lines like any other."""
    recording = with_parameters(
        untrained(RINGS), output__0__weight=np.array([weight]), output__0__bias=np.array([bias])
    )

    (line,) = Film(recording).snapshots[0].boundary()

    np.testing.assert_allclose(sorted(line.tolist()), sorted(expected), atol=1e-9)


@pytest.mark.parametrize("bias", [-1.0, 0.0, 1.0])
def test_without_weight_there_is_no_decision_line(bias: float) -> None:
    """A read-out that looks at nothing decides the same everywhere."""
    recording = with_parameters(
        untrained(RINGS), output__0__weight=np.zeros((1, 2)), output__0__bias=np.array([bias])
    )

    assert Film(recording).snapshots[0].boundary() == []


def test_a_decision_line_outside_the_limits_is_not_shown() -> None:
    """Where all that a layer can give lies on one side, there is no line in its picture."""
    recording = with_parameters(
        untrained(RINGS), output__0__weight=np.ones((1, 2)), output__0__bias=np.array([9.0])
    )

    assert Film(recording).snapshots[0].boundary() == []


def test_left_out_the_layer_of_a_boundary_is_the_last_hidden_one() -> None:
    """A layer too wide for one line shows what of its hyperplane the window reaches."""
    scene = replace(RINGS, model=models.mlp(2, 4, 1, output="sigmoid"))
    last = Film(record(scene)).snapshots[-1]

    lines = last.boundary()

    assert lines
    assert {line.shape[1] for line in lines} == {4}


class Functional(nn.Module):
    """The features of its read-out belong to no module."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
        self.middle = nn.Linear(2, 2)
        self.head = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.head(torch.tanh(self.middle(self.hidden(x)))))


def test_the_read_outs_line_is_never_drawn_in_another_layer() -> None:
    """In a layer that does not feed the read-out, the boundary is the curve that leads there."""
    training = replace(RINGS.training, epochs=30, seed=5)
    film = Film(record(replace(RINGS, model=Functional, training=training)))
    snapshot = film.snapshots[-1]

    lines = snapshot.boundary("hidden")

    assert lines
    expected = film.boundary(snapshot.epoch, "hidden")
    np.testing.assert_array_equal(np.concatenate(lines), np.concatenate(expected))


# -- decisions -------------------------------------------------------------------------------------


def halves(low: float, high: float, n: int = 120) -> Given:
    """Return points of the square whose target says on which side of a curve they lie."""
    points = np.random.default_rng(2).uniform(-1, 1, (n, 2)).astype(np.float32)
    upper = points[:, 1] > 0.5 * np.sin(3 * points[:, 0])
    return Given(points, np.where(upper, high, low)[:, None].astype(np.float32))


def two_columns() -> Given:
    """Return two classes as one-hot rows."""
    data = halves(0, 1)
    return Given(data.inputs, np.concatenate([1 - data.targets, data.targets], axis=1))


def two_labels() -> Given:
    """Return two classes as labels, in words of the task "classes"."""
    data = halves(0, 1)
    return Given(data.inputs, data.targets[:, 0].astype(np.int64), "classes")


@pytest.mark.parametrize(
    ("dataset", "width", "output", "loss", "level"),
    [
        (halves(0, 1), 1, "sigmoid", "bce", 0.5),
        (halves(0, 1), 1, "sigmoid", "mse", 0.5),
        (halves(0, 1), 1, "identity", "mse", 0.5),
        (halves(-1, 1), 1, "identity", "mse", 0.0),
        (halves(-1, 1), 1, "tanh", "mse", 0.0),
        (halves(0, 1), 1, "tanh", "mse", 0.5),
        (halves(0.2, 0.6), 1, "sigmoid", "mse", 0.4),
        (halves(0, 1), 1, "softplus", "mse", 0.5),
        (halves(0, 1), 1, "identity", "bce_with_logits", 0.0),
        (halves(0, 1), 1, "identity", nn.BCEWithLogitsLoss(), 0.0),
        (halves(0, 1), 1, "identity", nn.functional.binary_cross_entropy_with_logits, 0.0),
        (two_columns(), 2, "identity", "mse", None),
        (two_columns(), 2, "sigmoid", "bce", None),
        (two_labels(), 2, "identity", "cross_entropy", None),
        (Given(*thirds(), "classes"), 3, "identity", "cross_entropy", None),
    ],
)
def test_a_decision_is_what_the_outputs_say(
    dataset: Given, width: int, output: str, loss: object, level: float | None
) -> None:
    """The output beyond its level, or the largest, is the class: in accuracy and boundary too."""
    training = Training(epochs=4, batch_size=20, optimizer="adam", lr=0.05, loss=loss, seed=3)  # type: ignore[arg-type]
    model = models.mlp(2, 3, 2, width, output=output)
    film = Film(record(Scene(dataset=dataset, model=model, training=training)))
    assert film.decision is not None
    points = np.random.default_rng(0).uniform(-1, 1, (2000, 2))

    outputs = film.outputs("", points, film.epochs)
    decided = film.decision.classes(film.scores(points, film.epochs))

    expected = outputs.argmax(axis=1) if level is None else (outputs[:, 0] > level).astype(int)
    assert 0 < expected.mean() < expected.max()
    np.testing.assert_array_equal(decided, expected)
    assert film.score(film.epochs) == pytest.approx(brute_accuracy(film, dataset, level))
    if film.hyperplane(film.epochs) is not None:
        np.testing.assert_array_equal(beyond(film, points), expected)


def beyond(film: Film, points: Floats) -> NDArray[np.bool_]:
    """Return whether the last hidden layer sees points beyond the decision line."""
    plane = film.hyperplane(film.epochs)
    assert plane is not None
    return np.asarray(film.outputs("hidden2", points, film.epochs) @ plane[0] > plane[1])


def brute_accuracy(film: Film, dataset: Given, level: float | None) -> float:
    """Return the share of samples whose output and target say the same class."""
    outputs = film.points("", film.epochs)
    if level is None:
        labels = dataset.targets if dataset.targets.ndim == 1 else dataset.targets.argmax(axis=1)
        return float((outputs.argmax(axis=1) == labels).mean())
    return float(((outputs > level) == (dataset.targets == dataset.targets.max())).mean())


@pytest.mark.parametrize(
    ("output", "loss", "low", "high"),
    [("sigmoid", "bce", 0, 1), ("tanh", "mse", -1, 1), ("identity", "mse", 0, 1)],
)
def test_a_probability_is_where_the_output_lies_between_the_targets(
    output: str, loss: str, low: float, high: float
) -> None:
    """0 at the target of class 0, 1 at that of class 1, and cut off there."""
    training = Training(epochs=2, batch_size=20, loss=loss, lr=0.1)
    scene = Scene(
        dataset=halves(low, high), model=models.mlp(2, 2, 1, output=output), training=training
    )
    film = Film(record(scene))
    assert film.decision is not None

    probability = film.decision.probability(film.scores(film.data.inputs, film.epochs))

    outputs = film.points("", film.epochs)[:, 0]
    expected = np.clip((outputs - low) / (high - low), 0, 1)
    np.testing.assert_allclose(probability, expected, atol=1e-6)


def test_probabilities_of_three_classes_are_torchs_softmax() -> None:
    """Each row adds up to 1, as torch has it."""
    film = thirds_film()
    assert film.decision is not None
    scores = film.scores(film.data.inputs, film.epochs)

    probability = film.decision.probability(scores)

    np.testing.assert_allclose(probability, torch.softmax(torch.tensor(scores), 1), atol=1e-6)


# -- figures ---------------------------------------------------------------------------------------


def test_accuracy_is_the_share_of_test_samples_decided_rightly() -> None:
    """On the test part, where there is one."""
    film = rings_film()
    outputs = film.outputs("", film.data.test_inputs, film.epochs)

    assert film.score_name == "accuracy"
    assert film.score(film.epochs) == ((outputs > 0.5) == (film.data.test_targets > 0.5)).mean()


def test_r_squared_is_one_minus_the_unexplained_share() -> None:
    """Of the variance of the test part."""
    film = fit_film()
    rest = film.data.test_targets - film.outputs("", film.data.test_inputs, film.epochs)

    assert film.score_name == "R²"
    expected = 1 - (rest**2).mean() / film.data.test_targets.var()
    assert film.score(film.epochs) == pytest.approx(expected, rel=1e-5)


def test_loss_is_over_all_training_data() -> None:
    """Binary cross entropy and mean squared error, computed by numpy."""
    rings, fit = rings_film(), fit_film()
    p, y = rings.points("", 8.0).astype(float), rings.data.targets
    entropy = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    error = ((fit.points("", 5.0) - fit.data.targets) ** 2).mean()

    assert rings.loss(8.0) == pytest.approx(entropy, rel=1e-4)
    assert fit.loss(5.0) == pytest.approx(error, rel=1e-5)


def test_a_loss_without_a_name_is_the_batchs() -> None:
    """Between snapshots it is mixed, as everything is."""

    def half_square(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((outputs - targets) ** 2).mean() / 2

    film = Film(record(replace(RINGS, training=replace(RINGS.training, loss=half_square))))

    assert film.loss(3.0) == film.snapshots[3].loss
    assert film.loss(2.95) == pytest.approx(film.recording.loss[29:31].mean())


def test_history_runs_over_the_whole_training() -> None:
    """From the untrained network to the end, each entry what `loss` and `score` say."""
    film = rings_film()
    history = film.history

    assert (history.moments[0], history.moments[-1]) == (0.0, 8.0)
    assert (np.diff(history.moments) > 0).all()
    i = len(history.moments) // 2
    moment = float(history.moments[i])
    assert (history.loss[i], history.score[i]) == (film.loss(moment), film.score(moment))


# -- what a film is made of ------------------------------------------------------------------------


def test_a_model_given_by_hand_shows_the_recorded_parameters() -> None:
    """The model only says how to compute; torch's random numbers are left as they were."""
    film = rings_film()
    bare = replace(film.recording, module=None, scene=None)
    before = torch.get_rng_state()

    again = Film(bare, RINGS.model)

    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(again.points("hidden2", 3.5), film.points("hidden2", 3.5))


def test_a_recording_without_its_model_asks_for_it() -> None:
    """The cure is in the message; of a stack of known layers, the header tells the model."""
    bare = replace(record(NORMED), module=None)

    with pytest.raises(NnanimError, match="model="):
        Film(bare)


@pytest.mark.parametrize(("layer", "seen"), [(None, "hidden2"), ("hidden1", "hidden1")])
def test_the_layer_looked_at_is_the_scenes_else_the_last_hidden_one(
    layer: str | None, seen: str, tmp_path: Path
) -> None:
    """In a scene's recording, in one of an own loop, and in the film of a file that names none."""
    recording = untrained(replace(RINGS, layer=layer))
    with Recorder(
        tmp_path / "a.safetensors", RINGS.model(), data=RINGS.dataset, layer=layer or ""
    ) as recorder:
        pass
    own = recorder.recording
    assert own is not None
    assert own.header.layer == recording.header.layer == seen

    silent = replace(recording, header=replace(recording.header, layer=layer or ""))

    film = Film(silent)
    assert film.layer == seen
    assert film.looked_at(None, "View").name == seen
    assert film.looked_at("output", "View").name == "output"


def test_a_layer_that_the_model_has_not_is_refused_at_once() -> None:
    """With the names that there are."""
    recording = rings_film().recording
    other = replace(recording, header=replace(recording.header, layer="hidden9"))

    with pytest.raises(NnanimError, match=r"hidden9.*hidden2"):
        Film(other)


def test_every_part_of_a_moment_comes_from_the_same_network() -> None:
    """Data, grid and scores agree, whichever is asked first."""
    one, other = Film(rings_film().recording), Film(rings_film().recording)

    first = (one.points("hidden2", 2.5), one.image("hidden2", 2.5), one.points("", 2.5))
    again = (other.points("", 2.5), other.image("hidden2", 2.5), other.points("hidden2", 2.5))

    np.testing.assert_array_equal(first[0], again[2])
    np.testing.assert_array_equal(first[1], again[1])
    np.testing.assert_array_equal(first[2], again[0])
    np.testing.assert_array_equal(first[0], one.outputs("hidden2", one.data.inputs, 2.5))


def test_an_answer_that_views_share_cannot_be_written_to() -> None:
    """One view cannot spoil what the next is given."""
    points = rings_film().points("hidden2", 2.5)

    with pytest.raises(ValueError, match="read-only"):
        points += 1


@pytest.mark.parametrize("lr", [10.0, 1e3, 1e6])
def test_a_training_that_diverged_can_still_be_looked_at(lr: float) -> None:
    """Figures of the finite states are finite, however large."""
    film = Film(record(replace(FIT, training=replace(FIT.training, optimizer="sgd", lr=lr))))

    history = film.history

    assert film.epochs < FIT.training.epochs
    assert np.isfinite(history.loss).all()
    assert np.isfinite(history.score).all()
    assert history.loss.max() > 1e12


def test_normed_scene_is_looked_at_in_evaluation_mode() -> None:
    """Dropout and batch statistics play no part: a row does not depend on its neighbours."""
    film = normed_film()
    assert film.recording.scene is NORMED

    alone = film.outputs("body", film.data.inputs[:1], 1.5)

    np.testing.assert_array_equal(alone, film.points("body", 1.5)[:1])


def test_the_window_of_a_given_data_set_is_its_own() -> None:
    """The grid covers the window that the data set says."""
    film = thirds_film()

    grid = np.concatenate(film.grid_lines)

    assert [(low, high) for low, high in zip(grid.min(0), grid.max(0), strict=True)] == [*SQUARE]


def test_clip_line_is_what_a_snapshot_shows() -> None:
    """The decision line of a moment is the hyperplane cut at the limits."""
    film = rings_film()
    plane = film.hyperplane(8.0)
    assert plane is not None

    (line,) = film.snapshots[-1].boundary()

    expected = clip_line(*plane, BOX)
    assert expected is not None
    np.testing.assert_allclose(line, expected)
