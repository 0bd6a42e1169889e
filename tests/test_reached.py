"""Maps that are coloured by the epoch in which an event happens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Scene, Training, datasets, events, models, record
from nnanim.errors import UsageError
from nnanim.film.happenings import plateau_of
from nnanim.scene.values import Axis
from nnanim.sweeps import mapped as module
from nnanim.sweeps.away import Away
from nnanim.sweeps.makers import HERE, Maker
from nnanim.sweeps.map_page import map_page
from nnanim.sweeps.map_sheet import sheet_of
from nnanim.sweeps.mapped import Map, MapPlan, map_planned, mapped
from nnanim.sweeps.shown import SHOWN, Coloring
from nnanim.themes import theme_from
from tests.pages import Page
from tests.test_away import Here
from tests.test_maps import FILE as REGRESSION
from tests.test_maps import classes
from tests.test_maps import scene as regression
from tests.test_sweeps import contents

FILE = '''"""Two rates, two classes."""
from nnanim import Scene, Training, datasets, models


def scene(lr1: float = 0.5, lr2: float = 0.5):
    return Scene(
        dataset=datasets.moons(40, seed=0),
        model=models.mlp(2, 3, 1, output="sigmoid"),
        training=Training(
            epochs=20, batch_size=None, loss="bce", lr={"hidden1": lr1, "output": lr2}
        ),
    )
'''
SIZE = (9, 7)
RATES: dict[str, Any] = {"x": ("lr1", Axis("log", 0.1, 100)), "y": ("lr2", Axis("log", 0.1, 100))}
AROUND = 2  # epochs, by which rounding may shift what happens


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file of two classes and two rates."""
    path = tmp_path / "classes.py"
    path.write_text(FILE)
    return path


@pytest.mark.slow
def test_an_epoch_is_that_at_whose_end_the_recording_scores_so_well() -> None:
    """None where it never does; where rates are so high that rounding decides, nothing is said."""
    low: dict[str, Any] = {n: (key, Axis("log", 0.1, 5)) for n, (key, _) in RATES.items()}
    found = mapped(map_planned(classes, **low, size=SIZE, event=events.accuracy(0.6)))
    epochs, seen = found.kept("epoch"), []

    for i, j in [(0, 0), (3, 2), (8, 0), (8, 6), (5, 6), (7, 4)]:
        film = Film(record(found.plan.pixels.scene(i, j)))
        scores = list(film.happenings.figures.scores(np.arange(film.epochs + 1)))
        first = next((epoch for epoch, score in enumerate(scores) if score >= 0.6), None)
        assert (first is None) == bool(np.isnan(epochs[j, i]))
        if first is not None:
            assert epochs[j, i] == pytest.approx(first, abs=AROUND)
            seen.append(first)
    assert len(set(seen)) > 2


@pytest.mark.slow
def test_a_plateau_is_where_the_loss_at_the_ends_of_epochs_comes_to_rest() -> None:
    """That of the recording, over all training data; none where it never rests, or is lost."""
    found = mapped(map_planned(classes, **RATES, size=SIZE, event=events.plateau()))
    epochs, seen = found.kept("epoch"), []

    for i, j in [(0, 0), (3, 2), (0, 1), (1, 1), (0, 2), (4, 4)]:
        film = Film(record(found.plan.pixels.scene(i, j)))
        ends = np.arange(film.epochs + 1)
        first = plateau_of(ends, np.array([film.loss(epoch) for epoch in ends.tolist()]))
        assert (first is None) == bool(np.isnan(epochs[j, i]))
        if first is not None:
            assert epochs[j, i] == pytest.approx(first, abs=AROUND)
            seen.append(first)
    assert seen


def units(lr: float = 0.5, momentum: float = 0.0) -> Scene:
    """Return two classes through four ReLU units, some of which die at high rates."""
    return Scene(
        dataset=datasets.moons(40, seed=0),
        model=models.mlp(2, 4, 1, activation="relu", output="sigmoid"),
        training=Training(epochs=40, batch_size=None, loss="bce", lr=lr, momentum=momentum, seed=3),
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "highest"), [("loss 0.3", 2.0), ("loss 0.5", 2.0), ("unit 2 of hidden1 dies", 20.0)]
)
def test_an_epoch_is_the_one_in_which_it_happens_in_the_pixels_own_film(
    text: str, highest: float
) -> None:
    """To the epoch; where rates are so high that a loss leaps, its film sees it in between."""
    axes = ("lr", Axis("log", 0.05, highest)), ("momentum", Axis("lin", 0, 0.9))
    found = mapped(map_planned(units, *axes, (9, 5), event=events.event_in(text)))
    epochs = found.kept("epoch")

    for i, j in [(0, 0), (2, 4), (4, 2), (6, 0), (7, 3), (8, 4)]:
        moment = Film(record(found.plan.pixels.scene(i, j))).happens(text)
        assert (moment is None) == bool(np.isnan(epochs[j, i]))
        if moment is not None:
            assert epochs[j, i] == np.ceil(moment)
    assert len(np.unique(epochs[np.isfinite(epochs)])) > 4


