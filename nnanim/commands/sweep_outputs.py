"""Outputs of a sweep: which pictures and films its folder gets beside the table."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnanim.commands.filmed import QUALITIES
from nnanim.commands.options import Options
from nnanim.commands.terminal import settings_in
from nnanim.errors import UsageError

if TYPE_CHECKING:
    from nnanim.rendering.requests import Request
    from nnanim.sweeps.plan import Plan
    from nnanim.sweeps.small import Small
    from nnanim.sweeps.sweep import Sweep
    from nnanim.threads import Progress

_TABLES = ("csv", "json")

_log = logging.getLogger("nnanim")


def output_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what is drawn of a sweep; they come to it as one, `outputs`."""

    @wraps(command)
    def gathered(**given: Any) -> None:
        asked = {field.name: given.pop(field.name) for field in fields(Outputs)}
        command(outputs=Outputs(**asked), **given)

    options: list[Options] = [
        click.option("--x", metavar="KEY",
                     help="Across picture and film.  [the first that varies, no seed]"),
        click.option("--y", metavar="KEY",
                     help="Up picture and film.  [the second that varies, no seed]"),
        click.option("--by", metavar="EVENT",
                     help="The picture tells the share in which one of the --event happens.  "
                     "[that of successes]"),
        click.option("--table", "tables", multiple=True, metavar="csv|json|parquet",
                     help="The kinds of the table.  [csv and json]"),
        click.option("--film", "kinds", multiple=True, metavar="mp4|html",
                     help="Make film.mp4, film.html, … too: up to 200 of the trainings as small "
                     "multiples."),
        click.option("--only", multiple=True, metavar="KEY=VALUES",
                     help="What the film shows of a setting.  [both axes whole, of all else the "
                     "first value]"),
        click.option("--views", metavar="VIEW",
                     help='What the film shows of each, as "HiddenSpace()".  [the scene\'s first '
                     "view]"),
        click.option("-q", "--quality", type=click.Choice(list(QUALITIES)),
                     help="Of the film, as of render."),
        click.option("--no-data", is_flag=True, help="A page holds no samples."),
        click.option("--theme", default="dark", help="Of picture and film."),
    ]  # fmt: skip
    taken: Callable[..., None] = gathered
    for option in reversed(options):
        taken = option(taken)
    return taken


@dataclass(frozen=True)
class Outputs:
    """What is asked of a sweep's pictures."""

    x: str | None
    y: str | None
    by: str | None
    tables: tuple[str, ...]
    kinds: tuple[str, ...]
    only: tuple[str, ...]
    views: str | None
    quality: str | None
    no_data: bool
    theme: str

    def small(self, plan: "Plan") -> "Small | None":
        """Return which trainings the film shows; None where none is asked for.

        Raises `UsageError` for what cannot be written, before anything is trained.
        """
        from nnanim.rendering.requests import format_of
        from nnanim.rendering.subject import look_of
        from nnanim.sweeps.phase import check_axes
        from nnanim.sweeps.picture import SIZE
        from nnanim.sweeps.small import small_of
        from nnanim.sweeps.sought import sought_in
        from nnanim.tables import checked_table

        look_of(SIZE, self.theme)
        check_axes(plan.variants.varied, self.x, self.y)
        for kind in self.tables:
            checked_table(Path(f"results.{kind}"))
        if self.by is not None:
            sought_in(plan.events, self.by)
        if not self.kinds:
            asked = {"--only": self.only, "--views": self.views, "--quality": self.quality,
                     "--no-data": self.no_data}  # fmt: skip
            for name, given in asked.items():
                if given:
                    raise UsageError(f"{name} is for the film: say which, as --film mp4")
            return None
        pages = [format_of(Path(f"film.{kind}"), None).name == "html" for kind in self.kinds]
        if self.no_data and not any(pages):
            raise UsageError("--no-data is for a page: make one by --film html, or leave it out")
        small = small_of(plan.variants, self.x, self.y, settings_in(self.only))
        self._try_out(plan, small)
        return small

    def write(
        self, done: "Sweep", folder: Path, small: "Small | None", progress: "Progress | None"
    ) -> list[Path]:
        """Write the table, the pictures and the films of a sweep, and return their files."""
        from nnanim.tables import write_table

        files = [
            write_table(done.table, folder / f"results.{kind}") for kind in self.tables or _TABLES
        ]
        files += self._pictures(done, folder)
        return files if small is None else [*files, *self._films(done, folder, small, progress)]

    def _pictures(self, done: "Sweep", folder: Path) -> list[Path]:
        from nnanim.place import replacing
        from nnanim.sweeps.phase_page import phase_page
        from nnanim.sweeps.picture import phase_picture

        axes = done.axes(self.x, self.y)
        if axes is None:
            _log.info("no phase picture: expected two settings, but for seeds, with several values")
            return []
        phase = done.phase(*axes, by=self.by)
        made = [
            phase_picture(phase, folder / f"phase.{kind}", done.title, self.theme)
            for kind in ("png", "svg")
        ]
        with replacing(folder / "phase.html") as file:
            file.write_bytes(phase_page(done, phase, self.theme))
        return [*made, folder / "phase.html"]

    def _films(
        self, done: "Sweep", folder: Path, small: "Small", progress: "Progress | None"
    ) -> list[Path]:
        from nnanim.rendering.films import make_films

        with done.plan.around():
            subject = done.comparison(small, views=self._views)
            _log.info("the film shows %s", small.said)
            requests = [self._request(folder / f"film.{kind}") for kind in self.kinds]
            videos, _ = make_films(subject, requests, progress)
        return [video.path for video in videos]

    @property
    def _views(self) -> "list[Any] | None":
        """What is shown of each; None where that is the scene's first view."""
        from nnanim.commands.directions import views_in

        return None if self.views is None else views_in(self.views)

    def _try_out(self, plan: "Plan", small: "Small") -> None:
        """Draw a picture of two untrained tiles, each as large as all of the film have."""
        from nnanim.rendering.filming import check
        from nnanim.rendering.requests import format_of
        from nnanim.rendering.subject import look_for
        from nnanim.sweeps.small import trial_of

        for kind in self.kinds:
            request = self._request(Path(f"film.{kind}"))
            size = request.size or format_of(request.path, None).size
            with plan.around():
                subject = trial_of(plan, small, self._views)
                if subject is not None:
                    check(subject, look_for(subject, size, self.theme, False))

    def _request(self, path: Path) -> "Request":
        from nnanim.rendering.requests import Request, format_of

        made = format_of(path, None)
        is_page = made.name == "html"
        data = not (self.no_data and is_page)
        if self.quality is None:
            return Request(path, theme=self.theme, data=data)
        size, fps = QUALITIES[self.quality]
        rate = None if is_page else made.nearest_rate(fps)
        return Request(path, theme=self.theme, size=size, fps=rate, data=data)
