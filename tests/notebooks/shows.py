"""The checks of the inventory's ids: how one is declared, and what it is shown."""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from docs.notebooks import answers
from nnanim.drawing.painter import seen
from nnanim.film.film import Film
from nnanim.marks import Mark
from nnanim.recording.record import cached_recording
from nnanim.rendering.filming import film_of
from nnanim.scene.comparison import Comparison
from nnanim.scene.files import declared
from nnanim.scene.scene import Scene
from nnanim.training.run import prepare
from nnanim.view import Panel, View
from nnanim.views.default import default_views


class Shown:
    """A scene's film as a check looks at it: trained when first asked, once in a run of tests."""

    def __init__(self, file: Path, **settings: object) -> None:
        self.file = file
        texts = {name: str(value) for name, value in settings.items()}
        self.scene: Any = declared(file, texts)  # a Scene, or a Comparison

    @cached_property
    def films(self) -> Sequence[Film]:
        """The film; of a comparison, one for each tile."""
        return filmed(self.scene)

    @property
    def film(self) -> Film:
        """The film, or the first tile's."""
        return self.films[0]

    @cached_property
    def _places(self) -> list[tuple[Panel, Film, View, int]]:
        """All panels, each with its film, its view and which of the view's it is."""
        return [
            (panel, film, view, i)
            for film in self.films
            for view in _views(film)
            for i, panel in enumerate(view.panels(film))
        ]

    @property
    def panels(self) -> list[Panel]:
        """All panels, tile by tile, without the strip."""
        return [panel for panel, *_ in self._places]

    def at(self, which: int | str, share: float = 1.0) -> list[Mark]:
        """Return the marks of a panel, by number or title; no other view is asked for its own."""
        titles = [panel.title for panel in self.panels]
        panel, film, view, i = self._places[
            which if isinstance(which, int) else titles.index(which)
        ]
        return list(seen(panel, list(view.marks(film, share * film.timeline.seconds)[i]), share))

    def marks(self, share: float = 1.0) -> list[Sequence[Mark]]:
        """Return the marks of each of `panels`, as it shows them at that share of the film."""
        found = [
            marks
            for film in self.films
            for view in _views(film)
            for marks in view.marks(film, share * film.timeline.seconds)
        ]
        return [
            seen(panel, list(marks), share) for panel, marks in zip(self.panels, found, strict=True)
        ]

    def having(self, **settings: object) -> "Shown":
        """Return the same scene with parameters of its function otherwise."""
        return Shown(self.file, **settings)

    def answer(self, name: str) -> Any:
        """Return the measured answer to the question of that id."""
        return answers()[name]


Check = Callable[[Shown], None]

CHECKS: dict[str, Check] = {}


def shows(*names: str) -> Callable[[Check], Check]:
    """Declare that a check sees what the inventory's rows of these ids say."""

    def declare(check: Check) -> Check:
        for name in names:
            assert name not in CHECKS, f"{name} has two checks"
            CHECKS[name] = check
        return check

    return declare


@lru_cache(maxsize=4)  # films remember much; they are soon made again of what is kept
def shown(file: Path) -> Shown:
    """Return what a scene file's checks look at, the same for all of them."""
    return Shown(file)


def filmed(scene: Scene | Comparison) -> Sequence[Film]:
    """Return a scene's film, or those of a comparison, trained once in a run of tests."""
    if isinstance(scene, Comparison):
        return film_of(scene).tiles
    return [Film(cached_recording(scene, prepare(scene)))]


def _views(film: Film) -> list[View]:
    scene = film.recording.scene
    rows = scene.rows if scene is not None and scene.rows else default_views(film)
    return [view for row in rows for view in row]
