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
    """Whether a view asks the film what it shows, not the time: so do nnanim's own, but on a tour.

    tests/test_standing.py looks at them.
    """
    own = view.view if isinstance(view, InTile) else view
    ours = type(own).__module__.startswith(f"{__package__.partition('.')[0]}.")
    return ours and getattr(own, "basis", None) != "tour"


def _turns(panels: Sequence[Sequence[Panel]]) -> bool:
    cameras = [panel.camera for panel in chain(*panels)]
    return any(camera is not None and camera.orbit for camera in cameras)
