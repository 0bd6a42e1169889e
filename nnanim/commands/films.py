"""Films: of a scene, a recording or a folder of scenes, or of several side by side."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnanim.commands.engines import PATIENCE, SCHEDULER
from nnanim.commands.filmed import QUALITIES, film_request, filmed
from nnanim.commands.options import BARE, Asked, Options, Told, encoding_options, scene_options
from nnanim.commands.terminal import comparison_of, output_path, report, work_on
from nnanim.errors import UsageError

if TYPE_CHECKING:
    from nnanim.rendering.video import Video
    from nnanim.scene.comparison import Way
    from nnanim.scene.timeline import ClockFace

SHOW = click.option("--show", "shown", type=click.Choice(["columns", "tiles", "one"]),
                    help="Several scenes in columns, up to 200 as small tiles, or in html one of "
                    "them, with a picker for what differs.  [default: columns]")  # fmt: skip


def film_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which films are made and how."""
    options: list[Options] = [
        click.option("-o", "--output", "outputs", type=click.Path(path_type=Path), multiple=True,
                     cls=Told, help="The film: {files}, or a folder of {folders}; "
                     "may be given several times; for a folder of scenes, a folder.  "
                     "[default: in renders/, .mp4]"),
        click.option("-q", "--quality", type=click.Choice(list(QUALITIES)),
                     help="l 854×480 at 15, m 1280×720 at 30, h 1920×1080 at 60 frames a second "
                     "(default), p 2560×1440, k 3840×2160."),
        click.option("--fps", type=float, help="Frames a second."),
        click.option("--seconds", type=float,
                     help="Length of the film that is written, with --from or --to of that part; "
                     "all acts are stretched alike."),
        click.option("--format", "kind", cls=Told, help="{formats}; else by name."),
        click.option("--no-data", "no_data", is_flag=True,
                     help="For html: leave the samples out of the page."),
        encoding_options,
        BARE,
        scene_options,
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), metavar="SCENE|RECORDING|FOLDER")
@SHOW
@SCHEDULER
@PATIENCE
@click.option("--pixel", type=click.Choice(["converges", "diverges"]),
              help="What a map tells of its pixel; where the film shows otherwise, its captions "
              "say so.")  # fmt: skip
@film_options
def render(
    scene: Path,
    shown: "Way | None",
    pixel: str | None,
    outputs: tuple[Path, ...],
    asked: Asked,
    scheduler: str | None,
    patience: float,
    **how: Any,
) -> None:
    """Make the film of a scene, of a recording, or of every scene in a folder."""
    from nnanim.scene.finding import scene_files

    files, many, wanted = scene_files(scene), scene.is_dir(), outputs or (None,)
    how |= {"shown": shown, "pixel": pixel}
    if scheduler is not None:
        from nnanim.commands.films_away import films_from

        for path, facts in films_from(scheduler, patience, files, wanted, asked, how, many):
            report(path, facts, asked.opened, asked.as_json)
        return
    frames = _makes_folder(how["kind"])

    def paths(name: str) -> list[Path]:
        return [output_path(name, output, many, frames) for output in wanted]

    for file in files:
        with work_on(file) as progress:
            videos = filmed(file, asked, how, paths, progress)
        for video in videos:
            _report(video, {}, asked.opened, asked.as_json)


@click.command()
@click.argument("scenes", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--table", "tables", type=click.Path(path_type=Path), multiple=True,
              help="Final results, .csv, .json or .parquet; without -o, no film.")  # fmt: skip
@click.option("--clock", type=click.Choice(["epochs", "share"]),
              help="What all show at a time: the same epoch, or the same share of their training.  "
              "[default: epochs, if all train for as many]")  # fmt: skip
@SHOW
@film_options
def compare(
    scenes: tuple[Path, ...],
    tables: tuple[Path, ...],
    clock: "ClockFace | None",
    shown: "Way | None",
    outputs: tuple[Path, ...],
    asked: Asked,
    **how: Any,
) -> None:
    """Make one film of several scenes or recordings, side by side on one clock.

    They are several files, or one scene file whose function `scene` is given several values of a
    parameter, as --set width=1,2,3,4; of several parameters, every combination is shown. A file
    that holds a Comparison is taken as it is.
    """
    from nnanim.commands.directions import directions_of
    from nnanim.rendering.filming import film_of
    from nnanim.rendering.films import make_films
    from nnanim.rendering.results import results
    from nnanim.rendering.subject import directed
    from nnanim.tables import checked_table, plain, write_table

    for table in tables:
        checked_table(table)
    files = _compared(scenes)
    name = f"{files[0].stem}.compare.{how['kind'] or 'mp4'}"
    wanted = outputs or (() if tables else (None,))
    paths = [output_path(name, output, frames=_makes_folder(how["kind"])) for output in wanted]
    requests = [film_request(path, **how) for path in paths]
    drawn = directions_of(**asked.directions)
    with work_on(files[0]) as progress:
        several = comparison_of(
            files, asked.settings, asked.seed, asked.model, clock, shown or "columns"
        )
        comparison, reuse = directed(several, **drawn), not asked.no_cache
        if requests:
            videos, film = make_films(comparison, requests, progress, reuse=reuse)
        else:
            videos, film = [], film_of(comparison, cache=reuse, progress=progress)
        rows = results(film) if tables or asked.as_json else []
    told = {"results": plain(rows)}
    for video in videos:
        _report(video, told, asked.opened, asked.as_json)
    for table in tables:
        report(write_table(rows, table), told, asked.opened, asked.as_json)


def _compared(places: tuple[Path, ...]) -> list[Path]:
    """Return the files that are compared; a folder is none."""
    from nnanim.scene.finding import scene_file

    for place in places:
        if place.is_dir():
            raise UsageError(f"{place} is a folder: give the scene files, as {place}/*.py")
    return [scene_file(place) for place in places]


def _makes_folder(kind: str | None) -> bool:
    """Return whether a film of that format is a folder of pictures."""
    from nnanim.writers import FORMATS

    return kind in FORMATS and FORMATS[kind].folder


def _report(video: "Video", told: dict[str, Any], opened: bool, as_json: bool) -> None:
    """Print a film and what else is told of it, then its clips."""
    width, height = video.size
    facts = {"width": width, "height": height, "frames": video.frames, "fps": video.fps}
    report(video.path, {**facts, **told}, opened, as_json)
    for clip in video.clips:
        _report(clip, {}, False, as_json)
