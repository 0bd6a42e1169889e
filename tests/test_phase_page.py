"""The page of a phase: it asks for nothing, and tells of each cell what films its trainings."""

from pathlib import Path
from typing import Any

import pytest

from nnanim.scene.written import command
from nnanim.sweeps.phase_page import phase_page
from nnanim.sweeps.sweep import Sweep, sweep
from tests.browsing import WAYS, opened, to_mend
from tests.pages import Page
from tests.waiting import comes

NAME = "it's <b>a sweep<b> & $(more).py"
TITLE = "</script><img src=x onerror=window.harmed=1>"
FILE = f'''"""Rings."""
from nnanim import Scene, Training, datasets, models


def scene(width: int = 3, lr: float = 0.1, seed: int = 0):
    return Scene(
        title={TITLE!r},
        dataset=datasets.rings(40, noise=0.05),
        model=models.mlp(2, width, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=4, lr=lr, batch_size=8, optimizer="adam", loss="bce", seed=seed),
    )
'''
WIDTHS, RATES, SEEDS = (1, 2, 3), (0.01, 0.3), (0, 1)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene file whose name and title are hard to hold."""
    path = tmp_path_factory.mktemp("phase") / NAME
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def done(file: Path) -> Sweep:
    """Its sweep."""
    return sweep(file, {"width": WIDTHS, "lr": RATES, "seed": SEEDS}, success=0.6)


@pytest.fixture(scope="module")
def page(done: Sweep, file: Path) -> Path:
    """Its page."""
    path, phase = file.with_suffix(".html"), done.phase("width", "lr")
    path.write_bytes(phase_page(done, phase))
    assert path.read_bytes() == phase_page(done, phase)
    return path


def test_a_cell_tells_its_figures_and_what_films_its_trainings(
    done: Sweep, file: Path, page: Path
) -> None:
    """From the lower left row by row, each with the settings of its own."""
    told = Page.of(page.read_bytes()).told
    phase = done.phase("width", "lr")

    assert (told["columns"], told["rows"], len(told["cells"])) == (3, 2, 6)
    for k, cell in enumerate(told["cells"]):
        j, i = divmod(k, 3)
        assert cell["settings"] == f"width {WIDTHS[i]}\nlr {RATES[j]}"
        assert cell["sentences"][0].startswith(f"{phase.successes[j, i]} of 2 succeed: ")
        low, high = (100 * phase.interval[:, j, i]).round()
        assert f"between {low:.0f} and {high:.0f} %" in cell["sentences"][0]
        for what, verb in (("command", "render"), ("studio", "studio")):
            assert [each[what] for each in cell["trainings"]] == [
                command(file, {"width": WIDTHS[i], "lr": RATES[j], "seed": seed}, verb)
                for seed in SEEDS
            ]
        assert [each["said"][:7] for each in cell["trainings"]] == ["seed 0:", "seed 1:"]


def shown(seen: Any) -> tuple[str, str]:
    """Return which cell is told of, and the command that is shown."""
    cell: str = seen.run("() => document.getElementById('nnanim').dataset.cell")
    return cell, seen.frame.locator(".command").inner_text()


def point_at(seen: Any, told: dict[str, Any], at: tuple[int, int], *, press: bool = False) -> None:
    """Bring the pointer to the middle of a cell."""
    box = seen.frame.locator(".furniture").bounding_box()
    width = float(seen.run("() => document.querySelector('.furniture').viewBox.baseVal.width"))
    left, top, wide, high = told["box"]
    x = box["x"] + (left + (at[0] + 0.5) / 3 * wide) * box["width"] / width
    y = box["y"] + (top + (1.5 - at[1]) / 2 * high) * box["width"] / width
    seen.tab.mouse.move(x, y)
    if press:
        seen.tab.mouse.click(x, y)


@pytest.mark.pages
@pytest.mark.parametrize("way", WAYS)
def test_a_phase_asks_for_nothing_and_pointer_and_keys_lead_to_cells(
    browser: Any, page: Path, file: Path, way: str
) -> None:
    """From a file and in a sandboxed frame; a click holds a cell, another training is chosen."""
    told = Page.of(page.read_bytes()).told
    with opened(browser, page, way) as seen:
        point_at(seen, told, (1, 1))
        first = command(file, {"width": 2, "lr": 0.3, "seed": 0})
        assert comes(lambda: shown(seen) == ("1,1", first))
        point_at(seen, told, (2, 0), press=True)
        assert comes(lambda: shown(seen)[0] == "2,0")
        point_at(seen, told, (0, 0))
        seen.frame.locator("select").select_option(index=1)
        second = command(file, {"width": 3, "lr": 0.01, "seed": 1})
        assert comes(lambda: shown(seen) == ("2,0", second))
        seen.frame.locator(".atlas").press("ArrowLeft")
        assert comes(lambda: shown(seen)[0] == "1,0")
        seen.frame.locator(".atlas").press("Escape")
        point_at(seen, told, (0, 1))
        assert comes(lambda: shown(seen)[0] == "0,1")
        assert [url for url in seen.requests if not url.startswith(("file:", "about:"))] == []
        assert seen.errors == []
        assert seen.run("() => window.harmed") is None
        assert seen.frame.locator("h1").inner_text() == TITLE


@pytest.mark.pages
@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_axe_finds_nothing_to_mend_in_a_phase(
    browser: Any, page: Path, size: tuple[int, int]
) -> None:
    """Names, roles, order and contrast, on a screen and on a phone."""
    with opened(browser, page, size=size) as seen:
        assert to_mend(seen.run) == []
        assert seen.run("() => document.documentElement.scrollWidth") <= size[0]
