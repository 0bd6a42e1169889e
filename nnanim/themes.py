"""Themes: the colours of a sheet by role.

A scene takes one by name or as a value, its own or one of these with something else in it:

    scene = Scene(…, theme="light")
    scene = Scene(…, theme=themes.light.replace(name="sepia", ground="#F4ECD8"))
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from nnanim.css import NAMES, css_rgba
from nnanim.errors import SceneError, unknown

__all__ = ["Theme", "dark", "light", "paper", "transparent", "transparent_light"]

Rgba = tuple[float, float, float, float]

LECTURE = 1.4  # times the usual size of texts: read from the back row
TEXTS = 1.0, 3.0  # the least and the largest such factor

ROLES = ("ground", "panel", "ink", "quiet", "hairline", "grid", "boundary", "grid2")
LEAST_CONTRAST = 3.0  # of what is to be seen, to the ground
_SEEN = ("ink", "quiet", "boundary")


def is_role(color: str) -> bool:
    """Return whether a colour is one that the theme fills in."""
    return color in ROLES or (color.startswith("class") and color[5:].isdecimal())


def _hex(rgba: Rgba) -> str:
    """Return a colour as #RRGGBB."""
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in rgba[:3])


def _luminance(rgba: Rgba) -> float:
    """Return how bright a colour is in [0, 1], as WCAG 2 defines it for sRGB."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgba[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _near(came: object, known: tuple[str, ...] = ()) -> str:
    """Return the end of an error about what is no colour: how one is written, and the nearest."""
    near = get_close_matches(came.lower(), [*known, *NAMES], n=1) if isinstance(came, str) else []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"as '#F5A524', 'navy' or 'rgb(0 114 178)'{hint}"


def _opaque(role: str, color: object) -> str:
    """Return a colour of a theme as #RRGGBB; `SceneError` for what is none, or lets through."""
    found = css_rgba(color) if isinstance(color, str) else None
    if found is None:
        raise SceneError(f"Theme({role}={color!r:.80}): expected a colour, {_near(color)}")
    if found[3] < 1:
        raise SceneError(
            f"Theme({role}={color!r}) lets through what lies behind: expected an opaque colour, as "
            f"{_hex(found)!r}"
        )
    return _hex(found)


def expect_text_size(text: object) -> None:
    """Raise `SceneError` for what is no factor of the size of texts."""
    least, most = TEXTS
    if isinstance(text, bool) or not isinstance(text, int | float) or not least <= text <= most:
        raise SceneError(
            f"Theme(text={text!r}): expected how many times as large as usual texts are, from "
            f"{least:g} to {most:g}, as 1.4 for a lecture"
        )


@dataclass(frozen=True)
class Theme:
    """Colours of the sheet by role, as CSS writes them; a class is "class0", "class1" … in marks.

    Of more classes than there are colours, those after the last begin anew. Where `transparent`,
    ground and panels are not drawn, but their colours still suit what lies behind. Raises
    `SceneError` for what is no opaque colour.
    """

    name: str
    ground: str
    panel: str
    ink: str  # titles and values
    quiet: str  # what is read second: ticks, captions, the recipe
    hairline: str
    grid: str
    boundary: str
    classes: tuple[str, ...]
    transparent: bool = False
    font: str = "DejaVu Sans"  # one that matplotlib finds
    text: float = 1.0  # how many times as large as usual texts are
    grid2: str = ""  # of lines that cross those of the grid; left out, that of the grid
    greys: bool = False  # whether colour maps are drawn by their lightness alone

    def __post_init__(self) -> None:
        if isinstance(self.classes, list):
            object.__setattr__(self, "classes", tuple(self.classes))
        if not isinstance(self.classes, tuple) or not self.classes:
            raise SceneError(
                f"Theme(classes={self.classes!r}): expected the colours of the classes, one or "
                'more, as ("#F5A524", "#4CA6FF")'
            )
        object.__setattr__(self, "grid2", self.grid2 or self.grid)
        for role in ROLES:
            object.__setattr__(self, role, _opaque(role, getattr(self, role)))
        classes = tuple(_opaque("classes", color) for color in self.classes)
        object.__setattr__(self, "classes", classes)
        expect_text_size(self.text)
        if not isinstance(self.font, str) or not self.font:
            raise SceneError(
                f"Theme(font={self.font!r}): expected a family of this system, as 'DejaVu Sans', "
                "or a file, as 'fonts/Mine.otf'"
            )
        if not isinstance(self.name, str) or not self.name:
            raise SceneError(f"Theme(name={self.name!r}): expected a name, as 'sepia'")

    def replace(self, **changes: Any) -> "Theme":
        """Return the theme with other colours, another name …; `SceneError` for what it has not.

        Another `grid` is that of all its lines, unless `grid2` is given too.
        """
        parts = [field.name for field in fields(self)]
        for name in changes:
            if name not in parts:
                raise SceneError(unknown("part of a theme", name, parts))
        if "grid" in changes:
            changes = {"grid2": "", **changes}
        return replace(self, **changes)

    def color(self, role: str) -> str:
        """Return the colour of `role`, or of one that CSS knows, as #RRGGBB."""
        return _hex(self.rgba(role))

    def mixed(self, role: str, other: str, share: float) -> str:
        """Return the colour at a `share` in [0, 1] of the way from one to the other, #RRGGBB."""
        pairs = zip(self.rgba(role), self.rgba(other), strict=True)
        red, green, blue, _ = (a + share * (b - a) for a, b in pairs)
        return _hex((red, green, blue, 1.0))

    def rgba(self, role: str, alpha: float = 1.0) -> Rgba:
        """Return red, green, blue and alpha in [0, 1] of `role`, or of a colour that CSS knows.

        Raises `SceneError` for what is neither.
        """
        named = role
        if is_role(role):
            number = role[5:]
            classed = role.startswith("class")
            named = (
                self.classes[int(number) % len(self.classes)] if classed else getattr(self, role)
            )
        found = css_rgba(named)
        if found is None:
            known = (*ROLES, "class0", "class1")
            raise SceneError(
                f"unknown colour {role!r:.80}: expected a role, {' | '.join(known)}, or a colour, "
                f"{_near(role, known)}"
            )
        return *found[:3], alpha * found[3]

    @property
    def faint(self) -> list[str]:
        """The roles that are hard to see: under 3 : 1 to the ground, and not so in our own themes.

        Lines that are meant to be quiet, and what the panels are filled with, are not among them.
        """
        roles = [*_SEEN, *(f"class{k}" for k in range(len(self.classes)))]
        ours = [(theme.ground, theme.color(r)) for theme in THEMES.values() for r in roles]
        return [
            role
            for role in roles
            if self.contrast(role) < LEAST_CONTRAST and (self.ground, self.color(role)) not in ours
        ]

    def contrast(self, role: str) -> float:
        """Return the contrast of a colour with the ground, from 1 to 21, as WCAG 2 defines it."""
        low, high = sorted(map(_luminance, (self.rgba(role), self.rgba("ground"))))
        return (high + 0.05) / (low + 0.05)

    @property
    def opaque_colors(self) -> list[str]:
        """Every flat colour that a sheet can show, for palettes."""
        return [getattr(self, role) for role in ROLES] + list(self.classes)


