"""Themes: colours by role, sizes by the sheet's height."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from nnanim.errors import SceneError, UsageError, unknown

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True)
class Theme:
    """Colours of the sheet by role; a class is "class0", "class1" … and repeats after the last."""

    name: str
    ground: str
    panel: str
    ink: str
    quiet: str
    hairline: str
    grid: str
    boundary: str
    classes: tuple[str, ...]
    transparent: bool = False
    font: str = "DejaVu Sans"

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


ROLES = ("ground", "panel", "ink", "quiet", "hairline", "grid", "boundary")

_DARK_CLASSES = ("#F5A524", "#4CA6FF", "#3DD6A3", "#E879C6", "#F4E04D", "#A58BFF", "#FF7A59")
_OKABE_ITO = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6A00")
_GREYS = ("#1A1A1A", "#8C8C8C", "#4D4D4D", "#B8B8B8", "#333333", "#737373", "#A0A0A0")


_DARK = Theme(
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

_LIGHT = Theme(
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

_PAPER = Theme(
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

THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        theme.name: theme
        for theme in (
            _DARK,
            _LIGHT,
            _PAPER,
            replace(_DARK, name="transparent", transparent=True),
            replace(_LIGHT, name="transparent-light", transparent=True),
        )
    }
)


def theme_named(name: str) -> Theme:
    """Return the theme of that name; `UsageError` lists the names there are."""
    if name not in THEMES:
        raise UsageError(unknown("theme", name, THEMES))
    return THEMES[name]
