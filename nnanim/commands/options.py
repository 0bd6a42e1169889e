"""Options: what several commands take, and the kinds of values on the command line."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

Options = Callable[[Callable[..., None]], Callable[..., None]]

_DIRECTIONS = ("layer", "views", "words", "title", "like", "morph")


@dataclass(frozen=True)
class Asked:
    """What is asked of every command that draws, but for how the picture looks.

    Of a scene its parameters and seed, of a recording what builds its model; how both are directed;
    and what becomes of the result.
    """

    settings: tuple[str, ...]
    seed: int | None
    model: str | None
    directions: dict[str, Any]
    no_cache: bool
    opened: bool
    as_json: bool


_COMMON = [field.name for field in fields(Asked)]


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


class Told(click.Option):
    """An option whose help names the formats and themes that there are.

    They are looked up when it is shown, for that takes longer than all the rest.
    """

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return how it is called and what it does."""
        record = super().get_help_record(ctx)
        return record and (record[0], record[1].format(**_known()))


def _known() -> dict[str, str]:
    from nnanim.themes import THEMES
    from nnanim.words import LANGUAGES
    from nnanim.writers import FORMATS
    from nnanim.writers.checks import formats_that, listed
    from nnanim.writers.format import CHOICES

    def having(choice: str) -> str:
        return formats_that(lambda kind: choice in kind.choices)

    return {
        "formats": listed([*FORMATS, "html"], "or"),
        "files": ", ".join(
            f".{name}" for name in [*(n for n, k in FORMATS.items() if not k.folder), "html"]
        ),
        "folders": listed([f".{name}" for name, kind in FORMATS.items() if kind.folder], "or"),
        "bounded": formats_that(lambda kind: bool(kind.qualities)),
        "languages": listed(list(LANGUAGES), "or"),
        "themes": listed(list(THEMES), "or"),
        **{choice: having(choice) for choice in CHOICES},
    }


SEED = click.option("--seed", type=click.IntRange(0, 2**63 - 1),
                    help="Seed of data, initial weights and batches.")  # fmt: skip
SETTINGS = click.option("--set", "settings", multiple=True, metavar="KEY=VALUE",
                        help="A parameter of the scene, or what it declares, as training.lr=0.03; "
                        "may be given several times.")  # fmt: skip
MODEL = click.option("--model", metavar="FILE.py:FUNCTION",
                     help="What builds the network of a recording that does not "
                     "hold it.")  # fmt: skip
NO_CACHE = click.option("--no-cache", is_flag=True, help="Train anew, and keep no recording.")


def picture_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what a picture shows and how it looks.

    Those that direct a scene or a recording come to the command as one, `directions`.
    """

    @wraps(command)
    def gathered(**given: Any) -> None:
        directions = {name: given.pop(name) for name in _DIRECTIONS}
        command(directions=directions, **given)

    options: list[Options] = [
        click.option("-r", "--size", type=Size(), help="Size of the picture."),
        click.option("--theme", cls=Told, help="{themes}."),
        click.option("--title", metavar="TEXT", help="The title in the picture."),
        click.option("--lecture", is_flag=True,
                     help="Texts 1.4 times as large, to be read from the back row."),
        click.option("--words", cls=Told, help="What language the picture speaks: {languages}."),
        click.option("--layer", metavar="NAME", help="The layer that is looked at."),
        click.option("--views", metavar="VIEWS",
                     help="The views, as \"Network(), HiddenSpace3D('1')\"; [brackets] make rows."),
        click.option("--like", type=click.Path(path_type=Path), metavar="FILE.py",
                     help="A scene file whose views, timeline, theme and words are taken; its data "
                     "and training are not."),
        click.option("--morph", is_flag=True,
                     help="Show how space goes through the layers, one after another, when it is "
                     "trained."),
    ]  # fmt: skip
    return _with(options, gathered)


def scene_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what is drawn and how it looks, and what becomes of it.

    What is asked of every command comes to it as one, `asked`.
    """

    @wraps(command)
    def gathered(**given: Any) -> None:
        common = {name: given.pop(name) for name in _COMMON}
        command(asked=Asked(**common), **given)

    options: list[Options] = [
        SEED,
        SETTINGS,
        MODEL,
        NO_CACHE,
        click.option("-p", "--open", "opened", is_flag=True, help="Open the result."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    ]
    return picture_options(_with(options, gathered))


def _with(options: list[Options], command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that takes these options, too, in their order, before its own."""
    for option in reversed(options):
        command = option(command)
    return command


BARE = click.option("--bare", is_flag=True, help="Panels without title, strip and recipe.")


def encoding_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say how a film is encoded."""
    options: list[Options] = [
        click.option("--codec", cls=Told, help="Of {codec}: h264 (default), hevc or av1."),
        click.option("--chroma", cls=Told, help="Of {chroma}: 420 (default) or 444, which keeps "
                     "thin coloured lines but does not play everywhere."),
        click.option("--lossless", is_flag=True, cls=Told,
                     help="Of {lossless}: every pixel as it was drawn."),
        click.option("--loop", help="once, forever (default) or pingpong, there and back."),
        click.option("--max-size", "max_bytes", type=Bytes(), cls=Told,
                     help="Of {bounded}: as large as the file may be, as 10MB; quality is "
                     "given up first, then frames a second, then size. Of html, too: moments, "
                     "then points."),
        click.option("--extras", is_flag=True, help="Put a poster, alt text, snippets of HTML and "
                     "Markdown, and captions (WebVTT) beside the film."),
        click.option("--captions", type=click.Choice(["picture", "file", "none"]),
                     default="picture", help="Where what the acts say goes: into the picture "
                     "and the file (default), into the file alone (a track of MP4; beside it with "
                     "--extras), or nowhere."),
        click.option("--clips", is_flag=True, help="Write a film of each chapter, too, into a "
                     "folder beside the film: 01-…, 02-…."),
        click.option("--from", "start", type=float, metavar="EPOCH", help="Begin there."),
        click.option("--to", "stop", type=float, metavar="EPOCH", help="End there."),
    ]  # fmt: skip
    return _with(options, command)
