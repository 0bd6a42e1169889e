"""Each picture of the five notebooks is there: a scene lists its id, and its check sees it."""

from importlib import import_module

import pytest

from docs.notebooks import inventory, scene_of
from tests import notebooks
from tests.notebooks.shows import CHECKS, shown

for module in notebooks.MODULES:
    import_module(module)


CHECKED = [row.id for row in inventory() if row.id in CHECKS]


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.parametrize("name", CHECKED)
def test_the_notebooks_picture_is_there(name: str) -> None:
    """The scene that lists the id shows what the inventory says."""
    assert name in scene_of(), f"no scene lists {name} in its NOTEBOOK"

    CHECKS[name](shown(scene_of()[name]))


def test_every_check_is_of_an_id_of_the_inventory() -> None:
    """116 items in five notebooks."""
    names = [row.id for row in inventory()]

    assert len(set(names)) == len(names) == 116
    assert set(CHECKS) | set(scene_of()) <= set(names)
