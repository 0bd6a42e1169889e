"""Subject: what a film can be made of, and what that says of its film."""

from dataclasses import replace

from nnanim.errors import SceneError, UsageError
from nnanim.recording.recording import Recording
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.writers.format import Format

Subject = Scene | Comparison | Recording  # what a film can be made of


def timeline_for(
    scene: Subject, kind: Format, fps: float | None, seconds: float | None
) -> Timeline:
    """Return the clock: what is asked, else the scene's, else the format's."""
    of = scene if isinstance(scene, Scene | Comparison) else scene.scene
    declared = of.timeline if of is not None else None
    timeline = declared or Timeline(seconds=kind.seconds, fps=kind.fps)
    try:
        return replace(
            timeline,
            fps=kind.nearest_rate(timeline.fps) if fps is None else fps,
            seconds=timeline.seconds if seconds is None else seconds,
        )
    except SceneError as error:  # the scene's own timeline is whole: it is what the call asks for
        raise UsageError(str(error)) from error


def theme_of(scene: Subject) -> str:
    """Return the name of a scene's theme; of several, the first's, if they have none together."""
    if isinstance(scene, Comparison):
        return scene.theme or scene.scenes[0].theme
    if isinstance(scene, Scene):
        return scene.theme
    return scene.scene.theme if scene.scene is not None else "dark"


def last_epoch(scene: Subject) -> float:
    """Return the epoch at which a training ends, as far as it is known before it."""
    if isinstance(scene, Comparison):
        return float(scene.epochs)
    return float(scene.training.epochs if isinstance(scene, Scene) else scene.epochs[-1])
