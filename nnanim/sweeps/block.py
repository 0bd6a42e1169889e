"""Blocks: a stretch of a sweep's variants, trained one after another and kept whole in a file.

A block is a pure function of the sweep's plan and its number, wherever it is trained.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.engines.machine import here
from nnanim.errors import NnanimError, SceneError, UsageError, during
from nnanim.events import Event
from nnanim.film.film import Film
from nnanim.recording.record import record
from nnanim.recording.recording import Recording
from nnanim.scene.files import SceneFile
from nnanim.scene.scene import Scene
from nnanim.sweeps.variants import Settings, told
from nnanim.tables import Row, plain

Tensors = dict[str, NDArray[Any]]
Making = Callable[[Settings], Scene]  # a scene of some settings

COLUMNS = (  # of a table, after the settings
    *("seed", "epochs", "loss_name", "loss", "score_name", "score"),
    *("success", "success_epoch", "diverged_at", "error"),
)
_LONGEST = 300  # letters of what is said of a variant that fails


@dataclass(frozen=True, eq=False)
class Block:
    """What the variants of a block came to: a row each, and what is kept of their trainings.

    `tensors` are, for each variant by its number, the parameters at the end ("7/hidden1.0.weight")
    and the mean loss of the batches of each epoch ("7/loss", (epochs,)). `made` tells the versions
    and the kind of processor that it was made by.
    """

    number: int
    rows: list[Row]
    tensors: Tensors
    made: Mapping[str, Any] = field(default_factory=here)

    @property
    def processor(self) -> str:
        """The kind of processor that it was made by."""
        return str(self.made["processor"])

    @property
    def digest(self) -> str:
        """The SHA-256 of all that it holds, whoever made it."""
        digest = hashlib.sha256(json.dumps(self.rows, sort_keys=True).encode())
        for name, array in sorted(self.tensors.items()):
            digest.update(f"{name} {array.dtype} {array.shape} ".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def trained_block(
    number: int,
    variants: list[tuple[int, Settings]],
    make: Making,
    success: float,
    events: Sequence[Event] = (),
) -> Block:
    """Return the block of some variants, each with its number in the sweep.

    A variant that fails is a row with its message. Success is a score of that or more; of events,
    the moments are told, in epochs.
    """
    rows: list[Row] = []
    tensors: Tensors = {}
    for i, settings in variants:
        row, kept = _trained(settings, make, success, events)
        set_ = {name: told(value) for name, value in settings.items()}
        rows.append({"variant": i, **set_, **{n: v for n, v in row.items() if n not in set_}})
        tensors |= {f"{i}/{name}": array for name, array in kept.items()}
    return Block(number, plain(rows), tensors)


def _trained(
    settings: Settings, make: Making, success: float, events: Sequence[Event]
) -> tuple[Row, Tensors]:
    try:
        with during("the variant"):
            recording = record(make(settings))
            film = Film(recording)
            moments = {str(event): moment_in(film, event) for event in events}
    except NnanimError as error:
        none = dict.fromkeys(map(str, events))
        return {**_row(error=f"{error}"[:_LONGEST]), **none}, {}
    end = film.epochs
    row = _row(
        seed=recording.header.seed,
        epochs=float(end),
        loss_name=recording.header.loss,
        loss=film.loss(end),
        score_name=film.score_name,
        score=film.score(end),
        diverged_at=recording.header.diverged_at,
    )
    row["success"] = bool(row["diverged_at"] is None and row["score"] >= success)
    row["success_epoch"] = _reached(film, success)
    # Copies: what they are of is not to stay.
    kept = {name: np.array(array[-1]) for name, array in recording.states.items()}
    return {**row, **moments}, {**kept, "loss": epoch_losses(recording)}


def _row(**told: Any) -> Row:
    """Return a row of all columns, empty where nothing is told."""
    return {**dict.fromkeys(COLUMNS), **told}


def _reached(film: Film, success: float) -> int | None:
    """Return the first epoch at whose end the score is a success; None where there is none."""
    ends = np.arange(int(film.epochs) + 1, dtype=np.float64)
    scores = film.happenings.figures.scores(ends)
    return next((epoch for epoch, score in enumerate(scores) if score >= success), None)


def moment_in(film: Film, event: Event) -> float | None:
    """Return when an event happens in a film, in epochs; None where it does not, or cannot."""
    with suppress(SceneError):
        film.happenings.check(event)
        return film.happenings.moment(event)
    return None


def epoch_losses(recording: Recording) -> NDArray[np.float64]:
    """Return the mean loss of the batches of each epoch (epochs,), of the last as far as it is."""
    losses, steps = recording.batch_loss, recording.header.steps_per_epoch
    starts = np.arange(0, len(losses), steps)
    counts = np.diff([*starts, len(losses)])
    return np.add.reduceat(losses, starts) / counts if len(losses) else losses


def scene_in(file: SceneFile, settings: Settings) -> Scene:
    """Return the one scene that a file makes of some settings; `UsageError` for a comparison."""
    return checked_scene(file.scene(settings))


def checked_scene(made: object) -> Scene:
    """Return the one scene of a variant; `UsageError` for a comparison."""
    if not isinstance(made, Scene):
        raise UsageError(
            f"a {type(made).__name__} was returned: a sweep trains one scene a variant"
        )
    return made
