"""Reached: in which epoch an event happens in each training of a map."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError, UsageError
from nnanim.events import Event, event_in
from nnanim.film.happenings import plateau_of
from nnanim.sweeps.pixels import Pixels
from nnanim.training.side_by_side import Trained

EXAMPLES = ("accuracy 0.9", "plateau")  # of the kinds that are looked for in a map

_KINDS = ("accuracy", "plateau")


def map_event(text: str) -> Event | None:
    """Return the event of a text; None where it is none, `UsageError` for one of another kind."""
    try:
        event = event_in(text)
    except SceneError:
        return None
    if event.name not in _KINDS or event.of:
        raise UsageError(
            f"--by {text!r}: a map is coloured by the epoch of 'accuracy 0.9' or 'plateau'; "
            f"`nnanim sweep --event {str(event)!r}` finds others"
        )
    return event


def check_event(pixels: Pixels, event: Event) -> None:
    """Raise `UsageError` for an event that cannot happen in a map."""
    if event.name == "accuracy" and pixels.decision is None:
        raise UsageError(
            f"the event {str(event)!r} cannot happen here: nothing is classified, the task is "
            f"{pixels.run.task}; --by score tells R²"
        )


def epochs_of(pixels: Pixels, event: Event, trained: Trained) -> NDArray[np.float32]:
    """Return the first epoch (n,) at whose end an event has happened; NaN where it does not.

    What is seen of one that loses its loss counts as long as that is finite.
    """
    assert trained.states is not None
    many, ends, p = trained.states.shape
    flat = trained.states.reshape(-1, p)
    run = pixels.run
    whole = trained.steps == run.steps
    if event.name == "plateau":
        moments = np.arange(ends, dtype=np.float64)
        losses = pixels.losses(flat).reshape(many, ends)
        found = [plateau_of(moments, own) if all_ else None
                 for own, all_ in zip(losses, whole.tolist(), strict=True)]  # fmt: skip
        return np.array([np.nan if at is None else at for at in found], np.float32)
    known = np.arange(ends) * (run.steps // (ends - 1)) < trained.steps[:, None]
    reached = pixels.scores(flat).reshape(many, ends) >= event.given[0]
    reached &= known | whole[:, None]
    first: NDArray[Any] = np.where(reached.any(axis=1), reached.argmax(axis=1), np.nan)
    return first.astype(np.float32)
