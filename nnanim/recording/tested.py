"""The loss over the test part where a function of one's own tells it, which no file holds."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays, evenly
from nnanim.network.losses import LossFunction
from nnanim.network.network import Network
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.types import State

_MOMENTS = 240  # at most
_MOST, _LEAST = 10**10, 64  # parameters by samples by moments, and samples of a large network


def tested_by(
    loss: LossFunction,
    network: Network,
    data: Arrays,
    count: int,
    states: Callable[[Sequence[int]], Iterable[State]],
) -> NDArray[np.float64] | None:
    """Return the loss (count,) over the test part at that many snapshots, NaN where not asked.

    It is asked at even ones, the first and the last among them; `states` gives these by number. Of
    a large network, even samples stand for the others. None where there is no test part, where the
    network has several outputs, and where `loss` takes more than outputs and targets. What is no
    number is infinite.
    """
    import torch  # which a function of torch's or the user's own has loaded

    if not len(data.test_inputs) or network.head is not None or not network.runs:
        return None
    asked = evenly(count, _MOMENTS)
    most = max(_LEAST, _MOST // (max(1, network.size) * len(asked)))
    rows = evenly(len(data.test_inputs), most)
    inputs, targets = data.test_inputs[rows], torch.from_numpy(data.test_targets[rows])
    found = np.full(count, np.nan)
    try:
        with torch.no_grad(), one_thread(), random_numbers():
            for i, state in zip(asked.tolist(), states(asked.tolist()), strict=True):
                given = network.outputs(state, inputs, [""])[""]
                value = float(loss(torch.from_numpy(given.copy()), targets))
                found[i] = np.inf if np.isnan(value) else value
    except Exception:  # whatever a function raises for what it does not take
        return None
    return found
