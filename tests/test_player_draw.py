"""What the page's JavaScript draws, against the film's own kernels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim.camera import Camera
from nnanim.cells import argmax_walls
from nnanim.drawing.color_maps import color_map
from nnanim.drawing.painter import seen
from nnanim.drawing.raster import Raster
from nnanim.drawing.shapes import bar_outlines
from nnanim.drawing.surface import Box, Placement
from nnanim.drawing.typesetter import glyphs_of
from nnanim.marks import (
    SHAPES,
    Bars,
    Cells,
    HeightField,
    Image,
    Lines,
    Mark,
    Plane,
    Points,
    Polygons,
    Stop,
    Text,
)
from nnanim.themes import ROLES, dark
from nnanim.view import Panel
from tests import node
from tests.pictures import psnr

pytestmark = pytest.mark.slow

SIDE = 240
LIMITS = -1.2, 1.2
STROKE = 0.75
SAME = 50.0  # dB: no pixel differs that anyone could see
TINT = (Stop(0, "class0", 0.4), Stop(0.5, "panel", 0.1), Stop(1, "class1", 0.4))

DRAW = """
const { Camera } = await load("camera.js");
const { draw } = await load("draw.js");
const { edgesOfCube } = await load("cube.js");
const { flattened } = await load("painter.js");
const { Paint } = await load("paint.js");
const revived = (drawing) => ({
  ...drawing,
  at: drawing.at.map((column) => Float32Array.from(column, (value) => value ?? NaN)),
  values: drawing.values && Float32Array.from(drawing.values),
  field: drawing.field && Float32Array.from(drawing.field),
  marks: drawing.marks.map(revived),
});
const paint = new Paint(given.theme, given.scales, { of: (ref) => ref });
const surface = {
  pixels: new Uint32Array(given.side ** 2).fill(paint.word("panel")),
  width: given.side,
  height: given.side,
};
const [low, high] = given.limits;
const scale = given.side / (high - low);
const mapping = [scale, -scale * low, -scale, given.side + scale * low];
let drawings = given.drawings.map(revived);
if (given.camera) {
  const camera = new Camera(given.camera, given.camera.azimuth, given.camera.elevation);
  const cube = { ...drawings[0], kind: "lines", ...edgesOfCube(camera), values: null, index: null,
                 colors: ["hairline"], size: 2, alpha: 1 };
  drawings = [cube, ...flattened(drawings, camera)];
}
for (const drawing of drawings) draw({ surface, mapping, stroke: given.stroke, paint }, drawing);
return Array.from(surface.pixels);
"""


def told(mark: Mark) -> dict[str, Any]:
    """Return a mark as the player draws it."""
    found: dict[str, Any] = {
        "kind": type(mark).__name__.lower().replace("heightfield", "heights"),
        "at": [], "starts": [0], "colors": ["ink"], "index": None, "values": None, "field": None,
        "scale": "", "low": 0, "high": 1, "size": 1, "alpha": 1, "shape": "disc", "rows": 0,
        "extent": [], "marks": [], "offset": 0,
    }  # fmt: skip
    match mark:
        case Points():
            several = not isinstance(mark.color, str)
            found["at"] = columns(mark.xy)
            found["colors"] = list(mark.color) if several else [mark.color]
            found["index"] = None if mark.index is None else mark.index.tolist()
            found |= {"size": mark.size, "alpha": mark.alpha, "shape": mark.shape}
        case Lines():
            found |= paths(mark.paths)
            found |= {"colors": [mark.color], "size": mark.width, "alpha": mark.alpha}
            if mark.values is not None:
                found["values"] = np.concatenate(mark.values).tolist()
        case Polygons():
            found |= paths(mark.paths) | {"colors": [mark.color], "alpha": mark.alpha}
        case Bars():
            found |= paths(bar_outlines(mark)) | {"colors": [mark.color], "alpha": mark.alpha}
        case Image() | HeightField():
            field = np.asarray(mark.field if isinstance(mark, Image) else mark.heights)
            found |= {"field": field.ravel().tolist(), "rows": len(field)}
            found["extent"] = list(mark.extent)
        case Plane():
            found["at"] = [[value] for value in np.asarray(mark.normal).tolist()]
            found |= {"offset": mark.offset, "marks": list(map(told, mark.marks))}
        case Cells():
            found |= {"at": columns(mark.weight), "marks": list(map(told, mark.marks))}
            found["values"] = mark.bias.tolist()
    return found | scaled(mark)


def scaled(mark: Any) -> dict[str, Any]:
    """Return what says how a mark's numbers are coloured."""
    found: dict[str, Any] = {}
    if not hasattr(mark, "scale"):
        return found
    if isinstance(mark, Points | Polygons | HeightField) and mark.values is not None:
        found["values"] = np.ravel(mark.values).tolist()
    scale = mark.scale if isinstance(mark.scale, str) else "tint"
    return found | {"scale": scale, "low": mark.low, "high": mark.high}


