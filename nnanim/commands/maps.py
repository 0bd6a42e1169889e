"""Maps: a training for each pixel, as a picture."""

import json
import logging
from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnanim.commands.engines import Elsewhere, elsewhere_options
from nnanim.commands.options import Size
from nnanim.commands.terminal import output_path, say, setting_in, work_on
from nnanim.commands.zooms import FilmAsked, film_zoom, is_film, tell
from nnanim.errors import UsageError

if TYPE_CHECKING:
    from nnanim.scene.values import Axis
    from nnanim.sweeps.map_sheet import MapSheet
    from nnanim.sweeps.mapped import Map
    from nnanim.sweeps.shown import Coloring

_log = logging.getLogger("nnanim")

_SIZE = (512, 512)  # of a map
_KINDS = (".png", ".html")


@click.command(name="map")
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("--x", required=True, metavar="KEY=AXIS",
              help="What runs across the picture, as lr1=log:1e-2:1e4, seed=lin:0:99.")  # fmt: skip
@click.option("--y", required=True, metavar="KEY=AXIS", help="What runs up the picture.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture, a .png, a .html that tells of each pixel, or with --zoom a film.  "
              "[default: renders/<scene>.map.png]")  # fmt: skip
@click.option("-r", "--size", type=Size(),
              help="How many networks across and up, a pixel each.  "
              "[512x512; of a film 1280x720 at most]")  # fmt: skip
@click.option("--zoom", metavar="X,Y,FACTOR",
              help="Make a film that goes in to where x and y are X and Y, until FACTOR of the "
              "axes is left, as 3,10,1e-6.")  # fmt: skip
@click.option("--fps", type=float, help="Frames a second of the film.")
@click.option("--seconds", type=float, help="Length of the film.")
@click.option("--theme", default="dark", help="Of the picture.")
@click.option("--bare", is_flag=True, help="The map alone, without a word on it.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE",
              help="Another parameter of the scene, or what it declares.")  # fmt: skip
@click.option("--by", default="speed", metavar="WHAT",
              help="What colours a pixel: speed, how fast its loss converges or diverges; loss, "
              "its last; score, its accuracy or R² at the end; lost, the steps until a loss is no "
              'number; or the epoch of an event, as "accuracy 0.9", "loss 0.01", "plateau".  '
              "[speed]")  # fmt: skip
@click.option("--colors", default="Spectral", metavar="NAME",
              help="One of matplotlib's, its upper half for what learns.  [Spectral]")  # fmt: skip
@click.option("--pixel", metavar="COLUMN,ROW",
              help="Tell of a pixel, counted from the upper left, what it came to.")  # fmt: skip
@elsewhere_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def map_trainings(
    scene: Path,
    x: str,
    y: str,
    output: Path | None,
    size: tuple[int, int] | None,
    settings: tuple[str, ...],
    by: str,
    colors: str,
    theme: str,
    bare: bool,
    pixel: str | None,
    zoom: str | None,
    elsewhere: Elsewhere,
    as_json: bool,
    **film: Any,
) -> None:
    """Train a network for each pixel, two settings running across and up.

    The picture shows how fast the loss converges or diverges, or what --by says, all shades
    covering equal areas. A map that was cut off goes on: trainings stay in a folder beside the
    picture, as map.map/, those of a film in map.zoom/.
    """
    from nnanim.scene.finding import scene_file
    from nnanim.sweeps.shown import Coloring

    coloring = Coloring(by, colors)
    file = scene_file(scene)
    others = dict(map(setting_in, settings))
    axes = _axis_in("--x", x), _axis_in("--y", y)
    kind = "png" if zoom is None else "mp4"
    path = output_path(f"{file.stem}.map.{kind}", output)
    if zoom is not None:
        if pixel is not None:
            raise UsageError("--pixel is of a map, --zoom makes a film: leave one out")
        asked = FilmAsked(zoom, size, theme=theme, bare=bare, **film)
        told = film_zoom(file, path, axes, others, coloring, asked, elsewhere)
    else:
        _check_no_film(path, **film)
        size = size or _SIZE
        at = None if pixel is None else _pixel_in(pixel, size)
        draw = _drawing(path, size, coloring, theme, bare)
        told = _map(file, path, axes, size, others, coloring, draw, at, elsewhere)
    if as_json:
        say(json.dumps({"path": str(path), **told}))
        return
    tell(told) if zoom is not None else _tell(told, pixel is None)
    say(str(path))


def _map(
    file: Path,
    path: Path,
    axes: "tuple[tuple[str, Axis], tuple[str, Axis]]",
    size: tuple[int, int],
    settings: dict[str, Any],
    coloring: "Coloring",
    draw: "Callable[[Map, Path], bytes]",
    pixel: tuple[int, int] | None,
    elsewhere: Elsewhere,
) -> dict[str, Any]:
    """Train a map, write its picture, and return what is told of it."""
    from nnanim.place import replacing
    from nnanim.sweeps.mapped import map_planned, mapped

    with work_on(file) as progress, elsewhere.maker() as maker:
        plan = map_planned(file, *axes, size, settings, coloring.event)
        done = mapped(plan, coloring.folder(path, "map"), maker, progress)
        content = draw(done, file)
    with replacing(path) as made:
        made.write_bytes(content)
    return _told(done, file, pixel)


