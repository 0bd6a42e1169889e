"""Recipes: what a page computes itself is what the film's views show."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, views
from nnanim.marks import Image, Lines, Mark, Points
from nnanim.page.arrays import unpacked
from nnanim.page.networks import simplified
from nnanim.rendering.filming import sheet_of
from nnanim.rendering.subject import look_for
from nnanim.scene.files import load
from nnanim.types import Floats
from nnanim.view import Panel
from tests.pages import Page, made, present
from tests.recordings import RINGS
from tests.test_readme import block_with, tutorial

NEAR = 1e-5  # of a panel
HELD = re.compile(r'octet-stream" id="\w+">(.*?)</script>', re.S)
PROGRAM = """
from pathlib import Path
from nnanim import Film, record
from tests.pages import made
from tests.recordings import RINGS
Path("page.html").write_bytes(made(Film(record(RINGS), timeline=RINGS.timeline)).content)
"""
STEPS = 1 / 4000  # of a panel: half a step of what is sampled, in both coordinates, and more


def normed() -> nn.Module:
    """Return a stack with every kind of layer."""
    return nn.Sequential(
        nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 3), nn.LeakyReLU(0.1),
        nn.Linear(3, 3), nn.Softplus(), nn.Linear(3, 2, bias=False), nn.Sigmoid(), nn.Linear(2, 1),
    )  # fmt: skip


SCENES = {
    "rings": replace(
        RINGS,
        views=[views.InputSpace(), views.HiddenSpace(), views.HiddenSpace("hidden1", (2, 0))],
    ),
    "normed": replace(
        RINGS,
        model=normed,
        training=Training(epochs=3, batch_size=20, loss="bce_with_logits", seed=1),
    ),
    "classes": Scene(
        dataset=datasets.blobs(n=500, classes=3),
        model=models.mlp(2, 3, 2, 3),
        training=Training(epochs=4, batch_size=50, optimizer="adam", lr=0.03, seed=1),
        timeline=RINGS.timeline,
    ),
    "cube": replace(RINGS, views=[views.HiddenSpace3D("hidden1")]),
}  # fmt: skip


def shown(film: Film) -> tuple[Page, list[list[tuple[Panel, Sequence[Mark]]]]]:
    """Return a film's page, and what its sheet has at each of the page's samples."""
    page = Page.of(made(film).content)
    sheet = sheet_of(film, look_for(film.recording, (640, 360), None, False))
    times = page.array(page.page["times"]).tolist()
    return page, [[(panel, marks) for panel, _, marks in sheet.marks(t)] for t in times]


@pytest.mark.parametrize("name", SCENES)
def test_recipes_are_what_the_views_show(name: str) -> None:
    """Data, fields and the film's own lines, at five samples, are as the film's own marks."""
    film = Film(record(SCENES[name]), timeline=SCENES[name].timeline)
    page, rows = shown(film)
    found = set()
    for k in np.linspace(0, len(rows) - 1, 5).astype(int):
        for told, (panel, marks) in zip(page.page["panels"], rows[k], strict=True):
            kept = [mark for mark in told["marks"] if present(mark, k)]
            for mark, own in zip(kept, marks, strict=False):
                found |= compared(page, mark, own, panel, int(k))
    expected = {"data"} | ({"lines", "boundary"} if name == "cube" else {"field", "lines"})
    assert expected <= found


def compared(page: Page, told: dict[str, Any], own: Mark, panel: Panel, k: int) -> set[str]:
    """Compare a mark with what the page makes of it, and return of which recipe it was."""
    if isinstance(own, Points):
        near(page.source(told["xy"], k), own.xy, panel)
        return {told["xy"].get("recipe", "")}
    if isinstance(own, Lines):
        paths = page.source(told["paths"], k)
        assert len(paths) == len(own.paths)
        for path, line in zip(paths, own.paths, strict=True):
            along(path, np.asarray(line), panel)
        return {told["paths"].get("recipe", "")}
    if isinstance(own, Image) and "recipe" in told["field"]:
        assert np.abs(page.source(told["field"], k) - own.field).max() < NEAR
        return {"field"}
    return set()


def span(panel: Panel) -> Floats:
    """Return how far a panel reaches along each axis."""
    limits = [panel.x, panel.y] if panel.camera is None else panel.camera.box
    return np.abs(np.diff(np.array(limits)))[:, 0]


def near(points: Floats, own: Floats, panel: Panel) -> None:
    """Expect the same points, within what a page keeps."""
    away = np.abs(points - own) / span(panel)
    assert away.max() < STEPS


def along(path: Floats, own: Floats, panel: Panel) -> None:
    """Expect that the points of one line lie on the other, which may have more of them."""
    a, b = path / span(panel), np.concatenate([own, own[-1:]]) / span(panel)
    starts, ways = b[:-1], np.diff(b, axis=0)
    share = ((a[:, None] - starts) * ways).sum(axis=2) / np.maximum((ways**2).sum(axis=1), 1e-30)
    nearest = starts + np.clip(share, 0, 1)[..., None] * ways
    assert np.linalg.norm(a[:, None] - nearest, axis=2).min(axis=1).max() < STEPS


@pytest.mark.slow
def test_the_view_of_the_tutorial_is_drawn_in_a_page_too(tmp_path: Path) -> None:
    """Nobody told the page how: what its view computes is sampled, to a step of the panel."""
    (tmp_path / "middles.py").write_text(
        block_with("class Middles", tutorial("own_view")), encoding="utf-8"
    )
    film = Film(record(load(tmp_path / "middles.py")), timeline=Timeline(seconds=1))
    page, rows = shown(film)
    found = set()
    for k in (0, len(rows) // 2, len(rows) - 1):
        told, (panel, marks) = page.page["panels"][0], rows[k][0]
        kept = [mark for mark in told["marks"] if present(mark, k)]
        assert [mark["kind"] for mark in kept] == ["lines", "points"] * 2
        for mark, own in zip(kept, marks, strict=True):
            found |= compared(page, mark, own, panel, k)

    assert found == {""}
    whole = page.page["panels"][1]["marks"]
    assert {mark.get("xy", {}).get("recipe") for mark in whole} >= {"data"}


@pytest.mark.slow
def test_where_a_page_is_made_does_not_show(tmp_path: Path) -> None:
    """Another folder, order of hashes and number of cores: the same bytes, and no path in them."""
    found = []
    for name, order in (("here", "1"), ("a far place", "2")):
        folder = tmp_path / name
        folder.mkdir()
        one_core = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        narrow = hasattr(os, "sched_setaffinity") and name != "here"
        subprocess.run(
            [sys.executable, "-c", (one_core if narrow else "") + PROGRAM],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": order},
            check=True,
        )
        found.append((folder / "page.html").read_bytes())

    assert found[0] == found[1]
    page = found[0].decode()
    plain = b"".join(map(unpacked, HELD.findall(page))) + HELD.sub("", page).encode()
    for folder in (tmp_path, Path.cwd(), Path(sys.prefix)):
        assert str(folder).encode() not in plain


def test_a_line_keeps_the_points_that_it_needs() -> None:
    """What is left out lies within the tolerance of what is left, and pieces stay short."""
    along = np.linspace(0, 2 * np.pi, 1000)
    line = np.stack([2 * np.cos(along), 3 * np.sin(along)], axis=1)
    span = np.array([4.0, 6.0])

    kept = simplified(line, span, 1e-3, 1 / 8) / span

    assert 20 < len(kept) < 100
    start, step = kept[:-1], np.diff(kept, axis=0)
    assert np.hypot(*step.T).max() < 1 / 8 + 0.01
    away = (line / span)[:, None] - start
    share = np.clip((away * step).sum(2) / (step**2).sum(1), 0, 1)
    assert np.hypot(*np.moveaxis(away - share[..., None] * step, 2, 0)).min(1).max() <= 1e-3
