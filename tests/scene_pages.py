"""Pages of the shipped scenes, soon done, each made once for all tests of a run."""

import os
from functools import lru_cache
from pathlib import Path

from nnanim import Film
from nnanim.rendering.filming import film_of
from nnanim.rendering.pages import PAGE, Knobs, knobs_of, page_from
from nnanim.rendering.subject import look_for, timeline_for
from nnanim.scene.files import declared
from nnanim.sheet.look import Look

FOLDER = Path(__file__).parent.parent / "scenes"
NAMES = sorted(file.stem for file in FOLDER.glob("*.py"))
SECONDS = 1.0  # of each


@lru_cache(1)
def filmed(name: str) -> tuple[Film, Look, Knobs | None]:
    """Return the film of a scene, how it is drawn, and by what a page picks one of its films."""
    scene = declared(FOLDER / f"{name}.py")
    look = look_for(scene, PAGE.size, None, False)
    film = film_of(scene, timeline_for(scene, PAGE, None, SECONDS), look)
    return film, look, knobs_of(scene)


def page_in(folder: Path, name: str) -> Path:
    """Return the page of a scene, made unless the folder has it."""
    page = folder / f"{name}.html"
    if not page.exists():
        film, look, knobs = filmed(name)
        part = folder / f"{name}.{os.getpid()}"  # processes may make the same at once
        part.write_bytes(page_from(film, look, film.timeline.times, knobs).content)
        part.replace(page)
    return page
