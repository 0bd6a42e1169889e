"""Every scene of the repository is small, says what it shows, and shows it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import Comparison, Film, Timeline, record
from nnanim.film.tiles import film_of_tiles
from nnanim.recording.record import untrained
from nnanim.rendering.filming import renderer_of
from nnanim.scene.files import declared, listing, load
from nnanim.scene.finding import scene_files
from tests.pictures import look

FOLDER = Path(__file__).parent.parent / "scenes"
FILES = scene_files(FOLDER)
FOLDERS = 12  # that the scenes are rendered in: several workers share them
NOTEBOOK_002 = {
    *(f"rings_{k}_2" for k in range(1, 5)),
    *(f"polynomial_{shape}" for shape in ("2", "2_2_2", "6", "3_3", "3_1_3", "3_3_1_3_3")),
}


def test_the_ten_networks_of_notebook_002_are_there() -> None:
    """One scene for each."""
    assert {file.stem for file in FILES} >= NOTEBOOK_002


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scene_is_small_and_has_a_description(file: Path) -> None:
    """Under 40 lines, a docstring of a sentence."""
    assert len(file.read_text().splitlines()) < 40
    assert listing(file).description.endswith(".")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scene_draws_its_first_frame(file: Path) -> None:
    """Before any training the sheet is whole."""
    made = declared(file)
    film = (
        film_of_tiles(made, [untrained(scene) for scene in made.to_train], Timeline())
        if isinstance(made, Comparison)
        else Film(untrained(made))
    )

    picture = renderer_of(film, look(size=(320, 180))).frame(0.0)

    assert len(np.unique(picture.reshape(-1, 4), axis=0)) > 20


@pytest.mark.parametrize("name", ["rings_1_2", "rings_2_2", "rings_3_2", "rings_4_2"])
def test_the_notebooks_own_settings_are_a_parameter(name: str) -> None:
    """SGD at 0.001 on the squared error of 40,000 points in batches of 32, from Keras's start."""
    scene = load(FOLDER / f"{name}.py", {"faithful": "True"})

    training = scene.training
    assert (training.optimizer, training.lr, training.loss) == ("sgd", 0.001, "mse")
    assert training.batch_size == 32
    assert len(scene.dataset.arrays(0).inputs) == 40_000
    assert getattr(scene.model, "init", None) == "glorot"


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FOLDERS))
def test_a_folder_of_scenes_renders_in_one_go(
    nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path, first: int
) -> None:
    """A draft of each, every planned frame of it, in which something moves; all in some folder."""
    files = FILES[first::FOLDERS]
    folder = shutil.copytree(FOLDER, tmp_path / "scenes")  # with what they read
    for file in {*FILES} - {*files}:
        (folder / file.name).unlink()

    assert nnanim("render", folder, "-q", "l", "-o", tmp_path)[0] == 0

    for file in files:
        made = declared(file)
        if isinstance(made, Comparison) and made.shown == "one":
            assert (tmp_path / f"{file.stem}.html").is_file()
            continue
        path, timeline = tmp_path / f"{file.stem}.mp4", made.timeline or Timeline()
        frames = iio.imread(path)
        assert frames.shape == (round(15 * timeline.seconds), 480, 854, 3), file.stem
        ends = frames[[0, -1]].astype(int)
        assert np.abs(ends[0] - ends[1]).max() > 60, file.stem


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("rings_1_2", 0.5, 0.9),
        ("rings_2_2", 0.5, 0.97),
        ("rings_3_2", 0.999, 1.0),
        ("rings_4_2", 0.999, 1.0),
        ("polynomial_2", 0.3, 0.98),
        ("polynomial_3_3", 0.99, 1.0),
    ],
)
def test_a_scene_ends_as_its_description_says(name: str, low: float, high: float) -> None:
    """Two units cannot separate the rings, three can; a shallow net misses the polynomial."""
    scene = load(FOLDER / f"{name}.py")
    film = Film(record(replace(scene, training=replace(scene.training, snapshots="epochs"))))

    assert low <= film.score(film.epochs) <= high
