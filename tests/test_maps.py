"""Maps: a training for each pixel, in blocks side by side, and the picture of them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import nn

from nnanim import Film, Scene, Training, datasets, models, record
from nnanim.errors import SceneError, UsageError
from nnanim.scene.values import Axis, axis_in
from nnanim.sweeps.border import border_pixel, roughness
from nnanim.sweeps.makers import Here
from nnanim.sweeps.mapped import KEPT, MOST, Map, MapPlan, map_planned, mapped
from nnanim.sweeps.pixels import Named
from nnanim.sweeps.shades import Shades
from nnanim.threads import in_order
from tests.test_sweeps import backwards, contents

SIZE = (9, 7)
RATES: dict[str, Any] = {
    "x": ("lr1", axis_in("log:0.1:1000")),
    "y": ("lr2", axis_in("log:0.01:1000")),
}

numbers = np.random.default_rng(3)
points = datasets.from_arrays(
    numbers.standard_normal((12, 2)).astype(np.float32),
    numbers.standard_normal((12, 1)).astype(np.float32),
    task="regression",
)
FILE = '''"""Two rates, one border."""
import numpy as np
from nnanim import Scene, Training, datasets, models

points = datasets.from_arrays(
    np.linspace(-1, 1, 12, dtype=np.float32)[:, None],
    np.linspace(1, -1, 12, dtype=np.float32)[:, None],
    task="regression",
)


def scene(lr1: float = 1.0, lr2: float = 1.0):
    return Scene(
        dataset=points,
        model=models.mlp(1, 2, 1, bias=False, init="mean_field"),
        training=Training(epochs=30, batch_size=None, lr={"hidden1": lr1, "output": lr2 / 4}),
    )
'''


def scene(
    lr1: float = 1.0, lr2: float = 1.0, seed: int = 0, momentum: float = 0.0, batch: int = 12
) -> Scene:
    """Return a small network with a rate for each layer."""
    return Scene(
        dataset=points,
        model=models.mlp(2, 3, 1, bias=False, init="mean_field"),
        training=Training(
            epochs=40,
            batch_size=batch,
            lr={"hidden1": lr1, "output": lr2 / 9},
            momentum=momentum,
            seed=seed,
        ),
    )


def multiplied(lr1: float = 1.0, lr2: float = 1.0) -> Scene:
    """Return the network with rates that hang on both parameters."""
    return scene(lr1 * lr2, lr1 + lr2)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of sixteen pixels."""
    monkeypatch.setattr(MapPlan, "size", 16)


