"""What a notebook shows: films, pictures of their ends, or a few lines."""

import gc
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import (
    Comparison,
    Film,
    Retry,
    Scene,
    Timeline,
    Training,
    datasets,
    models,
    record,
    render,
)
from nnanim.errors import UsageError
from nnanim.recording.record import cached_recording, training_seconds
from nnanim.rendering.bars import messages_in
from nnanim.rendering.notebook import Place
from nnanim.training.run import prepare

TRAINING = Training(epochs=3, batch_size=32, loss="bce")
SCENE = Scene(
    dataset=datasets.rings(n=64), model=models.mlp(2, 2, 1, output="sigmoid"), training=TRAINING
)
LONG = replace(SCENE, training=replace(TRAINING, epochs=10_000_000))
DIRECTED = replace(SCENE, timeline=Timeline(seconds=0.5, fps=10))


@dataclass(frozen=True)
class Wrong:
    """A view with a mistake."""

    def panels(self, film: Film) -> Any:
        """Ask for what there is not."""
        return film.nothing  # type: ignore[attr-defined]

    def marks(self, film: Film, t: float) -> Any:
        """Give none."""
        return [film, t]


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A notebook whose first cell runs; what is displayed stands in `shown`, one for each place."""
    shell = SimpleNamespace(kernel=True, execution_count=1, shown=[])

    def display(bundle: Any, *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        place = len(shell.shown)
        shell.shown.append(bundle)

        def update(bundle: Any, *, raw: bool) -> None:
            assert raw
            shell.shown[place] = bundle

        return SimpleNamespace(update=update)

    ipython, displaying = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    displaying.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", displaying)
    return shell


@pytest.mark.slow
def test_a_scene_is_trained_and_its_film_shown() -> None:
    """640 × 360, eight seconds, 30 frames a second, in a file of its own."""
    video = SCENE.show(film=True)

    assert (video.size, video.frames, video.fps) == ((640, 360), 240, 30)
    assert iio.immeta(video.path)["size"] == (640, 360)


def test_the_file_lives_as_long_as_the_film() -> None:
    """Its folder goes with it, and nothing else in the system's folder for such files does."""
    video = DIRECTED.show(size=(128, 72), film=True)
    folder = video.path.parent
    assert folder.is_dir()

    del video
    gc.collect()

    assert not folder.exists()
    assert folder.parent.is_dir()


def test_a_timeline_that_was_declared_is_kept() -> None:
    """A scene's, a recording's, a film's; `seconds` go before."""
    recording = record(DIRECTED)

    for shown in (DIRECTED, recording, Film(recording)):
        assert shown.show(size=(128, 72), film=True).frames == 5
        assert shown.show(size=(128, 72), seconds=1, film=True).frames == 10
    assert Film(record(SCENE)).show(size=(128, 72), seconds=0.2, film=True).frames == 6


def test_a_comparison_is_shown() -> None:
    """As one film of all, and again from that film."""
    both = Comparison([DIRECTED, DIRECTED.with_seed(1)], timeline=Timeline(seconds=0.5, fps=10))

    assert both.show(size=(128, 72), film=True).frames == 5


