"""A scene in, a film on the disk out."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnanim.rendering.filming import film_of as film_of
    from nnanim.rendering.films import render as render

_HOMES = {"film_of": "nnanim.rendering.filming", "render": "nnanim.rendering.films"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nnanim.rendering' has no attribute {name!r}")
