"""Pace: how long a training will take, by a few of its steps."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nnanim.training.run import Run, again
from nnanim.training.trainer import Trainer

_STEPS = 8


def seconds_by(trainer_of: Callable[[Run], Trainer], run: Run) -> float:
    """Return about how many seconds the whole of `run` takes; itself it is left as it is.

    Where it is tried again until it succeeds, all attempts count.
    """
    short = _begun(run)
    orders = np.arange(len(short.data.inputs))[None]
    trainer = trainer_of(short)
    trainer.train(orders)  # the first time, kernels are loaded and memory is made
    begin = time.perf_counter()
    trainer.train(orders)
    pace = (time.perf_counter() - begin) / short.steps_per_epoch
    return pace * run.steps * (run.training.retry.attempts if run.training.retry else 1)


def _begun(run: Run) -> Run:
    """Return a run of two epochs of a few batches, with a module of its own."""
    steps = min(_STEPS, run.steps_per_epoch)
    rows = slice(steps * run.batch_size)
    data = replace(run.data, inputs=run.data.inputs[rows], targets=run.data.targets[rows])
    training = replace(run.training, epochs=2, segments=1)
    return replace(again(run, 0), data=data, training=training, steps_per_epoch=steps)
