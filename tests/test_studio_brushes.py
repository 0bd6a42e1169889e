"""Brushes in a browser: points painted, moved, erased, undone and saved."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from nnanim.scene.files import declared
from tests.studios import LONG, SCENE, Running, expect_same, page, picture, studio, trained

pytestmark = [pytest.mark.slow, pytest.mark.studio]

PLAIN = SCENE.replace("layer=", "views=[views.InputSpace(grid=False)], layer=").replace(
    "import Scene, Training, datasets, models", "import Scene, Training, datasets, models, views"
)
Place = tuple[float, float]  # shares of a panel, from its upper left


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A studio for all tests here."""
    with studio(tmp_path_factory.mktemp("scenes"), PLAIN) as found:
        yield found


def take(tab: Any, name: str) -> None:
    """Press a button."""
    tab.get_by_role("button", name=name, exact=True).click()


def stroke(tab: Any, *places: Place, steps: int = 12) -> None:
    """Draw with what is in hand over the input space, as it is drawn."""
    box = tab.locator(".board").bounding_box()
    first, *more = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    tab.mouse.move(*first)
    tab.mouse.down()
    for place in more:
        tab.mouse.move(*place, steps=steps)
    tab.mouse.up()


def count(tab: Any) -> str:
    """Return what is said of what is painted."""
    return str(tab.locator(".paint .count").inner_text())


def counts(tab: Any, said: Sequence[str]) -> None:
    """Wait until all of that is said of what is painted."""
    for text in said:
        tab.locator(".paint .count", has_text=text).wait_for(timeout=LONG)


def test_a_picture_after_painting_is_that_of_the_saved_table(
    browser: Any, running: Running
) -> None:
    """Loaded by the line that is shown, in a copy of the scene: panels are within 35 dB."""
    with page(browser, running) as tab:
        tab.locator(".scrubber").press("End")
        take(tab, "inner")
        stroke(tab, (0.05, 0.05), (0.5, 0.1))
        trained(tab)
        assert "Painted points" in tab.locator("#nnanim h1").inner_text()
        take(tab, "Save")
        tab.locator("ul.written code").wait_for(timeout=LONG)
        head, line = tab.locator("ul.written code").inner_text().split("\n")
        shot, boxes = picture(tab)
    table = running.file.with_name("own_1.csv").read_text().splitlines()
    assert len(table) > 301 + 5
    text = PLAIN.replace("dataset=datasets.rings(n=300, noise=0.04),", line)
    other = running.file.with_name("other.py")
    other.write_text(text.replace("from typing", f"{head}\nfrom typing"))
    expect_same(shot, boxes, declared(other))


def test_own_points_take_the_place_of_the_scene_s(browser: Any, running: Running) -> None:
    """After "Clear" nothing is trained before each class has a point, and the last film stays."""
    with page(browser, running) as tab:
        take(tab, "Clear")
        counts(tab, ["0 painted, alone, none inner yet, none outer yet"])
        take(tab, "inner")
        stroke(tab, (0.2, 0.2))
        counts(tab, ["1 painted, alone, none outer yet"])
        assert "Rings" in tab.locator("#nnanim h1").inner_text()
        take(tab, "outer")
        stroke(tab, (0.8, 0.8))
        trained(tab)
        assert "Painted points" in tab.locator("#nnanim h1").inner_text()
        assert tab.locator(".paint .fault").inner_text() == ""


def test_points_are_moved_erased_and_brought_back(browser: Any, running: Running) -> None:
    """One of the scene's own, too; a stroke is undone as a whole, and done again."""
    with page(browser, running) as tab:
        take(tab, "Clear")
        take(tab, "inner")
        stroke(tab, (0.1, 0.1), (0.3, 0.1))
        many = count(tab)
        take(tab, "outer")
        stroke(tab, (0.8, 0.8))
        trained(tab)
        bare, _ = picture(tab)
        take(tab, "Move")
        stroke(tab, (0.8, 0.8), (0.8, 0.2))
        trained(tab)
        assert (picture(tab)[0] != bare).any()
        tab.keyboard.press("Control+z")
        trained(tab)
        assert (picture(tab)[0] == bare).all()
        tab.keyboard.press("Control+z")
        assert count(tab) == many
        tab.keyboard.press("Control+z")
        tab.keyboard.press("Control+z")
        assert count(tab) == ""
        assert tab.get_by_role("button", name="Undo").is_disabled()
        tab.keyboard.press("Control+Shift+z")
        take(tab, "Redo")
        assert count(tab) == many
        take(tab, "Reset")
        trained(tab)
        take(tab, "Erase")
        stroke(tab, (0.0, 0.5), (1.0, 0.5), steps=60)
        trained(tab)
        counts(tab, ["0 painted, beside the scene's own", "of these erased"])


