"""Strategies: trying again, segments, keeping the best state, stopping early, many seeds."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim import Film, NnanimError, Recording, Retry, Scene, Training, datasets, models, record
from nnanim import record_many as record_seeds
from nnanim.network.torch_state import one_thread
from nnanim.training.batches import batch_orders
from nnanim.training.run import prepare

RINGS = Scene(
    dataset=datasets.rings(n=120, noise=0.05, seed=5),
    model=models.mlp(2, 3, 1, output="sigmoid"),
    training=Training(epochs=12, batch_size=20, optimizer="adam", lr=0.2, loss="bce", seed=3),
)
BOTH = pytest.mark.parametrize("trainer", ["kernel", "eager"])


def trained(scene: Scene = RINGS, **settings: Any) -> Recording:
    """Record a scene with other settings of its training."""
    return record(replace(scene, training=replace(scene.training, **settings)))


def normed() -> nn.Sequential:
    """Return a stack whose buffers count the steps."""
    return nn.Sequential(
        nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid()
    )


def with_dropout() -> nn.Sequential:
    """Return a network that only torch trains, by random numbers of its own."""
    return nn.Sequential(nn.Linear(2, 8), nn.Dropout(0.5), nn.Linear(8, 1), nn.Sigmoid())


def scores(recording: Recording) -> NDArray[np.float64]:
    """Return the score after every epoch, by brute force through torch's own module."""
    module, data = prepare(RINGS).module, recording.data
    if isinstance(recording.scene, Scene):
        module = prepare(recording.scene).module
    found = []
    for i in np.flatnonzero(recording.epochs % 1 == 0)[1:]:
        state = {name: torch.tensor(array) for name, array in recording.state(int(i)).items()}
        module.load_state_dict(state)
        with torch.no_grad():
            decided = module.eval()(torch.tensor(data.test_inputs)).numpy() > 0.5
        found.append(float((decided == (data.test_targets > 0.5)).mean()))
    return np.array(found)


def epoch_end(recording: Recording, epoch: int) -> dict[str, NDArray[Any]]:
    """Return the state after an epoch."""
    return recording.state(int(np.flatnonzero(recording.epochs == epoch)[0]))


def same(one: dict[str, NDArray[Any]], other: dict[str, NDArray[Any]]) -> bool:
    """Tell whether two states are the same bits."""
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


# -- trying again ----------------------------------------------------------------------------------


@BOTH
def test_it_tries_again_until_the_score_is_reached(trainer: str) -> None:
    """Each attempt starts from the next seed's weights, on the same data; all are logged."""
    until = 0.9
    alone: list[Recording] = []
    final: list[float] = []
    while not final or (final[-1] < until and len(final) < 8):
        alone.append(trained(seed=3 + len(alone), trainer=trainer))
        final.append(float(scores(alone[-1])[-1]))
    first = len(final) - 1
    assert first > 0, "the case is chosen so that the first attempt fails"
    assert final[first] >= until

    recording = trained(trainer=trainer, retry=Retry(until=until, attempts=20))

    log = recording.header.attempts
    assert recording.header.attempt == len(log) == first + 1
    assert [attempt["seed"] for attempt in log] == [3 + k for k in range(first + 1)]
    assert [attempt["score"] for attempt in log] == pytest.approx(final)
    assert same(recording.state(-1), alone[first].state(-1))
    assert recording.header.seed == 3
    np.testing.assert_array_equal(recording.data.inputs, alone[0].data.inputs)


def test_if_no_attempt_reaches_it_the_best_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    """With one line that says so."""
    caplog.set_level(logging.WARNING, logger="nnanim")

    recording = trained(epochs=1, lr=0.01, retry=Retry(until=1.0, attempts=3))

    log = [attempt["score"] for attempt in recording.header.attempts]
    best = int(np.argmax(log))
    assert len(log) == 3
    assert recording.header.attempt == best + 1
    assert same(recording.state(-1), trained(epochs=1, lr=0.01, seed=3 + best).state(-1))
    assert "none of 3 attempts reached 1" in caplog.text


def test_attempts_that_diverge_have_no_score(tmp_path: Path) -> None:
    """And the recording can be kept all the same."""
    recording = trained(lr=1e30, loss="mse", optimizer="sgd", retry=Retry(attempts=2),
                        ).save(tmp_path / "run.safetensors")  # fmt: skip

    log = Recording.load(recording).header.attempts
    assert len(log) == 2
    assert all(a["score"] is None or a["score"] <= 1 for a in log)


# -- segments --------------------------------------------------------------------------------------


