"""Options: what several commands take, and the kinds of values on the command line."""

import re
from collections.abc import Callable
from typing import Any

import click

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


def scene_options(command: Callable[..., None]) -> Callable[..., None]:
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


BARE = click.option("--bare", is_flag=True, help="Panels without title, strip and recipe.")


def encoding_options(command: Callable[..., None]) -> Callable[..., None]:
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
