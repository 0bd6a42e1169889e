"""What is said of each activation, against torch itself."""

import numpy as np
import pytest
import torch

from nnanim.network.activations import ACTIVATIONS


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_outputs_never_leave_their_range_and_reach_its_ends(kind: str) -> None:
    """A bound that is said is no guess: within a hundredth of it, and never beyond."""
    row = ACTIVATIONS[kind]
    inputs = torch.linspace(-300.0, 300.0, 60_001, dtype=torch.float64)
    pairs = torch.stack([inputs, -inputs], dim=1)  # for what looks at several units at once

    outputs = row.module(**{"dim": 1} if kind == "Softmax" else {})(pairs)

    low, high = float(outputs.min()), float(outputs.max())
    assert row.low <= low
    assert high <= row.high
    for bound, reached in ((row.low, low), (row.high, high)):
        assert abs(reached - bound) < 0.01 if np.isfinite(bound) else abs(reached) > 1
