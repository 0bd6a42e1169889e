"""The film of a sweep: which of its trainings stand where, as small multiples on one clock."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Scene, Training, datasets, models, views
from nnanim.errors import UsageError
from nnanim.rendering.filming import film_of
from nnanim.scene.values import values_in
from nnanim.sheet.bands import banded_in, said_of
from nnanim.sweeps.small import repeats_of, small_of
from nnanim.sweeps.sweep import sweep
from nnanim.sweeps.variants import Variants, variants_of

FILE = '''"""How wide? Rings."""
from nnanim import Scene, Training, datasets, models


def scene(width: int = 3, lr: float = 0.1, seed: int = 0):
    return Scene(
        dataset=datasets.rings(40, noise=0.05),
        model=models.mlp(2, width, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=4, lr=lr, batch_size=8, optimizer="adam", loss="bce", seed=seed),
    )
'''
Nnanim = Callable[..., tuple[int, str, str]]


def rings(width: int = 3, lr: float = 0.1, seed: int = 0) -> Scene:
    """Return a small scene; one width has no network."""
    if width == 7:
        raise ValueError("seven is right out")
    return Scene(
        dataset=datasets.rings(40, noise=0.05),
        model=models.mlp(2, width, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=4, lr=lr, batch_size=8, optimizer="adam", loss="bce", seed=seed),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file with three parameters."""
    path = tmp_path / "rings.py"
    path.write_text(FILE)
    return path


def grid(**values: Any) -> Variants:
    """Return the variants of a grid of such values."""
    return variants_of({name: list(given) for name, given in values.items()})


def shown(variants: Variants, **asked: Any) -> list[dict[str, Any]]:
    """Return the settings of the tiles, in their order."""
    return [variants[i] for i in small_of(variants, **asked).numbers]


def test_tiles_stand_row_by_row_the_highest_value_first() -> None:
    """Across is the setting of more values, of all but the two the first one is shown."""
    variants = grid(width=(1, 2), lr=(0.1, 0.3, 1.0), seed=range(8))

    small = small_of(variants)

    assert (small.x, small.y, small.held) == ("lr", "width", {"seed": 0})
    assert [(s["width"], s["lr"], s["seed"]) for s in shown(variants)] == [
        (2, 0.1, 0), (2, 0.3, 0), (2, 1.0, 0), (1, 0.1, 0), (1, 0.3, 0), (1, 1.0, 0)
    ]  # fmt: skip
    assert small.varied == {"width": ["2", "1"], "lr": ["0.1", "0.3", "1"]}
    assert small.said == "6 trainings, all with seed = 0"


def test_axes_may_be_chosen_and_seeds_are_axes_where_nothing_else_is_left() -> None:
    """As they are asked for; a single setting goes on from row to row."""
    variants = grid(width=(1, 2), seed=range(3))

    assert (small_of(variants).x, small_of(variants).y) == ("seed", "width")
    chosen = small_of(variants, x="width", y="seed")
    assert (chosen.x, chosen.y) == ("width", "seed")
    one = small_of(grid(width=(3, 1, 2)))
    assert (one.x, one.y, one.varied) == ("width", "", {"width": ["3", "1", "2"]})


def test_only_says_which_values_are_shown() -> None:
    """Of axes and of what is none, as the command line writes them."""
    variants = grid(width=range(1, 9), lr=(0.1, 0.3), seed=range(8))

    only = {"width": values_in("2..4"), "seed": values_in("5")}
    tiles = shown(variants, only=only)

    assert {s["width"] for s in tiles} == {2, 3, 4}
    assert {s["seed"] for s in tiles} == {5}
    assert len(tiles) == 6


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "the film would have 450 tiles, width by lr: expected up to 200"),
        ({"only": {"widht": [1]}}, "did you mean 'width'?"),
        ({"only": {"width": [99]}}, "no training has the values of --only width"),
        ({"only": {"width": [1], "lr": [0], "seed": [1]}}, "this one would show one"),
        ({"x": "height"}, "unknown setting of the sweep 'height'"),
    ],
)
def test_what_a_film_cannot_show_is_refused_before_the_first_training(
    asked: dict[str, Any], told: str
) -> None:
    """More than two hundred are never thinned in silence."""
    with pytest.raises(UsageError) as error:
        small_of(grid(width=range(30), lr=range(15), seed=(0, 1)), **asked)

    assert told in str(error.value)


