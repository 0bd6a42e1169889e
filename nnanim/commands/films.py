"""Films, stills and contact sheets."""

from pathlib import Path

import click

from nnanim.errors import UsageError
from nnanim.options import BARE, Epochs, encoding_options, scene_options
from nnanim.terminal import output_path, report, scene_or_recording, work_on

QUALITIES: dict[str, tuple[tuple[int, int], float]] = {
    "l": ((854, 480), 15.0),
    "m": ((1280, 720), 30.0),
    "h": ((1920, 1080), 60.0),
    "p": ((2560, 1440), 60.0),
    "k": ((3840, 2160), 60.0),
}


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), metavar="SCENE|RECORDING|FOLDER")
@click.option("-o", "--output", "outputs", type=click.Path(path_type=Path), multiple=True,
              help="The film: .mp4, .gif, .webm, .mov, .webp, .apng, or a folder of .png; may be "
              "given several times; for a folder of scenes, a folder.  "
              "[default: renders/<scene>.mp4]")  # fmt: skip
@click.option("-q", "--quality", type=click.Choice(list(QUALITIES)),
              help="l 854×480 at 15, m 1280×720 at 30, h 1920×1080 at 60 frames a second "
              "(default), p 2560×1440, k 3840×2160.")  # fmt: skip
@click.option("--fps", type=float, help="Frames a second.")
@click.option("--seconds", type=float, help="Length of the film.")
@click.option("--format", "kind", help="mp4, gif, webm, mov, webp, apng or png; else by name.")
@encoding_options
@BARE
@scene_options
def render(
    scene: Path,
    outputs: tuple[Path, ...],
    quality: str | None,
    fps: float | None,
    seconds: float | None,
    kind: str | None,
    codec: str | None,
    chroma: str | None,
    lossless: bool,
    loop: str | None,
    max_bytes: int | None,
    extras: bool,
    start: float | None,
    stop: float | None,
    size: tuple[int, int] | None,
    theme: str | None,
    seed: int | None,
    settings: tuple[str, ...],
    model: str | None,
    no_cache: bool,
    bare: bool,
    opened: bool,
    as_json: bool,
) -> None:
    """Make the film of a scene, of a recording, or of every scene in a folder."""
    from nnanim.loading import scene_files
    from nnanim.order import Order, format_of
    from nnanim.rendering import render_orders
    from nnanim.writers.format import Encoding

    encoding = Encoding(codec, chroma, lossless, draft=quality == "l", loop=loop)
    for file in scene_files(scene):
        orders = []
        for output in outputs or (None,):
            path = output_path(file, output, kind or "mp4", many=scene.is_dir())
            rate = fps
            if quality is not None and fps is None:
                rate = format_of(path, kind).nearest_rate(QUALITIES[quality][1])
            sides = size or (QUALITIES[quality][0] if quality is not None else None)
            orders.append(
                Order(
                    path,
                    kind,
                    sides,
                    rate,
                    seconds,
                    theme,
                    bare,
                    start,
                    stop,
                    encoding,
                    max_bytes,
                    extras,
                )
            )
        with work_on(file) as progress:
            opened_file = scene_or_recording(file, settings, seed, model)
            videos = render_orders(opened_file, orders, progress, reuse=not no_cache)
        for video in videos:
            width, height = video.size
            facts = {"width": width, "height": height, "frames": video.frames, "fps": video.fps}
            report(video.path, facts, opened, as_json)


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
    seed: int | None,
    settings: tuple[str, ...],
    model: str | None,
    no_cache: bool,
    bare: bool,
    opened: bool,
    as_json: bool,
) -> None:
    """Make one picture of a scene's film."""
    from nnanim.loading import scene_files
    from nnanim.stills import still as draw_still

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: a still is made of one scene")
    (file,) = scene_files(scene)
    path = output_path(file, output, "png", many=False)
    with work_on(file) as progress:
        draw_still(
            scene_or_recording(file, settings, seed, model),
            path,
            at=at,
            epoch=epoch,
            size=size,
            theme=theme,
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
    seed: int | None,
    settings: tuple[str, ...],
    model: str | None,
    no_cache: bool,
    opened: bool,
    as_json: bool,
) -> None:
    """Make a contact sheet: a scene's views at several epochs, side by side."""
    from nnanim.loading import scene_files
    from nnanim.stills import contact

    if scene.is_dir():
        raise UsageError(f"{scene} is a folder: a contact sheet is made of one scene")
    (file,) = scene_files(scene)
    path = output_path(file, output, "sheet.png", many=False)
    with work_on(file) as progress:
        contact(
            scene_or_recording(file, settings, seed, model),
            path,
            epochs,
            size=size,
            theme=theme,
            cache=not no_cache,
            progress=progress,
        )
    report(path, {}, opened, as_json)
