"""Events that are looked for in each training of a sweep: a column each, and a picture of one."""

import csv
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nnanim import Film, Scene, Training, datasets, events, models
from nnanim.errors import SceneError, UsageError
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.sweep import planned, sweep, swept
from tests.pages import Page
from tests.test_away import Here
from tests.test_sweeps import contents

FILE = '''"""How wide? A disk in a ring."""
from nnanim import Scene, Training, datasets, models


def scene(width: int = 3, seed: int = 0):
    return Scene(
        dataset=datasets.rings(60, radii=(0.3, 1.0), noise=0.05, seed=1),
        model=models.mlp(2, width, 1, activation="relu", output="sigmoid"),
        training=Training(
            epochs=12, lr=0.1, batch_size=10, optimizer="adam", loss="bce", seed=seed
        ),
    )
'''
GRID: dict[str, Any] = {"width": [1, 4], "seed": range(3)}
EVENTS: list[events.Event | str] = ["boundary closes", "accuracy 0.9", events.dies("hidden1", 2)]
NAMES = [str(event) for event in EVENTS]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene whose boundary closes where it is wide."""
    path = tmp_path / "disk.py"
    path.write_text(FILE)
    return path


@pytest.mark.slow
def test_a_column_tells_what_a_training_s_own_film_tells(file: Path) -> None:
    """Empty where it does not happen, or cannot, as what unit 2 of one unit does."""
    made = sweep(file, GRID, events=EVENTS)

    for i, row in enumerate(made.table):
        film = Film(made.recording(i))
        for event, name in zip(EVENTS, NAMES, strict=True):
            lacks = name == NAMES[2] and row["width"] == 1
            assert row[name] == (None if lacks else film.happens(event))
    closed = [row["width"] for row in made.table if row["boundary closes"] is not None]
    assert set(closed) == {4}
    assert list(made.table[0])[-3:] == NAMES


@pytest.mark.slow
def test_a_sweep_with_events_is_the_same_bytes_elsewhere_and_in_blocks(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And another sweep than the one without."""
    monkeypatch.setattr(Plan, "size", 2)
    there = sweep(file, GRID, tmp_path / "away", executor=Here(), verify=1.0, events=EVENTS)
    here = sweep(file, GRID, tmp_path / "here", events=EVENTS, map=map)
    plan = planned(file, GRID, events=EVENTS)
    for number in (2, 0, 1):
        swept(plan, tmp_path / "blocks", numbers=range(number, number + 1))
    gathered = swept(plan, tmp_path / "blocks")

    assert there.table == here.table == gathered.table
    assert there.hash == here.hash == gathered.hash
    assert contents(tmp_path / "away") == contents(tmp_path / "here")
    assert contents(tmp_path / "blocks") == contents(tmp_path / "here")
    assert here.hash != sweep(file, GRID).hash
    with pytest.raises(UsageError, match="holds another sweep"):
        sweep(file, GRID, tmp_path / "here")


@pytest.mark.slow
def test_a_phase_counts_where_an_event_happens(file: Path) -> None:
    """Of those that are looked for."""
    made = sweep(file, {**GRID, "training.lr": [0.1, 0.01]}, events=EVENTS[:1])
    phase = made.phase("width", "training.lr", by=events.closes())

    happened = [row for row in made.table if row["boundary closes"] is not None]
    assert phase.successes.sum() == len(happened) > 0
    assert (phase.counts == 3).all()
    with pytest.raises(UsageError, match="did you mean 'boundary closes'"):
        made.phase("width", "training.lr", by="boundary opens")


@pytest.mark.slow
def test_the_command_writes_a_column_and_says_what_looking_takes(
    file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """On stderr; the picture's share is that of the event where --by says so."""
    values = ("--set", "width=1,4", "--set", "training.lr=0.1,0.01", "--set", "seed=0..2")
    asked = (*values, "-o", "a")
    more = ("--event", "boundary closes", "--by", "boundary closes")

    with caplog.at_level(logging.INFO, "nnanim"):
        code, _, err = nnanim("sweep", file, *asked, *more)

    assert code == 0, err
    assert "looking for 'boundary closes' takes about" in caplog.text
    with Path("a/results.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    moments = [float(row["boundary closes"]) for row in rows if row["boundary closes"]]
    assert moments
    assert all(0 < moment <= 12 for moment in moments)
    assert "share in which 'boundary closes' happens" in Path("a/phase.svg").read_text()
    cells = Page.of(Path("a/phase.html").read_bytes()).told["cells"]
    assert sum(int(cell["sentences"][0].split()[0]) for cell in cells) == len(moments)
    assert any("Median epoch of 'boundary closes'" in " ".join(c["sentences"]) for c in cells)
    assert any("boundary closes in epoch" in t["said"] for c in cells for t in c["trainings"])

    caplog.clear()
    with caplog.at_level(logging.INFO, "nnanim"):
        assert nnanim("sweep", file, *asked, *more, "--gather")[0] == 0
    assert "12 trainings" in caplog.text
    assert "looking for" not in caplog.text


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--event", "boundry closes"), 3, "did you mean 'boundary closes'?"),
        (("--event", "unit 9 of hidden1 dies"), 3, "cannot happen here: 'hidden1' has the units"),
        (("--event", "boundary closes, of a"), 2, "names a column"),
        (("--by", "boundary closes"), 2, "is not looked for: name it by --event, too"),
        (("--event", "plateau", "--by", "platau"), 2, "did you mean 'plateau'?"),
    ],
)
def test_an_event_that_is_none_is_one_line_before_the_first_training(
    arguments: tuple[str, ...],
    code: int,
    told: str,
    file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
) -> None:
    """With the nearest."""
    came, out, err = nnanim("sweep", file, "--set", "width=1,4", *arguments, "-o", "a")

    assert (came, out, err.count("\n")) == (code, "", 1)
    assert told in err
    assert not Path("a").exists()


def test_an_event_that_can_happen_in_one_of_the_variants_is_looked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that can in none is refused; what a variant fails by is told in its row."""

    def scene(width: int = 1) -> Scene:
        if width == 0:
            raise ValueError("none")
        return Scene(
            dataset=datasets.rings(20, seed=0),
            model=models.mlp(2, width, 1, activation="relu", output="sigmoid"),
            training=Training(epochs=1, loss="bce"),
        )

    event = events.dies("hidden1", 2)
    with caplog.at_level(logging.INFO, "nnanim"):
        rows = sweep(scene, {"width": [0, 1, 3]}, events=[event, str(event)]).table
    assert [str(event) in row for row in rows] == [True] * 3
    assert [row["error"] is None for row in rows] == [False, True, True]
    assert "takes about" in caplog.text
    with pytest.raises(SceneError, match="has the units 0 to 0"):
        planned(scene, {"width": [0, 1]}, events=[event])
