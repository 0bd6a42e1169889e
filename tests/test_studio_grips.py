"""Units and weights in a browser: looked at, turned by the wheel, held, trained on from."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.studios import LONG, Running, page, picture, studio, trained
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.studio]

SCENE = '''"""Two rings."""

from nnanim import Scene, Training, datasets, models, views


def scene(lr: float = 0.1) -> Scene:
    return Scene(
        dataset=datasets.rings(n=60, noise=0.04),
        model=models.mlp(2, 3, 2, 1, output="sigmoid"),
        training=Training(epochs=6, batch_size=16, lr=lr, seed=3),
        views=[views.InputSpace(grid=False), views.HiddenSpace(grid=False), views.Weights()],
    )
'''


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A studio for all tests here."""
    with studio(tmp_path_factory.mktemp("scenes"), SCENE) as found:
        yield found


def place(tab: Any, number: int, x: float, y: float) -> tuple[float, float]:
    """Return where on the screen a share of what lies over weights or units is."""
    box = tab.locator(".grip").nth(number).bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def title(tab: Any, word: str) -> bool:
    """Return whether the title comes to end so."""
    return comes(lambda: tab.locator("#nnanim h1").inner_text().endswith(word), LONG / 1000)


def test_a_weight_is_turned_by_the_wheel_and_trained_on_from(
    browser: Any, running: Running
) -> None:
    """The network is held and marked; it is let go, or its training is resumed from there."""
    with page(browser, running) as tab:
        tab.locator(".scrubber").press("End")
        bare, _ = picture(tab)
        tab.mouse.move(*place(tab, 0, 0.25, 0.5))
        tab.locator(".grip .tip:visible").wait_for(timeout=LONG)
        told = tab.locator(".grip .tip:visible").inner_text()
        assert told.startswith("hidden1 unit 2 hears 1: ")
        tab.mouse.wheel(0, -1000)
        assert title(tab, "(held)")
        trained(tab)
        value = float(told.rpartition(" ")[2].replace("−", "-"))
        assert abs(float(tab.locator(".grips .value").inner_text()) - value - 1) < 2e-3
        assert "Held at epoch 6" in tab.locator(".grips .count").inner_text()
        assert (picture(tab)[0] != bare).any()
        tab.get_by_role("button", name="Let go").click()
        assert title(tab, "network")
        trained(tab)
        tab.locator(".grip").first.press("ArrowRight")
        tab.locator(".grip").first.press("ArrowUp")
        assert title(tab, "(held)")
        tab.get_by_role("button", name="Resume training from here").click()
        assert title(tab, "(resumed)")
        trained(tab)
        assert "turned at epoch 6" in tab.locator(".grips .count").inner_text()


def test_a_unit_that_is_clicked_is_looked_at(browser: Any, tmp_path: Any) -> None:
    """Panels of a layer show its layer, and that unit first."""
    text = SCENE.replace("views.Weights()", "views.Network()")
    with studio(tmp_path, text) as running, page(browser, running) as tab:
        tab.mouse.click(*place(tab, 0, 0.375, 0.45))
        tab.get_by_label("unit x", exact=True).wait_for(timeout=LONG)
        shown = [tab.get_by_label(name, exact=True) for name in ("layer", "unit x")]
        assert [each.input_value() for each in shown] == ["Hidden layer 1", "2"]


def test_a_point_lights_up_in_every_panel(browser: Any, running: Running) -> None:
    """Where the pointer is near one in the input space; a brush in hand has the pointer alone."""
    with page(browser, running) as tab:
        bare, boxes = picture(tab)
        pad = tab.locator(".pad").first.bounding_box()
        right, middle = (1 + 1.2 * 1.06) / (2 * 1.2 * 1.06), 0.5
        at = pad["x"] + right * pad["width"], pad["y"] + middle * pad["height"]
        tab.mouse.move(*at)
        tab.locator("#nnanim > .tip:visible").wait_for(timeout=LONG)
        assert "outer" in tab.locator("#nnanim > .tip:visible").inner_text()
        lit, _ = picture(tab)
        for left, top, wide, high in boxes[:2]:
            part = slice(top, top + high), slice(left, left + wide)
            assert (lit[part] != bare[part]).any()
        tab.get_by_role("button", name="outer", exact=True).click()
        assert tab.locator("#nnanim > .tip:visible").count() == 0
