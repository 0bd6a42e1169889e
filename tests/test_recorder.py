"""A recording is the training that one would write by hand, kept whole."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Recording, Scene, Training, models, record
from nnanim.recording.record import untrained
from nnanim.threads import quick_turns
from nnanim.training import trainer
from nnanim.training.batches import batch_orders
from nnanim.training.run import prepare
from tests.recordings import FIT, NORMED, RINGS, Given, thirds_scene, train_plainly


def short(scene: Scene, **training: Any) -> Scene:
    """Return the scene with a training of three epochs, and what else is asked."""
    return replace(scene, training=replace(scene.training, **{"epochs": 3, **training}))


def content(recording: Recording) -> dict[str, bytes]:
    """Return the bytes of everything that a recording holds."""
    arrays = {**recording.states, "steps": recording.steps, "batch_loss": recording.batch_loss}
    data = recording.data
    arrays |= {"inputs": data.inputs, "targets": data.targets, "test": data.test_inputs}
    return {name: array.tobytes() for name, array in arrays.items()}


def kept_by_hand(scene: Scene) -> tuple[list[dict[str, torch.Tensor]], list[float]]:
    """Return the states after each step of a loop written by hand, and the batches' losses."""
    states: list[dict[str, torch.Tensor]] = []
    losses: list[float] = []

    def keep(step: int, module: nn.Module, loss: float) -> None:
        states.append({name: value.clone() for name, value in module.state_dict().items()})
        losses.extend([loss] if step else [])

    train_plainly(scene, keep)
    return states, losses


def assert_equal(recording: Recording, scene: Scene) -> None:
    """Hold every state and every loss of a recording against the loop by hand, to the bit."""
    states, losses = kept_by_hand(scene)
    assert [*recording.steps] == [*range(len(states))]
    for name, kept in recording.states.items():
        np.testing.assert_array_equal(kept, np.stack([state[name] for state in states]))
    np.testing.assert_array_equal(recording.batch_loss, losses)


# -- the same training -----------------------------------------------------------------------------


@pytest.mark.parametrize("scene", [RINGS, FIT, NORMED])
def test_the_same_scene_gives_the_same_recording(scene: Scene) -> None:
    """Bit for bit, header included, whatever torch's own random numbers are."""
    first = record(short(scene))
    torch.rand(7)

    again = record(short(scene))

    assert content(again) == content(first)
    assert again.header == first.header


def test_another_seed_gives_another_recording() -> None:
    """Weights, order and noise of the data all hang on it."""
    one, other = content(record(short(RINGS))), content(record(short(RINGS, seed=2)))

    assert {name for name in one if one[name] == other[name]} == {"steps", "targets"}


@pytest.mark.parametrize(
    "training",
    [
        {"optimizer": "sgd", "lr": 0.5},
        {"optimizer": "sgd", "lr": 0.2, "momentum": 0.9},
        {"optimizer": "sgd", "lr": 0.2, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01},
        {"optimizer": "adam"},
        {"optimizer": "adam", "betas": (0.5, 0.9), "weight_decay": 0.1},
        {"optimizer": "adamw", "weight_decay": 0.1},
        {"loss": "mse"},
        {"batch_size": 64},
        {"batch_size": None},
        {"batch_size": 1, "epochs": 1},
        {"shuffle": False},
        {"seed": 12},
    ],
    ids=lambda training: ", ".join(f"{name}={value}" for name, value in training.items()),
)
def test_a_recording_is_the_loop_one_writes_by_hand(training: dict[str, Any]) -> None:
    """Every optimiser, loss and way of taking batches: the same states and losses to the bit."""
    scene = short(RINGS, **training)

    recording = record(scene)

    assert_equal(recording, scene)


@pytest.mark.parametrize(
    "scene",
    [
        NORMED,
        FIT,
        thirds_scene(),
        replace(RINGS, model=models.mlp(2, 3, 1), training=Training(loss="bce_with_logits")),
        replace(RINGS, model=models.mlp(2, 1, output="sigmoid", init="glorot")),
    ],
    ids=["normed", "regression", "classes", "logits", "no hidden layer"],
)
def test_every_task_is_trained_as_torch_trains_it(scene: Scene) -> None:
    """Batch statistics, dropout and counters included."""
    scene = short(scene, trainer="eager")

    assert_equal(record(scene), scene)


