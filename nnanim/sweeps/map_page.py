"""The page of a map: what each pixel came to, and what films and opens it, in one file."""

import base64
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.drawing.letters import Letters
from nnanim.drawing.png import png
from nnanim.drawing.surface import Box
from nnanim.errors import UsageError
from nnanim.page.arrays import Arrays
from nnanim.page.contents import theme_told
from nnanim.page.furniture import Furniture
from nnanim.page.page import bundled, document, style_of
from nnanim.scene.settings import text_of
from nnanim.scene.written import command
from nnanim.sweeps.border import border_pixel
from nnanim.sweeps.map_sheet import MapSheet
from nnanim.sweeps.mapped import Map
from nnanim.sweeps.pixels import Named

MOST = 1024 * 1024  # trainings of a page

_FORMAT = 1


def check_page(size: tuple[int, int]) -> None:
    """Raise `UsageError` for a map of `size` (width, height) that no page can hold."""
    if size[0] * size[1] > MOST:
        raise UsageError(
            f"a page of {size[0]}x{size[1]} trainings: expected at most {MOST:,}, as -r 1024x1024"
        )


def map_page(done: Map, sheet: MapSheet, file: Path) -> bytes:
    """Return the page of a map of a scene file; the same map gives the same bytes."""
    theme = theme_told(sheet.theme)
    board = _Board(sheet.size, 1.0, Letters(sheet.theme.font), sheet.theme, "map")
    sheet.draw(board)
    for bar, box in zip(sheet.legend, sheet.bars, strict=True):
        board.picture(sheet.graded(bar, box), box)
    board.picture(sheet.picture, sheet.box, "map")
    arrays = Arrays()
    player = files("nnanim.sweeps").joinpath("player")
    return document(
        (sheet.title, sheet.subtitle, "en"),
        style_of(theme["roles"], player.joinpath("map.css")),
        [board.svg(f"{sheet.title}: {sheet.subtitle}")],
        {**_told(done, file, arrays), "title": sheet.title, "caption": sheet.subtitle},
        arrays,
        bundled("map", player),
    )


class _Board(Furniture):
    """Furniture with pictures in it."""

    def picture(self, colors: NDArray[np.uint8], box: Box, kind: str = "shades") -> None:
        """Draw a picture (height, width, 4) in a box."""
        held = base64.b64encode(png(colors)).decode()
        self._parts.append(
            f'<image class="{kind}" x="{box.left}" y="{box.top}" width="{box.width}" '
            f'height="{box.height}" preserveAspectRatio="none" '
            f'href="data:image/png;base64,{held}"/>'
        )


def _told(done: Map, file: Path, arrays: Arrays) -> dict[str, Any]:
    """Return what the page's script is told: of pixels row by row from the lower left."""
    plan, (width, height) = done.plan, done.plan.pixels.size
    first = np.unique(done.kept("first"))
    at = border_pixel(done.converges) or (width // 2, height // 2)
    return {
        "format": _FORMAT,
        "size": [width, height],
        "steps": plan.pixels.run.steps,
        "command": command(file, plan.settings),
        "studio": command(file, plan.settings, "studio"),
        "x": _axis(plan.pixels.x, width),
        "y": _axis(plan.pixels.y, height),
        "begin": list(at),
        "first": arrays.floats(first if len(first) == 1 else done.kept("first")),
        "last": arrays.floats(done.kept("last")),
        "finite": arrays.whole(done.kept("steps"), delta=True),
        "converges": arrays.whole(done.converges, delta=True),
        "event": "" if plan.event is None else str(plan.event),
        "epochs": None if plan.event is None else arrays.floats(done.kept("epoch")),
    }


def _axis(named: Named, count: int) -> dict[str, Any]:
    """Return an axis's name and its values as a command says them."""
    return {"name": named.name, "values": [text_of(named.value(i, count)) for i in range(count)]}
