"""Reached: in which epoch an event happens in each training of a map."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, UsageError
from nnanim.events import Event, event_in
from nnanim.film.film import Film
from nnanim.film.happenings import plateau_of
from nnanim.recording.record import untrained
from nnanim.sweeps.pixels import Pixels
from nnanim.training.side_by_side import Trained

# Of the kinds that are looked for in a map.
EXAMPLES = ("accuracy 0.9", "loss 0.01", "plateau", "unit 0 of hidden1 dies")

_KINDS = ("accuracy", "loss", "plateau", "dies")


def map_event(text: str) -> Event | None:
    """Return the event of a text; None where it is none.

    Raises `UsageError` for one of another kind, and for a level that is none.
    """
    try:
        event = event_in(text)
    except SceneError as error:
        if text.partition(" ")[0] in _KINDS:
            raise UsageError(f"--by {text!r}: {error}") from error
        return None
    if event.name not in _KINDS or event.of:
        raise UsageError(
            f"--by {text!r}: a map is coloured by the epoch of such as "
            f"{', '.join(map(repr, EXAMPLES))}; `nnanim sweep --event {str(event)!r}` finds others"
        )
    return event


def check_event(pixels: Pixels, event: Event) -> None:
    """Raise `UsageError` for an event that cannot happen in a map."""
    try:
        Film(untrained(pixels.scene(0, 0), pixels.run)).happenings.check(event)
    except SceneError as error:
        r2 = "; --by score tells R²" * (event.name == "accuracy")
        raise UsageError(f"{error}{r2}") from error


def epochs_of(pixels: Pixels, event: Event, trained: Trained) -> NDArray[np.float32]:
    """Return the first epoch (n,) at whose end an event has happened; NaN where it does not.

    What is seen of one that loses its loss counts as long as that is finite; it comes to no rest,
    and none of its units dies.
    """
    assert trained.states is not None
    many, ends, p = trained.states.shape
    flat = trained.states.reshape(-1, p)
    run = pixels.run
    whole = trained.steps == run.steps
    known = np.arange(ends) * (run.steps // (ends - 1)) < trained.steps[:, None]
    known |= whole[:, None]
    if event.name == "plateau":
        return _rests(pixels.losses(flat).reshape(many, ends), whole)
    if event.name == "dies":
        unit, layer = event.given
        on = pixels.ever_on(flat, layer, unit).reshape(many, ends)
        # Off for good from the end after the last at which it is on, but not in the last of all.
        since = np.where(on.any(axis=1), ends - on[:, ::-1].argmax(axis=1), 0)
        return np.where(whole & (since < ends), since, np.nan).astype(np.float32)
    if event.name == "loss":
        reached = known & (pixels.losses(flat).reshape(many, ends) <= event.given[0])
    else:
        reached = known & (pixels.scores(flat).reshape(many, ends) >= event.given[0])
    first: NDArray[Any] = np.where(reached.any(axis=1), reached.argmax(axis=1), np.nan)
    return first.astype(np.float32)


def _rests(losses: NDArray[np.float64], whole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return where losses (n, ends) come to rest; NaN where they do not, or are not whole."""
    moments = np.arange(losses.shape[1], dtype=np.float64)
    found = [plateau_of(moments, own) if all_ else None
             for own, all_ in zip(losses, whole.tolist(), strict=True)]  # fmt: skip
    return np.array([np.nan if at is None else at for at in found], np.float32)
