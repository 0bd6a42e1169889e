"""The training kernel against its oracle, torch."""

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray
from torch import nn

from nnanim import Recording, Scene, Training, models, record
from nnanim.dataset import Task
from nnanim.errors import SceneError
from nnanim.kernels import codes
from nnanim.kernels.elementary import exp, log
from nnanim.network.losses import LOSSES
from nnanim.network.modules import state_of
from nnanim.network.recognition import stack_of
from nnanim.network.stack import Stack
from nnanim.recording.record import untrained
from nnanim.training.batches import batch_orders
from nnanim.training.eager_trainer import EagerTrainer
from nnanim.training.guard import _torch_steps, refusal
from nnanim.training.kernel_trainer import KernelTrainer, kernel_trainer
from nnanim.training.reference import reference_steps
from nnanim.training.run import Run, prepare
from nnanim.training.trainer import Trainer
from nnanim.types import State
from tests.examples import examples
from tests.recordings import RINGS, Given, known_activations, optimizer_settings

ACTIVATIONS = known_activations()
OPTIMIZERS = optimizer_settings()
ANY = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def data_for(loss: str, n: int, inputs: int, outputs: int) -> Given:
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, inputs)).astype(np.float32)
    task: Task = "regression"
    y: NDArray[Any] = rng.normal(size=(n, outputs)).astype(np.float32)
    if LOSSES[loss].targets == "classes":
        task, y = "classes", np.arange(n) % outputs
    elif LOSSES[loss].outputs in ("probabilities", "logits"):
        y = (y > 0).astype(np.float32)
    return Given(x, y, task, ((-1.0, 1.0),) * inputs)


@st.composite
def scenes(draw: st.DrawFn, normed: bool) -> Scene:
    """Draw a stack with a loss, an optimiser and a way of taking batches."""
    loss = draw(st.sampled_from([*LOSSES]))
    outputs = draw(st.integers(2, 4) if LOSSES[loss].targets == "classes" else st.integers(1, 3))
    widths = [*draw(st.lists(st.integers(1, 20), min_size=1, max_size=4)), outputs]
    kinds = [draw(st.sampled_from([*ACTIVATIONS.values()])) for _ in widths]
    biased = [draw(st.booleans()) for _ in widths]
    frozen = draw(st.integers(1, len(widths) - 1))
    seed = draw(st.integers(0, 1000))

    def model() -> nn.Module:
        layers: list[nn.Module] = []
        for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
            linear = nn.Linear(fan_in, fan_out, bias=biased[i])
            linear.weight.requires_grad_(i + 1 != frozen or len(widths) == 2)
            norm = [nn.BatchNorm1d(fan_out)] if normed and i < len(widths) - 2 else []
            last = [nn.Sigmoid()] if LOSSES[loss].outputs == "probabilities" else []
            layers.append(
                nn.Sequential(linear, *norm, *(last if i == len(widths) - 2 else [kinds[i]()]))
            )
        return nn.Sequential(*layers)

    n, batch = draw(st.sampled_from([(30, 7), (33, 16), (24, 24), (9, 4)]))
    if normed and n % batch == 1:
        batch += 1
    optimizer = draw(st.sampled_from(OPTIMIZERS))
    return Scene(
        dataset=data_for(loss, n, widths[0], outputs),
        model=model,
        training=Training(epochs=2, batch_size=batch, loss=loss, seed=seed, **optimizer),
    )


def in_double(run: Run, epochs: int) -> tuple[State, State, State]:
    """Return the kernel's, the reference's and torch's states after some epochs, in float64."""
    stack = stack_of(run.module)
    training = replace(run.training, epochs=epochs)
    orders = np.stack(list(batch_orders(len(run.data.inputs), training)))
    trainer = KernelTrainer(run, stack, np.float64, np.zeros(run.steps + 1, bool))
    trainer.train(orders)
    flat, steps = (trainer.parameters[None], trainer.statistics[None]), np.array([trainer.step])
    ours = {name: values[0] for name, values in stack.states(*flat, steps).items()}
    return ours, reference_steps(run, orders), _torch_steps(run, orders)


def steps_of(loss: str, model: Callable[[], nn.Module], outputs: int) -> tuple[State, State, State]:
    """Return what the first step of descent adds in the kernel, in the reference and in torch."""
    training = Training(epochs=1, batch_size=None, lr=1.0, loss=loss)
    run = prepare(Scene(dataset=data_for(loss, 64, 2, outputs), model=model, training=training))
    before = state_of(run.module)
    ours, plain, theirs = (
        {name: value - before[name] for name, value in state.items()}
        for state in in_double(run, epochs=1)
    )
    return ours, plain, theirs