def columns(points: Any) -> list[list[float | None]]:
    """Return the columns of points, None for what is no number."""
    rows = np.asarray(points, float).T.tolist()
    return [[value if np.isfinite(value) else None for value in row] for row in rows]


def paths(given: Any) -> dict[str, Any]:
    """Return lists of points one after the other, and where each begins."""
    lengths = [len(path) for path in given]
    return {
        "at": columns(np.concatenate(list(given))),
        "starts": np.cumsum([0, *lengths]).tolist(),
    }


def by_player(marks: Sequence[Mark], folder: Path, camera: Camera | None = None) -> Any:
    """Return the player's picture (side, side, 3)."""
    roles = {role: getattr(dark, role) for role in ROLES}
    classes = {f"class{k}": color for k, color in enumerate(dark.classes)}
    stops = [[stop.position, stop.color, stop.alpha] for stop in TINT]
    tables = {"viridis": {"table": color_map("viridis").ravel().tolist()}, "tint": {"stops": stops}}
    view = None
    if camera is not None:
        names = ("azimuth", "elevation", "perspective", "box", "names")
        view = {name: getattr(camera, name) for name in names}
    given = {
        "theme": {"name": "dark", "roles": roles | classes},
        "scales": tables,
        "side": SIDE,
        "limits": LIMITS if camera is None else camera.limits[0],
        "stroke": STROKE,
        "drawings": [told(mark) for mark in marks],
        "camera": view,
    }
    words = np.array(node.run(DRAW, given, folder), np.uint32).astype("<u4")
    return words.view(np.uint8).reshape(SIDE, SIDE, 4)


def by_film(marks: Sequence[Mark], camera: Camera | None = None) -> Any:
    """Return the film's picture (side, side, 4)."""
    furniture = np.zeros((SIDE, SIDE, 4), np.uint8)
    furniture[:] = np.rint(255 * np.array(dark.rgba("panel")))
    raster = Raster(furniture, dark, STROKE, glyphs_of, color_map)
    limits = LIMITS if camera is None else camera.limits[0]
    place = Placement(Box(0, 0, SIDE, SIDE), limits, limits)
    shown: Sequence[Mark] = marks
    if camera is not None:
        panel = Panel("", limits, limits, camera=camera)
        shown = [mark for mark in seen(panel, marks, 0.5) if not isinstance(mark, Text)]
    for mark in shown:
        raster.draw(mark, place)
    return raster.pixels


def cloud(count: int, dimensions: int = 2) -> Any:
    """Return points, some of them beyond the panel, one of them nowhere."""
    xy = np.random.default_rng(count).normal(0, 0.6, (count, dimensions))
    xy[0] = np.nan
    return xy


def spiral(dimensions: int = 2) -> Any:
    """Return a line that turns and crosses its panel's edge."""
    angle = np.linspace(0, 14, 200)
    flat = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (angle / 10)[:, None]
    return flat if dimensions == 2 else np.column_stack([flat, angle / 7 - 1])


def lattice(side: int) -> Any:
    """Return values of a smooth field."""
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
    return 0.5 + 0.5 * np.sin(3 * x + 2 * y * y)


