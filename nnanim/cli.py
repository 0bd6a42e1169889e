"""The command line: parse, call three functions, report. The only place that prints.

Results go to stdout, everything else to stderr. Heavy libraries are imported by the command that
needs them, so that `--help` is immediate.
"""

import errno
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from nnanim import __version__
from nnanim.errors import NnanimError, SceneError, UsageError, WriteError

if TYPE_CHECKING:
    from nnanim.preparation import Progress
    from nnanim.recording import Recording
    from nnanim.scene import Scene

QUALITIES: dict[str, tuple[tuple[int, int], float]] = {
    "l": ((854, 480), 15.0),
    "m": ((1280, 720), 30.0),
    "h": ((1920, 1080), 60.0),
    "p": ((2560, 1440), 60.0),
    "k": ((3840, 2160), 60.0),
}
_LONGEST = 2000  # characters of a message
_DISK = {errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS, errno.EDQUOT, errno.EFBIG}

Options = Callable[[Callable[..., None]], Callable[..., None]]


class Size(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """WIDTHxHEIGHT in pixels."""

    name = "WIDTHxHEIGHT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Return (width, height)."""
        if isinstance(value, tuple):
            return value
        sides = re.fullmatch(r"([0-9]{1,9})[xX×]([0-9]{1,9})", str(value))
        if sides is None:
            self.fail(f"{value!r}: expected a width and a height, as 1280x720", param, ctx)
        return int(sides[1]), int(sides[2])


class Bytes(click.ParamType):  # type: ignore[type-arg]
    """A number of bytes as people write it, 10MB or 500kB."""

    name = "BYTES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"([0-9]+\.?[0-9]*) ?([kmg]?)(i?)b?", str(value), re.IGNORECASE)
        if found is None or float(found[1]) == 0:
            self.fail(f"{value!r}: expected a size, as 10MB or 500kB", param, ctx)
        power = " kmg".index(found[2].lower() or " ")
        return int(float(found[1]) * (1024 if found[3] else 1000) ** power)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nnanim")
def cli() -> None:
    """Film a neural network while it learns.

    Start with `nnanim new rings`, then `nnanim render rings.py`.
    """


def _scene_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what is drawn and how it looks."""
    options: list[Options] = [
        click.option("-r", "--size", type=Size(), help="Size of the picture."),
        click.option("--theme", help="dark, light, paper, transparent or transparent-light."),
        click.option("--seed", type=click.IntRange(0, 2**63 - 1),
                     help="Seed of data, initial weights and batches."),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE",
                     help="A parameter of the scene; may be given several times."),
        click.option("--model", metavar="FILE.py:FUNCTION",
                     help="What builds the network of a recording that does not hold it."),
        click.option("--no-cache", is_flag=True, help="Train anew, and keep no recording."),
        click.option("-p", "--open", "opened", is_flag=True, help="Open the result."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


_BARE = click.option("--bare", is_flag=True, help="Panels without title, strip and recipe.")


def _encoding_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how a film is encoded."""
    options: list[Options] = [
        click.option("--codec", help="Of mp4: h264 (default), hevc or av1."),
        click.option("--chroma", help="Of mp4: 420 (default) or 444, which keeps thin coloured "
                     "lines but does not play everywhere."),
        click.option("--lossless", is_flag=True, help="Of mp4: every pixel as it was drawn."),
        click.option("--loop", help="once, forever (default) or pingpong, there and back."),
        click.option("--max-size", "max_bytes", type=Bytes(),
                     help="Of mp4, gif and webp: as large as the file may be, as 10MB; quality is "
                     "given up first, then frames a second, then size."),
        click.option("--extras", is_flag=True, help="Put a poster, alt text and snippets of HTML "
                     "and Markdown beside the film."),
        click.option("--from", "start", type=float, metavar="EPOCH", help="Begin there."),
        click.option("--to", "stop", type=float, metavar="EPOCH", help="End there."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
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
@_encoding_options
@_BARE
@_scene_options
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
            path = _output(file, output, kind or "mp4", many=scene.is_dir())
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
        with _work_on(file) as progress:
            opened_file = _opened(file, settings, seed, model)
            videos = render_orders(opened_file, orders, progress, reuse=not no_cache)
        for video in videos:
            width, height = video.size
            facts = {"width": width, "height": height, "frames": video.frames, "fps": video.fps}
            _report(video.path, facts, opened, as_json)


@cli.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture: .png, or .svg or .pdf with vector marks and real text.  "
              "[default: renders/<scene>.png]")  # fmt: skip
@click.option("--at", type=float, help="When: a share of the film from 0 to 1 (default).")
@click.option("--epoch", type=float, help="When: an epoch of the training.")
@_BARE
@_scene_options
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
    path = _output(file, output, "png", many=False)
    with _work_on(file) as progress:
        draw_still(
            _opened(file, settings, seed, model),
            path,
            at=at,
            epoch=epoch,
            size=size,
            theme=theme,
            bare=bare,
            cache=not no_cache,
            progress=progress,
        )
    _report(path, {}, opened, as_json)


@cli.command()
@click.argument("scene", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The recording.  [default: renders/<scene>.safetensors]")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with a recording that was cut off.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1),
              help="Seed of data, initial weights and batches.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE",
              help="A parameter of the scene; may be given several times.")  # fmt: skip
@click.option("--checkpoints", metavar="PATTERN",
              help="Instead of a training, its checkpoints, as 'run/*.safetensors'.")  # fmt: skip
@click.option("--model", metavar="FILE.py:FUNCTION", help="What builds the checkpoints' network.")
@click.option("--data", metavar="FILE",
              help="Their data: FILE.csv:TARGET, FILE.npz or FILE.py:NAME.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def record(
    scene: Path | None,
    output: Path | None,
    resume: bool,
    seed: int | None,
    settings: tuple[str, ...],
    checkpoints: str | None,
    model: str | None,
    data: str | None,
    as_json: bool,
) -> None:
    """Train a scene, or read checkpoints, and keep the training as data."""
    if (scene is None) == (checkpoints is None):
        raise UsageError(
            "expected a scene to train, or --checkpoints 'run/*.safetensors' --model FILE.py:make"
        )
    if checkpoints is not None:
        path, recording = _record_checkpoints(checkpoints, model, data, output)
    else:
        assert scene is not None
        if model is not None or data is not None:
            raise UsageError("--model and --data are for --checkpoints: a scene has its own")
        path, recording = _record_scene(scene, output, resume, settings, seed)
    facts = {"snapshots": len(recording), "epochs": float(recording.epochs[-1])}
    _report(path, facts, False, as_json)


def _record_scene(
    scene: Path, output: Path | None, resume: bool, settings: tuple[str, ...], seed: int | None
) -> "tuple[Path, Recording]":
    from nnanim.loading import is_recording, scene_files
    from nnanim.recorder import record as record_scene
    from nnanim.scene import Scene

    if scene.is_dir() or is_recording(scene):
        raise UsageError(f"{scene} is no scene file: record takes one, as scenes/rings_2_2.py")
    (file,) = scene_files(scene)
    path = _output(file, output, "safetensors", many=False)
    with _work_on(file) as progress:
        declared = _opened(file, settings, seed, None)
        assert isinstance(declared, Scene)
        return path, record_scene(declared, path, resume=resume, progress=progress)


def _record_checkpoints(
    pattern: str, model: str | None, data: str | None, output: Path | None
) -> "tuple[Path, Recording]":
    from nnanim.adapters.checkpoints import record_checkpoints
    from nnanim.loading import function_at
    from nnanim.opening import data_at

    if model is None:
        raise UsageError("--checkpoints needs --model FILE.py:make, what builds their network")
    path = _output(Path("checkpoints"), output, "safetensors", many=False)
    with redirect_stdout(sys.stderr):
        given = None if data is None else data_at(data)
        return path, record_checkpoints(pattern, function_at(model), path, given)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def info(file: Path, as_json: bool) -> None:
    """Tell what a recording is, and how to make it again."""
    from nnanim.info import facts_of, told_of
    from nnanim.opening import recording_at

    facts = facts_of(recording_at(file), file)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for what, text in told_of(facts):
        click.echo(f"{what:<10} {_printable(text)}")


@cli.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--layer", help="Whose outputs; the recording's own layer if left out.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The arrays, .npz.  [default: renders/<recording>.npz]")  # fmt: skip
@click.option("--model", metavar="FILE.py:FUNCTION",
              help="What builds the network of a recording that does not hold it.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def export(
    recording: Path, layer: str | None, output: Path | None, model: str | None, as_json: bool
) -> None:
    """Write what a layer makes of the data and the grid, epoch by epoch, as numpy arrays."""
    from nnanim.export import export as write_arrays
    from nnanim.film import Film
    from nnanim.opening import recording_at

    path = _output(recording, output, "npz", many=False)
    with _work_on(recording) as progress:
        film = Film(recording_at(recording, model))
        write_arrays(film, layer, path, progress=progress)
    _report(path, {"layer": layer or film.layer}, False, as_json)


@cli.command()
@click.option("--clear", is_flag=True, help="Remove all kept recordings.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def cache(clear: bool, as_json: bool) -> None:
    """Tell where finished recordings are kept for the next render, and how much they take."""
    from nnanim import cache as kept

    if clear:
        click.echo(f"nnanim: {kept.clear()} recordings removed", err=True)
    files = kept.contents()
    taken = sum(file.stat().st_size for file in files)
    facts = {
        "path": str(kept.folder()), "recordings": len(files), "bytes": taken, "limit": kept.LIMIT
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(facts["path"])
    click.echo(f"{len(files)} recordings, {taken / 1e6:.1f} of {kept.LIMIT / 1e6:.0f} MB", err=True)


class Epochs(click.ParamType):  # type: ignore[type-arg]
    """Epochs of a training with commas between them."""

    name = "EPOCHS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Return the epochs."""
        try:
            return value if isinstance(value, tuple) else tuple(map(float, value.split(",")))
        except ValueError:
            self.fail(f"{value!r}: expected epochs, as 0,5,20,100", param, ctx)


@cli.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("--epochs", type=Epochs(), required=True, help="Which moments, as 0,5,20,100.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The picture: .png, .svg or .pdf.  "
              "[default: renders/<scene>.sheet.png]")  # fmt: skip
@_scene_options
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
    path = _output(file, output, "sheet.png", many=False)
    with _work_on(file) as progress:
        contact(
            _opened(file, settings, seed, model),
            path,
            epochs,
            size=size,
            theme=theme,
            cache=not no_cache,
            progress=progress,
        )
    _report(path, {}, opened, as_json)


@cli.command(name="list")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("scenes"))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_scenes(folder: Path, as_json: bool) -> None:
    """List the scenes of a folder with their captions; their files are read, not run."""
    from nnanim.loading import listing, scene_files

    if not folder.exists():
        raise UsageError(
            f"no folder {str(folder)!r}: expected one that holds scenes; "
            "`nnanim new rings` writes a first scene"
        )
    found, broken = [], []
    for file in scene_files(folder):
        try:
            found.append(listing(file))
        except SceneError as error:  # the others are listed all the same
            broken.append(str(error))
    if as_json:
        rows = [{"name": f.name, "path": str(f.path), "caption": f.caption} for f in found]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        width = max((len(entry.name) for entry in found), default=0)
        for entry in found:
            click.echo(f"{entry.name:<{width}}  {entry.caption}".rstrip())
    if broken:
        raise SceneError("; ".join(broken))


@cli.command()
@click.argument("name")
def new(name: str) -> None:
    """Write a commented starter scene, NAME.py, in scenes/ if there is such a folder."""
    from nnanim.starter import write_starter

    click.echo(write_starter(name))


def main() -> None:
    """Run the command line; a user's mistake is one line and its exit code."""
    logging.basicConfig(level=logging.WARNING, format="nnanim: %(message)s", stream=sys.stderr)
    logging.getLogger("nnanim").setLevel(logging.INFO)
    try:
        cli.main(prog_name="nnanim", standalone_mode=False)
        sys.stdout.flush()
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "nnanim"
        _fail(f"{error.format_message()} `{command} --help` tells more.", error.exit_code)
    except NnanimError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        if error.errno not in _DISK:
            raise
        _fail(str(error), WriteError.exit_code)


def _fail(message: str, code: int) -> NoReturn:
    line = _printable(" ".join(part.strip() for part in message.splitlines()))
    click.echo(f"nnanim: {line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}", err=True)
    sys.exit(code)


def _printable(text: str) -> str:
    """Return a text, which may come from anyone's file, without what a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


@contextmanager
def _work_on(file: Path) -> "Iterator[Progress | None]":
    """Show progress; what the scene prints goes to stderr, what it raises names its file."""
    from nnanim.loading import blamed_on

    with _progress_bar(file.stem) as progress, redirect_stdout(sys.stderr), blamed_on(file):
        yield progress


def _opened(
    file: Path, settings: tuple[str, ...], seed: int | None, model: str | None
) -> "Scene | Recording":
    from nnanim.opening import opened

    pairs = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not key or not equals:
            raise UsageError(f"--set {setting}: expected KEY=VALUE, as --set width=3")
        pairs[key] = value
    return opened(file, pairs, seed, model)


def _output(file: Path, output: Path | None, suffix: str, many: bool) -> Path:
    """Return where the result goes; only the default folder is made."""
    name = f"{file.stem}.{suffix}"
    if output is None:
        folder = Path("renders")
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise WriteError(
                f"cannot make the folder {folder}: {error.strerror}; say where by -o"
            ) from error
        return folder / name
    if many and not output.is_dir():
        raise UsageError(f"-o {output}: for a folder of scenes, expected a folder that exists")
    if suffix == "png" and output.is_dir() and not many and _is_old_film(output):
        return output
    return output / name if output.is_dir() else output


def _is_old_film(folder: Path) -> bool:
    from nnanim.writers.place import holds_frames

    return holds_frames(folder)


def _report(path: Path, facts: dict[str, Any], opened: bool, as_json: bool) -> None:
    click.echo(json.dumps({"path": str(path), **facts}) if as_json else str(path))
    if opened:
        click.launch(str(path))


@contextmanager
def _progress_bar(name: str) -> "Iterator[Progress | None]":
    """Show a bar for each stage on stderr while it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description:<10}"),
        bars.BarColumn(bar_width=None),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[rate]}", style="progress.data.speed"),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.console.print(f"[bold]{name}[/bold]")
        tasks: dict[str, bars.TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total, rate="")
            progress.update(tasks[stage], completed=done)
            speed = progress.tasks[tasks[stage]].speed
            unit = "steps" if stage == "training" else stage
            progress.update(tasks[stage], rate=f"{speed:,.0f} {unit}/s" if speed else "")

        yield show


if __name__ == "__main__":
    main()