def settled_down(state: State) -> bool:
    """Tell whether a training has not blown up: then rounding errors grow without bound."""
    return all(bool((np.abs(values) < 100).all()) for values in state.values())


def worst(ours: State, theirs: State) -> float:
    """Return the largest difference of an entry, as a share of its tensor's largest.

    A tensor that stays at zero but for rounding, as a bias before BatchNorm, has no scale of its
    own: it is measured by 1e-3.
    """
    assert set(ours) == set(theirs)
    return max(
        float(np.abs(ours[name] - value).max()) / max(float(np.abs(value).max()), 1e-3)
        for name, value in theirs.items()
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation_has_torchs_values_and_slopes(name: str) -> None:
    """One plain step moves the weights after it by its values, those before it by its slopes."""

    def model() -> nn.Module:
        first = nn.Linear(2, 40)
        first.weight.data *= 6  # far to both sides of zero
        return nn.Sequential(first, ACTIVATIONS[name](), nn.Linear(40, 1))

    ours, plain, theirs = steps_of("mse", model, outputs=1)

    assert worst(ours, theirs) < 1e-12
    assert worst(plain, theirs) < 1e-12
    assert min(np.abs(step).max() for step in theirs.values()) > 1e-3


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_has_torchs_slopes(loss: str) -> None:
    """One plain step from outputs of all sizes."""

    def model() -> nn.Module:
        last = nn.Linear(2, 3)
        last.weight.data *= 4
        ends = [nn.Sigmoid()] if LOSSES[loss].outputs == "probabilities" else []
        return nn.Sequential(last, *ends)

    ours, plain, theirs = steps_of(loss, model, outputs=3)

    assert worst(ours, theirs) < 1e-12
    assert worst(plain, theirs) < 1e-12
    assert min(np.abs(step).max() for step in theirs.values()) > 1e-3


@pytest.mark.parametrize("told", OPTIMIZERS, ids=lambda s: f"{s['optimizer']} {len(s)}")
def test_each_optimizer_takes_torchs_steps(told: dict[str, Any]) -> None:
    """Twelve of them, with all that it can be told."""
    training = Training(epochs=3, batch_size=16, **told)
    model = models.mlp(2, 5, 1)
    run = prepare(Scene(dataset=data_for("mse", 64, 2, 1), model=model, training=training))

    ours, plain, theirs = in_double(run, epochs=3)

    assert worst(ours, theirs) < 1e-10
    assert worst(plain, theirs) < 1e-10


@settings(ANY, max_examples=examples(200))
@given(scenes(normed=False))
def test_kernel_and_torch_agree_in_double_precision(scene: Scene) -> None:
    """Two epochs of any stack, loss and optimiser: within 1e-9 of each tensor's largest entry."""
    ours, plain, theirs = in_double(prepare(scene), epochs=2)
    assume(settled_down(theirs))

    assert worst(ours, theirs) < 1e-9
    assert worst(plain, theirs) < 1e-9


@settings(ANY, max_examples=examples(60))
@given(scenes(normed=True))
def test_batch_norm_and_its_buffers_agree_in_double_precision(scene: Scene) -> None:
    """Within 1e-5 wherever torch agrees with itself; counters are equal.

    A bias that a later BatchNorm takes out again has no gradient but rounding errors, and Adam
    makes steps of these: with the samples of each batch reversed, torch gets another bias itself.
    """
    run = prepare(scene)
    ours, plain, theirs = in_double(run, epochs=2)
    assume(settled_down(theirs))
    size = run.batch_size
    orders = np.stack(list(batch_orders(len(run.data.inputs), run.training)))
    starts = range(0, orders.shape[1], size)
    reversed_ = np.concatenate([orders[:, i : i + size][:, ::-1] for i in starts], axis=1)
    again = _torch_steps(run, reversed_)
    settled = [name for name in theirs if worst({name: again[name]}, {name: theirs[name]}) < 1e-9]

    assert len(settled) >= len(theirs) / 2
    assert worst({n: ours[n] for n in settled}, {n: theirs[n] for n in settled}) < 1e-5
    assert worst({n: plain[n] for n in settled}, {n: theirs[n] for n in settled}) < 1e-5
    for name in theirs:
        if name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(ours[name], theirs[name])
            np.testing.assert_array_equal(plain[name], theirs[name])


@settings(ANY, max_examples=examples(60))
@given(scenes(normed=False))
def test_both_trainers_make_the_same_recording_in_single_precision(scene: Scene) -> None:
    """The same steps are kept, with the same losses and states within 1e-3.

    Wherever torch in single precision is within 1e-4 of torch in double precision: in trainings
    that are about to diverge, rounding errors grow beyond any bound.
    """
    kernel, eager = (
        record(replace(scene, training=replace(scene.training, trainer=name)))
        for name in ("kernel", "eager")
    )

    run = prepare(scene)
    orders = np.stack(list(batch_orders(len(run.data.inputs), run.training)))
    assume(settled_down(eager.state(-1)) and eager.header.diverged_at is None)
    assume(worst(eager.state(-1), _torch_steps(run, orders)) < 1e-4)
    assert kernel.header.trainer == "kernel"
    np.testing.assert_array_equal(kernel.steps, eager.steps)
    np.testing.assert_allclose(kernel.batch_loss, eager.batch_loss, rtol=2e-3, atol=1e-5)
    assert worst(kernel.states, eager.states) < 1e-3


def test_the_same_scene_gives_the_same_bits_from_the_kernel() -> None:
    """Whatever was trained in between."""
    scene = replace(RINGS, training=replace(RINGS.training, trainer="kernel"))

    first, _, second = (
        record(scene),
        record(replace(scene, model=models.mlp(2, 9, 1, output="sigmoid"))),
        record(scene),
    )

    for name in first.states:
        assert first.states[name].tobytes() == second.states[name].tobytes()


# -- what the kernel leaves to torch ---------------------------------------------------------------


class Own(nn.Module):
    """A forward of one's own."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a probability."""
        return torch.sigmoid(self.inner(x))


def shared() -> nn.Module:
    layer = nn.Linear(2, 2)
    return nn.Sequential(layer, nn.Tanh(), layer, nn.Linear(2, 1), nn.Sigmoid())


def hooked() -> nn.Module:
    module = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
    module[0].register_forward_hook(lambda *_: None)
    return module


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Own, "Own is not a layer"),
        (lambda: nn.Sequential(nn.Dropout(0.1), nn.Linear(2, 1), nn.Sigmoid()), "Dropout"),
        (shared, "twice"),
        (hooked, "hooks"),
    ],
    ids=["own forward", "dropout", "shared layer", "hooks"],
)
def test_torch_trains_what_the_kernel_does_not_know(
    model: Callable[[], nn.Module], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """`trainer="auto"` falls back with one line that says why; "kernel" refuses."""
    training = replace(RINGS.training, epochs=1, trainer="auto")
    scene = replace(RINGS, model=model, training=training)
    caplog.set_level(logging.INFO, logger="nnanim")

    recording = record(scene)

    assert recording.header.trainer == "eager"
    assert reason in str(recording.header.eager_because)
    assert [reason in message for message in caplog.messages] == [True]
    with pytest.raises(SceneError, match=reason):
        record(replace(scene, training=replace(training, trainer="kernel")))


@pytest.mark.parametrize("settings", OPTIMIZERS[::3], ids=lambda s: s["optimizer"])
def test_each_layer_learns_at_its_own_rate(settings: dict[str, Any]) -> None:
    """As torch's groups of parameters do."""
    rates = {"hidden1": 0.02, "hidden2": 0.0, "output": 0.3}
    training = Training(epochs=3, **{**settings, "lr": rates})
    model = models.mlp(2, 5, 4, 1, output="sigmoid")
    run = prepare(Scene(dataset=data_for("mse", 30, 2, 1), model=model, training=training))

    ours, plain, theirs = in_double(run, epochs=3)

    assert worst(ours, theirs) < 1e-10
    assert worst(plain, theirs) < 1e-10
    before = state_of(run.module)
    still = [name for name, value in theirs.items() if np.array_equal(value, before[name])]
    if not training.weight_decay:
        assert still == ["hidden2.0.weight", "hidden2.0.bias"]


@pytest.mark.parametrize("trainer", ["kernel", "eager"])
def test_a_layer_of_rate_zero_stays_as_it_is(trainer: str) -> None:
    """In both trainers; the inner name goes before the outer."""
    training = Training(
        epochs=2, lr={"hidden1": 0.1, "hidden1.0.bias": 0.0, "output": 0.0}, trainer=trainer
    )
    recording = record(
        Scene(dataset=data_for("mse", 30, 2, 1), model=models.mlp(2, 3, 1), training=training)
    )

    moved = {name for name, values in recording.states.items() if (values[0] != values[-1]).any()}
    assert moved == {"hidden1.0.weight"}
    assert recording.header.trainer == trainer


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ({"hidden1": 0.1}, "lr has no rate for 'output.0.weight': expected one for each of"),
        ({"hidden1": 0.1, "ouput": 1.0}, "did you mean 'output'"),
        ({"hidden1": 0.1, "output": -1.0}, "Training(lr={'output': -1.0}): expected a number"),
        ({}, "expected a rate for each layer"),
    ],
)
def test_rates_that_do_not_fit_the_layers_are_refused(rates: dict[str, float], said: str) -> None:
    """Before the first step, in words that say what is lacking."""
    with pytest.raises(SceneError) as caught:
        prepare(
            Scene(
                dataset=data_for("mse", 30, 2, 1),
                model=models.mlp(2, 3, 1),
                training=Training(lr=rates),
            )
        )

    assert said in str(caught.value)