def expected(made: Map, i: int, j: int) -> tuple[float, float, bool]:
    """Return the first loss, the last and whether it converges, as a pixel's recording tells."""
    recording = record(made.plan.pixels.scene(i, j))
    losses = recording.batch_loss
    shares = np.full(recording.header.steps_per_epoch * 40, 1e6)
    with np.errstate(all="ignore"):
        shares[: len(losses)] = np.fmin(np.nan_to_num(losses / losses[0], nan=1e6), 1e6)
    last = losses[np.isfinite(losses)][-1]
    return float(losses[0]), float(last), bool(shares[-len(shares) // 10 :].mean() < 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "axes"),
    [
        (scene, RATES),
        (multiplied, RATES),
        (scene, {"x": ("model.scale", Axis("lin", 0.1, 3)), "y": ("lr2", Axis("log", 0.1, 20))}),
        (scene, {"x": ("training.seed", Axis("lin", 0, 8)), "y": ("lr2", Axis("log", 0.1, 20))}),
        (
            scene,
            {
                "x": ("momentum", Axis("lin", 0, 0.8)),
                "y": ("training.weight_decay", Axis("lin", 0, 0.3)),
            },
        ),
    ],
    ids=["rates", "both", "scale", "seed", "momentum"],
)
def test_a_pixel_is_what_its_recording_tells(made: Any, axes: dict[str, Any]) -> None:
    """Of rates, the scale of initial weights, the seed, momentum and weight decay."""
    found = mapped(map_planned(made, **axes, size=SIZE))

    pairs = [(0, 0), (3, 2), (8, 0), (4, 5), (8, 6), (0, 6)]
    for i, j in pairs:
        first, last, converges = expected(found, i, j)
        assert found.kept("first")[j, i] == pytest.approx(first, rel=1e-4)
        assert found.converges[j, i] == converges
        if converges and last > 1e-3:
            assert found.kept("last")[j, i] == pytest.approx(last, rel=0.02)


def test_whole_numbers_of_an_axis_are_whole_however_many() -> None:
    """But for rounding, 25 of 0 to 39 would be 25.000000000000004; halves stay what they are."""
    for last in (8, 39, 99, 127, 2047):
        named = Named("seed", Axis("lin", 0, last))
        values = [named.value(i, last + 1) for i in range(last + 1)]
        assert values == list(range(last + 1))
        assert all(isinstance(value, int) for value in values)
    assert Named("seed", Axis("lin", 0, 1)).value(1, 3) == 0.5
    assert Named("lr", Axis("lin", 1, 1 + 1e-12)).value(1, 3) == 1 + 5e-13


def classes(lr1: float = 0.5, lr2: float = 0.5) -> Scene:
    """Return a classifier with a test part and a rate for each layer."""
    return Scene(
        dataset=datasets.rings(200),
        model=models.mlp(2, 3, 1, output="sigmoid"),
        training=Training(
            epochs=60, batch_size=None, loss="bce", lr={"hidden1": lr1, "output": lr2}
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("made", [scene, classes])
def test_a_score_is_that_of_the_film(made: Any) -> None:
    """Accuracy on the test part, R² of a regression; none where a network has no numbers left."""
    found = mapped(map_planned(made, **RATES, size=SIZE))
    scores = found.kept("score")

    kept = 0
    for i, j in [(0, 0), (3, 0), (1, 2), (5, 1), (8, 6)]:
        recording = record(found.plan.pixels.scene(i, j))
        if recording.header.diverged_at is None and found.converges[j, i]:
            film = Film(recording)
            assert scores[j, i] == pytest.approx(film.score(film.epochs), abs=0.08)
            kept += 1
    assert kept >= 3
    assert len(np.unique(scores[np.isfinite(scores)])) > 3
    lost = found.kept("steps") < found.plan.pixels.run.steps
    assert np.isnan(scores[lost]).all()
    assert lost.any() == (made is scene)


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
def test_the_hash_is_one_for_any_threads_and_order(tmp_path: Path) -> None:
    """And a map that was cut off goes on to the same bytes."""
    plan = map_planned(scene, **RATES, size=SIZE)
    first = mapped(plan, tmp_path / "one")
    assert len(first.blocks) == 4
    threads = mapped(plan, maker=Here(partial(in_order, threads=2)))
    assert threads.hash == mapped(plan, maker=Here(backwards)).hash == first.hash

    whole = contents(tmp_path / "one")
    blocks = sorted((tmp_path / "one" / "blocks").iterdir())
    blocks[1].unlink()
    blocks[2].write_bytes(blocks[2].read_bytes()[:-9])
    assert mapped(plan, tmp_path / "one").hash == first.hash
    assert contents(tmp_path / "one") == whole


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
def test_a_map_that_was_interrupted_keeps_its_blocks(tmp_path: Path) -> None:
    """What is asked for again is what was not done."""
    plan = map_planned(scene, **RATES, size=SIZE)

    def broken(make: Any, items: Iterable[Any], /) -> Iterable[Any]:
        for item in items:
            if item == 2:
                raise KeyboardInterrupt
            yield make(item)

    with pytest.raises(KeyboardInterrupt):
        mapped(plan, tmp_path / "map", Here(broken))
    done: list[int] = []

    def noted(_: str, count: int, __: int) -> None:
        done.append(count)

    assert len(list((tmp_path / "map" / "blocks").iterdir())) == 2
    assert mapped(plan, tmp_path / "map", progress=noted).hash == mapped(plan).hash
    assert done == [16, 32, 48, 63]


@pytest.mark.slow
def test_near_rates_are_told_apart_in_double_precision() -> None:
    """From neighbours on that differ by less than a millionth."""
    near = {**RATES, "x": ("lr1", Axis("lin", 1, 1 + 1e-6))}
    plan = map_planned(scene, **near, size=SIZE)

    assert plan.dtype is np.float64
    assert map_planned(scene, **RATES, size=SIZE).dtype is np.float32
    found = mapped(plan)
    assert found.kept("total").shape == (7, 9)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x": ("lr3", axis_in("log:0.1:1"))}, "did you mean"),
        ({"x": RATES["y"]}, "--x and --y are both lr2"),
        ({"size": (1, 4)}, "at least 2x2"),
        ({"size": (10_000, 10_000)}, f"at most {MOST:,}"),
        ({"settings": {"lr1": "3"}}, "lr1 is an axis and set by --set"),
        ({"x": ("training.epochs", Axis("lin", 1, 9))}, "change training.epochs"),
        ({"x": ("seed", Axis("lin", 0, 8)), "settings": {"batch": "4"}}, "set batch_size=None"),
        ({"x": ("seed", Axis("lin", 0, 4))}, "seed=0.5"),
    ],
)
def test_what_cannot_be_mapped_is_refused_before_the_first_training(
    changed: dict[str, Any], said: str
) -> None:
    """In one line that says what to do."""
    asked: dict[str, Any] = {**RATES, "size": SIZE, **changed}

    with pytest.raises(UsageError) as caught:
        map_planned(scene, **asked)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def waving(lr1: float = 1.0, lr2: float = 1.0) -> Scene:
    """Return a network with a layer that no kernel knows where the first rate is large."""
    found = scene(lr1, lr2)
    return found if lr1 < 1 else replace(found, model=lambda: Wave(2, 1))


class Wave(nn.Linear):
    """A layer that no kernel knows."""


@pytest.mark.parametrize(
    ("make", "settings", "said"),
    [
        (scene, {"model.batch_norm": "True"}, "its model is not a stack"),
        (scene, {"training.patience": "3"}, "patience is set"),
        (waving, {}, "lr1 and lr2 between them make the model no stack (Wave is not a layer"),
    ],
)
def test_what_cannot_stand_side_by_side_is_refused_before_the_first_training(
    make: Callable[..., Scene], settings: dict[str, str], said: str
) -> None:
    """Be it the network of the first pixel or of another; a sweep trains it."""
    with pytest.raises(SceneError) as caught:
        map_planned(make, **RATES, size=SIZE, settings=settings)

    assert said in str(caught.value)
    assert "`nnanim sweep` trains" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_data_of_a_map_are_the_same_everywhere() -> None:
    """A seed as an axis is refused where the data follow it."""

    def following(lr: float = 0.1, seed: int = 0) -> Scene:
        return Scene(
            dataset=datasets.rings(20),
            model=models.mlp(2, 2, 1, output="sigmoid"),
            training=Training(epochs=2, batch_size=None, lr=lr, seed=seed),
        )

    with pytest.raises(UsageError, match="change the data"):
        map_planned(following, ("seed", Axis("lin", 0, 3)), ("lr", Axis("log", 0.1, 1)), (4, 4))


def test_shades_cover_equal_areas() -> None:
    """Each shade of a kind, up to a pixel; what learns has the upper half."""
    rng = np.random.default_rng(0)
    speed = (rng.standard_normal((40, 50)) ** 3).astype(np.float32)
    shades = Shades.of(speed)
    places = np.interp(speed, shades.numbers, shades.places)

    assert places[speed < 0].min() > 0.5 > places[speed > 0].max()
    for part in (places[speed < 0], places[speed > 0]):
        counts, _ = np.histogram(part, bins=20)
        assert counts.max() - counts.min() <= 2
    picture = shades.picture(speed)
    assert picture.shape == (40, 50, 4)
    assert (picture[0] == shades.picture(speed[::-1])[-1]).all()


def disc(side: int) -> NDArray[np.bool_]:
    """Return a disc in a square."""
    y, x = np.mgrid[:side, :side] / side - 0.5
    return np.asarray(x**2 + y**2 < 0.16)


def carpet(depth: int) -> NDArray[np.bool_]:
    """Return a curve that fills a square more and more: of dimension log 3 / log 2."""
    found = np.ones((1, 1), bool)
    for _ in range(depth):
        found = np.block([[found, np.zeros_like(found)], [found, found]])
    return found


def test_the_border_of_a_disc_is_smooth_and_noise_fills_the_plane() -> None:
    """Box counting finds 1, 2 and, of Sierpiński's triangle, log 3 / log 2."""
    smooth, rough = (
        roughness(disc(512)),
        roughness(np.random.default_rng(0).random((512, 512)) > 0.5),
    )
    triangle = roughness(carpet(9))
    assert smooth is not None
    assert rough is not None
    assert triangle is not None

    assert smooth.dimension == pytest.approx(1, abs=0.1)
    assert rough.dimension == pytest.approx(2, abs=0.03)
    assert triangle.dimension == pytest.approx(np.log(3) / np.log(2), abs=0.06)
    assert (smooth.low, smooth.high) == (2, 64)
    assert roughness(np.ones((512, 512), bool)) is None


def test_the_pixel_told_lies_inside_at_the_border_near_the_middle() -> None:
    """None where all are alike."""
    found = disc(64)
    column, row = border_pixel(found) or (0, 0)

    assert found[row, column]
    assert not found[row - 1 : row + 2, column - 1 : column + 2].all()
    assert border_pixel(np.ones((4, 4), bool)) is None


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file of two rates."""
    path = tmp_path / "rates.py"
    path.write_text(FILE)
    return path


@pytest.mark.slow
def test_the_command_draws_the_map_and_tells_a_pixels_command(
    file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The same bytes again, from the trainings that stay beside it."""
    axes = ("--x", "lr1=log:1e-2:1e4", "--y", "lr2=log:1e-2:1e4", "-r", "64x48")
    picture = file.parent / "map.png"

    code, out, _ = nnanim("map", file, *axes, "-o", picture)
    before = picture.read_bytes()
    assert (code, out.strip()) == (0, str(picture))
    assert "on the border converges" in caplog.text
    assert f"nnanim render {file} --set lr1=" in caplog.text
    code, out, _ = nnanim("map", file, *axes, "-o", picture, "--pixel", "60,2")
    assert code == 0
    assert picture.read_bytes() == before
    assert "pixel 60,2 diverges" in caplog.text
    assert {"map.json", "blocks"} == {p.name for p in (file.parent / "map.map").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--x", "lr1", "--y", "lr2=log:1:2"), 2, "expected KEY=AXIS, as lr1=log:1e-2:1e4"),
        (("--x", "lr1=1,2", "--y", "lr2=log:1:2"), 2, "expected an axis, as lin:0:1"),
        (
            ("--x", "lr1=log:1:2", "--y", "lr2=log:1:2", "-o", "a.gif"),
            2,
            "a map is a .png or .html",
        ),
        (("--x", "lr1=log:1:2", "--y", "lr2=log:1:2", "--pixel", "600,1"), 2, "--pixel 256,256"),
        (("--x", "lr1=log:1:2", "--y", "lr2=log:1:2", "--colors", "spectrum"), 2, "matplotlib's"),
        (("--x", "lr1=log:1:2", "--y", "lr2=log:1:2", "--theme", "drak"), 2, "mean 'dark'?"),
        (("--x", "lr1=log:1:2", "--y", "lr2=log:1:2", "--by", "hue"), 2, "speed | loss | score"),
    ],
)
def test_a_mistake_is_one_line_and_its_code(
    file: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
    nnanim: Callable[..., tuple[int, str, str]],
) -> None:
    """Before anything is trained or written."""
    came, out, err = nnanim("map", file, *arguments)

    assert (came, out, err.count("\n")) == (code, "", 1)
    assert said in err


def test_all_that_is_kept_is_a_number_of_a_training() -> None:
    """By the names of `Trained`."""
    from nnanim.training.side_by_side import Trained

    assert set(KEPT) < set(Trained.__dataclass_fields__)
