"""Write docs/notebooks.md: for each picture of the five notebooks the scene that shows it, a still.

Which ids a scene shows, its constant NOTEBOOK says; what there is to show, docs/inventory.csv;
answers to questions, docs/answers.json. Run as `python docs/notebooks.py`, or with the names of the
scenes whose stills are to be drawn. A sheet of all stills goes to renders/scenes.png.
"""

import ast
import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw

from nnanim.film.film import Film
from nnanim.recording.record import untrained
from nnanim.rendering.stills import still
from nnanim.scene.files import declared, listing
from nnanim.scene.finding import scene_files
from nnanim.views.default import default_views
from nnanim.writers.metadata import film_info, with_text

ROOT = Path(__file__).parent.parent
SCENES, STILLS = ROOT / "scenes", ROOT / "docs" / "notebooks"
INVENTORY, ANSWERS = ROOT / "docs" / "inventory.csv", ROOT / "docs" / "answers.json"
PAGE, SHEET = ROOT / "docs" / "notebooks.md", ROOT / "renders" / "scenes.png"

NOTEBOOKS = {
    "S0": "000: two sides along a jagged gap, and what each unit does over the whole input space",
    "S1": "001: Olah's example in one dimension",
    "S2": "002: Alex Marshall's polynomials and rings",
    "S3": "003: what narrow networks cannot embed, after Kuehn and Kuntz",
    "S4": "004: basics of neural networks, classes and regression",
}
KINDS = {"D": "data", "M": "model", "T": "training", "V": "picture", "Q": "question"}
TOP = """# The pictures of five notebooks

nnanim began with five notebooks that look into small networks while they learn. This page lists
what they hold, 116 items by notebook and number, and the scene that shows each: its film comes from
`nnanim render scenes/NAME.py`. A picture here is the film's last frame; a test looks at each in the
scene's marks. The page is made by `make notebooks`.
"""
DRAWN, SMALL = (960, 540), (320, 180)  # drawn larger than shown, so that thin lines stay
COLORS = 128


class Row(NamedTuple):
    """One item of the inventory."""

    id: str
    kind: str
    shows: str


@cache
def inventory() -> list[Row]:
    """Return the items in their order."""
    with INVENTORY.open(encoding="utf-8", newline="") as file:
        return [Row(*row) for row in list(csv.reader(file))[1:]]


@cache
def answers() -> Mapping[str, Any]:
    """Return what was measured about the questions, by id."""
    if not ANSWERS.is_file():
        return {}
    answered: Mapping[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return answered


def notebook_of(file: Path) -> tuple[str, ...]:
    """Return the ids that a scene file lists in NOTEBOOK; the file is read, not run."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(t) for t in node.targets] == ["NOTEBOOK"]:
            names = ast.literal_eval(node.value)
            assert isinstance(names, tuple), f"{file.name}: NOTEBOOK is not a tuple of ids"
            return names
    return ()


@cache
def scene_of() -> dict[str, Path]:
    """Return for each id the first scene file, by name, whose NOTEBOOK lists it."""
    found: dict[str, Path] = {}
    for file in scene_files(SCENES):
        for name in notebook_of(file):
            found.setdefault(name, file)
    return found


def still_of(file: Path) -> Path:
    """Return where the still of a scene lies."""
    return STILLS / f"{file.stem}.png"


def is_stale(file: Path) -> bool:
    """Return whether a scene has no still, or one of other code than the scene's own."""
    picture, source = still_of(file), declared(file).source
    return not picture.is_file() or source is None or film_info(picture)["scene"] != source.sha256


def page() -> str:
    """Return the page as text."""
    parts = [TOP]
    for section, title in NOTEBOOKS.items():
        rows = [row for row in inventory() if row.id.startswith(f"{section}.")]
        parts.append(f"## Notebook {title}\n")
        parts.append("| | | what it shows | scene and views | |\n|---|---|---|---|---|")
        parts[-1] += "".join(f"\n{_line(row)}" for row in rows) + "\n"
    return "\n".join(parts)


def draw(file: Path, path: Path) -> None:
    """Draw the still of a scene: its film's last frame, small, in few colours."""
    still(declared(file), path, size=DRAWN)
    told = film_info(path)
    with Image.open(path) as opened:
        small = opened.convert("RGB").resize(SMALL, Image.Resampling.LANCZOS)
    few = small.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    content = io.BytesIO()
    few.save(content, "png", optimize=True)
    path.write_bytes(with_text(content.getvalue(), told))


def sheet(files: Iterable[Path], across: int = 6) -> Image.Image:
    """Return one picture of all stills with their scenes' names."""
    files = list(files)
    (width, height), line = SMALL, 16
    down = -(-len(files) // across)
    whole = Image.new("RGB", (across * width, down * (height + line)), "white")
    pen = ImageDraw.Draw(whole)
    for i, file in enumerate(files):
        at = (i % across * width, i // across * (height + line))
        pen.text((at[0] + 4, at[1] + 2), file.stem, fill="black")
        with Image.open(still_of(file)) as opened:
            whole.paste(opened.convert("RGB"), (at[0], at[1] + line))
    return whole


def _line(row: Row) -> str:
    """Return the table's line of one item."""
    start = f"| {row.id} | {KINDS[row.kind]} | {row.shows}"
    file = scene_of().get(row.id)
    if file is None:
        return f"{start} | not there yet | |"
    answer = f"<br>**{answers()[row.id]['sentence']}**" if row.id in answers() else ""
    link = f"[{file.stem}](../scenes/{file.name})<br>{', '.join(_views(file))}"
    alt = listing(file).description.replace('"', "'").replace("|", "/")
    picture = f'<img src="notebooks/{file.stem}.png" width="220" alt="{alt}">'
    return f"{start}{answer} | {link} | {picture} |"


@cache
def _views(file: Path) -> list[str]:
    """Return the names of a scene's views, each once."""
    made: Any = declared(file)
    scenes = getattr(made, "scenes", (made,))
    rows = chain.from_iterable(s.rows or default_views(Film(untrained(s))) for s in scenes)
    return list(dict.fromkeys(type(view).__name__ for row in rows for view in row))


def main(names: list[str]) -> None:
    """Draw the stills of these scenes, of all if there are none, and write page and sheet."""
    files = scene_files(SCENES)
    STILLS.mkdir(exist_ok=True)
    for file in files:
        if file.stem in names or not names:
            draw(file, still_of(file))
    PAGE.write_text(page(), encoding="utf-8")
    SHEET.parent.mkdir(exist_ok=True)
    sheet(files).save(SHEET)


if __name__ == "__main__":
    main(sys.argv[1:])