def _drawing(
    path: Path, size: tuple[int, int], coloring: "Coloring", theme: str, bare: bool
) -> "Callable[[Map, Path], bytes]":
    """Return what draws a map; it can be drawn, and written, before the first training."""
    from nnanim.place import check_place
    from nnanim.rendering.subject import look_of
    from nnanim.sweeps.map_page import check_page, map_page
    from nnanim.sweeps.map_sheet import sheet_of

    shown_in, is_page = look_of(_SIZE, theme).theme, path.suffix.lower() == ".html"
    if is_page and bare:
        raise UsageError(f"-o {path.name}: a page has its axes; leave --bare out")
    if is_page:
        check_page(size)
    check_place(path)

    def draw(done: "Map", file: Path) -> bytes:
        title = done.plan.pixels.scene(0, 0).title or file.stem
        sheet = sheet_of(done, coloring, shown_in, title)
        return map_page(done, sheet, file) if is_page else _png(done, sheet, file, bare)

    return draw


def _png(done: "Map", sheet: "MapSheet", file: Path, bare: bool) -> bytes:
    from nnanim.rendering.pictures import png
    from nnanim.writers.metadata import with_text

    told = {"title": f"{file.stem}, a map", **done.plan.described, "hash": done.hash}
    return with_text(png(sheet.picture if bare else sheet.drawn()), told)


def _tell(told: dict[str, Any], on_border: bool) -> None:
    """Say what came of a map."""
    rough = told["roughness_said"]
    _log.info(
        "%d trainings of %d steps in %s, of which %.1f %% converge; %s; their hash is %s",
        told["trainings"],
        told["steps"],
        told["precision"],
        100 * told["converged"],
        "the border has no roughness to be told" if rough is None
        else f"the border's roughness is {rough}",
        told["hash"],
    )  # fmt: skip
    if told["pixel"] is not None:
        _log.info("%s", _sentence(told["pixel"], on_border))


def _check_no_film(path: Path, fps: float | None, seconds: float | None, **_: Any) -> None:
    if is_film(path):
        raise UsageError(f"-o {path.name}: a map is a .png or .html; --zoom X,Y,1e-6 films it")
    if path.suffix.lower() not in _KINDS:
        raise UsageError(f"-o {path.name}: a map is a .png or .html, or with --zoom a film")
    for name, given in (("fps", fps), ("seconds", seconds)):
        if given is not None:
            raise UsageError(f"--{name} is of a film, which --zoom makes: leave it out")


def _axis_in(option: str, text: str) -> "tuple[str, Axis]":
    from nnanim.scene.values import axis_in

    name, equals, axis = text.partition("=")
    if not name or not equals:
        raise UsageError(f"{option} {text}: expected KEY=AXIS, as lr1=log:1e-2:1e4")
    return name, axis_in(axis)


def _pixel_in(text: str, size: tuple[int, int]) -> tuple[int, int]:
    """Return a pixel (column, row), counted from the upper left."""
    parts = text.split(",")
    if len(parts) == 2 and all(p.isascii() and p.isdecimal() and len(p) < 9 for p in parts):
        column, row = map(int, parts)
        if column < size[0] and row < size[1]:
            return column, row
    raise UsageError(
        f"--pixel {text}: expected a column and a row, each from 0, of a map of "
        f"{size[0]}x{size[1]}, as --pixel {size[0] // 2},{size[1] // 2}"
    )


def _told(done: "Map", file: Path, asked: tuple[int, int] | None) -> dict[str, Any]:
    from nnanim.sweeps.border import border_pixel, roughness

    rough = roughness(done.converges)
    height = done.plan.pixels.size[1]
    at = border_pixel(done.converges) if asked is None else (asked[0], height - 1 - asked[1])
    return {
        "trainings": len(done.plan),
        "steps": done.plan.pixels.run.steps,
        "converged": float(done.converges.mean()),
        "roughness": None if rough is None else rough.dimension,
        "boxes": None if rough is None else [rough.low, rough.high],
        "roughness_said": None if rough is None else str(rough),
        "precision": done.plan.described["precision"],
        "blocks": done.plan.blocks,
        "hash": done.hash,
        "pixel": None if at is None else _pixel(done, file, at),
    }


def _pixel(done: "Map", file: Path, at: tuple[int, int]) -> dict[str, Any]:
    """Return what a pixel came to, and the command that films it."""
    from nnanim.scene.written import command

    i, j = at
    settings, learns = done.plan.pixels.settings(i, j), bool(done.converges[j, i])
    films = command(file, {**done.plan.settings, **settings})
    return {
        "at": [i, done.plan.pixels.size[1] - 1 - j],
        "settings": settings,
        "converges": learns,
        "first_loss": float(done.kept("first")[j, i]),
        "last_loss": float(done.kept("last")[j, i]),
        "finite_steps": int(done.kept("steps")[j, i]),
        **_epoch(done, at),
        "command": f"{films} --pixel {'converges' if learns else 'diverges'}",
    }


def _epoch(done: "Map", at: tuple[int, int]) -> dict[str, Any]:
    """Return the event that is looked for and its epoch at a pixel; nothing where none is."""
    if done.plan.event is None:
        return {}
    epoch = float(done.kept("epoch")[at[1], at[0]])
    return {"event": str(done.plan.event), "epoch": None if isnan(epoch) else epoch}


def _sentence(pixel: dict[str, Any], chosen: bool) -> str:
    column, row = pixel["at"]
    where = f"pixel {column},{row}" + " on the border" * chosen
    if pixel["converges"]:
        what = f"converges, its loss from {pixel['first_loss']:.3g} to {pixel['last_loss']:.3g}"
    else:
        what = f"diverges, with {pixel['finite_steps']} finite losses"
    if "event" in pixel:
        epoch = pixel["epoch"]
        what += f", {pixel['event']} " + ("never" if epoch is None else f"in epoch {epoch:g}")
    return f"{where} {what}: {pixel['command']}"
