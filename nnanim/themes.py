"""Themes: the colours of a sheet by role.

A scene takes one by name or as a value, its own or one of these with something else in it:

    scene = Scene(…, theme="light")
    scene = Scene(…, theme=themes.light.replace(name="sepia", ground="#F4ECD8"))
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from nnanim.errors import SceneError, unknown

__all__ = ["Theme", "dark", "light", "paper", "transparent", "transparent_light"]

Rgba = tuple[float, float, float, float]

ROLES = ("ground", "panel", "ink", "quiet", "hairline", "grid", "boundary")


@dataclass(frozen=True)
class Theme:
    """Colours of the sheet by role, as #RRGGBB; a class is "class0", "class1" … in marks.

    Of more classes than there are colours, those after the last begin anew. Where `transparent`,
    ground and panels are not drawn, but their colours still suit what lies behind. Raises
    `SceneError` for what is no colour.
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

    def __post_init__(self) -> None:
        if isinstance(self.classes, list):
            object.__setattr__(self, "classes", tuple(self.classes))
        if not isinstance(self.classes, tuple) or not self.classes:
            raise SceneError(
                f"Theme(classes={self.classes!r}): expected the colours of the classes, one or "
                'more, as ("#F5A524", "#4CA6FF")'
            )
        colors = [(role, getattr(self, role)) for role in ROLES]
        for role, color in [*colors, *(("classes", color) for color in self.classes)]:
            if not isinstance(color, str) or not re.fullmatch("#[0-9A-Fa-f]{6}", color):
                raise SceneError(
                    f"Theme({role}={color!r}): expected a colour as #RRGGBB, as '#F5A524'"
                )
        if not isinstance(self.name, str) or not self.name:
            raise SceneError(f"Theme(name={self.name!r}): expected a name, as 'sepia'")

    def replace(self, **changes: Any) -> "Theme":
        """Return the theme with other colours, another name …"""
        return replace(self, **changes)

    def color(self, role: str) -> str:
        """Return the colour of `role` as #RRGGBB."""
        if role.startswith("class") and role[5:].isdigit():
            return self.classes[int(role[5:]) % len(self.classes)]
        if role not in ROLES:
            raise SceneError(unknown("colour role", role, (*ROLES, "class0", "class1")))
        return str(getattr(self, role))

    def rgba(self, role: str, alpha: float = 1.0) -> Rgba:
        """Return red, green, blue and alpha of `role` in [0, 1]."""
        digits = self.color(role).lstrip("#")
        red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
        return red, green, blue, alpha

    @property
    def opaque_colors(self) -> list[str]:
        """Every flat colour that a sheet can show, for palettes."""
        return [getattr(self, role) for role in ROLES] + list(self.classes)


_DARK_CLASSES = ("#F5A524", "#4CA6FF", "#3DD6A3", "#E879C6", "#F4E04D", "#A58BFF", "#FF7A59")
_OKABE_ITO = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6A00")
_GREYS = ("#1A1A1A", "#8C8C8C", "#4D4D4D", "#B8B8B8", "#333333", "#737373", "#A0A0A0")


dark = Theme(
    name="dark",
    ground="#0E1116",
    panel="#151A21",
    ink="#E8ECF1",
    quiet="#8B95A3",
    hairline="#2A323D",
    grid="#5B6675",
    boundary="#FFFFFF",
    classes=_DARK_CLASSES,
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
    classes=_OKABE_ITO,
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
