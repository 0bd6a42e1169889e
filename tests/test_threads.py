"""Threads that work side by side."""

import sys

import pytest

from nnanim.threads import quick_turns


@pytest.fixture
def usual() -> float:
    """How long a thread that waits for Python's lock leaves it to another."""
    return sys.getswitchinterval()


def test_turns_are_as_long_as_before_when_the_last_has_ended(usual: float) -> None:
    """Also where two are at it, and the first to begin ends first."""
    one, other = quick_turns(), quick_turns()

    one.__enter__()
    assert sys.getswitchinterval() < usual
    other.__enter__()
    one.__exit__(None, None, None)
    assert sys.getswitchinterval() < usual
    other.__exit__(None, None, None)

    assert sys.getswitchinterval() == usual


def test_turns_that_are_quicker_already_stay_so(usual: float) -> None:
    """Who has asked for less is given no more."""
    sys.setswitchinterval(1e-5)
    try:
        with quick_turns():
            assert sys.getswitchinterval() == pytest.approx(1e-5)
        assert sys.getswitchinterval() == pytest.approx(1e-5)
    finally:
        sys.setswitchinterval(usual)
