"""Filming: a subject is tried, trained if need be, and becomes a film that can be drawn."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nnanim.dataset import Arrays
from nnanim.film.film import Film
from nnanim.film.tiles import film_of_tiles
from nnanim.recording.declared import declared_recording
from nnanim.recording.recording import Recording
from nnanim.rendering.checks import check_kept, check_views
from nnanim.rendering.contrast import tell_of_faint
from nnanim.rendering.pictures import Still, png
from nnanim.rendering.subject import Subject, look_for, parts_of, timeline_for
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.sheet.columns import columns
from nnanim.sheet.look import Look
from nnanim.sheet.multiples import multiples
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.themes import Theme
from nnanim.threads import Map, Progress
from nnanim.training.given import given_by
from nnanim.types import Frame
from nnanim.view import Rows
from nnanim.views.default import default_views
from nnanim.writers import FORMATS

if TYPE_CHECKING:
    from nnanim.training.run import Run

_USUAL = FORMATS["mp4"]  # whose size and length a film has that is not written
_New = tuple[Scene, Arrays]  # what is to be trained, and on what


def usual_look(
    subject: Subject,
    size: tuple[int, int] | None = None,
    theme: str | Theme | None = None,
    lecture: bool = False,
) -> Look:
    """Return how a film of the subject looks: of a film's usual size where none is asked for.

    Raises as `look_of` does.
    """
    return look_for(subject, size or _USUAL.size, theme, False, lecture)


def film_from(subject: Subject, recordings: Sequence[Recording], timeline: Timeline) -> Film:
    """Return the film of a subject's recordings on a clock."""
    if isinstance(subject, Comparison):
        return film_of_tiles(subject, recordings, timeline)
    return Film(recordings[0], timeline=timeline)


def film_of(
    subject: Subject,
    timeline: Timeline | None = None,
    look: Look | None = None,
    *,
    cache: bool = True,
    progress: Progress | None = None,
    map: Map = map,  # noqa: A002  # what it is like
) -> Film:
    """Return the film of a scene, a recording or a comparison, trained if need be.

    Before that, one picture of the untrained networks in the film's `look` finds what is wrong with
    the views. With `cache`, a training is taken from the user's cache where that holds it. Of a
    comparison, `film.tiles` are the films of its scenes, trained one after the other, or as
    `map(make, items)` spreads them.
    """
    clock = timeline or timeline_for(subject, _USUAL, None, None)
    look = look or usual_look(subject)
    parts = [_found(part, cache) for part in parts_of(subject)]
    recordings = [part for part in parts if isinstance(part, Recording)]
    if len(recordings) == len(parts):
        film = film_from(subject, recordings, clock)
        _check(film, look.theme)
        return film
    try_out = _trial(subject, clock, look)
    return film_from(subject, _trained(parts, try_out, cache, progress, map), clock)


def check(subject: Subject, look: Look | None = None) -> None:
    """Find what is wrong with a subject as far as it shows before any training.

    Its data and networks are made and one picture is drawn, in the film's `look`, else in the
    usual one. Raises what `film_of` would.
    """
    clock = timeline_for(subject, _USUAL, None, None)
    look = look or usual_look(subject)
    _begun([_found(part, False) for part in parts_of(subject)], _trial(subject, clock, look))


def _trial(subject: Subject, clock: Timeline, look: Look) -> Callable[[Sequence[Recording]], None]:
    """Return what draws one picture of networks that are not trained yet."""

    def try_out(begun: Sequence[Recording]) -> None:
        first = film_from(subject, begun, clock)
        _check(first, look.theme)
        renderer_of(first, look).frame(0.0)

    return try_out


def _found(part: Scene | Recording, reuse: bool) -> "_New | Recording":
    """Return what a part of a subject is, or is kept as, else what it is trained on."""
    if isinstance(part, Recording):
        return part
    given = given_by(part)
    kept = declared_recording(part, given) if reuse else None
    return (part, given) if kept is None else kept


def _trained(
    parts: Sequence["_New | Recording"],
    try_out: Callable[[Sequence[Recording]], None],
    reuse: bool,
    progress: Progress | None,
    map: Map,  # noqa: A002  # what it is like
) -> list[Recording]:
    """Return the recordings of all parts; the new ones are tried out before they are trained."""
    # torch, of which what is kept has no need
    from nnanim.recording.many import record_each

    runs = _begun(parts, try_out)
    told = [_part(progress, i, len(runs)) for i in range(len(runs))]
    jobs = [(*run, part) for run, part in zip(runs, told, strict=True)]
    trained = iter(list(record_each(jobs, map, reuse)))
    return [part if isinstance(part, Recording) else next(trained) for part in parts]


def _begun(
    parts: Sequence["_New | Recording"], try_out: Callable[[Sequence[Recording]], None]
) -> "list[tuple[Scene, Run]]":
    """Return the new ones among all parts, made ready and tried out."""
    # torch, of which what is kept has no need
    from nnanim.recording.record import untrained
    from nnanim.training.run import prepare

    new = [part for part in parts if not isinstance(part, Recording)]
    runs = [(scene, prepare(scene, given)) for scene, given in new]
    starts = iter([untrained(scene, run) for scene, run in runs])
    try_out([part if isinstance(part, Recording) else next(starts) for part in parts])
    return runs


def _check(film: Film, theme: Theme) -> None:
    """Ask all views once; say of the colours that they name which are hard to see."""
    named = []
    for tile in film.tiles:
        if tile.recording.scene is not None:
            named += check_views(tile.recording.scene, tile)
    if named:
        tell_of_faint(theme, named)


def renderer_of(film: Film, look: Look | None = None, threads: int | None = None) -> Renderer:
    """Return what draws the film's frames; see `sheet_of`."""
    return Renderer(sheet_of(film, look), threads)


def sheet_of(film: Film, look: Look | None = None) -> Sheet:
    """Return the sheet of the film's scene, or of what suits its task where it has none.

    Of several tiles, each has a column with its own scene's views, in a lattice the first alone.
    `look` left out is the usual one of a film, in the scene's theme.
    """
    look = look or usual_look(film.recording)
    declared = [_rows(tile) for tile in film.tiles]
    for tile, shown in zip(film.tiles, declared, strict=True):
        check_kept(shown, tile)
    if film.lattice is not None:
        return Sheet(film, multiples(film.tiles, declared), look)
    rows = declared[0] if len(declared) == 1 else columns(film.tiles, declared)
    return Sheet(film, rows, look)


def picture_of(film: Film, t: float, size: tuple[int, int], theme: str | Theme | None) -> Frame:
    """Return the picture (height, width, 4) of a film at `t` seconds, RGBA."""
    return renderer_of(film, look_for(film.recording, size, theme, False)).frame(t)


def still_of(film: Film, t: float, size: tuple[int, int], theme: str | Theme | None) -> Still:
    """Return the picture of a film at `t` seconds, which shows itself."""
    return Still(png(picture_of(film, t, size, theme)), size, film.header.description)


def _rows(film: Film) -> Rows:
    scene = film.recording.scene
    return scene.rows if scene is not None and scene.rows else default_views(film)


def _part(progress: Progress | None, done: int, parts: int) -> Progress | None:
    """Return the progress of one of several trainings, as a share of all."""
    if progress is None:
        return None

    def told(stage: str, now: int, total: int) -> None:
        progress(stage, done * total + now, parts * total)

    return told
