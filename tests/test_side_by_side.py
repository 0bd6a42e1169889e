"""Trainings side by side in the lanes, against the training kernel and torch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim import Scene, Training, models, record
from nnanim.dataset import Task
from nnanim.network.losses import LOSSES
from nnanim.network.modules import state_of
from nnanim.training.batches import batch_orders
from nnanim.training.guard import _torch_steps
from nnanim.training.kernel_trainer import KernelTrainer
from nnanim.training.run import Run, prepare
from nnanim.training.side_by_side import SideBySide, no_lanes
from nnanim.training.start import Start
from tests.recordings import Given, known_activations, optimizer_settings

ACTIVATIONS = list(known_activations().values())
OPTIMIZERS = optimizer_settings()
NETWORKS = 18  # more than fill the lanes
STEPS = 20
State = dict[str, NDArray[Any]]


def drawn(seed: int) -> Scene:
    """Return a small stack with a loss, an optimiser and a way of taking batches."""
    rng = np.random.default_rng(seed)
    loss = list(LOSSES)[seed % len(LOSSES)]
    classes = LOSSES[loss].targets == "classes"
    outputs = int(rng.integers(2, 4) if classes else rng.integers(1, 4))
    widths = [*map(int, rng.integers(1, 8, rng.integers(1, 4))), outputs]
    kinds = [ACTIVATIONS[i] for i in rng.integers(len(ACTIVATIONS), size=len(widths))]
    biased = rng.random(len(widths)) < 0.7
    if LOSSES[loss].outputs == "probabilities":
        kinds[len(widths) - 2] = nn.Sigmoid

    def model() -> nn.Module:
        layers = [
            nn.Sequential(nn.Linear(fan_in, fan_out, bias=bool(biased[i])), kinds[i]())
            for i, (fan_in, fan_out) in enumerate(pairwise(widths))
        ]
        return nn.Sequential(*layers)

    n, batch = ((20, None), (20, 5), (18, 4))[seed % 3]
    x = rng.normal(size=(n, widths[0])).astype(np.float32)
    y: NDArray[Any] = rng.normal(size=(n, outputs)).astype(np.float32)
    task: Task = "regression"
    if classes:
        task, y = "classes", np.arange(n) % outputs
    elif LOSSES[loss].outputs in ("probabilities", "logits"):
        y = (y > 0).astype(np.float32)
    return Scene(
        dataset=Given(x, y, task, ((-1.0, 1.0),) * widths[0]),
        model=model,
        training=Training(
            epochs=STEPS // (1 if batch is None else -(-n // batch)),
            batch_size=batch,
            loss=loss,
            seed=seed,
            **OPTIMIZERS[seed % len(OPTIMIZERS)],
        ),
    )


@dataclass
class Many:
    """Networks of a run, each with parameters and settings of its own."""

    run: Run
    parameters: NDArray[Any]
    rates: NDArray[Any]
    decay: NDArray[Any]
    momentum: NDArray[Any]

    @classmethod
    def of(cls, scene: Scene) -> "Many":
        """Draw the networks of a scene's architecture."""
        run, rng = prepare(scene), np.random.default_rng(1)
        assert run.network.stack is not None
        stack, training = run.network.stack, run.training
        start, _ = stack.flat(state_of(run.module), np.float64)
        shape = (NETWORKS, len(stack.trained))
        return cls(
            run,
            start * rng.uniform(0.5, 1.5, (NETWORKS, len(start))),
            rng.uniform(0.002, 0.03, shape),
            training.weight_decay * rng.uniform(0, 1, NETWORKS),
            training.momentum * rng.uniform(0.5, 1, NETWORKS),
        )

    def alone(self, i: int) -> Run:
        """Return the run of one of them."""
        stack = self.run.network.stack
        assert stack is not None
        lr = dict(zip(stack.trained, map(float, self.rates[i]), strict=True))
        settings: dict[str, Any] = {
            "lr": lr,
            "weight_decay": float(self.decay[i]),
            "momentum": float(self.momentum[i]),
        }
        module = self.run.model()
        module.double()
        states = stack.states(self.parameters[i][None], np.zeros((1, 1)), np.zeros(1))
        module.load_state_dict({name: torch.from_numpy(v[0].copy()) for name, v in states.items()})
        start = Start(self.run.model, 0, made=module)
        return replace(self.run, start=start, training=replace(self.run.training, **settings))


