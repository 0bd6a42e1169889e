"""Contents: everything that a page holds of films; see FORMAT.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from nnanim.drawing.color_maps import color_map
from nnanim.drawing.colors import color_table
from nnanim.drawing.letters import EM, Letters
from nnanim.drawing.surface import Box
from nnanim.page.arrays import Arrays
from nnanim.page.capture import Shot
from nnanim.page.fields import Fields
from nnanim.page.furniture import Furniture
from nnanim.page.kinds import Kinds
from nnanim.page.networks import network_of
from nnanim.page.said import said_in
from nnanim.page.samples import Samples
from nnanim.page.sources import Measure, Sources
from nnanim.page.thinning import Thinning
from nnanim.page.traced import INPUT
from nnanim.sheet.sheet import Sheet
from nnanim.themes import ROLES, Theme, dark, light
from nnanim.view import Panel

FORMAT = 1


@dataclass(frozen=True)
class Told:
    """What is told of a film beside its picture: what stands in files of films, and in words."""

    provenance: Mapping[str, Any]
    alt: str
    picked: tuple[int, ...] = ()


@dataclass(eq=False)
class Contents:
    """What films give to one page: shared arrays, letters and scales, a sheet of SVG each.

    `between` is called before each mark; what it raises gives the page up.
    """

    theme: Theme
    letters: Letters
    data: bool = True  # whether the films' data may be in it
    finest: int = 48  # cells along a side of a field that is kept as it is
    every: int = 1  # of how many of the films' samples one is in it
    between: Callable[[], None] = lambda: None
    arrays: Arrays = field(default_factory=Arrays)
    furniture: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    scales: dict[str, Any] = field(default_factory=dict)
    held: dict[int, int] = field(default_factory=dict)  # how many samples, of which data
    thinned: int = 1  # of how many samples one is in it, where they are the most
    is_coarse: bool = False  # whether fields have fewer cells for `finest`
    said: dict[str, str] = field(default_factory=dict)

    def add(self, sheet: Sheet, samples: Samples, shots: Sequence[Shot], told: Told) -> None:
        """Add a sheet of a traced film, as the `shots` at samples of its times show it."""
        film = sheet.film
        self.said = self.said or said_in(film.words)
        moments = [[tile.moment(t) for t in samples.film] for tile in film.tiles]
        every = (marks for rows, _ in shots for marks in rows)
        thinning = Thinning(film.tiles, self.every if self.data else 1, every)
        sources = Sources(self.arrays, film.tiles, self.data, thinning)
        fields = Fields(film.tiles, moments, self.finest)
        kinds = Kinds(sources, self.letters, fields, self.scales, self.between)
        panels = self._panels(sheet, shots, kinds)
        wide, high = sheet.look.size
        whole = Measure.of((0, wide), (0, high))
        overlay = kinds.marks([over for _, over in shots], whole)
        used, passing = _used(panels), _passing(panels)
        networks = [
            network_of(
                tile,
                own,
                sources,
                held=sources.held(i),
                passing=samples.film if i in passing else (),
            )
            if i in used
            else None
            for i, (tile, own) in enumerate(zip(film.tiles, moments, strict=True))
        ]
        for tile, rows in zip(film.tiles, thinning.held, strict=True):
            self.held[id(tile.data)] = len(rows)
        most = max(thinning.every)
        self.thinned = max(self.thinned, most)
        self.is_coarse |= fields.is_felt
        strip = sheet.layout.strip
        box = None if strip is None else [strip.left, strip.top, strip.width, strip.height]
        self.furniture.append(self._svg(sheet, told))
        self.pages.append({
            "title": " ".join(film.header.title.split()),
            "caption": film.header.description,
            "alt": told.alt,
            "picked": list(told.picked),
            "provenance": dict(told.provenance),
            "size": [wide, high],
            "stroke": sheet.scale.stroke,
            "small": sheet.scale.small,
            "seconds": samples.seconds,
            "shares": [samples.film[i] / film.timeline.seconds for i in (0, -1)],
            "times": self.arrays.floats(samples.page),
            "moments": self.arrays.floats([film.moment(t) for t in samples.film]),
            "epochs": film.epochs,
            "jumps": samples.jumps(film),
            "fades": samples.fades(film),
            "acts": samples.acts(film),
            "events": samples.events(film),
            "strip": box,
            "networks": networks,
            "panels": panels,
            "overlay": overlay,
            "thinned": film.words("one of {n} points", n=most) if most > 1 else "",
        })  # fmt: skip

    def told(self, knobs: Sequence[Mapping[str, Any]], version: str) -> dict[str, Any]:
        """Return all of it, as JSON holds it."""
        for name, scale in self.scales.items():
            if scale is None:
                table = color_table(name, self.theme, color_map)
                self.scales[name] = {"table": self.arrays.whole(table)}
        themes = [self.theme, _other(self.theme)]
        return {
            "format": FORMAT,
            "version": version,
            "themes": [theme_told(theme) for theme in themes],
            "glyphs": {
                "em": EM,
                "regular": {letter: list(known) for letter, known in self._known(False)},
                "bold": {letter: list(known) for letter, known in self._known(True)},
            },
            "scales": self.scales,
            "knobs": [dict(knob) for knob in knobs],
            "words": self.said,
            "pages": self.pages,
        }

    def _known(self, bold: bool) -> list[tuple[str, tuple[int, str]]]:
        """Return the letters in an order that hangs on no thread."""
        return sorted(self.letters.known[bold].items())

    def _panels(self, sheet: Sheet, shots: Sequence[Shot], kinds: Kinds) -> list[dict[str, Any]]:
        shown = list(zip(chain(*sheet.panels), chain(*sheet.placements), strict=True))
        found = []
        for i, (panel, place) in enumerate(shown):
            marks = kinds.marks([rows[i] for rows, _ in shots], _measure(panel, place.box))
            recipes = _recipes(marks)
            layers = {(r["network"], r["layer"]) for r in recipes} - {
                (r["network"], INPUT) for r in recipes
            }
            # Polygons are samples of one layer, which another's points do not fit.
            fixed = any(mark["kind"] == "polygons" for mark in marks)
            tile, layer = layers.pop() if len(layers) == 1 and not fixed else (-1, None)
            if tile < 0 and recipes:
                tile = recipes[0]["network"]
            units = next(
                (r["columns"] for r in recipes if r["layer"] == layer and "columns" in r), None
            )
            box = place.box
            found.append({
                "title": panel.title or panel.block,
                "box": [box.left, box.top, box.width, box.height],
                "x": list(panel.x),
                "y": list(panel.y),
                "camera": _camera(panel, sheet.film.words(".")),
                "axis": {"x": panel.x_label, "y": panel.y_label},
                "tile": tile,
                "layer": layer,
                "units": units,
                "marks": marks,
            })  # fmt: skip
        return found

    def _svg(self, sheet: Sheet, told: Told) -> str:
        number = len(self.furniture)
        board = Furniture(
            sheet.look.size, sheet.scale.stroke, self.letters, self.theme, f"p{number}"
        )
        sheet.draw_furniture(board)
        hidden = {} if number == 0 else {"hidden": ""}
        return board.svg(told.alt, data_page=str(number), **hidden)


def _measure(panel: Panel, box: Box) -> Measure:
    limits = (panel.x, panel.y) if panel.camera is None else panel.camera.box
    return Measure.of(*limits, pixels=max(box.width, box.height))


def _camera(panel: Panel, decimal: str) -> dict[str, Any] | None:
    camera = panel.camera
    if camera is None:
        return None
    return {
        "azimuth": camera.azimuth,
        "elevation": camera.elevation,
        "perspective": camera.perspective,
        "box": [list(limits) for limits in camera.box],
        "names": list(camera.names),
        "orbit": camera.orbit,
        "decimal": decimal,
    }


def _recipes(marks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the recipes of marks, but those of fields."""
    found = []
    for mark in marks:
        found += _recipes(mark.get("marks", []))
        for name in ("xy", "paths"):
            if mark.get(name, {}).get("recipe"):
                found.append(mark[name])
    return found


