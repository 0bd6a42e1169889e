"""Checks: what a format cannot do is refused before anything is trained, with those that can."""

from collections.abc import Callable

from nnanim.errors import UsageError
from nnanim.themes import THEMES, Theme
from nnanim.writers import FORMATS
from nnanim.writers.format import CHOICES, DEFAULTS, Encoding, Format
from nnanim.writers.process import check_encoder


def check_format(
    kind: Format,
    size: tuple[int, int],
    fps: float,
    theme: Theme,
    encoding: Encoding = DEFAULTS,
    max_bytes: int | None = None,
) -> None:
    """Raise `UsageError` for what a format cannot hold, and for what it has no choice of."""
    if theme.transparent and not kind.alpha:
        opaque = listed([name for name, other in THEMES.items() if not other.transparent], "or")
        raise UsageError(
            f"{kind.name} cannot be transparent as the theme {theme.name!r} is: use --format "
            f"{formats_that(lambda other: other.alpha, 'or')}, or the theme {opaque}"
        )
    chosen = (choice for choice in CHOICES if getattr(encoding, choice))
    foreign = next((choice for choice in chosen if choice not in kind.choices), None)
    if foreign is not None:
        able = formats_that(lambda other: foreign in other.choices)
        raise UsageError(f"--{foreign} is for {able}, not for {kind.name}: leave it out")
    if encoding.loop in ("once", "forever") and not kind.loops:
        able = formats_that(lambda other: other.loops)
        raise UsageError(
            f"{kind.name} does not loop by itself, its player does: leave --loop "
            f"{encoding.loop} out; --loop pingpong and formats {able} will do"
        )
    if max_bytes is not None and encoding.lossless:
        raise UsageError(
            "--lossless keeps all and --max-size gives up what is too large: leave one of them out"
        )
    if max_bytes is not None and not kind.qualities:
        able = formats_that(lambda other: bool(other.qualities))
        raise UsageError(f"--max-size is for {able}, not for {kind.name}: leave it out")
    if kind.limits is not None:
        kind.limits(size, fps, encoding)
    if kind.encoder:
        check_encoder(kind.encoder)


def formats_that(can: Callable[[Format], bool], last: str = "and") -> str:
    """Return the names of the formats for which `can` holds, as "gif, webp and apng"."""
    return listed([kind.name for kind in FORMATS.values() if can(kind)], last)


def listed(names: list[str], last: str) -> str:
    """Return names with commas between them, before the last one "and" or "or"."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
