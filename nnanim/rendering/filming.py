"""Filming: a subject becomes a film that can be drawn, trained if need be."""

from collections.abc import Callable
from itertools import chain

from nnanim.film.film import Film
from nnanim.film.tiles import film_of_tiles
from nnanim.recording.record import cached_recording, record_run, untrained
from nnanim.recording.recording import Recording
from nnanim.rendering.checks import check_views
from nnanim.rendering.subject import Subject, timeline_for
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.sheet.columns import columns
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.theme import theme_named
from nnanim.threads import Progress
from nnanim.training.run import prepare
from nnanim.view import Rows
from nnanim.views.default import default_views
from nnanim.writers import FORMATS


def renderer_of(
    film: Film,
    *,
    size: tuple[int, int] = (1920, 1080),
    theme: str | None = None,
    bare: bool = False,
    threads: int | None = None,
) -> Renderer:
    """Return a renderer of the film's scene, or of what suits its task where it has none.

    Of several tiles, each has a column with its own scene's views.
    """
    scene = film.recording.scene
    named = theme or (scene.theme if scene is not None else "dark")
    declared = [_rows(tile) for tile in film.tiles]
    rows: Rows = declared[0]
    if len(declared) > 1:
        views = [list(chain(*tile)) for tile in declared]
        rows = columns(film.tiles, views, size, bare)
    return Renderer(Sheet(film, rows, theme_named(named), size, bare), threads)


def _rows(film: Film) -> Rows:
    scene = film.recording.scene
    return scene.rows if scene is not None and scene.rows else default_views(film)


def filmed(
    scene: Subject,
    timeline: Timeline,
    size: tuple[int, int],
    theme: str | None,
    bare: bool,
    reuse: bool,
    progress: Progress | None,
) -> Callable[[Timeline], Film]:
    """Return what makes the film of `scene` on any clock, trained if need be; see `recorded`."""
    if not isinstance(scene, Comparison):
        recording = recorded(scene, timeline, size, theme, bare, reuse, progress)
        return lambda timeline: Film(recording, timeline=timeline)
    runs = [prepare(each) for each in scene.scenes]
    starts = [untrained(each, run) for each, run in zip(scene.scenes, runs, strict=True)]
    first = film_of_tiles(scene, starts, timeline)
    for tile, each in zip(first.tiles, scene.scenes, strict=True):
        check_views(each, tile)
    renderer_of(first, size=size, theme=theme, bare=bare).frame(0.0)
    recordings = []
    for i, (each, run) in enumerate(zip(scene.scenes, runs, strict=True)):
        told = _part(progress, i, len(runs))
        recordings.append(
            cached_recording(each, run, told) if reuse else record_run(each, run, progress=told)
        )
    return lambda timeline: film_of_tiles(scene, recordings, timeline)


def film_of(
    scene: Subject,
    timeline: Timeline | None = None,
    *,
    cache: bool = True,
    progress: Progress | None = None,
) -> Film:
    """Return the film of a scene, a recording or a comparison, trained if need be.

    Of a comparison, `film.tiles` are the films of its scenes.
    """
    clock = timeline or timeline_for(scene, FORMATS["mp4"], None, None)
    return filmed(scene, clock, FORMATS["mp4"].size, None, False, cache, progress)(clock)


def _part(progress: Progress | None, done: int, parts: int) -> Progress | None:
    """Return the progress of one of several trainings, as a share of all."""
    if progress is None:
        return None

    def told(stage: str, now: int, total: int) -> None:
        progress(stage, done * total + now, parts * total)

    return told


def recorded(
    scene: Scene | Recording,
    timeline: Timeline,
    size: tuple[int, int],
    theme: str | None,
    bare: bool,
    reuse: bool,
    progress: Progress | None,
) -> Recording:
    """Return the recording of `scene`, trained if need be; its views are tried before that."""
    if isinstance(scene, Recording):
        return scene
    # One picture of the untrained network finds what is wrong with views before the training.
    run = prepare(scene)
    first = Film(untrained(scene, run), timeline=timeline)
    check_views(scene, first)
    renderer_of(first, size=size, theme=theme, bare=bare).frame(0.0)
    return (
        cached_recording(scene, run, progress)
        if reuse
        else record_run(scene, run, progress=progress)
    )
