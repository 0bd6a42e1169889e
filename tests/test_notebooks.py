"""Each picture of the five notebooks is there: a scene lists its id, and its check sees it."""

from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from docs.notebooks import (
    PAGE,
    SCENES,
    SMALL,
    STILLS,
    inventory,
    is_stale,
    page,
    scene_of,
    still_of,
)
from nnanim.scene.finding import scene_files
from tests import notebooks
from tests.notebooks.shows import CHECKS, shown

for module in notebooks.MODULES:
    import_module(module)


FILES = scene_files(SCENES)
CHECKED = [row.id for row in inventory() if row.id in CHECKS]
# Whose scenes are trained, or looked at, for seconds.
LONG = {
    *("S0.25", "S3.7", "S3.12", "S3.17", "S3.18", "S3.19", "S3.20", "S3.21", "S3.24"),
    "S4.18",
}


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in CHECKED],
)
def test_the_notebooks_picture_is_there(name: str) -> None:
    """The scene that lists the id shows what the inventory says."""
    assert name in scene_of(), f"no scene lists {name} in its NOTEBOOK"

    CHECKS[name](shown(scene_of()[name]))


def test_every_id_of_the_inventory_has_a_scene_and_a_check() -> None:
    """116 items in five notebooks, and all of them are shown."""
    names = [row.id for row in inventory()]

    assert len(set(names)) == len(names) == 116
    assert set(scene_of()) == set(CHECKS) == set(names)


def test_the_page_says_what_scenes_and_inventory_say() -> None:
    """Made anew it is the same; if not, `make notebooks`."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_still_is_of_the_scene_as_it_stands(file: Path) -> None:
    """It tells of the same code as the scene's; if not, `make notebooks`."""
    assert not is_stale(file)
    with Image.open(still_of(file)) as picture:
        assert picture.size == SMALL


def test_the_stills_are_few_and_small() -> None:
    """One for each scene, below 2 MB in all."""
    stills = set(STILLS.glob("*.png"))

    assert stills == {still_of(file) for file in FILES}
    assert sum(still.stat().st_size for still in stills) < 2 * 2**20
