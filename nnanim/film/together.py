"""Together: what is asked of all tiles of a picture at one moment is computed for all at once."""

import threading
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeVar

from nnanim.film.along import course_through
from nnanim.film.replay import Replay
from nnanim.geometry import cell_middles
from nnanim.network.course import Course
from nnanim.network.decision import Decision
from nnanim.network.ensemble import Ensemble
from nnanim.network.input_boundary import input_boundaries
from nnanim.types import Floats

T = TypeVar("T")


class Asked(NamedTuple):
    """A tile that is asked: what it replays, and how its scores decide."""

    replay: Replay
    decision: Decision | None


class Group:
    """Tiles whose networks the kernel runs in one call, and that show the same moment.

    A thread draws one picture at a time, and asks one tile after another for the same: what the
    first was given for all is kept until the thread asks for something else. It is what each would
    be given alone, bit for bit.
    """

    def __init__(self, asked: Sequence[Asked], courses: Sequence[Course]) -> None:
        self._decisions = [decision for _, decision in asked]
        self._ensemble = Ensemble(courses, [replay.network.scores for replay, _ in asked])
        self._local = threading.local()

    def scores(self, box: Floats, side: int, moment: float) -> Floats:
        """Return the scores (tiles, side², outputs) at the middles of `side` cells of a box."""

        def make() -> Floats:
            return self._ensemble.outputs(self._state(moment), cell_middles(box, side))

        return self._known("scores", (box.tobytes(), side, moment), make)

    def boundaries(self, box: Floats, side: int, moment: float) -> list[list[Floats]]:
        """Return what `input_boundary` finds of each tile."""

        def make() -> list[list[Floats]]:
            decisions = [decision for decision in self._decisions if decision is not None]
            return input_boundaries(self._ensemble, self._state(moment), decisions, box, side)

        return self._known("boundaries", (box.tobytes(), side, moment), make)

    def _state(self, moment: float) -> tuple[Floats, Floats]:
        return self._known("state", moment, lambda: self._ensemble.at(moment))

    def _known(self, what: str, key: Hashable, make: Callable[[], T]) -> T:
        """Return what this thread was given last, or what `make` gives."""
        known = vars(self._local)
        if what not in known or known[what][0] != key:
            known[what] = key, make()
        return known[what][1]  # type: ignore[no-any-return]


class Member(NamedTuple):
    """A tile's place in a group."""

    group: Group
    place: int

    def scores(self, box: Floats, side: int, moment: float) -> Floats:
        """Return the tile's scores (side², outputs) at the middles of `side` cells of a box."""
        found: Floats = self.group.scores(box, side, moment)[self.place]
        return found

    def boundary(self, box: Floats, side: int, moment: float) -> list[Floats]:
        """Return the tile's boundary as lines (m, 2) over a box."""
        return self.group.boundaries(box, side, moment)[self.place]


def members_of(tiles: Sequence[Asked]) -> dict[Replay, Member]:
    """Return the place of each tile in a group with others, by what it replays; some have none.

    Those that have are narrow stacks of known layers over the same window, with as many outputs,
    whose clocks go alike.
    """
    groups: dict[Hashable, list[tuple[Asked, Course]]] = {}
    for asked in tiles:
        course = course_through(asked.replay)
        if course is not None and asked.replay.plane is None:
            groups.setdefault(_form(asked), []).append((asked, course))
    found: dict[Replay, Member] = {}
    for pairs in groups.values():
        if len(pairs) > 1:
            group = Group([asked for asked, _ in pairs], [course for _, course in pairs])
            found |= {asked.replay: Member(group, i) for i, (asked, _) in enumerate(pairs)}
    return found


def _form(asked: Asked) -> Hashable:
    """Return what tiles have in common that are run together."""
    replay, network = asked.replay, asked.replay.network
    when = replay.epochs, replay.cuts.tobytes()
    shape = network.inputs, network.outputs_width
    return when, shape, replay.window.tobytes(), asked.decision is None
