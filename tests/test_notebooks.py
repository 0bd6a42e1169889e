"""Each picture of the five notebooks is there: a scene lists its id, and its check sees it."""

from importlib import import_module

import pytest

from tests import notebooks
from tests.notebooks.shows import CHECKS, scene_of, shown

for module in notebooks.MODULES:
    import_module(module)


def by_number(name: str) -> list[int]:
    """Return what sorts ids: S2.3 before S2.10."""
    return [int(number) for number in name.removeprefix("S").split(".")]


CHECKED = sorted(CHECKS, key=by_number)


@pytest.mark.usefixtures("shared_cache")
@pytest.mark.parametrize("name", CHECKED)
def test_the_notebooks_picture_is_there(name: str) -> None:
    """The scene that lists the id shows what the inventory says."""
    assert name in scene_of(), f"no scene lists {name} in its NOTEBOOK"

    CHECKS[name](shown(scene_of()[name]))
