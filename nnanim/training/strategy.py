"""Strategies: training in segments, stopping early, keeping the best state, trying again."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import during
from nnanim.network.predictions import reading_of
from nnanim.network.score import Scorer, decision_for, loss_value
from nnanim.threads import Progress
from nnanim.training.batches import batch_sizes
from nnanim.training.block import Block
from nnanim.training.run import Run, again
from nnanim.training.trainer import Trainer, stretch_orders, stretches
from nnanim.types import State

_TOL_EPOCHS = 10  # scikit-learn's n_iter_no_change

_log = logging.getLogger("nnanim")


class Blocks(Protocol):
    """Where finished blocks are kept while training goes on, and read again after a kill."""

    def next(self) -> tuple[Block, State] | None:
        """Return an earlier run's next block and checkpoint; None where it got no further."""

    def add(self, block: Block, checkpoint: State, kept: Sequence[dict[str, Any]]) -> None:
        """Keep a block and the checkpoint at its end; `kept` are states kept before, as JSON."""


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives: the kept states (k, …) by name at `steps` (k,), every batch's loss.

    `facts` go into the recording's header: where it diverged, why it stopped, which states were
    kept, which attempts were made.
    """

    steps: NDArray[np.int64]
    states: State
    batch_loss: NDArray[np.float64]
    facts: dict[str, Any] = field(default_factory=dict)

    def final(self, steps_per_epoch: int) -> State:
        """Return the state that the training ended on: the last one, or the one that was kept."""
        step = int(self.steps[-1])
        for kept in self.facts.get("kept", ())[-1:]:
            step = kept["epoch"] * steps_per_epoch
        (i,) = np.flatnonzero(self.steps == step)
        return {name: array[i] for name, array in self.states.items()}


def train(
    run: Run, trainer_of: Callable[[Run], Trainer], blocks: Blocks | None, progress: Progress | None
) -> Trained:
    """Train `run` as its strategies say; blocks found in `blocks` are not trained again."""
    retry = run.training.retry
    if retry is None:
        return _attempt(run, trainer_of(run), blocks, progress)
    best, reached, log = Trained(np.zeros(0, np.int64), {}, np.zeros(0)), -np.inf, []
    for number in range(1, retry.attempts + 1):
        tried = again(run, number - 1)
        trained = _attempt(tried, trainer_of(tried), blocks, progress)
        score = _final_score(tried, trained)
        told = score if np.isfinite(score) else None
        log.append({"seed": tried.training.seed, "score": told, "steps": int(trained.steps[-1])})
        _log.info("attempt %d of %d: score %.3f", number, retry.attempts, score)
        if number == 1 or score > reached or np.isnan(reached):
            best, reached = replace(trained, facts={**trained.facts, "attempt": number}), score
        if score >= retry.until:
            break
    else:
        _log.warning(
            "none of %d attempts reached %g: the film shows the best, %.3f",
            retry.attempts, retry.until, reached,
        )  # fmt: skip
    return replace(best, facts={**best.facts, "attempts": log})


def _attempt(
    run: Run, trainer: Trainer, blocks: Blocks | None, progress: Progress | None
) -> Trained:
    plan = stretches(run, trainer.stretch_steps, kept=blocks is not None)
    orders = stretch_orders(run, [size for segment in plan for size in segment])
    done = [trainer.start()]
    facts: dict[str, Any] = {"diverged_at": None, "stopped": None, "kept": []}
    for number, segment in enumerate(plan):
        if number and run.training.restart_optimizer:
            trainer.restart_optimizer()
        watch = _Watch(run)
        for _, epochs in zip(segment, orders, strict=False):
            block = _next(trainer, epochs, blocks, facts["kept"])
            stop = watch.look(block)
            done.append(block if stop is None else block.until(stop * run.steps_per_epoch))
            if progress is not None:
                progress("training", min(_end(done), run.steps), run.steps)
            facts |= {"diverged_at": block.diverged_at, "stopped": stop}
            if stop is not None or block.diverged_at is not None:
                break
        if run.training.keep == "best" and watch.best is not None:
            trainer.load(watch.best)
            last = next(int(block.steps[-1]) for block in reversed(done) if len(block.steps))
            facts["kept"].append({"at": last / run.steps_per_epoch, **watch.kept})
        if facts["stopped"] is not None or facts["diverged_at"] is not None:
            break
    orders.close()
    return _joined(done, facts)


def _final_score(run: Run, trained: Trained) -> float:
    return _scorer(run).at(trained.final(run.steps_per_epoch))


def _loss_at(run: Run, state: State) -> float:
    """Return the loss over all training data; infinite where it is not defined."""
    outputs, targets = run.network.outputs(state, run.data.inputs, [""])[""], run.data.targets
    if isinstance(run.training.loss, str):
        loss = loss_value(run.training.loss, outputs, targets)
    else:
        import torch  # of which named losses have no need

        from nnanim.network.torch_state import random_numbers

        with during("the loss over all training data"), torch.no_grad(), random_numbers():
            loss = float(run.loss(torch.from_numpy(outputs), torch.from_numpy(targets)))
    return np.inf if np.isnan(loss) else loss


def _scorer(run: Run) -> Scorer:
    decision = decision_for(run.task, run.network, run.outputs, run.data.targets)
    read = reading_of(run.task, run.outputs, run.data.targets, run.training.loss)
    return Scorer(run.network, decision, run.data, read)


class _Watch:
    """Looks at the end of every epoch of a segment: which was the best, whether to stop.

    Of states with the same score, the one with the lower loss over the training data is the best.
    """

    def __init__(self, run: Run) -> None:
        self.best: State | None = None
        self._epoch, self._reached = 0, -np.inf
        self._loss: float | None = None  # of the best, where a tie has asked for it
        self._run, self._scorer = run, _scorer(run)
        self._idle, self._least_loss = 0, np.inf

    @property
    def kept(self) -> dict[str, Any]:
        """The epoch and the score of the best."""
        return {"epoch": self._epoch, "score": self._reached}

    def look(self, block: Block) -> int | None:
        """Return the epoch at which the training stops, None where it goes on."""
        training, per_epoch = self._run.training, self._run.steps_per_epoch
        scored = training.keep == "best" or (training.patience is not None and training.tol is None)
        if not scored and training.tol is None:
            return None
        sizes = batch_sizes(self._run)
        for i in np.flatnonzero(block.steps % per_epoch == 0):
            step = int(block.steps[i])
            if step == block.begin:
                continue
            if scored:
                self._score(block, int(i), step // per_epoch)
            if training.tol is not None:
                losses = block.batch_loss[step - per_epoch - block.begin : step - block.begin]
                self._compare(float(np.average(losses, weights=sizes)), training.tol)
            if self._idle > self._allowed:
                return step // per_epoch
        return None

    @property
    def _allowed(self) -> float:
        """How many epochs without progress are let pass."""
        training = self._run.training
        if training.patience is None:
            return np.inf if training.tol is None else _TOL_EPOCHS
        return training.patience if training.tol is not None else training.patience - 1

    def _score(self, block: Block, i: int, epoch: int) -> None:
        state = {name: array[i] for name, array in block.states.items()}
        score = self._scorer.at(state)
        better = score > self._reached
        if better:
            self.best, self._epoch, self._reached, self._loss = state, epoch, score, None
        elif score == self._reached and self.best is not None:
            self._settle(self.best, state, epoch)
        if self._run.training.tol is None:
            self._idle = 0 if better else self._idle + 1

    def _settle(self, best: State, state: State, epoch: int) -> None:
        """Take a state that scores as the best does, if its loss is lower."""
        if self._run.training.keep != "best":
            return
        if self._loss is None:
            self._loss = _loss_at(self._run, best)
        loss = _loss_at(self._run, state)
        if loss < self._loss:
            self.best, self._epoch, self._loss = state, epoch, loss

    def _compare(self, loss: float, tol: float) -> None:
        """Count the epochs that bring less than `tol`, as scikit-learn's MLP does."""
        self._idle = self._idle + 1 if loss > self._least_loss - tol else 0
        self._least_loss = min(self._least_loss, loss)


def _next(
    trainer: Trainer,
    orders: NDArray[np.int64],
    blocks: Blocks | None,
    kept: Sequence[dict[str, Any]],
) -> Block:
    """Return the next block, of an earlier run where that has got so far."""
    found = blocks.next() if blocks is not None else None
    if found is not None:
        trainer.restore(found[1])
        return found[0]
    block = trainer.train(orders)
    if blocks is not None:
        blocks.add(block, trainer.checkpoint(), kept)
    return block


def _end(blocks: list[Block]) -> int:
    return blocks[-1].begin + len(blocks[-1].batch_loss)


def _joined(blocks: list[Block], facts: dict[str, Any]) -> Trained:
    steps = np.concatenate([block.steps for block in blocks])
    names = blocks[0].states
    states = {name: np.concatenate([block.states[name] for block in blocks]) for name in names}
    losses = np.concatenate([block.batch_loss for block in blocks])[: max(1, int(steps[-1]))]
    return Trained(steps, states, losses, facts)