def test_keys_paint_too(browser: Any, running: Running) -> None:
    """Arrow keys move a cross, Enter uses the brush there; Escape lays it down."""
    with page(browser, running) as tab:
        take(tab, "outer")
        for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "Enter", "ArrowLeft", "Enter"):
            tab.locator(".board").press(key)
        counts(tab, ["2 painted, beside the scene's own"])
        trained(tab)
        tab.keyboard.press("Escape")
        assert tab.get_by_role("button", name="outer").get_attribute("aria-pressed") == "false"
        assert not tab.locator(".board").is_visible()


STANDARDIZED = """
import numpy as np

from nnanim import Scene, Training, datasets, models

rng = np.random.default_rng(0)
scene = Scene(
    dataset=datasets.from_arrays(
        rng.normal((170, 0.5), (9, 0.1), size=(60, 2)),
        [0, 1] * 30,
        class_names=["short", "tall"],
        window=((150, 190), (0, 1)),
        standardize=True,
    ),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=3, batch_size=20),
)
"""


def test_standardized_points_are_painted_in_the_units_of_their_axes(
    browser: Any, tmp_path: Path
) -> None:
    """Each stroke changes mean and deviation; what was painted stays where it was."""
    with studio(tmp_path, STANDARDIZED) as running, page(browser, running) as tab:
        take(tab, "tall")
        for x in (0.5, 0.25, 0.75):
            stroke(tab, (x, 0.5))
            trained(tab)
        take(tab, "Save")
        tab.locator("ul.written code").wait_for(timeout=LONG)
        assert "standardize=True" in tab.locator("ul.written code").inner_text()
    rows = (tmp_path / "own_1.csv").read_text().splitlines()[-3:]
    (x, *_), (left, *_), (right, *_) = painted = [tuple(map(float, r.split(","))) for r in rows]
    assert x == pytest.approx(170, abs=0.5)
    assert (left + right) / 2 == pytest.approx(170, abs=0.5)
    assert 8 < x - left < 13  # a quarter of the window, and of the room beside it
    assert all(y == pytest.approx(0.5, abs=0.05) and label == 1 for _, y, label in painted)


NUMBERS = """
import numpy as np

from nnanim import Scene, Training, datasets, models, views

x = np.random.default_rng(0).uniform(-1, 1, size=(60, INPUTS))
scene = Scene(
    dataset=datasets.from_arrays(x, x.prod(axis=1), window=((-1, 1),) * INPUTS),
    model=models.mlp(INPUTS, 4, 1),
    training=Training(epochs=3, batch_size=20),
    views=[views.VIEW()],
)
"""


def saved(tab: Any, running: Running) -> list[tuple[float, ...]]:
    """Save what is painted, and return its rows."""
    take(tab, "Save")
    tab.locator("ul.written code").wait_for(timeout=LONG)
    assert 'task="regression"' in tab.locator("ul.written code").inner_text()
    _, *rows = running.file.with_name("own_1.csv").read_text().splitlines()
    return [tuple(map(float, row.split(","))) for row in rows]


