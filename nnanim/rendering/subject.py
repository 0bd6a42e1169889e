"""Subject: what a film can be made of, and what that says of its film."""

from dataclasses import replace
from typing import Any, cast

from nnanim.errors import SceneError, UsageError
from nnanim.recording.recording import Recording
from nnanim.rendering.contrast import tell_of_faint
from nnanim.scene.comparison import Comparison, Way
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.sheet.look import Look
from nnanim.themes import LECTURE, Theme, theme_from
from nnanim.writers.format import Format

Subject = Scene | Comparison | Recording  # what a film can be made of

_LEAST_SIDE, _LARGEST_SIDE = 64, 7680


def directed(subject: Subject, **given: Any) -> Subject:
    """Return a subject to be drawn otherwise, as `Recording.with_` takes it; None leaves as it is.

    Of a comparison, each part is. Raises `UsageError` for what no film can be made of.
    """
    if not isinstance(subject, Subject):
        raise UsageError(
            "a film is made of a Scene, a Comparison or a Recording, not of "
            f"{type(subject).__name__}"
        )
    given = {name: value for name, value in given.items() if value is not None}
    if isinstance(subject, Comparison):
        inner: dict[str, Any] = {
            name: given.pop(name) for name in ("layer", "grid", "plane", "color") if name in given
        }
        parts = [_directed(part, inner) for part in parts_of(subject)]
        return replace(subject, scenes=parts, **given)
    return _directed(subject, given)


def _directed(part: Scene | Recording, given: dict[str, Any]) -> Scene | Recording:
    if not given:
        return part
    return part.with_(**given) if isinstance(part, Recording) else replace(part, **given)


def in_way(subject: Subject, way: Way | None) -> Subject:
    """Return a comparison that is shown in such a way; `UsageError` for a single scene."""
    if way is None:
        return subject
    if not isinstance(subject, Comparison):
        raise UsageError(f"--show {way} is for comparisons; this is one training: leave it out")
    return replace(subject, shown=way)


def usual_format(subject: Subject) -> str:
    """Return in which format a subject is made where nothing is said of that."""
    one = isinstance(subject, Comparison) and subject.shown == "one"
    return "html" if one else "mp4"


def check_columns(subject: Subject) -> None:
    """Raise `UsageError` for a comparison that only a page can show."""
    if isinstance(subject, Comparison) and subject.shown == "one":
        raise UsageError(
            "one of several scenes at a time is for html, as -o compared.html: leave --show one "
            f"out, or shown={subject.shown!r} where it is declared"
        )


def parts_of(subject: Subject) -> list[Scene | Recording]:
    """Return what stands side by side: scenes that are to be trained, and recordings."""
    parts = subject.scenes if isinstance(subject, Comparison) else [subject]
    return cast("list[Scene | Recording]", list(parts))  # no other training is ever done


def timeline_for(
    subject: Subject, kind: Format, fps: float | None, seconds: float | None
) -> Timeline:
    """Return the clock: what is asked, else the scene's, else the format's.

    What a scene declares is stretched to the `seconds` asked for.
    """
    declared = declared_timeline(subject)
    timeline = declared or Timeline(seconds=kind.seconds, fps=kind.fps)
    rate = kind.nearest_rate(timeline.fps) if fps is None else fps
    asked = retimed(timeline, rate, seconds, stretched=declared is not None)
    asked.check(last_epoch(subject))
    return asked


def declared_timeline(subject: Subject) -> Timeline | None:
    """Return the clock that a subject names; None where it leaves that open."""
    of = subject if isinstance(subject, Scene | Comparison) else subject.scene
    return of.timeline if of is not None else None


def retimed(
    timeline: Timeline, fps: float, seconds: float | None, *, stretched: bool = True
) -> Timeline:
    """Return a clock of so many frames a second, and of so many seconds where they are asked for.

    If it is not `stretched` to them, its holds stay as they are.
    """
    try:
        if seconds is not None and stretched:
            timeline = timeline.lasting(seconds)
        elif seconds is not None:
            timeline = replace(timeline, seconds=seconds)
        return replace(timeline, fps=fps)
    except SceneError as error:  # the scene's own timeline is whole: it is what the call asks for
        raise UsageError(str(error)) from error


def look_for(
    subject: Subject,
    size: tuple[int, int],
    theme: str | Theme | None,
    bare: bool,
    lecture: bool = False,
) -> Look:
    """Return how the sheet is drawn, in the scene's theme if none is asked for.

    For a `lecture`, its texts are larger. Raises as `look_of` does.
    """
    return look_of(size, theme or _theme_of(subject), bare, lecture)


def look_of(
    size: tuple[int, int], theme: str | Theme, bare: bool = False, lecture: bool = False
) -> Look:
    """Return how a sheet of `size` is drawn in a theme.

    Raises `UsageError` for a size that cannot be drawn and for an unknown theme.
    """
    if not all(isinstance(side, int) and _LEAST_SIDE <= side <= _LARGEST_SIDE for side in size):
        raise UsageError(
            f"a size of {size[0]}x{size[1]} cannot be drawn: "
            f"expected {_LEAST_SIDE} to {_LARGEST_SIDE} pixels each way, as 1280x720"
        )
    try:
        shown = theme_from(theme)
        shown = shown.replace(text=LECTURE) if lecture else shown
    except SceneError as error:  # the scene's own theme is whole: it is what the call asks for
        raise UsageError(str(error)) from error
    tell_of_faint(shown, ())
    return Look(size, shown, bare)


def last_epoch(subject: Subject) -> float:
    """Return the epoch at which a training ends, as far as it is known before it."""
    if isinstance(subject, Comparison):
        return subject.epochs
    return float(subject.training.epochs if isinstance(subject, Scene) else subject.epochs[-1])


def _theme_of(subject: Subject) -> str | Theme:
    """Return a scene's theme, or its name; of several, the first's, if they have none together."""
    if isinstance(subject, Comparison):
        return subject.theme or _theme_of(parts_of(subject)[0])
    if isinstance(subject, Scene):
        return subject.theme
    return subject.scene.theme if subject.scene is not None else "dark"
