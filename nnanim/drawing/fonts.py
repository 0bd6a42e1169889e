"""Fonts: a family of the system or a file, others for what it lacks, and what none of them has."""

import logging
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from threading import Lock

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, fontManager

from nnanim.errors import SceneError
from nnanim.texts import drawable

_FILES = (".ttf", ".otf", ".ttc")
_GENERIC = ("serif", "sans-serif", "sans", "monospace", "cursive", "fantasy")
# Asked before all others, as they are made for text; then those are asked that there are, by name.
_JAPANESE = ("Noto Sans CJK JP", "Noto Sans JP", "IPAexGothic", "IPAGothic", "Yu Gothic", "Meiryo",
             "Hiragino Sans")  # fmt: skip
_CHINESE = ("Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", "Microsoft YaHei",
            "PingFang SC", "SimHei")  # fmt: skip
_KOREAN = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Malgun Gothic",
           "Apple SD Gothic Neo")  # fmt: skip
_OTHERS = ("DejaVu Sans", "Noto Sans Devanagari", "Lohit Devanagari", "Nirmala UI", "Mangal",
           "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Thai", "Noto Emoji", "Symbola",
           "Segoe UI Emoji", "Noto Sans Symbols2", "Noto Sans Math")  # fmt: skip
_BY_SCRIPT = {"HIRAGANA": _JAPANESE, "KATAKANA": _JAPANESE, "HANGUL": _KOREAN, "CJK": _CHINESE}
# Of sizes, of no letters, or of letters in the places of others.
_NO_TEXT = ("Last Resort", "STIXNonUnicode", "STIXSize", "cmb10", "cmex10", "cmmi10", "cmr10",
            "cmss10", "cmsy10", "cmti10", "cmtt10")  # fmt: skip
_UNKNOWN = "\ufffd"
_MOST_TOLD = 20  # letters

_log = logging.getLogger("nnanim")
# A family without bold letters is no news where it stands in for one that lacks letters.
logging.getLogger("matplotlib.font_manager").addFilter(
    lambda record: "Failed to find font weight" not in record.getMessage()
)
_lacking: set[str] = set()
_told: set[str] = set()
_LOCK = Lock()


@lru_cache(maxsize=256)
def family_of(font: str) -> str:
    """Return the family of a font, given by that name or as a file.

    Raises `SceneError` for one that there is not, with the nearest names.
    """
    if Path(font).suffix.lower() in _FILES:
        return _added(Path(font))
    for known in (_families, _families_of_a_second_look):
        found = next((name for name in known() if name.lower() == font.lower()), None)
        if found is not None or font in _GENERIC:
            return found or font
    lower = {name.lower(): name for name in _families()}
    near = [lower[name] for name in get_close_matches(font.lower(), lower, n=3, cutoff=0.5)]
    hint = f"; near are {', '.join(near)}" if near else ""
    raise SceneError(
        f"font {font!r} is not installed: expected a family of this system, as 'DejaVu Sans', or a "
        f"file, as 'fonts/Mine.otf'{hint}"
    )


def font_for(family: str, size: float, bold: bool, text: str) -> tuple[FontProperties, str]:
    """Return the font, with others for letters that it lacks, and the text that these can draw.

    A letter that no font has is drawn as �, and kept in mind for `tell_of_lacks`.
    """
    text = drawable(text)
    missing = frozenset(c for c in set(text) if ord(c) not in _letters(family, bold))
    if not missing:
        return _properties((family,), size, bold), text
    others, lost = _covering(missing, bold)
    unseen = {c for c in lost if unicodedata.category(c) in ("Cf", "Mn")}
    if lost - unseen:
        with _LOCK:
            _lacking.update(lost - unseen)
    if lost:
        text = "".join("" if c in unseen else _UNKNOWN if c in lost else c for c in text)
    return _properties((family, *others), size, bold), text


def tell_of_lacks() -> None:
    """Say in one line which letters no font has, once for each."""
    if _lacking <= _told:
        return
    with _LOCK:
        new = sorted(_lacking - _told)
        _told.update(new)
    if not new:
        return
    letters = " ".join(f"{c} (U+{ord(c):04X})" for c in new[:_MOST_TOLD])
    more = f" and {len(new) - _MOST_TOLD} more" if len(new) > _MOST_TOLD else ""
    _log.warning(
        "no font of this system has %s%s: drawn as %s; install a font of that script, as those of "
        "Noto, or give a file, as themes.dark.replace(font='fonts/Mine.otf')",
        letters, more, _UNKNOWN,
    )  # fmt: skip


@lru_cache(maxsize=512)
def _properties(families: tuple[str, ...], size: float, bold: bool) -> FontProperties:
    weight = "bold" if bold else "normal"
    return FontProperties(family=list(families), size=size, weight=weight)


def _added(path: Path) -> str:
    """Return the family of a font in a file, which matplotlib finds by it from now on."""
    try:
        family = FontProperties(fname=path).get_name()
        if not any(Path(entry.fname) == path for entry in fontManager.ttflist):
            fontManager.addfont(path)
    except (OSError, RuntimeError) as error:
        reason = "there is no such file" if not path.is_file() else f"it cannot be read: {error}"
        raise SceneError(
            f"font {str(path)!r}: {reason}; expected a .ttf or .otf file, or a family of this "
            "system, as 'DejaVu Sans'"
        ) from error
    return family


def _families() -> list[str]:
    return sorted({entry.name for entry in fontManager.ttflist})


def _families_of_a_second_look() -> list[str]:
    """Return the families with those that were installed since matplotlib last looked."""
    known = {entry.fname for entry in fontManager.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in known:
            try:
                fontManager.addfont(path)
            except (OSError, RuntimeError):  # made of pixels, or broken
                continue
    return _families()


@lru_cache(maxsize=1024)
def _letters(family: str, bold: bool) -> frozenset[int]:
    """Return the letters that a family has; none where it cannot be read."""
    try:
        path = fontManager.findfont(_properties((family,), 10.0, bold), fallback_to_default=False)
        return frozenset(font_manager.get_font(path).get_charmap())
    except (OSError, RuntimeError, ValueError):
        return frozenset()


@lru_cache(maxsize=1024)
def _covering(missing: frozenset[str], bold: bool) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return families that have letters which are missing, and those that none has."""
    left, chosen = set(missing), []
    for family in _in_turn(missing):
        has = {c for c in left if ord(c) in _letters(family, bold)}
        if has:
            chosen.append(family)
            left -= has
        if not left:
            break
    return tuple(chosen), frozenset(left)


def _in_turn(missing: Iterable[str]) -> Iterator[str]:
    """Give the families that may have some letters, those of their script first."""
    names = " ".join(unicodedata.name(c, "") for c in missing)
    first = next((fonts for script, fonts in _BY_SCRIPT.items() if script in names), ())
    preferred = dict.fromkeys((*first, *_OTHERS, *_CHINESE, *_JAPANESE, *_KOREAN))
    known = set(_families_of_a_second_look())
    yield from (name for name in preferred if name in known)
    rest = sorted(known - set(preferred), key=lambda name: ("Serif" in name, name))
    yield from (name for name in rest if not name.startswith(_NO_TEXT))
