"""Stills and contact sheets."""

from pathlib import Path

import click

from nnanim.commands.options import BARE, Epochs, scene_options
from nnanim.commands.terminal import output_path, report, scene_or_recording, work_on
from nnanim.errors import UsageError


@click.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture: .png, or .svg or .pdf with vector marks and real text.  "
              "[default: renders/<scene>.png]")  # fmt: skip
@click.option("--at", type=float, help="When: a share of the film from 0 to 1 (default).")
@click.option("--epoch", type=float, help="When: an epoch of the training.")
@BARE
@scene_options
def still(
    scene: Path,
    output: Path | None,
    at: float | None,
    epoch: float | None,
    size: tuple[int, int] | None,
    theme: str | None,
    lecture: bool,
    seed: int | None,
    settings: tuple[str, ...],
    model: str | None,
    layer: str | None,
    views: str | None,
    words: str | None,
    title: str | None,
    like: Path | None,
    no_cache: bool,
    bare: bool,
    opened: bool,
    as_json: bool,
) -> None:
    """Make one picture of a scene's film."""
    from nnanim.commands.directions import directions_of
    from nnanim.rendering.stills import still as draw_still
    from nnanim.scene.finding import scene_file

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: a still is made of one scene")
    file = scene_file(scene)
    path = output_path(f"{file.stem}.png", output)
    drawn = directions_of(layer, views, words, title, like)
    with work_on(file) as progress:
        draw_still(
            scene_or_recording(file, settings, seed, model, drawn),
            path,
            at=at,
            epoch=epoch,
            size=size,
            theme=theme,
            lecture=lecture,
            bare=bare,
            cache=not no_cache,
            progress=progress,
        )
    report(path, {}, opened, as_json)


@click.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("--epochs", type=Epochs(), required=True, help="Which moments, as 0,5,20,100.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture: .png, .svg or .pdf.  "
              "[default: renders/<scene>.sheet.png]")  # fmt: skip
@scene_options
def sheet(
    scene: Path,
    epochs: tuple[float, ...],
    output: Path | None,
    size: tuple[int, int] | None,
    theme: str | None,
    lecture: bool,
    seed: int | None,
    settings: tuple[str, ...],
    model: str | None,
    layer: str | None,
    views: str | None,
    words: str | None,
    title: str | None,
    like: Path | None,
    no_cache: bool,
    opened: bool,
    as_json: bool,
) -> None:
    """Make a contact sheet: a scene's views at several epochs, side by side."""
    from nnanim.commands.directions import directions_of
    from nnanim.rendering.stills import contact
    from nnanim.scene.finding import scene_file

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: a contact sheet is made of one scene")
    file = scene_file(scene)
    path = output_path(f"{file.stem}.sheet.png", output)
    drawn = directions_of(layer, views, words, title, like)
    with work_on(file) as progress:
        contact(
            scene_or_recording(file, settings, seed, model, drawn),
            path,
            epochs,
            size=size,
            theme=theme,
            lecture=lecture,
            cache=not no_cache,
            progress=progress,
        )
    report(path, {}, opened, as_json)
