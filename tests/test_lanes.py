"""Sixteen numbers as one, in compiled code, against numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError
from numpy.typing import NDArray

from nnanim.kernels.lanes import (
    LANES,
    absolute,
    choose,
    constant,
    first,
    gather,
    load,
    load_first,
    one,
    pointer,
    spread,
    sqrt,
    store,
    store_first,
    total,
)

Array = NDArray[Any]

KINDS = [np.float32, np.float64]
compiled: Callable[[Callable[..., Any]], Any] = njit


def numbers(kind: type[np.floating[Any]], count: int = 3 * LANES) -> Array:
    return np.random.default_rng(0).normal(size=count).astype(kind)


@compiled
def computed(x: Array, y: Array, out: Array) -> None:
    """Fill out with |x| / y - √|x| where x > y, else with x · y + 2."""
    p, q, to = pointer(x, 0), pointer(y, 0), pointer(out, 0)
    for i in range(0, x.size, LANES):
        a, b = load(p, i), load(q, i)
        above = absolute(a) / b - sqrt(absolute(a))
        store(to, i, choose(a, b, above, a * b + constant(p, 2.0)))


@pytest.mark.parametrize("kind", KINDS)
def test_lanes_compute_as_numpy_does(kind: type[np.floating[Any]]) -> None:
    """Each operator and each function, in both precisions; a fused product rounds once less."""
    x, y, found = numbers(kind), numbers(kind)[::-1].copy(), np.zeros(3 * LANES, kind)

    computed(x, y, found)

    expected = np.where(x > y, np.abs(x) / y - np.sqrt(np.abs(x)), x * y + kind(2))
    np.testing.assert_allclose(found, expected, rtol=8 * float(np.finfo(kind).eps))


@compiled
def taken(x: Array, i: int, count: int, out: Array) -> None:
    """Put into the rows of out what the functions with a count give."""
    p, to = pointer(x, 0), pointer(out, 0)
    store(to, 0, first(load(p, i), count))
    store(to, LANES, load_first(p, i, count))
    store_first(to, 2 * LANES, spread(p, i), count)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [0, 1, 7, LANES, LANES + 5])
def test_a_count_takes_the_first_lanes_and_leaves_zeros(
    kind: type[np.floating[Any]], count: int
) -> None:
    """What is read beyond the count is not there; what is written beyond it is not touched."""
    x, found, i = numbers(kind), np.full((3, LANES), -7.0, kind), 5
    some = min(count, LANES)

    taken(x, i, count, found)

    for row in (0, 1):
        np.testing.assert_array_equal(found[row, :some], x[i : i + some])
        assert not found[row, some:].any()
    assert (found[2, :some] == x[i]).all()
    assert (found[2, some:] == -7).all()


@compiled
def picked(x: Array, order: Array, i: int, out: Array) -> None:
    """Fill out with numbers of x from 3 on, in the order that stands at i."""
    store(pointer(out, 0), 0, gather(pointer(x, 0), 3, pointer(order, 0), i))


@pytest.mark.parametrize("kind", KINDS)
def test_a_gather_picks_in_the_order_given(kind: type[np.floating[Any]]) -> None:
    """From a start, entry for entry."""
    x, order = numbers(kind), np.random.default_rng(1).permutation(3 * LANES - 3)
    found = np.zeros(LANES, kind)

    picked(x, order, 5, found)

    np.testing.assert_array_equal(found, x[3 + order[5 : 5 + LANES]])


@compiled
def summed(x: Array, out: Array) -> None:
    """Put the sum of the first lanes of x into every number of out."""
    t = total(load(pointer(x, 0), 0))
    store(pointer(out, 0), 0, t)
    out[0] = one(t)


def test_a_total_is_summed_by_halves_in_every_lane() -> None:
    """The order of additions is ours: to the bit."""
    x, found = numbers(np.float32, LANES), np.zeros(LANES, np.float32)

    summed(x, found)

    halves = x.copy()
    while len(halves) > 1:
        halves = halves[: len(halves) // 2] + halves[len(halves) // 2 :]
    assert (found == halves[0]).all()


def test_only_contiguous_arrays_have_a_pointer() -> None:
    """An array of another layout does not compile, instead of being read wrongly."""
    with pytest.raises(TypingError):
        computed(numbers(np.float32)[::2], numbers(np.float32), numbers(np.float32))
