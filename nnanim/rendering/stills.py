"""Stills: one picture of a film, or a contact sheet of several moments, in pixels or vectors."""

from collections.abc import Callable, Sequence
from pathlib import Path

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.place import check_place, replacing, staying
from nnanim.rendering.filming import film_of, sheet_of
from nnanim.rendering.pictures import png, provenance
from nnanim.rendering.subject import Subject, directed, last_epoch, look_for, timeline_for
from nnanim.scene.directions import Views
from nnanim.sheet.contact_sheet import contact_sheet
from nnanim.sheet.look import Look
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.themes import Theme
from nnanim.threads import Progress
from nnanim.words import Given
from nnanim.writers import FORMATS
from nnanim.writers.metadata import with_text

_VECTORS = ("svg", "pdf")
_USUAL = FORMATS["mp4"]  # whose size and length a still has


def still(
    scene: Subject,
    path: str | Path,
    *,
    at: float | None = None,
    epoch: float | None = None,
    size: tuple[int, int] | None = None,
    views: Views | None = None,
    layer: str | None = None,
    theme: str | Theme | None = None,
    lecture: bool = False,
    words: Given | None = None,
    bare: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Path:
    """Draw one picture, `at` a share of the film in [0, 1] or at an epoch.

    `views`, `layer` and `words` go before the scene's own; for a `lecture`, texts are 1.4 times as
    large. It is written as .png, or as .svg or .pdf with vector marks and real text.
    """
    scene = directed(scene, views=views, layer=layer, words=words)
    _check_moment(scene, at, epoch)
    look = look_for(scene, size or _USUAL.size, theme, bare, lecture)

    def lay_out(film: Film) -> tuple[Sheet, float]:
        share = 1.0 if at is None else at
        t = share * film.timeline.seconds if epoch is None else film.time_at(epoch)
        return sheet_of(film, look), t

    return _write(scene, Path(path), look, lay_out, cache, progress)


def contact(
    scene: Subject,
    path: str | Path,
    epochs: Sequence[float],
    *,
    size: tuple[int, int] | None = None,
    views: Views | None = None,
    layer: str | None = None,
    theme: str | Theme | None = None,
    lecture: bool = False,
    words: Given | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Path:
    """Draw a contact sheet: each view at each of `epochs`; as .png, .svg or .pdf."""
    if not epochs:
        raise UsageError("a contact sheet needs epochs: expected some, as 0,5,20,100")
    scene = directed(scene, views=views, layer=layer, words=words)
    for epoch in epochs:
        _check_moment(scene, None, epoch)
    look = look_for(scene, size or _USUAL.size, theme, False, lecture)

    def lay_out(film: Film) -> tuple[Sheet, float]:
        return contact_sheet(sheet_of(film, look), epochs), 0.0

    return _write(scene, Path(path), look, lay_out, cache, progress)


@staying()
def _write(
    subject: Subject,
    path: Path,
    look: Look,
    lay_out: Callable[[Film], tuple[Sheet, float]],
    reuse: bool,
    progress: Progress | None,
) -> Path:
    """Write the picture of a sheet at a film time."""
    kind = path.suffix.lstrip(".").lower()
    if kind not in ("png", *_VECTORS):
        raise UsageError(
            f"a still is a .png, .svg or .pdf, not {path.name!r}: name it {path.stem}.png"
        )
    timeline = timeline_for(subject, _USUAL, None, None)
    check_place(path)
    place = path.absolute()  # wherever a scene's code goes
    sheet, t = lay_out(film_of(subject, timeline, look, cache=reuse, progress=progress))
    told = provenance(sheet.film.header)
    if kind == "png":
        content = with_text(png(Renderer(sheet).frame(t)), told)
    else:
        from nnanim.sheet.vector import vector_picture  # matplotlib's figures, of no other use

        content = vector_picture(sheet, t, kind, told)
    with replacing(place) as made:
        made.write_bytes(content)
    return path


def _check_moment(subject: Subject, at: float | None, epoch: float | None) -> None:
    if at is not None and epoch is not None:
        raise UsageError(
            f"at={at:g} and epoch={epoch:g}: a still is taken either at a share of the film or at "
            "an epoch; leave one out"
        )
    if at is not None and not 0 <= at <= 1:
        raise UsageError(f"at={at:g}: expected a share of the film from 0 to 1, as 0.5")
    last = last_epoch(subject)
    if epoch is not None and not 0 <= epoch <= last:
        raise UsageError(f"epoch={epoch:g}: expected an epoch of the training, from 0 to {last:g}")
