"""Pages of the shipped scenes, each made once for all tests of a run."""

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
SECONDS = 1.0  # of each that is soon done


@lru_cache(1)
def filmed(name: str) -> tuple[Film, Look, Knobs | None]:
    """Return the film of a scene, how it is drawn, and by what a page picks one of its films."""
    scene = declared(FOLDER / f"{name}.py")
    look = look_for(scene, PAGE.size, None, False)
    film = film_of(scene, timeline_for(scene, PAGE, None, SECONDS), look)
    return film, look, knobs_of(scene)


def page_in(folder: Path, name: str) -> Path:
    """Return the page of a scene that is soon done, made unless the folder has it."""
    page = folder / f"{name}.html"
    if not page.exists():
        film, look, knobs = filmed(name)
        _put(page, page_from(film, look, film.timeline.times, knobs).content)
    return page


def whole_size_in(folder: Path, name: str) -> int:
    """Return how many bytes the page of a whole film has, made unless the folder knows it.

    Nothing is given up for it: all moments are there.
    """
    known = folder / f"{name}.size"
    if not known.exists():
        scene = declared(FOLDER / f"{name}.py")
        look = look_for(scene, PAGE.size, None, False)
        film = film_of(scene, timeline_for(scene, PAGE, None, None), look)
        made = page_from(film, look, film.timeline.times, knobs_of(scene))
        assert made.given_up == ""
        _put(known, str(len(made.content)).encode())
    return int(known.read_text())


def _put(place: Path, content: bytes) -> None:
    """Have a file appear whole: processes may make the same at once."""
    part = place.with_name(f"{place.name}.{os.getpid()}")
    part.write_bytes(content)
    part.replace(place)