def test_a_loss_or_optimizer_of_ones_own_is_torchs() -> None:
    """They cannot be compiled."""
    own_loss = replace(RINGS.training, loss=nn.BCELoss(), trainer="auto")
    own_optimizer = replace(RINGS.training, optimizer=torch.optim.Adagrad, trainer="auto")

    assert "loss" in refusal(prepare(replace(RINGS, training=own_loss)))
    assert "optimizer" in refusal(prepare(replace(RINGS, training=own_optimizer)))


@pytest.mark.parametrize("declared", [True, False])
def test_a_kernel_that_is_wrong_is_not_used(
    declared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard compares its first steps, of what is declared with the reference's first."""
    scene = replace(RINGS, training=replace(RINGS.training, trainer="auto"))
    scene = scene if declared else replace(scene, model=lambda: RINGS.model())
    wrong = {**LOSSES, "bce": replace(LOSSES["bce"], code=codes.MSE)}
    monkeypatch.setattr("nnanim.training.guard._findings", {})
    monkeypatch.setattr("nnanim.training.kernel_trainer.LOSSES", wrong)

    assert "differ from torch" in refusal(prepare(scene))


@pytest.mark.parametrize("declared", [True, False])
def test_an_architecture_is_compared_once(declared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that but scale a step are none of it; its terms, layers and batches are.

    Where the kernel is as the reference, torch is not asked.
    """
    looked: list[Training] = []

    def compared(run: Run, stack: Stack, steps: object) -> float:
        del stack
        assert steps is (reference_steps if declared else _torch_steps)
        looked.append(run.training)
        return 0.0

    monkeypatch.setattr("nnanim.training.guard._findings", {})
    monkeypatch.setattr("nnanim.training.guard._disagreement", compared)
    training = replace(RINGS.training, optimizer="sgd", trainer="auto")
    alike = [{"lr": 0.5}, {"lr": 1e-4, "seed": 3}, {"momentum": 0.3}, {"momentum": 0.8}]
    others = [{"weight_decay": 0.1}, {"optimizer": "adam"}, {"batch_size": 7}]
    counts = []
    for changed in [*alike, *others]:
        scene = replace(RINGS, training=replace(training, **changed))  # type: ignore[arg-type]
        scene = scene if declared else replace(scene, model=lambda: RINGS.model())
        assert refusal(prepare(scene)) == ""
        counts.append(len(looked))

    assert counts == [1, 1, 2, 2, 3, 4, 5]
    assert all(training.lr == 0.01 for training in looked)


# -- divergence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("trainer", ["kernel", "eager"])
def test_divergence_ends_the_recording_with_its_last_finite_state(trainer: str) -> None:
    """Parameters or losses that cease to be finite: noticed within one epoch, nothing bad kept."""
    data = data_for("mse", 40, 1, 1)
    scene = Scene(
        dataset=data,
        model=lambda: nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1)),
        training=Training(epochs=30, batch_size=4, lr=10.0, trainer=trainer),
    )

    recording: Recording = record(scene)

    diverged = recording.header.diverged_at
    assert diverged is not None
    assert diverged < 30
    assert recording.epochs[-1] <= diverged
    assert np.isfinite(recording.batch_loss).all()
    assert all(np.isfinite(values).all() for values in recording.states.values())


def test_both_trainers_name_the_same_epoch_of_divergence() -> None:
    """A loss beyond float32 counts in its own epoch, long before a parameter is beyond it too."""
    epochs = []
    for trainer in ("kernel", "eager"):
        scene = Scene(
            dataset=data_for("mse", 40, 1, 1),
            model=lambda: nn.Sequential(nn.Linear(1, 1)),
            training=Training(epochs=40, batch_size=10, lr=1.5, trainer=trainer),
        )
        epochs.append(record(scene).header["diverged_at"])

    assert epochs[0] == epochs[1] < 40


def test_a_loss_that_refuses_what_has_diverged_is_divergence() -> None:
    """As bce does, which wants probabilities; one that refuses good numbers is a mistake."""

    def refusing(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if not bool(outputs.isfinite().all()):
            raise RuntimeError("all elements of input should be finite")
        return ((outputs - targets) ** 2).mean()

    scene = Scene(
        dataset=data_for("mse", 40, 1, 1),
        model=lambda: nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1)),
        training=Training(epochs=300, batch_size=4, lr=1e8, loss=refusing, snapshots="epochs"),
    )

    recording = record(scene)

    assert recording.header.diverged_at is not None
    assert all(np.isfinite(values).all() for values in recording.states.values())


def test_the_untrained_state_is_the_same_for_both() -> None:
    """Both begin where the scene's seed puts them."""
    before = untrained(RINGS).state(0)

    for trainer in ("kernel", "eager"):
        scene = replace(RINGS, training=replace(RINGS.training, trainer=trainer))
        for name, values in record(scene).state(0).items():
            np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize("trainer_of", [kernel_trainer, EagerTrainer])
def test_trainers_go_on_from_a_checkpoint_to_the_same_bits(
    trainer_of: Callable[[Run], Trainer],
) -> None:
    """One that is restored in another run's trainer, and one that never stopped."""
    run = prepare(RINGS)
    first, second = (np.stack([np.arange(200)] * 2), np.stack([np.arange(200)[::-1]] * 2))
    whole = trainer_of(run)
    whole.train(first)
    checkpoint = whole.checkpoint()
    expected = whole.train(second)

    later = trainer_of(prepare(RINGS))
    later.restore(checkpoint)
    found = later.train(second)

    assert found.steps.tolist() == expected.steps.tolist() == list(range(21, 41))
    assert found.batch_loss.tobytes() == expected.batch_loss.tobytes()
    for name, values in expected.states.items():
        assert found.states[name].tobytes() == values.tobytes()


class Counted(nn.Module):
    """Adds the mean of all that it has seen, which it keeps in a buffer of some precision."""

    seen: torch.Tensor

    def __init__(self, kind: torch.dtype) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 1)
        self.register_buffer("seen", torch.zeros((), dtype=kind))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        if self.training:
            self.seen.mul_(0.9).add_(x.mean() / 3)
        return torch.sigmoid(self.linear(x) + self.seen.to(x.dtype))


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16], ids=str)
def test_a_checkpoint_holds_buffers_of_any_precision_to_the_last_bit(kind: torch.dtype) -> None:
    """Those that a recording keeps in float32, too."""
    scene = replace(RINGS, model=lambda: Counted(kind))
    order = np.arange(200)[None]
    whole = EagerTrainer(prepare(scene))
    whole.train(order)
    later = EagerTrainer(prepare(scene))
    later.restore(whole.checkpoint())

    for trainer in (whole, later):
        trainer.train(order)
    found, expected = later.checkpoint(), whole.checkpoint()

    assert expected["module/seen"].any()
    assert {name: array.tobytes() for name, array in found.items()} == {
        name: array.tobytes() for name, array in expected.items()
    }


