"""Titled: what any view is told of the words above its panels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from nnanim.errors import SceneError
from nnanim.mark_checks import expect_text

P = TypeVar("P")  # a panel


@dataclass(frozen=True, kw_only=True)
class Titled:
    """A view that takes `title` and `subtitle` in place of what its panels have of their own.

    Of a view of several panels, one for each. A view of anyone's own has them as a subclass of
    this, or as attributes of these names. Raises `SceneError` for what is no text.
    """

    title: str | Sequence[str] | None = None
    subtitle: str | Sequence[str] | None = None

    def __post_init__(self) -> None:
        for name in ("title", "subtitle"):
            given = getattr(self, name)
            texts = tuple(given) if isinstance(given, list | tuple) else (given,)
            for text in texts if given is not None else ():
                expect_text(f"{type(self).__name__}({name}", text)
            if isinstance(given, list):
                object.__setattr__(self, name, texts)


def told(view: object, panels: list[P]) -> list[P]:
    """Return a view's panels with the titles and subtitles that it was told.

    Raises `SceneError` where these are not as many.
    """
    for name in ("title", "subtitle"):
        given = getattr(view, name, None)
        texts = (given,) if isinstance(given, str) else given
        if not isinstance(texts, list | tuple):
            continue
        if len(texts) != len(panels):
            raise SceneError(
                f"{type(view).__name__}({name}={given!r:.80}) has {len(panels)} "
                f"panel{'s' * (len(panels) != 1)}: expected a {name} for each"
            )
        named: list[Any] = list(panels)
        panels = [replace(panel, **{name: t}) for panel, t in zip(named, texts, strict=True)]
    return panels
