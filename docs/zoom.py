"""Six frames of the film into the border of scenes/trainability.py, as one picture.

    python docs/zoom.py [docs/_static/zoom.png]

It stands in docs/maps.md. What rounding decides, it decides otherwise on another kind of processor,
so no test draws it anew.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from nnanim.rendering.subject import look_of
from nnanim.scene.values import axis_in
from nnanim.sweeps.shown import Coloring
from nnanim.sweeps.zoom import Zoom
from nnanim.sweeps.zoom_film import ZoomFilm, keyframes_of

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "_static" / "zoom.png"
POINT = (23.802506229092714, 10.551835882872656)
SIZE, COLORS = (480, 270), 128
SHOWN = ((0.0, 3.5, 7.0), (10.5, 14.0, 19.0))  # octaves in, row by row
STEPS = 2_000  # frames, of which those are taken that are nearest


def main(path: Path) -> None:
    """Draw the picture."""
    axis = axis_in("log:1e-2:1e4")
    zoom, coloring = Zoom(("lr1", axis), ("lr2", axis), POINT, 1e-6), Coloring()
    with TemporaryDirectory() as folder:
        plans = zoom.planned(ROOT / "scenes" / "trainability.py", SIZE)
        done = keyframes_of(plans, Path(folder), coloring.shown)
    film = ZoomFilm(zoom, done.pictures(coloring), look_of(SIZE, "dark"), STEPS, 60)
    depths = np.array([film.depth(number) for number in range(STEPS)])
    rows = [
        np.concatenate([film.frame(int(np.abs(depths - depth).argmin())) for depth in row], axis=1)
        for row in SHOWN
    ]
    picture = Image.fromarray(np.concatenate(rows)[..., :3])
    half = (picture.width * 2 // 3, picture.height * 2 // 3)
    smaller = picture.resize(half, Image.Resampling.LANCZOS)
    smaller.quantize(COLORS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE)
