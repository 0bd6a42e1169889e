"""Cards: what a gallery says of a scene, and the files that stand for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """A scene in a gallery, by the `name` of its file.

    `alt` is what the film shows, for whoever cannot see it, `size` that of its page's picture, and
    `key` says of what it was made.
    """

    name: str
    title: str
    description: str
    alt: str
    size: tuple[int, int]
    key: str


def files_of(name: str) -> tuple[str, str, str]:
    """Return the names of a scene's files: the page of its film, its picture, and its sheet."""
    return f"{name}.film.html", f"{name}.png", f"{name}.html"
