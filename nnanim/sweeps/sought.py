"""Sought: the events that are looked for in each training of a sweep."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from time import process_time

from nnanim.errors import NnanimError, UsageError, during, unknown
from nnanim.events import Event, event_in
from nnanim.film.film import Film
from nnanim.network.torch_state import one_thread
from nnanim.recording.record import record, untrained
from nnanim.recording.recording import Recording
from nnanim.scene.scene import Scene
from nnanim.sweeps.block import moment_in
from nnanim.sweeps.plan import Plan
from nnanim.training.run import prepare

_MINUTES = 120  # seconds, from which on they are told as such
_TRIED = 20  # variants, for one that an event can happen in

_log = logging.getLogger("nnanim")


def events_of(given: Sequence[Event | str]) -> tuple[Event, ...]:
    """Return events by their values or text forms, each once.

    Raises `SceneError` for a text that is none, `UsageError` for one of a column.
    """
    events = [event_in(each) if isinstance(each, str) else each for each in given]
    for event in events:
        if event.of:
            raise UsageError(
                f"the event {str(event)!r} names a column, and each training of a sweep stands "
                "alone: leave that out"
            )
    return tuple({str(event): event for event in events}.values())


def sought_in(events: Sequence[Event], by: Event | str) -> str:
    """Return the name of one of the events; `UsageError` for another."""
    names = list(map(str, events))
    if not names:
        raise UsageError(f"the event {str(by)!r} is not looked for: name it by --event, too")
    if str(by) not in names:
        raise UsageError(unknown("event of the sweep", str(by), names))
    return str(by)


def check_events(plan: Plan) -> None:
    """Raise what is against an event that can happen in none of the first variants."""
    for event in plan.events:
        against: list[NnanimError] = []
        for scene in _scenes(plan):
            try:
                Film(untrained(scene, prepare(scene))).happenings.check(event)
            except NnanimError as error:
                against.append(error)
            else:
                break
        else:
            if against:
                raise against[0]


def tell_cost(plan: Plan) -> None:
    """Say what looking for the events takes, as it does in the first training that there is."""
    for scene in _scenes(plan):
        with suppress(NnanimError), during("the variant"), one_thread():
            recording = record(scene)
            each = sum(_took(recording, event) for event in plan.events)
            every = each * len(plan)
            _log.info(
                "looking for %s takes about %.2g s of CPU time a training, %s for all",
                ", ".join(f"{str(event)!r}" for event in plan.events),
                each,
                f"{every:.2g} s" if every < _MINUTES else f"{every / 60:.0f} minutes",
            )
            return


def _scenes(plan: Plan) -> Iterator[Scene]:
    """Give the scenes of the first variants, but for those that cannot be made."""
    for settings in islice(plan.variants.each_value(), _TRIED):
        scene: Scene | None = None
        with suppress(NnanimError), during("the variant"):
            scene = plan.make(settings)
        if scene is not None:
            yield scene


def _took(recording: Recording, event: Event) -> float:
    """Return how many seconds it takes to look for an event, once kernels are loaded."""
    moment_in(Film(recording), event)
    start = process_time()
    moment_in(Film(recording), event)
    return process_time() - start
