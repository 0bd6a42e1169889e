"""Shows: what scenes, recordings and films have for a notebook, handed on to what draws."""

from collections.abc import Mapping
from typing import Any

from nnanim.texts import printable
from nnanim.themes import Theme

_WIDEST = 120


class Shows:
    """Has a page, and a film, that can be shown."""

    def show(
        self,
        *,
        size: tuple[int, int] | None = None,
        seconds: float | None = None,
        theme: str | Theme | None = None,
        film: bool = False,
    ) -> Any:
        """Show the page, trained if need be, and return it as a `Video`; a bar tells how far it is.

        It can be touched; with `film`, it is an MP4. `size` left out is 1280 × 720, of a film
        640 × 360. `seconds` left out are those of a timeline that was declared, else 8; `theme` is
        the name of one or a `Theme`. The file is a temporary one, which lives as long as what is
        returned.
        Raises `SceneError` where it cannot be trained or drawn, `UsageError` for a size or a
        length that cannot be.
        """
        from nnanim.rendering.showing import show

        return show(self, size, seconds, theme, film)  # type: ignore[arg-type]  # one of those


class ShowsItself(Shows):
    """Shows in a notebook the picture of its end, where that takes no long training."""

    def studio(self) -> Any:
        """Open the studio of it in a frame below the cell, or in the browser at a prompt.

        It ends with the program that opened it. Returns the `Studio`, which has its address.
        Raises `UsageError` where nobody could use it, or where what it needs is not installed.
        """
        from nnanim.studio.opening import open_studio

        return open_studio(self)  # type: ignore[arg-type]  # one of those

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, str]:
        """Return that picture, else a few lines; raises nothing."""
        from nnanim.rendering.showing import bundle_of_end

        return bundle_of_end(self)  # type: ignore[arg-type]  # one of those


def in_lines(kind: str, name: str, of: str, told: Mapping[str, str]) -> str:
    """Return what a thing is: in one line its kind, its name and what it is of, the rest in others.

    None is longer than `_WIDEST` letters, whatever words came.
    """
    room = max(map(len, told))
    lines = [
        f"{f'{kind} {name}'.strip()}: {of}",
        *(f"  {what:<{room}}  {text}" for what, text in told.items()),
    ]
    return "\n".join(_cut(printable(" ".join(line.splitlines()))) for line in lines)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