@pytest.mark.slow
def test_a_map_tells_after_how_many_steps_a_loss_is_lost() -> None:
    """As many are finite in the pixel's own training, or none is lost in either."""
    axes: dict[str, Any] = {n: (key, Axis("log", 1, 1e12)) for n, (key, _) in RATES.items()}
    found = mapped(map_planned(regression, **axes, size=(12, 9)))
    lost = SHOWN["lost"].numbers(found)

    for i, j in [(0, 0), (3, 5), (11, 0), (0, 8), (11, 8)]:
        losses = record(found.plan.pixels.scene(i, j)).batch_loss
        finite = np.isfinite(losses).sum()
        told = found.plan.pixels.run.steps if np.isnan(lost[j, i]) else lost[j, i]
        assert finite == told
    assert len(np.unique(lost[np.isfinite(lost)])) > 2
    assert np.isnan(lost).any()


@pytest.mark.slow
def test_what_is_seen_of_one_that_loses_its_loss_counts_till_then() -> None:
    """At high rates some reach it first, and some have none; no neighbour changes that."""
    axes: dict[str, Any] = {n: (key, Axis("log", 0.1, 1e6)) for n, (key, _) in RATES.items()}
    found = mapped(map_planned(classes, **axes, size=(24, 20), event=events.accuracy(0.55)))
    alone = [found.plan._part(range(n, n + 1))["epoch"][0] for n in range(0, 480, 37)]

    assert np.array_equal(alone, found.kept("epoch").ravel()[::37], equal_nan=True)
    lost = found.kept("steps") < found.plan.pixels.run.steps
    within = found.kept("epoch")[lost]
    assert (within[np.isfinite(within)] < found.kept("steps")[lost][np.isfinite(within)]).all()


@pytest.mark.slow
def test_a_map_of_an_event_is_the_same_bytes_however_it_is_cut_and_wherever_trained(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """States of few networks at a time, or of many; here or elsewhere."""
    monkeypatch.setattr(MapPlan, "size", 48)

    def made(place: Path | None = None, maker: Maker = HERE) -> Map:
        plan = map_planned(file, **RATES, size=(20, 15), event=events.accuracy(0.85))
        return mapped(plan, place, maker)

    there = made(tmp_path / "there", Away(Here(), 1.0))
    here = made(tmp_path / "here")
    monkeypatch.setattr(module, "_ROOM", 1)
    assert here.hash == there.hash == made().hash
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert len(here.plan._parts(range(48))) == 3
    plain = mapped(map_planned(file, **RATES, size=(20, 15)))
    assert np.array_equal(plain.kept("score"), here.kept("score"), equal_nan=True)
    assert plain.hash != here.hash


@pytest.mark.slow
def test_picture_and_page_tell_the_epochs(
    file: Path, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """Its trainings lie beside those of the same picture by something else."""
    axes = "--x", "lr1=log:0.1:100", "--y", "lr2=log:0.1:100", "-r", "24x20"
    by = "--by", "accuracy 0.8"
    assert nnanim("map", file, *axes, "-o", "map.png")[0] == 0
    code, out, err = nnanim("map", file, *axes, "-o", "map.png", *by, "--json", "--pixel", "3,4")
    assert code == 0, err
    assert '"event": "accuracy 0.8"' in out
    assert Path("map.map").is_dir()
    assert Path("map.accuracy_0.8.map").is_dir()

    coloring = Coloring("accuracy 0.8")
    plan = map_planned(file, **RATES, size=(24, 20), event=coloring.event)
    done = mapped(plan)
    sheet = sheet_of(done, coloring, theme_from("dark"), "A map")
    lost = 100 * float(np.isnan(done.kept("epoch")).mean())
    assert 0 < lost < 100
    assert [bar.name for bar in sheet.legend] == ["", f"it does not happen, {lost:.1f} %"]
    assert sheet.subtitle.endswith("by the epoch of 'accuracy 0.8'")
    page = Page.of(map_page(done, sheet, file))
    assert page.told["event"] == "accuracy 0.8"
    held = page.array(page.told["epochs"]).reshape(20, 24)
    assert np.array_equal(held, done.kept("epoch"), equal_nan=True)


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("accurcy 0.9", "did you mean 'accuracy 0.9'?"),
        ("boundary closes", "`nnanim sweep --event 'boundary closes'` finds others"),
        ("accuracy 0.9, of a", "is coloured by the epoch of such as 'accuracy 0.9', 'loss 0.01'"),
        ("unit 9 of hidden1 dies", "ends in Tanh, and only a ReLU unit can be off for good"),
        ("loss 0", "loss(0.0): expected a number above 0, as 0.01"),
        ("accuracy 0.9", "cannot happen here: nothing is classified, the task is regression"),
    ],
)
def test_an_event_that_no_map_has_is_one_line(
    by: str, told: str, tmp_path: Path, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """Before the first training."""
    file = tmp_path / "rates.py"
    file.write_text(REGRESSION)
    axes = "--x", "lr1=log:0.1:1", "--y", "lr2=log:0.1:1", "-r", "4x4"

    code, out, err = nnanim("map", file, *axes, "--by", by, "-o", "map.png")

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert not list(Path().glob("map*"))


def test_a_coloring_tells_its_event() -> None:
    """None where pixels are coloured by something else."""
    assert Coloring("score").event is None
    assert Coloring("plateau").event == events.plateau()
    with pytest.raises(UsageError, match="did you mean 'plateau'"):
        Coloring("platau")