def _used(panels: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the numbers of the networks that the page runs."""
    fields = [
        mark["field"]["network"]
        for panel in panels
        for mark in panel["marks"]
        if mark["kind"] == "image" and "recipe" in mark["field"]
    ]
    recipes = [recipe for panel in panels for recipe in _recipes(panel["marks"])]
    return {*fields, *(recipe["network"] for recipe in recipes)}


def _passing(panels: Sequence[Mapping[str, Any]]) -> set[int]:
    """Return the numbers of the networks through whose layers the page takes space."""
    recipes = [recipe for panel in panels for recipe in _recipes(panel["marks"])]
    return {recipe["network"] for recipe in recipes if "passed" in recipe}


def theme_told(theme: Theme) -> dict[str, Any]:
    """Return a theme as a page is told of it."""
    classes = {f"class{k}": color for k, color in enumerate(theme.classes)}
    roles = {role: getattr(theme, role) for role in ROLES}
    return {"name": theme.name, "roles": roles | classes, "transparent": theme.transparent}


def _other(theme: Theme) -> Theme:
    """Return what a theme is switched to: the light one where it is dark."""
    bright = sum(theme.rgba("ground")[:3]) > 1.5
    found = dark if bright else light
    return found.replace(transparent=theme.transparent, font=theme.font, text=theme.text)