def test_a_sample_has_no_rows_and_columns() -> None:
    """Each tile stands under its own settings."""
    variants = variants_of({"width": range(1, 9), "lr": [0.1, 0.3, 1.0]}, sample=7, seed=1)

    small = small_of(variants)

    assert (len(small.numbers), small.varied, small.held) == (7, {}, {})


@pytest.mark.slow
def test_the_film_of_a_sweep_is_that_of_its_trainings(tmp_path: Path) -> None:
    """Each tile replays what the row of its settings tells."""
    made = sweep(rings, {"width": [2, 3], "lr": [0.01, 0.3], "seed": [4, 5]})
    small = small_of(made.plan.variants, only={"seed": [5]})

    film = film_of(made.comparison(small), cache=False)

    assert [tile.score(4.0) for tile in film.tiles] == [
        made.table[i]["score"] for i in small.numbers
    ]
    assert film.lattice is not None
    assert film.lattice.columns == ("width", ("2", "3"))
    assert film.lattice.rows == ("lr", ("0.3", "0.01"))
    video = made.film(
        tmp_path / "film.gif", only={"seed": [5]}, views=[views.HiddenSpace()], size=(320, 180),
        fps=5, seconds=1,
    )  # fmt: skip
    assert video.frames == 5


def test_repeats_are_the_variants_that_differ_by_their_seed_alone() -> None:
    """Those that have no tile of their own; where seeds have, or there is one, nothing."""
    variants = grid(width=(1, 2), lr=(0.1, 0.3), seed=range(3))
    numbers = small_of(variants, only={"seed": [1]}).numbers

    repeats = repeats_of(variants, numbers)

    for number, others in zip(numbers, repeats, strict=True):
        settings = [variants[i] for i in others]
        assert number in others
        assert [s["seed"] for s in settings] == [0, 1, 2]
        assert {(s["width"], s["lr"]) for s in settings} == {
            (variants[number]["width"], variants[number]["lr"])
        }
    alone = grid(width=(1, 2), seed=range(3))
    assert repeats_of(alone, small_of(alone).numbers) == []
    assert repeats_of(grid(width=(1, 2)), (0, 1)) == []


@pytest.mark.slow
def test_bands_of_a_sweeps_film_are_over_the_seeds_that_have_no_tile() -> None:
    """Of each row's tile that ends best, which is outlined, from what the sweep has kept."""
    made = sweep(rings, {"width": [2, 3], "lr": [0.01, 0.1, 0.3], "seed": range(5)})

    film = film_of(made.comparison(small_of(made.plan.variants)), cache=False)

    banded = banded_in(film)
    assert [each.group for each in banded] == [0, 1]
    for width, each in zip((3, 2), banded, strict=True):
        assert each.tile is not None
        ends = {
            lr: np.median([made.kept(r["variant"])["loss"][-1] for r in made.table
                           if (r["width"], r["lr"]) == (width, lr)])
            for lr in (0.01, 0.1, 0.3)
        }  # fmt: skip
        best = min(ends, key=lambda lr: ends[lr])
        assert film.names[each.tile] == f"width = {width}, lr = {best:.3g}"
        assert len(each.curves) == 5
        assert np.median([loss[-1] for _, loss in each.curves]) == ends[best]
        assert np.array_equal(each.curves[0][0], [0.5, 1.5, 2.5, 3.5])  # the middle of each epoch
    assert said_of(film)[-1] == "median and quartiles over 5 seeds"


