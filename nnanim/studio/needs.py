"""Needs: what the studio is made with, which nnanim alone is not installed with."""

from nnanim.errors import expect_installed

_NEEDS = ("cloudpickle", "starlette", "uvicorn", "watchfiles", "websockets")


def expect_extra() -> None:
    """Raise `UsageError` where what the studio needs is not installed."""
    expect_installed("the studio", *_NEEDS)