# Each two of the first list or the second are at least 11 apart by CIEDE2000, also for eyes without
# red or green (Machado 2009), and 3 : 1 or more from the ground. Greys so far apart are four, which
# shapes must help: no two classes here have one grey and one shape.
_ON_DARK = (
    *("#F5A524", "#4CA6FF", "#11D4AA", "#EE2277", "#775EEE", "#BBEE99"),
    *("#1A882A", "#D490BB", "#66D4FF", "#F60008", "#229080", "#D49066"),
)
_ON_WHITE = (
    *("#D55E00", "#0072B2", "#22A288", "#6E2A44", "#F6446E", "#0000EE"),
    *("#3C6E44", "#B20808", "#0899B2", "#6E80FF", "#114488", "#905577"),
)
_GREYS = (
    *("#1A1A1A", "#8C8C8C", "#444444", "#6A6A6A", "#8C8C8C", "#444444"),
    *("#6A6A6A", "#1A1A1A", "#444444", "#6A6A6A", "#1A1A1A", "#8C8C8C"),
)


dark = Theme(
    name="dark",
    ground="#0E1116",
    panel="#151A21",
    ink="#E8ECF1",
    quiet="#8B95A3",
    hairline="#2A323D",
    grid="#5B6675",
    boundary="#FFFFFF",
    classes=_ON_DARK,
    grid2="#6E6478",
)

light = Theme(
    name="light",
    ground="#FFFFFF",
    panel="#FAFAF8",
    ink="#15181C",
    quiet="#6B7280",
    hairline="#E3E5E8",
    grid="#B4BAC2",
    boundary="#111111",
    classes=_ON_WHITE,
    grid2="#C2B4BE",
)

paper = Theme(
    name="paper",
    ground="#FFFFFF",
    panel="#FFFFFF",
    ink="#000000",
    quiet="#555555",
    hairline="#CCCCCC",
    grid="#A6A6A6",
    boundary="#000000",
    classes=_GREYS,
    greys=True,
)

transparent = dark.replace(name="transparent", transparent=True)
transparent_light = light.replace(name="transparent-light", transparent=True)

THEMES: Mapping[str, Theme] = MappingProxyType(
    {theme.name: theme for theme in (dark, light, paper, transparent, transparent_light)}
)


def theme_from(given: object) -> Theme:
    """Return a theme, given as it is or by name; `SceneError` lists the names that there are."""
    if isinstance(given, Theme):
        return given
    if not isinstance(given, str):
        raise SceneError(f"theme={given!r}: expected a name, {' | '.join(THEMES)}, or Theme(…)")
    if given not in THEMES:
        raise SceneError(unknown("theme", given, THEMES))
    return THEMES[given]


def __dir__() -> list[str]:
    return __all__