def test_samples_of_a_curve_are_painted_where_they_are(browser: Any, tmp_path: Path) -> None:
    """A click adds one at its height, a drag a row of them; they are moved and erased."""
    text = NUMBERS.replace("INPUTS", "1").replace("VIEW", "Fit")
    with studio(tmp_path, text) as running, page(browser, running) as tab:
        bare, _ = picture(tab)
        take(tab, "Add")
        stroke(tab, (0.75, 0.25))
        trained(tab)
        counts(tab, ["1 painted, beside the scene's own"])
        assert "Painted points" in tab.locator("#nnanim h1").inner_text()
        assert (picture(tab)[0] != bare).any()
        take(tab, "Clear")
        counts(tab, ["0 painted, alone, two are needed"])
        stroke(tab, (0.1, 0.5), (0.9, 0.5), steps=40)
        trained(tab)
        take(tab, "Move")
        stroke(tab, (0.1, 0.5), (0.1, 0.1))
        trained(tab)
        take(tab, "Erase")
        stroke(tab, (0.9, 0.02), (0.9, 0.98), steps=60)  # wherever the row is now
        trained(tab)
        rows = saved(tab, running)
    *level, (x, y) = rows
    assert len(level) > 10
    assert {round(height, 3) for _, height in level} == {round(level[0][1], 3)}
    assert -0.81 < min(level)[0] < max(level)[0] < 0.79
    assert x == pytest.approx(-0.8, abs=0.02)
    assert y == pytest.approx(0.4, abs=0.02)  # by the limits that there were when it was taken up


def test_a_value_is_painted_over_two_inputs(browser: Any, tmp_path: Path) -> None:
    """That of the slider, beside the points' places."""
    text = NUMBERS.replace("INPUTS", "2").replace("VIEW", "Prediction")
    with studio(tmp_path, text) as running, page(browser, running) as tab:
        slider = tab.locator(".paint .knob input")
        slider.press("End")
        most = float(slider.get_attribute("aria-valuetext") or "nan")
        take(tab, "Add")
        stroke(tab, (0.5, 0.5))
        trained(tab)
        slider.press("Home")
        stroke(tab, (0.75, 0.5))
        trained(tab)
        *_, first, second = saved(tab, running)
    assert first == pytest.approx((0, 0, most), abs=1e-2)
    assert second[0] > 0.4
    assert second[2] < 0 < most


def test_a_value_far_from_0_is_one_that_samples_have(browser: Any, tmp_path: Path) -> None:
    """Before the slider is turned, too: 1234 of 1233 to 1235, not 1200."""
    text = NUMBERS.replace("INPUTS", "2").replace("VIEW", "Prediction")
    text = text.replace("x.prod(axis=1)", "1234 + x.prod(axis=1)")
    with studio(tmp_path, text) as running, page(browser, running) as tab:
        slider = tab.locator(".paint .knob input")
        assert 1233 <= float(slider.get_attribute("aria-valuetext") or "nan") <= 1235


def test_it_is_said_why_nothing_is_painted(browser: Any, tmp_path: Path) -> None:
    """Over three inputs there is no plane to paint in, and no brush is offered."""
    text = STANDARDIZED.replace("(170, 0.5), (9, 0.1), size=(60, 2)", "size=(60, 3)")
    text = text.replace("window=((150, 190), (0, 1)),", "").replace("mlp(2, 2", "mlp(3, 2")
    with studio(tmp_path, text) as running, page(browser, running) as tab:
        assert "over one or two inputs: this network has 3" in count(tab)
        assert not tab.get_by_role("button", name="Erase", exact=True).is_visible()


@pytest.mark.parametrize(("inputs", "view"), [(1, "Fit"), (2, "Prediction")])
def test_painting_is_undone_where_nothing_is_painted_any_more(
    browser: Any, tmp_path: Path, inputs: int, view: str
) -> None:
    """When the file, saved anew, shows the samples nowhere: it is trained as it is declared."""
    text = NUMBERS.replace("INPUTS", str(inputs))
    with studio(tmp_path, text.replace("VIEW", view)) as running, page(browser, running) as tab:
        take(tab, "Add")
        stroke(tab, (0.5, 0.5))
        trained(tab)
        running.file.write_text(text.replace("VIEW", "Weights"))
        counts(tab, ["this scene shows none of them"])
        trained(tab)
        assert "Painted points" in tab.locator("#nnanim h1").inner_text()
        tab.keyboard.press("Control+z")
        trained(tab)
        assert "Painted points" not in tab.locator("#nnanim h1").inner_text()
