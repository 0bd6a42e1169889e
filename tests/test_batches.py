"""The last batch of an epoch: left out as a DataLoader does, or refused where it cannot train."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nnanim import Recording, Scene, Training, datasets, models, record
from nnanim.errors import SceneError
from nnanim.network.modules import initial_module
from nnanim.network.torch_state import one_thread
from nnanim.recording.info import facts_of, told_of
from nnanim.recording.journal import Journal
from nnanim.training.batches import batch_orders
from nnanim.training.run import prepare

RNG = np.random.default_rng(0)
X = RNG.normal(size=(107, 2)).astype(np.float32)
Y = X[:, 0] * X[:, 1] > 0


def scene(n: int = 107, model: Any = None, **training: Any) -> Scene:
    """Return a scene of n samples, in batches of 10 unless it says otherwise."""
    settings = {"epochs": 4, "batch_size": 10, "lr": 0.03, "optimizer": "adam", "loss": "bce"}
    return Scene(
        dataset=datasets.from_arrays(X[:n], Y[:n]),
        model=model or models.mlp(2, 5, 1, output="sigmoid"),
        training=Training(**{**settings, **training}),
    )


def by_data_loader(made: Scene) -> tuple[dict[str, torch.Tensor], list[float]]:
    """Return parameters and batch losses after the loop that everyone writes, in nnanim's order."""
    training = made.training
    data = made.dataset.arrays(training.seed)
    module = initial_module(made.model, training.seed).train()
    assert isinstance(training.lr, float)
    optimizer = torch.optim.Adam(module.parameters(), training.lr, training.betas)
    pairs = TensorDataset(torch.from_numpy(data.inputs), torch.from_numpy(data.targets))
    losses = []
    with one_thread():
        for order in batch_orders(len(data.inputs), training):
            loader = DataLoader(
                pairs, training.batch_size, sampler=order.tolist(), drop_last=training.drop_last
            )
            for x, y in loader:
                loss = nn.functional.binary_cross_entropy(module(x), y)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                losses.append(loss.item())
    return module.state_dict(), losses


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("drop_last", [True, False])
def test_the_last_batch_is_left_out_as_a_data_loader_does(drop_last: bool, shuffle: bool) -> None:
    """To the bit, batch for batch."""
    made = scene(trainer="eager", drop_last=drop_last, shuffle=shuffle)

    recording, (state, losses) = record(made), by_data_loader(made)

    assert recording.header.steps_per_epoch == (10 if drop_last else 11)
    assert recording.batch_loss.tolist() == losses
    for name, tensor in state.items():
        np.testing.assert_array_equal(recording.states[name][-1], tensor.numpy())


@pytest.mark.parametrize("trainer", ["kernel", "eager"])
@pytest.mark.parametrize("batch_size", [10, 60, 100])
def test_what_is_left_out_has_no_part_in_the_training(trainer: str, batch_size: int) -> None:
    """Unshuffled it is as if these samples were not there, to the bit."""
    whole = 107 - 107 % batch_size
    settings: dict[str, Any] = {"trainer": trainer, "shuffle": False, "batch_size": batch_size}

    with_all = record(scene(107, drop_last=True, **settings))
    without = record(scene(whole, **settings))

    assert with_all.header.trainer == trainer
    assert with_all.steps.tolist() == without.steps.tolist()
    assert with_all.batch_loss.tobytes() == without.batch_loss.tobytes()
    for name, states in without.states.items():
        assert with_all.states[name].tobytes() == states.tobytes()


