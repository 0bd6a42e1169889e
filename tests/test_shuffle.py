"""Permutations, against numpy's own."""

import numpy as np
import pytest

from nnanim.kernels.shuffle import Shuffle


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 31, 32, 33, 1000, 40_000])
@pytest.mark.parametrize("seed", [(0, 1), (2**63 - 1, 1), 7])
def test_permutations_are_those_that_numpy_draws(n: int, seed: int | tuple[int, int]) -> None:
    """One after the other from one generator, entry for entry, however many are asked at once."""
    rng, shuffle = np.random.default_rng(seed), Shuffle(seed, n)

    for count in (1, 3, 0, 2):
        found = np.zeros((count, n), np.int64)
        shuffle.deal(found)
        for order in found:
            np.testing.assert_array_equal(order, rng.permutation(n))
