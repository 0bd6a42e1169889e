"""Where axes are marked, and what their labels say."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nnanim.drawing.ticks import axis_ticks, tick_text


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
@example(0.012, 0.012)
@example(11.0, 12.5)
def test_round_ticks_lie_inside_their_axis_a_few_of_them(low: float, span: float) -> None:
    """Then come ways with fewer, each a part of the axis still."""
    ways = axis_ticks((low, low + span), True, False)

    assert 3 <= len(ways[0].values) <= 6
    counts = [len(way.values) for way in ways]
    assert counts == sorted(set(counts), reverse=True)
    slack = 1e-6 * span
    assert all(low - slack <= v <= low + span + slack for way in ways for v in way.values)


@pytest.mark.parametrize(
    ("value", "label"),
    [(-2.0, "0.01"), (0.0, "1"), (1.0, "10"), (-3.0, "0.001"), (-6.0, "10⁻⁶"), (7.0, "10⁷")],
)
def test_a_logarithm_is_marked_by_what_it_stands_for(value: float, label: str) -> None:
    """In full where that is short, else as a power of ten."""
    assert tick_text(value, log=True) == label


def test_a_log_axis_is_marked_at_powers_of_ten() -> None:
    """At each, or where they are many at every second or third; never more than five."""
    for low, high in ((-3.2, 0.5), (-8.0, 2.0), (0.0, 20.0)):
        ticks = axis_ticks((low, high), True, True)[0]
        assert 3 <= len(ticks.values) <= 5
        assert all(value == round(value) for value in ticks.values)


def test_a_short_log_axis_is_marked_at_1_2_and_5() -> None:
    """So that it has ticks at all."""
    ticks = axis_ticks((0.1, 0.9), True, True)[0]

    assert ticks.labels == ("2", "5")


def test_given_ticks_are_kept_and_those_outside_left_out() -> None:
    """Thinned out evenly where they would run into each other."""
    ways = axis_ticks((0.0, 4.0), (1.0, 2.0, 3.0, 4.0, 9.0), False)

    assert ways[0].values == (1.0, 2.0, 3.0, 4.0)
    assert ways[1].values == (1.0, 3.0)
    assert axis_ticks((0.0, 4.0), False, False)[0].values == ()


@pytest.mark.parametrize("span", [1e-30, 1e-13, 1e-3, 1e9])
def test_ticks_of_the_smallest_and_largest_axes_are_told_apart(span: float) -> None:
    """What lies far below 1 is no zero, where the axis is as small."""
    labels = axis_ticks((-span, span), True, False)[0].labels

    assert len(set(labels)) == len(labels)
    assert labels.count("0") == 1
