"""Initial: the numbers that torch starts layers with, to the bit, and without torch.

torch draws with the Mersenne Twister, of which numpy has one too. What it makes of that hangs on
how it was compiled: where it was not looked at, `known` says no, and torch itself is asked.
"""

import math
import os
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError
from nnanim.kernels.processor import features
from nnanim.types import Floats

_VERSIONS = ("2.13.",)  # of torch, whose numbers were compared


@cache
def known() -> bool:
    """Return whether the numbers of the torch that is installed are known on this machine.

    They are those of its builds for Linux and x86-64 where these multiply and add in one step.
    """
    try:
        version = metadata.version("torch")
    except metadata.PackageNotFoundError:
        return False
    return (
        version.startswith(_VERSIONS)
        and (sys.platform, platform.machine()) == ("linux", "x86_64")
        and features() >= {"avx2", "fma"}
        and "ATEN_CPU_CAPABILITY" not in os.environ  # by which torch does without
    )


class Numbers:
    """torch's random numbers on the processor, as they come after its seed is set."""

    def __init__(self, seed: int) -> None:
        self._source = np.random.RandomState(seed & 0xFFFFFFFF)  # torch's own takes 32 bits too

    def uniform(self, bound: float, *shape: int) -> Floats:
        """Return float32 numbers from -bound to bound, as `tensor.uniform_` draws them."""
        drawn = self._source.randint(0, 1 << 32, shape, np.uint32) & np.uint32(0xFFFFFF)
        low, high = np.float32(-bound), np.float32(bound)
        # In double precision nothing is rounded before the end, as where one step does both.
        exact = drawn * 2.0**-24 * np.float64(high - low) + np.float64(low)
        return np.asarray(exact.astype(np.float32))

    def linear(self, inputs: int, outputs: int, *, bias: bool) -> tuple[Floats, Floats | None]:
        """Return weight (outputs, inputs) and bias (outputs,) of a fresh `nn.Linear`."""
        deviation = math.sqrt(2.0 / (1 + math.sqrt(5) ** 2)) / math.sqrt(inputs)
        weight = self.uniform(math.sqrt(3.0) * deviation, outputs, inputs)
        return weight, self.uniform(1 / math.sqrt(inputs), outputs) if bias else None

    def glorot(self, inputs: int, outputs: int) -> Floats:
        """Return the weight (outputs, inputs) that `nn.init.xavier_uniform_` draws."""
        deviation = 1.0 * math.sqrt(2.0 / float(inputs + outputs))
        return self.uniform(math.sqrt(3.0) * deviation, outputs, inputs)


def check_numbers(state: Mapping[str, NDArray[Any]]) -> None:
    """Raise `SceneError` unless a state, before any training, is of finite numbers."""
    for name, array in state.items():
        if not np.isfinite(array).all():
            raise SceneError(
                f"the model's {name!r} holds NaN or infinity before the first step: expected "
                "finite numbers; where it is a constant, as a mask, use "
                "register_buffer(…, persistent=False)"
            )
