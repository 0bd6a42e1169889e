"""The pictures in README and docs are what this code draws, views included."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from docs.notebooks import SCENES, draw, still_of
from docs.readme import MADE, RENDERS
from nnanim.scene.finding import scene_files
from tests.pictures import decibels

NEAR = 30  # decibels; another kind of machine may round a training in another way
PAGE = "rings_3_2_page.readme.png"  # a browser has a share in it

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def frames(file: Path) -> Iterator[NDArray[np.uint8]]:
    """Give every eighth frame of a GIF, and a picture whole."""
    with Image.open(file) as picture:
        for k in range(0, getattr(picture, "n_frames", 1), 8):
            picture.seek(k)
            yield np.asarray(picture.convert("RGB"))


def expect_near(made: Path, committed: Path, order: str) -> None:
    """Expect two pictures, or all frames of two films, to look alike."""
    for k, (one, other) in enumerate(zip(frames(made), frames(committed), strict=True)):
        assert one.shape == other.shape
        near = decibels(one, other)
        assert near >= NEAR, f"frame {8 * k} is {near:.1f} dB from what is drawn now: {order}"


@pytest.mark.parametrize("file", scene_files(SCENES), ids=lambda file: file.stem)
def test_the_still_of_a_scene_is_what_is_drawn_now(file: Path, tmp_path: Path) -> None:
    """Drawn anew it looks the same."""
    draw(file, tmp_path / "still.png")

    expect_near(tmp_path / "still.png", still_of(file), f"python docs/notebooks.py {file.stem}")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.pages) if name == PAGE else name for name in MADE],
)
def test_a_picture_of_the_readme_is_what_is_made_now(name: str, tmp_path: Path) -> None:
    """Made anew it looks the same, each frame of a film."""
    MADE[name](tmp_path / name)

    expect_near(tmp_path / name, RENDERS / name, f"python -m docs.readme {name}")
