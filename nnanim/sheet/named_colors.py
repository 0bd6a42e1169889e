"""Colours that views name themselves, besides the roles of the theme."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from nnanim.marks import Cells, Mark, Plane, Stop
from nnanim.sheet.sheet import Sheet
from nnanim.themes import is_role
from nnanim.view import Panel


def colors_named(sheet: Sheet, times: Sequence[float]) -> list[str]:
    """Return the colours that legends and colour bars name, and marks at some times, each once."""
    shown = (marks for t in times for _, _, marks in sheet.marks(t))
    return colors_in(list(chain(*sheet.panels)), chain.from_iterable(shown))


def colors_in(panels: Sequence[Panel], marks: Iterable[Mark]) -> list[str]:
    """Return the colours that the legends and colour bars of panels name, and marks, each once."""
    named = [role for panel in panels for _, role, *_ in panel.legend]
    named += _of_scale([panel.color_bar.scale for panel in panels if panel.color_bar])
    named += _of_marks(marks)
    return [color for color in dict.fromkeys(named) if color and not is_role(color)]


def _of_marks(marks: Iterable[Mark]) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, Plane | Cells):
            yield from _of_marks(mark.marks)
            continue
        color = getattr(mark, "color", ())
        yield from (color,) if isinstance(color, str) else color
        yield from _of_scale([getattr(mark, "scale", "")])


def _of_scale(scales: Iterable[str | tuple[Stop, ...]]) -> Iterator[str]:
    """Give the colours of stops; those of a colour map are no colours of anyone's."""
    yield from (stop.color for scale in scales if not isinstance(scale, str) for stop in scale)
