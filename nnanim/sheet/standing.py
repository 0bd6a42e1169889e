"""Standing: which times of a film look alike, told without drawing them."""

from collections.abc import Callable, Hashable, Sequence
from itertools import chain

from nnanim.sheet.columns import InTile
from nnanim.sheet.sheet import Sheet
from nnanim.view import Panel, View


def looks(sheet: Sheet) -> Callable[[float], Hashable]:
    """Return a function of a time in seconds: times for which it gives the same look alike.

    What the film shows then, what is said meanwhile and a cross-fade settle the picture. But views
    of an author's own may ask for the time itself, and so does a camera that turns: then no two
    times are taken to be alike.
    """
    films = dict.fromkeys((sheet.film, *sheet.film.tiles))
    if not all(map(_asks_what_is_shown, sheet.views)) or _turns(sheet.panels):
        return lambda t: t

    def look(t: float) -> Hashable:
        said = sheet.said.texts(t) if sheet.said is not None else ()
        return tuple(film.shown(t) for film in films), sheet.film.clock.fade(t), tuple(said)

    return look


def _asks_what_is_shown(view: View) -> bool:
    """Whether a view is of nnanim's own, all of which ask the film what it shows at a time."""
    whose = type(view.view if isinstance(view, InTile) else view).__module__
    return whose.startswith(f"{__package__.partition('.')[0]}.")


def _turns(panels: Sequence[Sequence[Panel]]) -> bool:
    cameras = [panel.camera for panel in chain(*panels)]
    return any(camera is not None and camera.orbit for camera in cameras)