@BOTH
def test_each_segment_starts_with_a_fresh_optimizer(trainer: str) -> None:
    """As a loop that makes a new Adam every four epochs."""
    module, training = prepare(RINGS).module, RINGS.training
    data = prepare(RINGS).data
    inputs, targets = torch.from_numpy(data.inputs), torch.from_numpy(data.targets)
    with one_thread():
        for epoch, order in enumerate(batch_orders(len(inputs), training)):
            if epoch % 4 == 0:
                adam = torch.optim.Adam(module.parameters(), 0.2)
            for rows in torch.from_numpy(order).split(20):  # type: ignore[no-untyped-call]
                adam.zero_grad()
                loss = nn.functional.binary_cross_entropy(module(inputs[rows]), targets[rows])
                loss.backward()  # type: ignore[no-untyped-call]
                adam.step()

    found = trained(trainer=trainer, segments=3, restart_optimizer=True).state(-1)

    tolerance = 0.0 if trainer == "eager" else 2e-3
    for name, value in module.state_dict().items():
        np.testing.assert_allclose(found[name], value.numpy(), tolerance, tolerance)
    assert not same(found, trained(trainer=trainer).state(-1))


@BOTH
def test_segments_alone_change_nothing(trainer: str) -> None:
    """Neither the orders of the batches nor the optimiser begins anew."""
    assert same(trained(trainer=trainer, segments=4).state(-1), trained(trainer=trainer).state(-1))


# -- the best state --------------------------------------------------------------------------------


@BOTH
def test_the_film_ends_on_the_best_state(trainer: str) -> None:
    """Of those with the highest score on the test part, the one with the lowest loss."""
    plain = trained(trainer=trainer, epochs=30)
    by_hand, film = scores(plain), Film(plain)
    tied = np.flatnonzero(by_hand == by_hand.max()) + 1
    best = min(tied.tolist(), key=film.loss)
    assert best < 30, "the case is chosen so that the last is not the best"

    recording = trained(trainer=trainer, epochs=30, keep="best")

    assert recording.header.kept == [{"at": 30.0, "epoch": best, "score": by_hand.max()}]
    assert same(Film(recording).state(30.0), epoch_end(plain, best))
    assert same(Film(recording).state(np.nextafter(30.0, 0.0)), plain.state(-1))
    assert all(same(recording.state(i), plain.state(i)) for i in range(len(plain)))
    assert len(recording) == len(plain)