def test_a_factory_and_a_function_serve_as_optimizer_and_loss() -> None:
    """They are torch's own, so the training is the same as by their names."""

    def factory(parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.AdamW(parameters, lr=0.03, weight_decay=0.1)

    named = short(RINGS, optimizer="adamw", weight_decay=0.1)
    given = short(RINGS, optimizer=factory, loss=nn.functional.binary_cross_entropy)

    assert content(record(given)) == content(record(named))


def test_a_loss_of_ones_own_is_what_is_trained_on() -> None:
    """Its value is what the recording holds."""

    def doubled(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return 2 * nn.functional.mse_loss(outputs, targets)

    own, plain = record(short(FIT, loss=doubled)), record(short(FIT, loss="mse"))

    assert own.batch_loss[0] == pytest.approx(2 * plain.batch_loss[0])
    assert own.header.loss == "doubled"


# -- what is kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize("snapshots", ["auto", "steps", "epochs"])
@pytest.mark.parametrize("batch_size", [20, 64, None])
def test_the_start_and_every_epochs_end_are_kept(snapshots: str, batch_size: int | None) -> None:
    """Whatever else is."""
    recording = record(short(RINGS, snapshots=snapshots, batch_size=batch_size))

    assert {0.0, 1.0, 2.0, 3.0} <= set(recording.epochs)
    assert recording.epochs[0] == 0.0
    assert recording.epochs[-1] == 3.0


def test_epochs_keep_nothing_else_and_steps_keep_all() -> None:
    """Auto keeps every step of a short training."""
    counts = [len(record(short(RINGS, snapshots=way))) for way in ("epochs", "steps", "auto")]

    assert counts == [4, 31, 31]


def test_of_a_long_training_as_many_states_are_kept_as_a_film_can_use() -> None:
    """Denser at the start, where most of the motion is; every epoch's end among them."""
    recording = record(short(RINGS, batch_size=1, epochs=9, snapshots="auto"))

    assert len(recording.batch_loss) == 1800
    assert len(recording) <= 1200 + 10
    assert set(range(0, 1801, 200)) <= set(recording.steps)
    assert [*recording.steps[:10]] == [*range(10)]
    assert np.diff(recording.steps).max() <= 4


def test_the_loss_of_a_snapshot_is_that_of_the_batch_that_led_there() -> None:
    """Of the untrained network, of the batch to come."""
    recording = record(short(RINGS))

    expected = recording.batch_loss[np.maximum(recording.steps - 1, 0)]
    np.testing.assert_array_equal(recording.loss, expected)
    assert recording.loss[0] == recording.loss[1]


def test_a_recording_holds_the_data_it_was_trained_on() -> None:
    """And says from which seed."""
    recording = record(short(RINGS, seed=4))

    drawn = RINGS.dataset.arrays(4)
    np.testing.assert_array_equal(recording.data.inputs, drawn.inputs)
    np.testing.assert_array_equal(recording.data.test_targets, drawn.test_targets)
    assert recording.header.seed == 4


def test_states_have_torchs_names_and_types() -> None:
    """Parameters and buffers, as `state_dict` has them."""
    state = record(short(NORMED)).state(-1)

    expected = NORMED.model().state_dict()
    assert list(state) == list(expected)
    for name, value in expected.items():
        assert state[name].shape == value.shape
        assert state[name].dtype == value.numpy().dtype


def test_untrained_is_the_start_of_the_recording() -> None:
    """The same data and weights, and no step."""
    start, whole = untrained(RINGS), record(short(RINGS))

    assert len(start) == 1
    assert start.epochs[-1] == 0.0
    for name, array in start.states.items():
        np.testing.assert_array_equal(array[0], whole.states[name][0])


# -- divergence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("lr", [10.0, 1e4, 1e30])
@pytest.mark.parametrize("snapshots", ["steps", "epochs"])
def test_a_diverging_training_keeps_its_finite_states(lr: float, snapshots: str) -> None:
    """The recording ends before the first number that is none, and says in which epoch."""
    recording = record(short(FIT, optimizer="sgd", lr=lr, snapshots=snapshots, epochs=9))

    diverged = recording.header.diverged_at
    assert all(np.isfinite(array).all() for array in recording.states.values())
    assert 0 <= diverged - recording.epochs[-1] <= 1
    assert len(recording) == len(recording.steps) >= 1
    assert len(recording.batch_loss) == max(1, recording.steps[-1])


def test_a_training_that_goes_well_has_not_diverged() -> None:
    """Its header says None."""
    assert record(short(RINGS)).header.diverged_at is None


# -- what the caller has is left alone -------------------------------------------------------------


@pytest.mark.parametrize("make", [record, untrained])
def test_torch_is_left_as_it_was(make: Callable[[Scene], Recording]) -> None:
    """Its random numbers, its threads and its switches."""
    random, threads = torch.get_rng_state(), torch.get_num_threads()

    make(short(NORMED))

    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == threads
    assert torch.is_grad_enabled()


def test_the_data_sets_own_arrays_are_left_alone() -> None:
    """Training writes nothing into them."""
    scene = thirds_scene()
    assert isinstance(scene.dataset, Given)
    before = scene.dataset.inputs.copy(), scene.dataset.targets.copy()

    record(short(scene))

    np.testing.assert_array_equal(scene.dataset.inputs, before[0])
    np.testing.assert_array_equal(scene.dataset.targets, before[1])


def test_progress_runs_to_the_last_step() -> None:
    """In one stage, of steps in all."""
    calls: list[tuple[str, int, int]] = []

    record(short(RINGS), progress=lambda *call: calls.append(call))

    assert calls[-1] == ("training", 30, 30)
    assert [done for _, done, _ in calls] == sorted({done for _, done, _ in calls})
    assert {(stage, total) for stage, _, total in calls} == {("training", 30)}


# -- the order of the samples ----------------------------------------------------------------------


def test_every_epoch_takes_each_sample_once() -> None:
    """In another order each time, the same from the same seed."""
    orders = [*batch_orders(50, Training(epochs=4, seed=3))]

    assert [sorted(order) for order in orders] == [[*range(50)]] * 4
    assert len({order.tobytes() for order in orders}) == 4
    again = batch_orders(50, Training(epochs=4, seed=3))
    assert all((one == other).all() for one, other in zip(orders, again, strict=True))
    assert (next(batch_orders(50, Training(seed=4))) != orders[0]).any()


def test_without_shuffling_samples_come_in_their_order() -> None:
    """In every epoch."""
    orders = batch_orders(5, Training(epochs=2, shuffle=False))

    assert [list(order) for order in orders] == [[0, 1, 2, 3, 4]] * 2


@pytest.mark.parametrize("around", [nullcontext, quick_turns])
@pytest.mark.parametrize("few", [0, 10**9])
@pytest.mark.parametrize("options", [{}, {"shuffle": False}, {"batch_size": None}])
def test_orders_come_in_stretches_of_any_length(
    options: dict[str, Any],
    few: int,
    around: Callable[[], AbstractContextManager[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same as epoch by epoch, whoever shuffles; each stands until the next is asked for."""
    monkeypatch.setattr(trainer, "_FEW_ORDERS", few)
    run = prepare(replace(RINGS, training=replace(RINGS.training, epochs=7, **options)))

    with around():
        found = [orders.copy() for orders in trainer.stretch_orders(run, [1, 4, 2])]

    assert [len(orders) for orders in found] == [1, 4, 2]
    expected = list(batch_orders(len(run.data.inputs), run.training))
    np.testing.assert_array_equal(np.concatenate(found), expected)


def test_a_full_batch_goes_on_over_stretches() -> None:
    """Its samples stay where they are, and the recording is that of torch."""
    whole = replace(RINGS.training, batch_size=None, epochs=40)

    kernel, eager = (
        record(replace(RINGS, training=replace(whole, trainer=name)))
        for name in ("kernel", "eager")
    )

    assert kernel.header.trainer == "kernel"
    for name, values in eager.states.items():
        np.testing.assert_allclose(kernel.states[name], values, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "scene",
    [replace(RINGS, training=replace(RINGS.training, trainer="kernel")), NORMED],
    ids=["kernel", "eager with dropout"],
)
def test_what_is_written_is_what_is_held_in_memory(scene: Scene, tmp_path: Path) -> None:
    """Bit for bit, though a training that is written is cut into more stretches."""
    scene = short(scene, epochs=20)

    held, written = record(scene), record(scene, tmp_path / "run.safetensors")

    assert content(held) == content(written)