TRIANGLES = np.array([[[0, 0], [0.9, 0.1], [0.2, 0.8]], [[0, 0], [0.2, 0.8], [-0.9, 0.7]]])
INDEX = np.arange(2000) % 3
FLAT: dict[str, list[Mark]] = {
    **{
        f"many of shape {shape}": [
            Points(cloud(2000), ("class0", "class1", "class2"), INDEX, 5.3, 0.8, shape)
        ]
        for shape in SHAPES
    },
    "few": [Points(cloud(40), "class1", size=31.0, alpha=0.6)],
    "points by their values": [
        Points(cloud(2000), size=4.0, values=np.linspace(0, 1, 2000), scale="viridis")
    ],
    "a bar chart": [Bars(np.array([-0.5, 0.0, 0.5]), np.array([0.3, -0.8, 1.0]), 0.3, alpha=0.7)],
    "polygons": [Polygons(TRIANGLES, "class2", 0.5)],
    "faces": [Polygons(TRIANGLES, values=np.array([0.2, 0.9]), alpha=0.7)],
    "a field": [Image(lattice(24), (-1.0, 1.1, -0.9, 1.3))],
    "a tint below points": [
        Image(lattice(60), (-1.2, 1.2, -1.2, 1.2), TINT),
        Points(cloud(500), "class0"),
    ],
}
LINED: dict[str, list[Mark]] = {
    "lines": [Lines([spiral(), -spiral()], "boundary", 4.0, 0.8)],
    "hairlines": [Lines([0.5 * spiral(), np.array([[-1.0, -1.0], [1.0, 1.1]])], "grid", 1.0)],
    "lines by their values": [Lines([spiral()], width=6.0, values=[np.linspace(0, 1, 200)])],
}
SPACE = np.array([[[-1, -1, 0], [1, -1, 0.3], [1, 1, 0], [-1, 1, -0.3]]], float)
WEIGHT = np.array([[1.0, 0.2, 0.1], [-0.7, 0.9, 0.0], [-0.4, -0.8, 0.5], [0.1, 0.1, -0.9]])
BIAS = np.array([0.0, 0.1, 0.05, -0.1])
STRIPES = (np.indices((23, 23)) % 3)[0] / 2


def walls(weight: Any, bias: Any) -> list[Mark]:
    """Return what shows the walls between cells."""
    found = argmax_walls(weight, bias, np.full((3, 2), [-1.0, 1.0]))
    return [Polygons([wall], f"class{i}", 0.3) for (i, _), wall in found.items()]


DEEP: dict[str, list[Mark]] = {
    "points and lines": [
        Points(cloud(3000, 3), ("class0", "class1"), np.arange(3000) % 2, 5.0),
        Lines([spiral(3)], "grid", 2.0),
    ],
    "a plane": [
        Plane(np.array([0.2, 0.1, 1.0]), 0.1, [Polygons(SPACE, "class2", 0.4)]),
        Points(cloud(3000, 3), ("class0", "class1"), np.arange(3000) % 2, 5.0),
        Lines([spiral(3)], "grid", 2.0),
    ],
    "cells": [
        Cells(WEIGHT, BIAS, walls(WEIGHT, BIAS)),
        Points(cloud(3000, 3), ("class0", "class1"), np.arange(3000) % 2, 5.0),
        Lines([spiral(3)], "grid", 2.0),
        Polygons(SPACE, "class2", 0.4),
    ],
    "a surface": [
        HeightField(lattice(24) - 0.5, (-1.0, 1.0, -1.0, 1.0), low=-0.5, high=0.5),
        Points(np.column_stack([cloud(300), np.full(300, 0.2)]), "class0"),
    ],
    "a steep surface": [
        HeightField(4 * (lattice(12) - 0.5), (-1.0, 1.0, -1.0, 1.0), low=-2.0, high=2.0),
    ],
    "a surface coloured by values": [
        HeightField(lattice(24) - 0.5, (-1.0, 1.0, -1.0, 1.0), TINT, values=STRIPES),
        Lines([spiral(3)], "boundary", 3.0),
    ],
}


@pytest.mark.parametrize("name", FLAT)
def test_the_page_draws_what_the_film_draws(name: str, tmp_path: Path) -> None:
    """Points, polygons and fields are drawn by the same rules: the same pixels but for rounding."""
    page, film = by_player(FLAT[name], tmp_path), by_film(FLAT[name])
    assert (film != film[0, 0]).any()
    assert psnr(page, film) > SAME


@pytest.mark.parametrize("name", LINED)
def test_the_page_draws_lines_as_the_film_does(name: str, tmp_path: Path) -> None:
    """Their edges are covered by distance in place of by samples."""
    assert psnr(by_player(LINED[name], tmp_path), by_film(LINED[name])) > 38


@pytest.mark.parametrize("name", DEEP)
def test_the_page_hides_in_space_what_the_film_hides(name: str, tmp_path: Path) -> None:
    """Marks in space come back to front in the same slabs."""
    camera = Camera(azimuth=35, elevation=22)
    page, film = by_player(DEEP[name], tmp_path, camera), by_film(DEEP[name], camera)
    assert psnr(page, film) > 38