@BOTH
def test_of_states_that_score_alike_the_one_with_the_lowest_loss_is_kept(trainer: str) -> None:
    """Also by a loss of the scene's own; patience counts on, as nothing scores better."""

    def own(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return ((outputs - targets) ** 2).mean()

    far = Scene(
        dataset=datasets.from_arrays([[-3.0, 0], [-2.0, 0], [2.0, 0], [3.0, 0]], [0, 0, 1, 1]),
        model=models.mlp(2, 3, 1, output="sigmoid"),
        training=Training(epochs=20, batch_size=None, optimizer="adam", lr=0.2, seed=3),
    )
    loss = "mse" if trainer == "kernel" else own
    plain = trained(far, trainer=trainer, loss=loss)
    film = Film(plain)
    alike = [epoch for epoch in range(1, 21) if film.score(epoch) == 1.0]
    assert len(alike) > 2
    assert film.loss(alike[-1]) < film.loss(alike[0]), "the case is chosen so that it falls"

    kept = trained(far, trainer=trainer, loss=loss, keep="best").header.kept
    stopped = trained(far, trainer=trainer, loss=loss, keep="best", patience=4).header

    assert kept == [{"at": 20.0, "epoch": 20, "score": 1.0}]
    assert stopped.stopped == alike[0] + 4
    assert [each["epoch"] for each in stopped.kept] == [alike[0] + 4]


@BOTH
def test_the_next_segment_goes_on_from_the_best_state(trainer: str) -> None:
    """With the buffers of that state, as torch's load_state_dict has it."""
    scene = replace(RINGS, model=normed)
    settings = {"epochs": 30, "segments": 3, "restart_optimizer": True, "keep": "best"}

    recording = trained(scene, trainer=trainer, **settings)

    film = Film(recording)
    kept = recording.kept[0]
    assert 0 < (kept.epoch or 0) < kept.at == 10, "the case is chosen so that the last is not best"
    assert [each.at for each in recording.kept] == [10, 20, 30]
    start = film.state(10)
    assert same(start, epoch_end(recording, int(kept.epoch or 0)))
    assert int(epoch_end(recording, 10)["1.num_batches_tracked"]) == 60
    after = recording.state(int(np.flatnonzero(recording.steps == 61)[0]))
    assert int(after["1.num_batches_tracked"]) == int(start["1.num_batches_tracked"]) + 1
    assert 0 < np.abs(after["0.weight"] - start["0.weight"]).max() < 0.21  # one step of Adam


# -- stopping early --------------------------------------------------------------------------------


def stop_by_patience(values: NDArray[np.float64], patience: int) -> int:
    """Return the epoch after which that many have brought nothing better."""
    best, idle = -np.inf, 0
    for epoch, value in enumerate(values, start=1):
        idle = 0 if value > best else idle + 1
        best = max(best, value)
        if idle == patience:
            return epoch
    raise AssertionError("the case is chosen so that it stops")


@BOTH
def test_patience_stops_the_training(trainer: str) -> None:
    """After so many epochs without a better score; what was trained until then is the same."""
    plain = trained(trainer=trainer, epochs=60)
    expected = stop_by_patience(scores(plain), 9)

    recording = trained(trainer=trainer, epochs=60, patience=9)

    assert recording.header.stopped == recording.epochs[-1] == expected
    assert len(recording.batch_loss) == 6 * expected
    assert same(recording.state(-1), epoch_end(plain, expected))
    assert Film(recording).epochs == expected


@BOTH
@pytest.mark.parametrize("patience", [None, 3])
def test_tol_stops_as_scikit_learn_does(trainer: str, patience: int | None) -> None:
    """More than n_iter_no_change epochs in a row whose mean loss is not tol below the least."""
    scene = replace(RINGS, dataset=datasets.rings(n=110, noise=0.05, seed=5))
    plain = trained(scene, trainer=trainer, epochs=200)
    sizes = np.array([20, 20, 20, 20, 20, 10])
    least, idle, expected = np.inf, 0, 0
    for epoch, losses in enumerate(plain.batch_loss.reshape(-1, 6), start=1):
        loss = float((losses * sizes).sum() / 110)
        idle = idle + 1 if loss > least - 1e-3 else 0
        least = min(least, loss)
        if idle > (patience or 10):
            expected = epoch
            break

    recording = trained(scene, trainer=trainer, epochs=200, tol=1e-3, patience=patience)

    assert 0 < expected < 200
    assert recording.header.stopped == recording.epochs[-1] == expected


# -- many seeds ------------------------------------------------------------------------------------


@BOTH
def test_many_seeds_at_once_are_the_same_as_one_by_one(trainer: str) -> None:
    """Also with dropout, whose random numbers torch has only one source of."""
    model = RINGS.model if trainer == "kernel" else with_dropout
    training = replace(RINGS.training, trainer=trainer)
    scene = replace(RINGS, model=model, training=training, dataset=datasets.rings(n=120))

    many = record_seeds(scene, seeds=range(6))

    assert [recording.header.seed for recording in many] == list(range(6))
    for seed, recording in enumerate(many):
        alone = record(replace(scene, training=replace(training, seed=seed)))
        assert same(recording.state(-1), alone.state(-1))
        np.testing.assert_array_equal(recording.data.inputs, alone.data.inputs)


def test_no_seeds_are_refused() -> None:
    """With what was expected."""
    with pytest.raises(NnanimError, match="range"):
        record_seeds(RINGS, seeds=[])


# -- mistakes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"segments": 5}, "epochs=12, segments=5"),
        ({"segments": 0}, "segments=0"),
        ({"keep": "worst"}, "keep 'worst'"),
        ({"patience": 0}, "patience=0"),
        ({"tol": -1.0}, "tol=-1.0"),
        ({"tol": float("nan")}, "tol=nan"),
        ({"retry": 3}, "retry=3"),
        ({"device": "gpu"}, "device 'gpu'"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], says: str) -> None:
    """When the Training is built."""
    with pytest.raises(NnanimError, match=says):
        Training(**{"epochs": 12, **settings})


@pytest.mark.parametrize("settings", [{"until": 1.5}, {"until": "all"}, {"attempts": 0}], ids=str)
def test_a_retry_that_cannot_be_is_refused(settings: dict[str, Any]) -> None:
    """A score is at most 1."""
    with pytest.raises(NnanimError, match="Retry"):
        Retry(**settings)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_device_that_is_not_there_is_refused_before_the_training() -> None:
    """With the cure; "auto" takes what there is."""
    with pytest.raises(NnanimError, match='device="auto"'):
        trained(device="cuda")
    assert same(trained(device="auto").state(-1), trained().state(-1))