@pytest.mark.slow
def test_a_training_that_fails_has_no_tile() -> None:
    """The others then stand under their settings."""
    made = sweep(rings, {"width": [2, 7, 3], "lr": [0.1, 0.3]})

    film = film_of(made.comparison(small_of(made.plan.variants)), cache=False)

    assert len(film.tiles) == 4
    assert film.lattice is not None
    assert film.lattice.rows is None
    assert film.lattice.columns[0] == "width, lr"


@pytest.mark.slow
def test_a_first_training_that_fails_leaves_the_pictures_of_the_others(
    tmp_path: Path, nnanim: Nnanim
) -> None:
    """What they are called is told by one that can be made."""
    path = tmp_path / "rings.py"
    broken = "    if width == 7:\n        raise ValueError('seven')\n    return Scene("
    path.write_text(FILE.replace("    return Scene(", broken))
    asked = ("--set", "width=7,2,3", "--set", "lr=0.1,0.3", "-o", "a", "--film", "gif", "-q", "l")

    code, out, err = nnanim("sweep", path, *asked)

    assert code == 0, err
    assert {"a/phase.png", "a/film.gif"} <= set(out.split())


@pytest.mark.slow
def test_the_command_makes_films_beside_the_table(
    file: Path, nnanim: Nnanim, said: Callable[[], list[str]]
) -> None:
    """What they show of the sweep is said; a page is one of them."""
    asked = ("--set", "width=2,3", "--set", "lr=0.1,0.3", "--set", "seed=0..1", "-o", "a")

    code, out, err = nnanim(
        "sweep", file, *asked, "--film", "gif", "--film", "html", "-q", "l", "--json"
    )

    assert code == 0, err
    files = json.loads(out)["files"]
    assert files[-2:] == ["a/film.gif", "a/film.html"]
    assert all(Path(name).stat().st_size > 1000 for name in files[2:])
    assert "the film shows 4 trainings, all with seed = 0" in said()
    without = "--film", "html", "-q", "l", "--no-data"
    assert nnanim("sweep", file, *asked, *without)[0] == 0
    assert "film.html holds 4 networks, no samples" in said()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--film", "mp5"), "unknown format"),
        (("--only", "seed=1"), "--only is for the film: say which, as --film mp4"),
        (("--no-data",), "--no-data is for the film: say which, as --film mp4"),
        (("--film", "mp4", "--no-data"), "--no-data is for a page: make one by --film html"),
        (("--film", "mp4", "--set", "lr=lin:0.1:1:150"), "tiles, lr by width"),
        (("--film", "mp4", "--views", "HiddenSpac()"), "did you mean 'HiddenSpace'?"),
        (("--film", "mp4", "--x", "width", "--y", "widht"), "did you mean 'width'?"),
        (("--x", "widht"), "unknown varied setting 'widht'"),
        (("--x", "width", "--y", "width"), "x and y are both width"),
        (("--theme", "drak"), "did you mean 'dark'?"),
    ],
)
def test_a_film_that_cannot_be_is_refused_in_one_line(
    arguments: tuple[str, ...], told: str, file: Path, nnanim: Nnanim
) -> None:
    """Before anything is trained or written."""
    code, out, err = nnanim("sweep", file, "--set", "width=1,2", *arguments, "-o", "a")

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert not Path("a").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--views", "Activations()"), "Activations has 2 panels: small multiples show"),
        (("--views", "Fit()"), "Fit"),
    ],
)
def test_views_that_no_tile_can_show_are_refused_before_the_first_training(
    arguments: tuple[str, ...], told: str, file: Path, nnanim: Nnanim
) -> None:
    """As a picture of untrained tiles tells."""
    asked = ("--set", "width=1,2", *arguments, "--film", "mp4", "-o", "a")

    code, out, err = nnanim("sweep", file, *asked)

    assert (code, out, err.count("\n")) == (3, "", 1)
    assert told in err
    assert not Path("a").exists()
