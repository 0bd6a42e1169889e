"""The last batch of an epoch: left out as a DataLoader does, to the bit."""

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
