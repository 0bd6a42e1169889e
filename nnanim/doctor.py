"""Doctor: what of this machine nnanim uses, what is amiss there, and what to do."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from shutil import disk_usage
from tempfile import gettempdir

from nnanim import __version__
from nnanim.drawing.fonts import font_for
from nnanim.errors import NnanimError, UsageError
from nnanim.kernels.keeping import kernels_kept
from nnanim.place import check_place
from nnanim.recording import cache
from nnanim.themes import THEMES
from nnanim.threads import cores
from nnanim.words import LANGUAGES
from nnanim.writers import FORMATS
from nnanim.writers.format import CODECS, Encoding
from nnanim.writers.process import answer, check_encoder

_SIZE, _RATE = (640, 360), 20.0  # of a film that every format can hold


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, what was found; what to do where it is `amiss`."""

    what: str
    found: str
    amiss: str = ""


def findings() -> Iterator[Finding]:
    """Give all that was found; nothing in it names the user."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    yield Finding("nnanim", __version__)
    yield Finding("Python", f"{platform.python_version()} on {system}")
    yield from _packages()
    yield Finding("threads", f"one for each of {cores()} cores")
    yield _tried("ffmpeg", lambda: answer("-version").decode(errors="replace").splitlines()[0])
    yield from _formats()
    yield from _letters()
    yield _tried("compiled kernels", _kernels)
    yield from (_folder(what, place) for what, place in _folders().items())


def _packages() -> Iterator[Finding]:
    """Give the version of each package that nnanim declares, those that are extra apart."""
    for line in metadata.requires("nnanim") or ():
        requirement, _, condition = line.partition(";")
        name = requirement.split("[")[0].rstrip("0123456789.<>=!~, ")
        extra = condition.partition("extra == ")[2].strip("\"' ")
        try:
            yield Finding(name, metadata.version(name))
        except metadata.PackageNotFoundError:
            if extra:
                yield Finding(name, f"not installed, only needed for {extra}: pip install {name}")
            else:
                yield Finding(name, "not installed", f"pip install {name!r}")


def _formats() -> Iterator[Finding]:
    """Give the formats that films can be written in, and those that cannot be."""
    made: list[str] = []
    amiss: dict[str, str] = {}
    for name, kind in FORMATS.items():
        for codec in CODECS if "codec" in kind.choices else (None,):
            called = f"{name} ({codec})" if codec else name
            try:
                if kind.encoder:
                    check_encoder(kind.encoder)
                if kind.limits is not None:
                    kind.limits(_SIZE, _RATE, Encoding(codec=codec))
                made.append(called)
            except NnanimError as error:
                amiss[called] = str(error)
    yield Finding("formats", ", ".join(made) or "none")
    yield from (Finding(f"format {name}", "cannot be written", amiss[name]) for name in amiss)


def _letters() -> Iterator[Finding]:
    """Give the languages whose words the fonts of this system can draw."""
    drawn: list[str] = []
    lacking: list[str] = []
    for language, (words, _) in LANGUAGES.items():
        said = "".join("".join(word) for word in words.values())
        lacks = "\ufffd" in font_for(THEMES["dark"].font, 10, False, said)[1]
        (lacking if lacks else drawn).append(language)
    advice = (
        f"; not those of {', '.join(lacking)}: install a font of that script, as those of Noto, "
        "if films are to speak it"
    )
    yield Finding("fonts", f"have the letters of {', '.join(drawn)}{advice if lacking else ''}")


def _kernels() -> str:
    place, count = kernels_kept()
    if place is None:
        raise UsageError("no folder can keep them, so that they are compiled in every run: "
                         "NUMBA_CACHE_DIR names one that can be written")  # fmt: skip
    return f"{count} in {_named(place)}"


def _folders() -> dict[str, Path]:
    return {
        "recordings kept in": cache.folder(),
        "films go to": Path("renders").absolute(),
        "what is passing": Path(gettempdir()),
    }


def _folder(what: str, folder: Path) -> Finding:
    """Return whether files can be written into a folder, or where it is to be made."""
    there = next(place for place in (folder, *folder.parents) if place.is_dir())

    def room() -> str:
        check_place(there / "nnanim.doctor")
        return f"{_named(folder)}, {disk_usage(there).free / 1e9:,.1f} GB free"

    return _tried(what, room)


def _tried(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, look())
    except NnanimError as error:
        return Finding(what, "does not work", str(error))


def _named(place: Path) -> str:
    """Return a path without the user's name."""
    home = Path.home()
    return f"~/{place.relative_to(home)}" if place.is_relative_to(home) else str(place)
