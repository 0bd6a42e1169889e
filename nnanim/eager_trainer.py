"""The eager trainer: torch itself, step by step, for everything that torch can train."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnanim.network import one_thread, state_of
from nnanim.preparation import Progress, Run, Trained, batch_orders
from nnanim.scene import during

State = dict[str, NDArray[Any]]


def train_eagerly(run: Run, kept: set[int], progress: Progress | None) -> Trained:
    """Train by torch and return the states after the steps in `kept`.

    A training whose parameters or losses cease to be finite ends with that epoch.
    """
    module, training, optimizer = run.module.train(), run.training, run.optimizer
    inputs, targets = torch.from_numpy(run.data.inputs), torch.from_numpy(run.data.targets)
    steps, states = [0], [state_of(module)]
    batch_loss = torch.zeros(run.steps, dtype=torch.float64)
    step = 0
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        for epoch, order in enumerate(batch_orders(len(inputs), training), start=1):
            shuffled = torch.from_numpy(order)
            with during(f"the training in epoch {epoch}"):
                for start in range(0, len(inputs), run.batch_size):
                    rows = shuffled[start : start + run.batch_size]
                    value = run.loss(module(inputs[rows]), targets[rows])
                    optimizer.zero_grad()
                    value.backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    batch_loss[step] = value.detach()
                    step += 1
                    if step in kept:
                        steps.append(step)
                        states.append(state_of(module))
            if progress is not None:
                progress("training", step, run.steps)
            losses = batch_loss[step - run.steps_per_epoch : step]
            if not _finite(states[-1]) or not bool(losses.isfinite().all()):
                return _until_divergence(steps, states, batch_loss.numpy(), epoch)
    return _trained(steps, states, batch_loss.numpy(), None)


def _until_divergence(
    steps: list[int], states: list[State], batch_loss: NDArray[np.float64], epoch: int
) -> Trained:
    finite = np.concatenate([[True], np.isfinite(batch_loss)])
    good = sum(
        1 for step, state in zip(steps, states, strict=True) if finite[step] and _finite(state)
    )
    end = max(1, steps[good - 1])
    return _trained(steps[:good], states[:good], batch_loss[:end], epoch)


def _trained(
    steps: list[int],
    states: list[State],
    batch_loss: NDArray[np.float64],
    diverged_at: int | None,
) -> Trained:
    stacked = {name: np.stack([state[name] for state in states]) for name in states[0]}
    return Trained(np.array(steps, np.int64), stacked, batch_loss, diverged_at)


def _finite(state: State) -> bool:
    return all(np.isfinite(array).all() for array in state.values())
