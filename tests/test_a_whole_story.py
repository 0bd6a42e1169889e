"""The smallest whole story: a scene is declared, trained, filmed and looked at."""

from pathlib import Path

import imageio.v3 as iio

from nnanim import Film, Scene, Training, datasets, models, record, render

SCENE = Scene(
    dataset=datasets.rings(n=100, noise=0.02),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=3, optimizer="adam", loss="bce"),
)


def test_a_scene_becomes_a_film(tmp_path: Path) -> None:
    """`render` trains the network and writes exactly the planned frames."""
    video = render(SCENE, tmp_path / "rings.mp4", size=(160, 90), fps=10, seconds=1.5)

    frames = iio.imread(video.path)
    assert frames.shape == (15, 90, 160, 3)
    assert (frames[0] != frames[-1]).any()


def test_a_recording_answers_for_any_layer_at_any_time() -> None:
    """What a recording holds is the training; pictures of it are derived."""
    film = Film(record(SCENE))

    for snapshot in film.snapshots:  # the untrained net, then every epoch
        assert snapshot.points("hidden1").shape == (100, 2)
        assert len(snapshot.grid("hidden1")) == 42
    assert film.frame(1.0, size=(160, 90)).shape == (90, 160, 4)