def test_what_cannot_be_shown_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a size that is none nor an encoder that fails."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("nnanim.rendering.showing.png", lambda _: 1 / 0)
    with pytest.raises(UsageError, match="size of 2x2"):
        DIRECTED.show(size=(2, 2))
    monkeypatch.setattr("nnanim.rendering.showing.Video", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        DIRECTED.show(size=(128, 72), film=True)

    assert list(tmp_path.iterdir()) == []


def test_in_a_notebook_the_film_stands_in_the_place_of_its_bars(cells: SimpleNamespace) -> None:
    """It is shown where it is asked for; as the cell's last line it is not shown again."""
    video = DIRECTED.show(size=(128, 72), film=True)

    (shown,) = cells.shown
    assert "<video" in shown["text/html"]
    assert list(video._repr_mimebundle_()) == ["text/plain"]
    cells.execution_count = 2
    assert "<video" in video._repr_mimebundle_()["text/html"]


def test_without_a_word_for_a_film_a_page_is_shown(cells: SimpleNamespace) -> None:
    """In a frame that may run its script and save pictures; a picture is beside it."""
    video = DIRECTED.show()

    (shown,) = cells.shown
    assert 'sandbox="allow-scripts allow-downloads" ' in shown["text/html"]
    assert 'srcdoc="&lt;!doctype html&gt;' in shown["text/html"]
    assert shown["image/png"]
    assert (video.format, video.size) == ("html", (1280, 720))


def test_bars_tell_how_far_it_is(cells: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the notebook, of the training and of the frames, until the film is there."""
    seen: list[str] = []
    monkeypatch.setattr("nnanim.rendering.bars._PAUSE", 0.0)
    monkeypatch.setattr(
        "nnanim.rendering.notebook.Place.show", lambda _, bundle: seen.append(bundle["text/html"])
    )
    DIRECTED.show(size=(128, 72), film=True)

    assert any("training" in text and "6/6" in text for text in seen)
    assert any("frames" in text and "5/5" in text for text in seen)
    assert cells.shown == []


def test_messages_are_shown_meanwhile(
    cells: SimpleNamespace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the command line says in a terminal; what warns stays, on stderr."""
    monkeypatch.setattr("logging.root.handlers", [])
    log, place = logging.getLogger("nnanim"), Place()
    before = log.level

    with messages_in(place):
        log.info("compiling <kernels>")
        assert cells.shown == [{"text/html": "<pre>compiling &lt;kernels&gt;</pre>"}]
        log.warning("it diverged")
    log.info("too late")
    place.clear()

    assert cells.shown == [{"text/html": ""}]
    assert capsys.readouterr().err == "nnanim: it diverged\n"
    assert log.level == before


def test_a_scene_shows_the_picture_of_its_end(cells: SimpleNamespace) -> None:
    """Trained for it, as that takes no time; and what a page without pictures shows."""
    bundle = SCENE._repr_mimebundle_()

    assert "<img" in bundle["text/html"]
    assert bundle["text/plain"] == repr(SCENE)
    assert cells.shown == []


@pytest.mark.usefixtures("no_training")
def test_a_long_training_is_not_begun() -> None:
    """Its scene is five lines, the last of which says how the film is seen."""
    bundle = LONG._repr_mimebundle_()

    assert list(bundle) == ["text/plain"]
    assert len(bundle["text/plain"].splitlines()) == 5
    assert ".show()" in bundle["text/plain"].splitlines()[-1]


def test_a_long_training_that_is_kept_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not trained again."""
    cached_recording(SCENE, prepare(SCENE))
    monkeypatch.setattr("nnanim.rendering.showing.training_seconds", lambda _: 1000.0)

    assert "text/html" in SCENE._repr_mimebundle_()
    assert "text/html" not in SCENE.with_seed(1)._repr_mimebundle_()


def test_a_training_that_takes_longer_than_foretold_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then it is lines, too."""
    monkeypatch.setattr("nnanim.rendering.showing.training_seconds", lambda _: 0.0)
    monkeypatch.setattr("nnanim.rendering.showing._PATIENCE", 0.05)

    assert list(LONG._repr_mimebundle_()) == ["text/plain"]


def test_all_attempts_count_and_the_run_is_left_alone() -> None:
    """A training that is tried again may take as often as long."""
    once, often = (
        prepare(SCENE),
        prepare(
            replace(SCENE, training=replace(TRAINING, epochs=3000, retry=Retry(attempts=1000)))
        ),
    )
    before = {name: tensor.clone() for name, tensor in once.module.state_dict().items()}

    assert training_seconds(often) > 1000 * training_seconds(once)
    assert all((tensor == before[name]).all() for name, tensor in once.module.state_dict().items())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (replace(SCENE, layer="hidden7"), "unknown layer 'hidden7'"),
        (replace(SCENE, views=[Wrong()]), "the view Wrong failed: AttributeError"),
        (replace(SCENE, model=models.mlp(5, 1)), "the model"),
    ],
)
def test_a_scene_with_a_mistake_raises_nothing(wrong: Scene, says: str) -> None:
    """It says below its lines why it cannot be shown."""
    bundle = wrong._repr_mimebundle_()

    assert list(bundle) == ["text/plain"]
    assert says in bundle["text/plain"].splitlines()[-1]


@pytest.mark.usefixtures("no_training")
def test_a_terminal_gets_lines(cells: SimpleNamespace) -> None:
    """IPython without a notebook could not show the picture."""
    del cells.kernel

    assert SCENE._repr_mimebundle_() == {"text/plain": repr(SCENE)}


def test_an_epoch_is_as_good_as_a_time() -> None:
    """For frames and stills; left out, it is the end."""
    film = Film(record(DIRECTED))
    size = (128, 72)

    for epoch in (0, 1, 3):
        frame = film.frame(epoch=epoch, size=size)
        np.testing.assert_array_equal(frame, film.frame(film.time_at(epoch), size))
        still = film.still(epoch=epoch, size=size)
        np.testing.assert_array_equal(iio.imread(still.png), frame[..., :3])
        assert "<img" in still._repr_mimebundle_()["text/html"]
    np.testing.assert_array_equal(film.frame(size=size), film.frame(film.timeline.seconds, size))
    with pytest.raises(UsageError, match="leave one out"):
        film.frame(1.0, epoch=2)
    with pytest.raises(UsageError, match="runs from 0 to 3"):
        film.still(epoch=4)


def test_everything_is_told_in_a_few_lines(tmp_path: Path) -> None:
    """One to five, of a length that a page has room for, whatever names came."""
    odd = replace(DIRECTED, name="a\nb\x1b[2J", title="long " * 100)
    recording, short = record(odd), replace(odd, title="Long")  # which a small picture has room for
    for thing in (
        odd,
        SCENE,
        Comparison([odd, SCENE], names=["x\n" * 50, "y"]),
        recording,
        Film(recording),
        Film(record(short)).still(size=(128, 72)),
        odd.training,
        Training(epochs=3, segments=3, keep="best", retry=Retry()),
        odd.model,
        render(short, tmp_path / "film.gif", size=(128, 72)),
    ):
        lines = repr(thing).splitlines()
        assert 1 <= len(lines) <= 5
        assert all(len(line) <= 160 and line.isprintable() for line in lines), lines


def test_a_training_tells_what_was_given() -> None:
    """What makes it again, and what it always needs."""
    training = Training(epochs=3, momentum=0.9, retry=Retry(until=0.9))

    assert eval(repr(training)) == training
    assert repr(Training()) == (
        "Training(epochs=100, batch_size=32, optimizer='sgd', lr=0.01, loss='mse')"
    )
    assert eval(repr(SCENE.model), {"mlp": models.mlp}) == SCENE.model