@pytest.mark.parametrize("batch_size", [10, 60, 107, None])
def test_both_trainers_leave_out_the_same(batch_size: int | None) -> None:
    """Other samples in each epoch, where they are shuffled."""
    made = scene(drop_last=True, batch_size=batch_size, epochs=3, optimizer="sgd")

    kernel, eager = (
        record(replace(made, training=replace(made.training, trainer=trainer)))
        for trainer in ("kernel", "eager")
    )

    assert (kernel.header.trainer, eager.header.trainer) == ("kernel", "eager")
    np.testing.assert_allclose(kernel.batch_loss, eager.batch_loss, rtol=1e-5)
    assert len(kernel.batch_loss) == 3 * (107 // (batch_size or 107))


@pytest.mark.parametrize("n", [110, 107])
def test_a_recording_says_whether_the_last_batch_was_left_out(n: int, tmp_path: Path) -> None:
    """Its header, its key and `nnanim info`, whether there was one to leave out or not."""
    plain, dropped = (
        record(scene(min(n, 107), drop_last=drop, epochs=1), tmp_path / f"{drop}.safetensors")
        for drop in (False, True)
    )

    found = Recording.load(tmp_path / "True.safetensors")
    told = dict(told_of(facts_of(found, tmp_path / "True.safetensors")))

    assert found.header.training["drop_last"] is True
    assert plain.header.training["drop_last"] is False
    assert found.header.key == dropped.header.key != plain.header.key
    assert "drop_last=True" in told["training"]
    assert found.epochs[-1] == 1


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("trainer", ["kernel", "eager"])
def test_a_training_without_last_batches_goes_on_to_the_same_bytes(
    trainer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was never stopped."""
    made, path = scene(drop_last=True, epochs=40, trainer=trainer), tmp_path / "run.safetensors"
    record(made, tmp_path / "whole.safetensors")
    add, left = Journal.add, iter(range(2))

    def adding(self: Journal, *arguments: Any) -> None:
        add(self, *arguments)
        if next(left, None) is None:
            raise Killed

    monkeypatch.setattr(Journal, "add", adding)
    with pytest.raises(Killed):
        record(made, path)
    monkeypatch.undo()

    record(made, path, resume=True)

    assert path.read_bytes() == (tmp_path / "whole.safetensors").read_bytes()


@pytest.mark.parametrize("trainer", ["kernel", "eager"])
def test_strategies_count_epochs_without_last_batches(trainer: str) -> None:
    """The mean loss of an epoch is that of the batches it took."""
    made = scene(drop_last=True, trainer=trainer, epochs=60, tol=0.1, patience=2, keep="best")

    recording = record(made)

    stopped = recording.header.stopped
    assert stopped is not None
    assert recording.epochs[-1] == stopped < 60


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"drop_last": 1}, "Training(drop_last=1): expected True or False"),
        ({"drop_last": True, "batch_size": 108}, "leave no batch of 107 samples: use a batch_size"),
    ],
)
def test_a_last_batch_that_cannot_be_left_out_is_refused(
    settings: dict[str, Any], says: str
) -> None:
    """Before the training: a DataLoader would take no step at all."""
    with pytest.raises(SceneError) as caught:
        prepare(scene(**settings))

    assert says in str(caught.value)


# -- batches of one sample -------------------------------------------------------------------------


def normed(*more: nn.Module) -> Callable[[], nn.Module]:
    """Return a stack with a BatchNorm."""
    return lambda: nn.Sequential(
        nn.Linear(2, 4), nn.BatchNorm1d(4), *more, nn.Linear(4, 1), nn.Sigmoid()
    )


class Own(nn.Module):
    """A module of one's own around what it is given."""

    def __init__(self, norm: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.body, self.head = nn.Linear(2, 4), nn.Linear(4, 1)
        self.norm = norm

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities; of a function, rows are normalised in training alone."""
        body = self.body(x)
        normed = self.norm(body) if self.training or isinstance(self.norm, nn.Module) else body
        return torch.sigmoid(self.head(normed))


class Residual(nn.Module):
    """A block that hides its BatchNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"a": nn.ModuleList([nn.BatchNorm1d(4)])})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum of both ways."""
        (norm,) = self.inner["a"]  # type: ignore[misc]
        return x + norm(x)  # type: ignore[has-type, no-any-return]


def by_hand(x: torch.Tensor) -> torch.Tensor:
    """Normalise a batch as people write it: one sample has no deviation."""
    return (x - x.mean(0)) / x.std(0)


def as_a_function(x: torch.Tensor) -> torch.Tensor:
    """Normalise a batch by torch's function."""
    return nn.functional.batch_norm(x, None, None, training=True)


def squeezed(x: torch.Tensor) -> torch.Tensor:
    """Take out the sides of one, and be wrong where the batch is one."""
    return nn.functional.pad(x.squeeze(), (0, 0))[:, :4]


NEED_TWO: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "a stack": (normed(), "BatchNorm1d '1'"),
    "with dropout": (normed(nn.Dropout(0.5)), "BatchNorm1d '1'"),
    "nested": (normed(nn.Sequential(nn.Tanh(), nn.BatchNorm1d(4))), "BatchNorm1d"),
    "hidden": (lambda: Own(Residual()), "BatchNorm1d 'norm.inner.a.0'"),
    "frozen": (lambda: Own(nn.BatchNorm1d(4, affine=False)), "BatchNorm1d 'norm'"),
    "a function": (lambda: Own(as_a_function), "Own"),
    "by hand": (lambda: Own(by_hand), "no number"),
    "squeezed": (lambda: Own(squeezed), "Own"),
    "an image": (
        lambda: nn.Sequential(
            nn.Linear(2, 4), nn.Unflatten(1, (4, 1, 1)), nn.BatchNorm2d(4), nn.Flatten(),
            nn.Linear(4, 1), nn.Sigmoid(),
        ),
        "BatchNorm2d '2'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trainer", ["auto", "eager"])
@pytest.mark.parametrize("kind", NEED_TWO)
def test_a_last_batch_of_one_is_refused_where_it_cannot_be_trained_on(
    kind: str, trainer: str
) -> None:
    """Before step 0, with two ways out; both train."""
    model, named = NEED_TWO[kind]
    made = scene(65, model, batch_size=32, trainer=trainer, epochs=1)

    with pytest.raises(SceneError) as caught:
        prepare(made)

    line = str(caught.value)
    assert "65 samples in batches of 32 leave a last batch of one" in line
    assert named in line
    assert "use batch_size=33, or drop_last=True" in line
    for cure in ({"batch_size": 33}, {"drop_last": True}):
        cured = record(replace(made, training=replace(made.training, **cure)))
        assert cured.header.diverged_at is None


@pytest.mark.parametrize(
    ("n", "batch_size", "fitting"), [(33, 32, 33), (7, 2, 4), (7, 6, 7), (3, 2, 3), (31, 5, 4)]
)
def test_the_nearest_batch_size_that_fits_is_named(n: int, batch_size: int, fitting: int) -> None:
    """Of two as near, the larger; it leaves no batch of one."""
    with pytest.raises(SceneError, match=f"use batch_size={fitting}, or drop_last"):
        prepare(scene(n, normed(), batch_size=batch_size))

    assert fitting == n or n % fitting != 1
    record(scene(n, normed(), batch_size=fitting, epochs=1))


@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_of_one_are_refused(drop_last: bool) -> None:
    """Nothing would be left to train on; two are named, or three where two leave one over."""
    for n, fitting in ((8, 2), (9, 2 if drop_last else 3)):
        with pytest.raises(SceneError) as caught:
            prepare(scene(n, normed(), batch_size=1, drop_last=drop_last))
        assert "batch_size=1: BatchNorm1d '1' cannot be trained on one sample" in str(caught.value)
        assert str(caught.value).endswith(f"use batch_size={fitting}")


def test_a_full_batch_of_one_is_refused() -> None:
    """As where a test share has left one sample."""
    one = datasets.from_arrays(X[:2], X[:2, :1], test_share=0.5)
    made = Scene(
        dataset=one,
        model=lambda: nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)),
        training=Training(batch_size=None),
    )

    with pytest.raises(SceneError, match=r"one sample to train on.*give more samples"):
        prepare(made)


