"""What views ask of a recording."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnanim.film.film import Film as Film


def __getattr__(name: str) -> object:
    if name == "Film":
        from nnanim.film.film import Film

        return Film
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
