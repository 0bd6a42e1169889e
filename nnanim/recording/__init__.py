"""The training as data, kept."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnanim.recording.recording import Recording as Recording


def __getattr__(name: str) -> object:
    if name == "Recording":
        from nnanim.recording.recording import Recording

        return Recording
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
