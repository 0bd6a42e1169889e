"""Stills: one picture of a film, or a contact sheet of several moments, in pixels or vectors."""

from collections.abc import Callable, Sequence
from pathlib import Path

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.place import check_place, replacing
from nnanim.rendering.filming import filmed, renderer_of
from nnanim.rendering.films import png, provenance
from nnanim.rendering.orders import checked_size
from nnanim.rendering.subject import Subject, last_epoch, timeline_for
from nnanim.sheet.contact_sheet import contact_sheet
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.sheet.vector import VECTOR_FORMATS, vector_picture
from nnanim.threads import Progress
from nnanim.writers import FORMATS
from nnanim.writers.metadata import with_text


def still(
    scene: Subject,
    path: str | Path,
    *,
    at: float | None = None,
    epoch: float | None = None,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    bare: bool = False,
    cache: bool = True,
    progress: Progress | None = None,
) -> Path:
    """Draw one picture, `at` a share of the film in [0, 1] or at an epoch.

    It is written as .png, or as .svg or .pdf with vector marks and real text.
    """
    _check_moment(scene, at, epoch)

    def drawn(film: Film, size: tuple[int, int]) -> tuple[Sheet, float]:
        share = 1.0 if at is None else at
        t = share * film.timeline.seconds if epoch is None else film.time_at(epoch)
        return renderer_of(film, size=size, theme=theme, bare=bare).sheet, t

    return _written(scene, Path(path), drawn, size, theme, bare, cache, progress)


def contact(
    scene: Subject,
    path: str | Path,
    epochs: Sequence[float],
    *,
    size: tuple[int, int] | None = None,
    theme: str | None = None,
    cache: bool = True,
    progress: Progress | None = None,
) -> Path:
    """Draw a contact sheet: each view at each of `epochs`; as .png, .svg or .pdf."""
    if not epochs:
        raise UsageError("a contact sheet needs epochs: expected some, as 0,5,20,100")
    for epoch in epochs:
        _check_moment(scene, None, epoch)

    def drawn(film: Film, size: tuple[int, int]) -> tuple[Sheet, float]:
        sheet = renderer_of(film, size=size, theme=theme).sheet
        return contact_sheet(film, sheet.rows, sheet.theme, size, epochs), 0.0

    return _written(scene, Path(path), drawn, size, theme, True, cache, progress)


def _written(
    scene: Subject,
    path: Path,
    drawn: Callable[[Film, tuple[int, int]], tuple[Sheet, float]],
    size: tuple[int, int] | None,
    theme: str | None,
    bare: bool,
    cache: bool,
    progress: Progress | None,
) -> Path:
    kind = path.suffix.lstrip(".").lower()
    if kind not in ("png", *VECTOR_FORMATS):
        raise UsageError(
            f"a still is a .png, .svg or .pdf, not {path.name!r}: name it {path.stem}.png"
        )
    size = checked_size(size or FORMATS["mp4"].size)
    timeline = timeline_for(scene, FORMATS["mp4"], None, None)
    check_place(path)

    film = filmed(scene, timeline, size, theme, bare, cache, progress)(timeline)
    sheet, t = drawn(film, size)
    told = provenance(film.header)
    if kind == "png":
        content = with_text(png(Renderer(sheet).frame(t)), told)
    else:
        content = vector_picture(sheet, t, kind, told)
    with replacing(path) as made:
        made.write_bytes(content)
    return path


def _check_moment(scene: Subject, at: float | None, epoch: float | None) -> None:
    if at is not None and epoch is not None:
        raise UsageError(
            f"at={at:g} and epoch={epoch:g}: a still is taken either at a share of the film or at "
            "an epoch; leave one out"
        )
    if at is not None and not 0 <= at <= 1:
        raise UsageError(f"at={at:g}: expected a share of the film from 0 to 1, as 0.5")
    last = last_epoch(scene)
    if epoch is not None and not 0 <= epoch <= last:
        raise UsageError(f"epoch={epoch:g}: expected an epoch of the training, from 0 to {last:g}")