def test_a_last_batch_of_one_is_trained_on_where_it_can_be() -> None:
    """Without a BatchNorm, or with one that has enough to go by."""
    image = nn.Sequential(nn.Unflatten(1, (1, 1, 2)), nn.BatchNorm2d(1), nn.Flatten())
    settled = normed()

    class Settled(nn.Module):
        """Its BatchNorm is never in training mode."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = settled()

        def train(self, mode: bool = True) -> "Settled":
            """Leave the BatchNorm as it is."""
            super().train(mode)
            self.inner.get_submodule("1").eval()
            return self

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """Return probabilities."""
            return self.inner(x)  # type: ignore[no-any-return]

    for model in (
        models.mlp(2, 5, 1, output="sigmoid"),
        lambda: nn.Sequential(*image, nn.Linear(2, 1), nn.Sigmoid()),
        lambda: nn.Sequential(nn.Linear(2, 4), nn.LayerNorm(4), nn.Linear(4, 1), nn.Sigmoid()),
        Settled,
    ):
        assert len(record(scene(21, model, epochs=1)).batch_loss) == 3


def test_the_trial_leaves_no_trace() -> None:
    """Neither in the module nor in torch's random numbers."""
    seen: list[int] = []

    class Counting(nn.Linear):
        """Counts its calls, which a trial must not."""

        calls = 0

        def forward(self, input: torch.Tensor) -> torch.Tensor:  # noqa: A002  # torch's own name
            """Return what a Linear does."""
            self.calls += self.training
            seen.append(self.calls)
            return super().forward(input)

    model: Callable[[], nn.Module] = lambda: nn.Sequential(  # noqa: E731
        Counting(2, 1), nn.Dropout(0.5), nn.Sigmoid()
    )
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)

    run = prepare(scene(21, model))

    assert torch.equal(torch.rand(3), expected)
    assert max(seen) == 1  # the trial, on its copy
    assert run.module[0].calls == 0  # type: ignore[index]
