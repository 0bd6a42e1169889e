"""A batch of one sample, on which BatchNorm and its like cannot be trained: seen before step 0."""

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.dataset import Arrays
from nnanim.errors import SceneError, told
from nnanim.network.losses import LossFunction
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.network.wrappers import bare_copy
from nnanim.scene.training import Training

_SEVERAL = 8  # samples


def check_batches(
    module: nn.Module, loss: LossFunction, data: Arrays, training: Training, batch_size: int
) -> None:
    """Refuse batches of one sample, as there are some, where several can be taken, but not one.

    Whether module and loss can is tried, on a copy, so that it may be any BatchNorm, wherever it
    is, or anything else that needs more than one. The error names a batch size that fits.
    """
    n = len(data.inputs)
    reason = _failure(module, loss, data, np.zeros(1, int))
    if not reason or _failure(module, loss, data, np.arange(_SEVERAL) % n):
        return  # what fails for several as well is said where it is met
    if n == 1:
        raise SceneError(f"the data set has one sample to train on: {reason}; give more samples")
    fitting = _nearest(n, batch_size, training.drop_last)
    if batch_size == 1:
        raise SceneError(f"batch_size=1: {reason}; use batch_size={fitting}")
    raise SceneError(
        f"{n} samples in batches of {batch_size} leave a last batch of one: {reason}; use "
        f"batch_size={fitting}, or drop_last=True"
    )


def _nearest(n: int, batch_size: int, drop_last: bool) -> int:
    """Return the nearest batch size that leaves no batch of one; of two as near, the larger."""
    sizes = range(2, n + 1)
    fitting = (size for size in sizes if drop_last or n % size != 1)
    return min(fitting, key=lambda size: (abs(size - batch_size), -size))


def _failure(module: nn.Module, loss: LossFunction, data: Arrays, rows: NDArray[np.int64]) -> str:
    """Return in one phrase why the module cannot be trained on some samples; "" where it can."""
    inputs, targets = torch.from_numpy(data.inputs[rows]), torch.from_numpy(data.targets[rows])
    trial = bare_copy(module).train()
    under_way = ["the loss"]  # and the modules that have been called and have not returned

    def ended(*_: object) -> None:
        under_way.pop()

    for name, part in trial.named_modules():
        called = f"{type(part).__name__} {name!r}" if name else type(part).__name__
        part.register_forward_pre_hook(lambda *_, called=called: under_way.append(called))
        part.register_forward_hook(ended)
    with one_thread(), random_numbers(), torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch says of some that they will be no number
        try:
            outputs = trial(inputs)
            plain = isinstance(outputs, torch.Tensor)  # with heads the loss alone is looked at
            finite = not plain or bool(outputs.isfinite().all())
            # Some losses refuse what is no number.
            finite = finite and bool(loss(outputs, targets).isfinite().all())
        except Exception as error:  # of any kind, from a module of anyone's own
            return f"{under_way[-1]} cannot be trained on one sample ({told(error)})"
    return "" if finite else "what the model gives for one sample is no number"
