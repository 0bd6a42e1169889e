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
_LEAST = 1e-3  # of the largest, below which it is what is left of larger ones that cancel out
_NUDGE = 1e-6  # of inputs, as by a few roundings


def answers_of(network: Network, data: Arrays, state: State, nudge: float = 0.0) -> Floats:
    """Return the first outputs (samples, outputs) of a network for a few of its data.

    These may be nudged by a share of what they are.
    """
    inputs = data.inputs[:: max(1, len(data.inputs) // _SAMPLES)][:_SAMPLES]
    given = network.outputs(state, inputs * np.float32(1 + nudge), [""], padded=False)[""]
    return given.reshape(len(inputs), -1)[:, :_OUTPUTS]


def told_answers(network: Network, data: Arrays, state: State) -> list[list[float]] | None:
    """Return its answers as a header holds them; None of a stack, and where they are beyond it."""
    if network.stack is not None or not network.runs:
        return None
    answers = answers_of(network, data, state).astype(np.float64)
    within = bool((np.abs(answers) < 1e20).all())
    return [[float(f"{each:.7g}") for each in row] for row in answers] if within else None


def is_known(told: list[list[float]], network: Network, data: Arrays, state: State) -> bool:
    """Return whether a network answers as is told, but for rounding.

    One that makes much of that, as a chaotic one does, may answer otherwise on another machine.
    """
    given = answers_of(network, data, state)
    if _are_same(np.array(told), given):
        return True
    if np.shape(told) != given.shape or not np.isfinite(given).all():
        return False
    return not _are_same(given, answers_of(network, data, state, _NUDGE))


def _are_same(known: Floats, given: Floats) -> bool:
    """Return whether answers are those that are known, but for rounding."""
    if known.shape != given.shape:
        return False
    scale = max(float(np.abs(known).max(initial=0.0)), _LEAST)
    return bool((np.abs(known - given) <= _NEAR * scale).all())
