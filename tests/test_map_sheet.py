"""The sheet of a map: axes in the settings' values, and what its shades mean."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnanim.errors import UsageError
from nnanim.scene.values import Axis, axis_in
from nnanim.sweeps.map_sheet import MapSheet, ticks_of
from nnanim.sweeps.pixels import Named
from nnanim.sweeps.shades import NONE
from nnanim.sweeps.shown import Coloring, color_of
from nnanim.themes import theme_from
from tests.test_maps import FILE

numbers = np.random.default_rng(5).standard_normal((90, 120)) ** 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file of two rates."""
    path = tmp_path / "rates.py"
    path.write_text(FILE)
    return path


def sheet(coloring: Coloring, values: np.ndarray = numbers, theme: str = "dark") -> MapSheet:
    """Return the sheet of a map with these numbers."""
    shades = coloring.shades(values)
    return MapSheet(
        shades.picture(values),
        Named("lr1", axis_in("log:1e-2:1e4")),
        Named("momentum", axis_in("lin:0:0.9")),
        shades,
        coloring.legend(shades, values),
        "A map",
        "Of numbers",
        theme_from(theme),
    )


@pytest.mark.parametrize("theme", ["dark", "light", "paper"])
def test_each_training_is_a_pixel_of_the_sheet(theme: str) -> None:
    """Around them are axes and a legend."""
    made = sheet(Coloring(), theme=theme)
    drawn, box = made.drawn(), made.box

    assert drawn.shape == (made.size[1], made.size[0], 4)
    assert (drawn[box.top : box.bottom, box.left : box.right] == made.picture).all()
    ground = drawn[0, 0]
    for part in (
        drawn[:, : box.left],
        drawn[: box.top],
        drawn[box.bottom :],
        drawn[:, box.right :],
    ):
        assert (part != ground).any()


def test_ticks_stand_where_their_values_are() -> None:
    """Powers of ten on a long log axis, round numbers on a short one, told apart however near."""

    def marked(axis: Axis) -> dict[str, float]:
        return {label: share for share, label in ticks_of(axis, len, 1000)}

    assert marked(axis_in("log:1e-2:1e4"))["100"] == pytest.approx(2 / 3)
    assert marked(axis_in("lin:0:0.8"))["0.2"] == pytest.approx(0.25)
    short = axis_in("log:2:8")
    assert marked(short)["4"] == pytest.approx(0.5)
    near = Axis("log", 23.8025060, 23.8025064)
    labels = marked(near)
    assert len(labels) >= 3
    for label, share in labels.items():
        assert near.share(float(label)) == pytest.approx(share, abs=1e-6)


def test_labels_lie_apart() -> None:
    """Fewer are written where there is little room, none where there is none."""
    axis = axis_in("lin:0:100")
    many, few = (ticks_of(axis, lambda label: 10.0 * len(label), n) for n in (1000, 25))

    assert len(many) > len(few) == 2
    assert ticks_of(axis, lambda _: 1000.0, 60) == []


def test_the_legend_says_how_much_converges_and_which_end_is_fast() -> None:
    """The colour at a bar's end is that of the number there."""
    made = sheet(Coloring())
    upper, lower = made.legend
    shade = {bar: made.shades.picture(np.array([[n]]))[0, 0] for bar, n in (
        ("slow", numbers.min()), ("diverges slowly", numbers.max()))}  # fmt: skip

    share = 100 * (numbers < 0).mean()
    assert upper.name == f"converges, {share:.1f} %"
    assert lower.name == f"diverges, {100 - share:.1f} %"
    assert [label for _, label in upper.ticks] == ["slowly", "fast"]
    assert color_of(made.shades, upper.first) == tuple(shade["slow"])
    assert color_of(made.shades, lower.last) == tuple(shade["diverges slowly"])


def test_where_there_is_no_number_is_grey_and_said() -> None:
    """The others are ranked; a quarter of their area lies below the second number told."""
    values = np.where(numbers > 1, np.nan, np.abs(numbers))
    made = sheet(Coloring("loss"), values)
    ranked, none = made.legend

    assert (made.picture[::-1][np.isnan(values)] == NONE).all()
    assert none.name == f"no finite loss, {100 * np.isnan(values).mean():.1f} %"
    share, label = ranked.ticks[1]
    assert share == 0.25
    assert np.mean(values[np.isfinite(values)] < float(label)) == pytest.approx(0.25, abs=0.01)


def test_the_highest_score_stands_at_the_top() -> None:
    """The lowest loss does, too."""
    values = np.abs(numbers)
    for by, best in (("score", values.max()), ("loss", values.min())):
        made = sheet(Coloring(by), values)
        (bar,) = made.legend
        assert bar.ticks[0][1] == f"{best:.3g}"
        shade = made.shades.picture(np.array([[best]]))[0, 0]
        assert tuple(shade) == color_of(made.shades, bar.first)


def test_a_map_of_one_kind_has_one_bar() -> None:
    """And one without any number none but that."""
    assert [bar.name for bar in sheet(Coloring(), -np.abs(numbers) - 1).legend] == [
        "converges, 100.0 %"
    ]
    assert len(sheet(Coloring("loss"), np.full((64, 64), np.nan)).legend) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("colour", "Spectral"), "unknown --by 'colour': expected speed | loss | score"),
        (("speed", "nonsense"), "expected one of matplotlib's, as 'viridis' or 'coolwarm'"),
        (("speed", "jett"), "did you mean 'jet'?"),
        (("speed", "a\nb"), r"'a\nb'"),
    ],
)
def test_what_is_unknown_is_refused(given: tuple[str, str], said: str) -> None:
    """In one line that says what is known; what it proposes is."""
    with pytest.raises(UsageError) as caught:
        Coloring(*given)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    for name in ("viridis", "coolwarm", "jet"):
        Coloring("speed", name)


@pytest.mark.slow
def test_a_bare_map_is_its_pixels_and_each_way_to_colour_it_trains_nothing_again(
    file: Path, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """The sheet holds the same pixels."""
    picture, blocks = file.parent / "map.png", file.parent / "map.map" / "blocks"
    axes = "--x", "lr1=log:0.01:1e4", "--y", "lr2=log:0.01:1e4", "-r", "80x60", "-o", picture

    def made(*more: str) -> np.ndarray:
        assert nnanim("map", file, *axes, *more)[0] == 0
        with Image.open(picture) as opened:
            return np.asarray(opened.convert("RGB"))

    bare = made("--bare")
    times = [block.stat().st_mtime_ns for block in blocks.iterdir()]
    whole, by_loss = made(), made("--bare", "--by", "loss")
    assert bare.shape == by_loss.shape == (60, 80, 3)
    found = np.lib.stride_tricks.sliding_window_view(whole, bare.shape)[..., 0, :, :, :]
    assert (found == bare).all(axis=(2, 3, 4)).sum() == 1
    assert (by_loss != bare).any()
    assert [block.stat().st_mtime_ns for block in blocks.iterdir()] == times
