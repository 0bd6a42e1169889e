"""How many examples a property is tried on."""

from hypothesis import settings

_WHOLE = 100  # examples, of a profile that says nothing of them


def examples(count: int) -> int:
    """Return `count`, or of it the share that the profile has of hypothesis' own hundred."""
    return max(5, count * settings().max_examples // _WHOLE)
