"""A scene in, a film on the disk out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnanim.rendering.films import render as render


def __getattr__(name: str) -> object:
    if name == "render":
        from nnanim.rendering.films import render

        return render
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
