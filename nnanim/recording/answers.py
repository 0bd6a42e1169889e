"""Answers: what a network gives for a few samples, by which a module is known again.

Parameters of the same shapes go into other modules, too: with another activation, or with numbers
that torch does not keep, as of a tensor that is no buffer. What they answer tells these apart.
"""

import numpy as np

from nnanim.dataset import Arrays
from nnanim.network.network import Network
from nnanim.types import Floats, State

_SAMPLES, _OUTPUTS = 4, 8
_NEAR = 1e-3  # of the largest: another machine rounds otherwise


def answers_of(network: Network, data: Arrays, state: State) -> Floats:
    """Return the first outputs (samples, outputs) of a network for a few of its data."""
    inputs = data.inputs[:: max(1, len(data.inputs) // _SAMPLES)][:_SAMPLES]
    return network.outputs(state, inputs, [""])[""].reshape(len(inputs), -1)[:, :_OUTPUTS]


def told_answers(network: Network, data: Arrays, state: State) -> list[list[float]] | None:
    """Return its answers as a header holds them; None of a stack, and where they are beyond it."""
    if network.stack is not None or not network.runs:
        return None
    answers = answers_of(network, data, state).astype(np.float64)
    within = bool((np.abs(answers) < 1e20).all())
    return [[float(f"{each:.7g}") for each in row] for row in answers] if within else None


def are_same(told: list[list[float]], given: Floats) -> bool:
    """Return whether answers are those that are told, but for rounding."""
    known = np.array(told)
    if known.shape != given.shape:
        return False
    scale = max(float(np.abs(known).max(initial=0.0)), 1e-6)
    return bool((np.abs(known - given) <= _NEAR * scale).all())
