"""A notebook that runs from its first cell to its last: trains, shows, changes a width, shows."""

import base64
import re
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

CELLS = (
    """\
from nnanim import Film, Scene, Training, datasets, models, record

def rings(width, **more):
    return Scene(
        dataset=datasets.rings(n=400, noise=0.04),
        model=models.mlp(2, width, 2, 1, output="sigmoid"),
        training=Training(epochs=30, batch_size=32, optimizer="adam", lr=0.03, loss="bce"),
        **more,
    )

scene = rings(2)
scene""",
    "scene.show(seconds=1, film=True)",
    "for width in (3, 4):\n    rings(width).show(seconds=1, film=True)",
    "recording = record(rings(3))\nrecording",
    "Film(recording).still(epoch=20)",
    "rings(\n    3,\n    theme='drak',\n).show()",
    "scene.show(seconds=1)",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # what the tools of notebooks warn of is not ours
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """What stands below each cell when all have run."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "jupyter"))
        NotebookClient(
            notebook,
            timeout=240,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        ).execute()
    return [cell.outputs for cell in notebook.cells]


def film_in(output: Any) -> Any:
    """Return the frames of the film that an output embeds."""
    (source,) = re.findall(r'<video src="data:video/mp4;base64,([^"]*)"', output.data["text/html"])
    return iio.imread(base64.b64decode(source), extension=".mp4")


def test_every_show_leaves_one_film_below_its_cell(outputs: list[list[Any]]) -> None:
    """As its last line or in a loop; no bar is left, and another width is another film."""
    (narrow, told), (three, four) = outputs[1], outputs[2]

    films = [film_in(output) for output in (narrow, three, four)]
    assert [film.shape for film in films] == [(30, 360, 640, 3)] * 3
    assert not np.array_equal(films[0], films[1])
    assert not np.array_equal(films[1], films[2])
    assert list(told.data) == ["text/plain"]


def test_a_page_stands_in_a_frame_below_its_cell(outputs: list[list[Any]]) -> None:
    """It is whole in the notebook, and can do nothing but run; beside it a picture."""
    shown, told = outputs[6]

    assert '<iframe srcdoc="&lt;!doctype html&gt;' in shown.data["text/html"]
    assert 'sandbox="allow-scripts allow-downloads"' in shown.data["text/html"]
    assert shown.data["image/png"]
    assert list(told.data) == ["text/plain"]


def test_the_files_of_the_films_go_with_the_notebook(outputs: list[list[Any]]) -> None:
    """Nothing is left in the system's folder for such files."""
    (path,) = re.findall(r"Video\((.*film.mp4):", outputs[1][1].data["text/plain"])

    assert not Path(path).parent.exists()


def test_a_scene_and_a_still_are_pictures(outputs: list[list[Any]]) -> None:
    """As the last line of a cell: the end of a scene, and the epoch that was asked for."""
    for (output,) in (outputs[0], outputs[4]):
        picture = iio.imread(base64.b64decode(output.data["image/png"]))
        assert picture.shape == (720, 1280, 3)
        assert "<img" in output.data["text/html"]


def test_a_recording_is_five_lines(outputs: list[list[Any]]) -> None:
    """It was 39,000 characters."""
    (output,) = outputs[3]

    assert list(output.data) == ["text/plain"]
    assert len(output.data["text/plain"].splitlines()) == 5


def test_a_mistake_is_shown_by_its_lines(outputs: list[list[Any]]) -> None:
    """Each of the user's own lines by its cell, then the message."""
    (output,) = outputs[5]

    called, inner, message = output.traceback
    assert called == "Cell In[6], line 1: rings("
    assert inner == "Cell In[1], line 4: return Scene("
    assert message.startswith("SceneError: unknown theme 'drak': expected dark | light")
