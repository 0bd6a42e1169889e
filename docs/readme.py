"""Make the README's pictures anew, in renders/, all or some: `python -m docs.readme NAME …`.

The picture of a page is made in Chromium: it needs `pip install --group pages`.
"""

import io
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from nnanim.cli import cli
from nnanim.rendering.films import render
from nnanim.rendering.stills import still
from nnanim.scene.files import declared
from tests.browsing import chromium, opened

ROOT = Path(__file__).parent.parent
RENDERS = ROOT / "renders"
_FOLLOWED = (1040, 480)  # where on the picture of the page a point is clicked


def _film(scene: str, path: Path, **chosen: float) -> None:
    render(declared(ROOT / scene), path, **chosen)  # type: ignore[arg-type]  # seconds and fps


def _still(scene: str, path: Path) -> None:
    still(declared(ROOT / scene), path, size=(1280, 720))


def _sheet(path: Path) -> None:
    still(declared(ROOT / "docs" / "datasets.py"), path, size=(1200, 2700), bare=True)


def _map(path: Path) -> None:
    """Train a network for each pixel, in a folder that goes."""
    axes = ["--x", "lr1=log:3:300", "--y", "lr2=log:1:50"]
    with TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        asked = ["map", str(ROOT / "scenes" / "trainability.py"), *axes, "-r", "640x640"]
        cli.main([*asked, "-o", str(made)], standalone_mode=False)
        shutil.move(made, path)


def _page(path: Path) -> None:
    """Photograph a page in which a point is followed, at an epoch in the middle."""
    with TemporaryDirectory() as folder, chromium() as browser:
        page = Path(folder) / "rings_3_2.html"
        render(declared(ROOT / "scenes" / "rings_3_2.py"), page)
        with opened(browser, page, size=(1280, 778), reduced_motion="reduce") as seen:
            seen.run("location.hash = 'epoch=44'")
            seen.tab.wait_for_timeout(1000)
            seen.tab.mouse.click(*_FOLLOWED)
            seen.tab.mouse.move(*_FOLLOWED)
            seen.tab.wait_for_timeout(1000)
            shot = seen.tab.screenshot()
    with Image.open(io.BytesIO(shot)) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


MADE: Mapping[str, Callable[[Path], None]] = {
    "rings_3_2.readme.gif": partial(_film, "scenes/rings_3_2.py"),
    "morph_spirals.readme.gif": partial(_film, "scenes/morph_spirals.py", seconds=20, fps=12.5),
    **{
        f"{name}.readme.png": partial(_still, f"scenes/{name}.py")
        for name in (
            *("jagged_activations", "embedding_width_2", "radial_3", "sine_thresholds"),
            "rings_compare",
        )
    },
    "datasets.readme.png": _sheet,
    "trainability.readme.png": _map,
    "rings_3_2_page.readme.png": _page,
}


def main(names: list[str]) -> None:
    """Make these pictures, or all."""
    for name in names or MADE:
        MADE[name](RENDERS / name)


if __name__ == "__main__":
    main(sys.argv[1:])