# -- exp and log -----------------------------------------------------------------------------------


@njit
def both(x: NDArray[Any], e: NDArray[Any], logarithm: NDArray[Any]) -> None:
    """Fill e with exp(x) and logarithm with log(|x|)."""
    for i in range(x.shape[0]):
        e[i] = exp(x[i])
        logarithm[i] = log(abs(x[i]))


@pytest.mark.parametrize(("kind", "ulps"), [(np.float32, 6), (np.float64, 16)])
def test_exp_and_log_are_those_of_the_c_library(kind: type[np.floating[Any]], ulps: int) -> None:
    """Within a few units in the last place, over the whole range of float32."""
    x = np.concatenate([np.linspace(-80, 80, 5001), np.geomspace(1e-30, 80, 5001)]).astype(kind)
    x = x[x != 0]
    e, logarithm = np.empty_like(x), np.empty_like(x)

    both(x, e, logarithm)

    epsilon = float(np.finfo(kind).eps)
    exact = np.array([math.exp(float(value)) for value in x])
    np.testing.assert_allclose(e.astype(float), exact, rtol=ulps * epsilon)
    exact = np.array([math.log(abs(float(value))) for value in x])
    np.testing.assert_allclose(
        logarithm.astype(float), exact, rtol=ulps * epsilon, atol=ulps * epsilon
    )