def apart(found: State, expected: State) -> float:
    """Return the largest difference as a share of its tensor's largest entry."""
    return max(
        float(np.abs(found[name] - value).max() / max(np.abs(value).max(), 1e-3))
        for name, value in expected.items()
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_each_network_learns_as_it_would_alone(seed: int) -> None:
    """As in the training kernel and in torch: 100 stacks, 20 steps, 1e-9 in float64."""
    many = Many.of(drawn(seed))
    stack = many.run.network.stack
    assert stack is not None
    side = SideBySide(many.run, stack, np.float64)

    trained = side.train(many.parameters, many.rates, many.decay, many.momentum)

    assert (trained.steps == many.run.steps).all()
    for i in (0, 7, NETWORKS - 1):
        alone = many.alone(i)
        orders = np.stack(list(batch_orders(len(alone.data.inputs), alone.training)))
        trainer = KernelTrainer(alone, stack, np.float64, np.zeros(alone.steps + 1, bool))
        trainer.parameters[:] = many.parameters[i]
        losses = trainer.train(orders).batch_loss
        ours = stack.states(trained.parameters[i][None], np.zeros((1, 1)), np.zeros(1))
        flat = (trainer.parameters[None], trainer.statistics[None])
        theirs = stack.states(*flat, np.array([trainer.step]))
        found = {name: values[0] for name, values in ours.items()}
        assert apart(found, {name: values[0] for name, values in theirs.items()}) < 1e-9
        assert apart(found, _torch_steps(alone, orders)) < 1e-9
        shares = losses / losses[0]
        tail = max(1, len(losses) // 10)
        assert trained.first[i] == pytest.approx(losses[0], rel=1e-9)
        assert trained.last[i] == pytest.approx(losses[-1], rel=1e-9)
        assert trained.total[i] == pytest.approx(shares.sum(), rel=1e-9)
        assert trained.inverse[i] == pytest.approx((1 / shares).sum(), rel=1e-9)
        assert trained.late[i] == pytest.approx(shares[-tail:].mean(), rel=1e-9)


def line_scene() -> Scene:
    """Return a network of two weights that learns, or is thrown apart, as its rate is."""
    x = np.linspace(-1, 1, 12, dtype=np.float32)[:, None]
    return Scene(
        dataset=Given(x, 2 * x, "regression", ((-1.0, 1.0),)),
        model=models.mlp(1, 1, 1, bias=False),
        training=Training(epochs=60, batch_size=None, lr={"hidden1": 0.1, "output": 0.1}),
    )


def of_rates(
    rates: list[float],
    dtype: type[np.floating[Any]] = np.float32,
    *,
    epochs: int = 60,
    batch: int | None = None,
    states: bool = False,
) -> Any:
    """Return what networks of these rates, alike otherwise, come to."""
    scene = line_scene()
    run = prepare(replace(scene, training=replace(scene.training, epochs=epochs, batch_size=batch)))
    stack = run.network.stack
    assert stack is not None
    start, _ = stack.flat(state_of(run.module), dtype)
    nothing = np.zeros(len(rates))
    side = SideBySide(run, stack, dtype)
    many = np.repeat(start[None], len(rates), axis=0)
    rated = np.repeat(np.array(rates)[:, None], 2, axis=1)
    return side.train(many, rated, nothing, nothing, states=states)


def test_what_a_network_comes_to_hangs_on_no_neighbour() -> None:
    """Neither on those in other lanes, nor on how many there are, nor on who is lost of them."""
    rates = [0.1, 1e4, 0.3, 3e3, *np.geomspace(1e-3, 1e3, 30)]
    together = of_rates(rates)

    for i, rate in enumerate(rates[:8]):
        alone = of_rates([rate])
        for name in ("first", "last", "steps", "total", "inverse", "late"):
            assert getattr(alone, name)[0] == getattr(together, name)[i]


def test_losses_that_are_no_numbers_count_as_the_highest() -> None:
    """From the step on at which the first is none, to the last."""
    trained = of_rates([1e4, 0.1])

    assert 0 < trained.steps[0] < 60
    assert trained.late[0] == pytest.approx(1e6)
    assert trained.total[0] > (60 - trained.steps[0]) * 1e6
    assert trained.steps[1] == 60
    assert trained.late[1] < 1


@pytest.mark.parametrize("batch", [None, 5])
def test_states_are_those_at_the_ends_of_epochs(batch: int | None) -> None:
    """To the bit, of each of more networks than stand side by side; the first is the start."""
    rates = np.geomspace(1e-3, 0.3, 18).tolist()
    trained = of_rates(rates, batch=batch, states=True)

    assert trained.states.shape == (18, 61, 2)
    assert (trained.states[:, 0] == trained.states[:1, 0]).all()
    for epochs in (1, 7, 60):
        alone = of_rates(rates, epochs=epochs, batch=batch)
        assert (trained.states[:, epochs] == alone.parameters).all()
    assert of_rates(rates).states is None


def test_a_network_comes_to_what_its_recording_tells() -> None:
    """In float32, as `record` trains it."""
    scene = line_scene()
    recording = record(scene)
    trained = of_rates([0.1])

    assert trained.last[0] == pytest.approx(recording.batch_loss[-1], rel=1e-4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: replace(s, model=models.mlp(1, 2, 1, batch_norm=True)), "stack of Linear"),
        (lambda s: replace(s, training=Training(patience=3)), "patience is set"),
        (lambda s: replace(s, training=Training(keep="best")), 'keep="best" is set'),
    ],
)
def test_what_cannot_stand_in_lanes_says_why(change: Callable[[Scene], Scene], said: str) -> None:
    """In one phrase; and nothing is said against what can."""
    assert said in no_lanes(prepare(change(line_scene())))
    assert no_lanes(prepare(line_scene())) == ""
