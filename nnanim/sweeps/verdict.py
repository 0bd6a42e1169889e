"""Verdict: whether a training converges, as its pixel says on a map and as its own film shows."""

import logging
from dataclasses import replace
from typing import Any, Literal

from nnanim.errors import UsageError
from nnanim.recording.recording import Recording
from nnanim.rendering.filming import film_of
from nnanim.rendering.subject import Subject, declared_timeline
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.threads import Progress
from nnanim.training.side_by_side import late_of
from nnanim.writers.format import Format

Verdict = Literal["converges", "diverges"]

_log = logging.getLogger("nnanim")


def verdict_of(recording: Recording) -> Verdict:
    """Return whether a training converges, by its losses, as a map tells of a pixel."""
    header, steps = recording.header, len(recording.batch_loss)
    if header.diverged_at is not None:
        steps = max(steps, header.steps_per_epoch * int(header.training["epochs"]))
    return "converges" if late_of(recording.batch_loss, steps) < 1 else "diverges"


def with_verdict(
    subject: Subject,
    verdict: Verdict,
    kind: Format,
    *,
    reuse: bool = True,
    progress: Progress | None = None,
) -> Subject:
    """Return a training whose film says so in its captions where its pixel came to another verdict.

    It is trained for that; `kind` is the format of its film. Raises `UsageError` for other than one
    scene.
    """
    if not isinstance(subject, Scene):
        raise UsageError(f"--pixel {verdict} is for one scene, as a map tells the command: leave "
                         "it out")  # fmt: skip
    film = film_of(subject, cache=reuse, progress=progress)
    recording = film.recording
    found = verdict_of(recording)
    if found == verdict:
        return recording
    said = f"Its pixel on the map {verdict}, this film {found}: rounding decides at the border"
    _log.warning("%s", said)
    clock = declared_timeline(subject) or Timeline(seconds=kind.seconds, fps=kind.fps)
    return recording.with_(timeline=_saying(said, clock.settled(film.comes_to)))


def _saying(text: str, clock: Timeline) -> Timeline:
    """Return a timeline whose acts say a text where they say nothing of their own."""
    own: tuple[Any, ...] = clock.sequence  # each a frozen dataclass, whoever made it
    acts = [act if act.caption else replace(act, caption=text) for act in own]
    return Timeline(clock.seconds, clock.fps, acts=acts, stretch=clock.stretch, smooth=clock.smooth)
