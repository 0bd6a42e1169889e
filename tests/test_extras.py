"""What lies beside a film on request."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim import render
from nnanim.rendering.extras import alt_text
from nnanim.rendering.filming import renderer_of
from nnanim.writers import FORMATS
from nnanim.writers.format import Encoding, Format, Shots
from tests.pictures import look
from tests.recordings import fit_film, rings_film

SMALL = (128, 72)


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", ["a film.mp4", "film.webm", "film.gif", "film.webp"])
def test_extras_lie_beside_the_film(name: str, tmp_path: Path) -> None:
    """Poster, alt text and two snippets, whose links are right."""
    film = tmp_path / name

    video = render(rings_film().recording, film, size=SMALL, fps=10, seconds=0.5, extras=True)

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted([name, *(f"{name}{x}" for x in (".poster.png", ".txt", ".html", ".md"))])
    assert (tmp_path / f"{name}.poster.png").read_bytes() == video.poster
    alt = (tmp_path / f"{name}.txt").read_text(encoding="utf-8").strip()
    ((tag, attributes),) = Elements((tmp_path / f"{name}.html").read_text(encoding="utf-8")).found
    assert tag == ("video" if film.suffix in (".mp4", ".webm") else "img")
    assert attributes["alt" if tag == "img" else "aria-label"] == alt
    markdown = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
    assert alt in markdown
    links = {str(attributes["src"]), *re.findall(r"\]\(([^)]+)\)", markdown)}
    for link in links:
        assert " " not in link
        assert (tmp_path / link.replace("%20", " ")).is_file()


def test_without_extras_the_film_is_alone(tmp_path: Path) -> None:
    """Nothing is written that was not asked for."""
    render(rings_film().recording, tmp_path / "film.gif", size=SMALL, fps=10, seconds=0.5)

    assert [path.name for path in tmp_path.iterdir()] == ["film.gif"]


def test_alt_text_says_what_is_seen() -> None:
    """Scene, panels, layers, epochs, first and last figures, in whole sentences."""
    sheet = renderer_of(rings_film(), look(size=SMALL)).sheet
    film = rings_film()

    told = alt_text(sheet, [0.0, film.timeline.seconds])

    assert told.startswith(f"{film.header.title}. ")
    assert "An animation of Input space and Hidden layer 2 from epoch 0 to 8." in told
    assert "Hidden layers: hidden1, hidden2." in told
    assert "Classes: inner, outer." in told
    assert f"accuracy {int(100 * film.score(8.0))} %." in told
    loss = re.findall(r"(?<!test )loss ([0-9.]+),", told)
    assert np.allclose([float(text) for text in loss], [film.loss(0.0), film.loss(8.0)], rtol=0.01)


def test_alt_text_of_a_part_says_which() -> None:
    """Of a regression there are no classes to name."""
    film = fit_film()

    told = alt_text(
        renderer_of(film, look(size=SMALL)).sheet, [film.time_at(1.0), film.time_at(3.0)]
    )

    assert "from epoch 1 to 3." in told
    assert "R² " in told
    assert "Classes" not in told


def test_a_folder_of_pictures_has_extras_too(tmp_path: Path) -> None:
    """A page shows its poster."""
    render(rings_film().recording, tmp_path / "f.png", size=SMALL, fps=4, seconds=0.5, extras=True)

    page = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert Elements(page).found[0][1]["src"] == "f.poster.png"
    assert iio.imread(tmp_path / "f.poster.png").shape == (72, 128, 3)


@pytest.mark.parametrize(("media", "tag"), [("image/x-new", "img"), ("video/x-new", "video")])
def test_a_writer_says_how_a_page_shows_its_films(
    media: str, tag: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the writer knows of its format."""

    def encode(path: Path, shots: Shots, encoding: Encoding) -> None:
        del shots, encoding
        path.write_bytes(b"new")

    monkeypatch.setitem(FORMATS, "new", Format("new", SMALL, 4.0, 1.0, encode, media=media))
    video = render(rings_film().recording, tmp_path / "film.new", extras=True)

    shown = str(video._repr_mimebundle_()["text/html"])

    assert shown.startswith(f'<{tag} src="data:{media};base64,{base64.b64encode(b"new").decode()}"')
    page = (tmp_path / "film.new.html").read_text(encoding="utf-8")
    assert page.startswith(f'<{tag} src="film.new"')


@pytest.mark.parametrize("name", ["mp4", "png"])
def test_a_notebook_shows_any_film(name: str, tmp_path: Path) -> None:
    """Of a folder, the poster."""
    path = tmp_path / f"film.{name}"
    video = render(rings_film().recording, path, size=SMALL, fps=4, seconds=0.5)

    shown = str(video._repr_mimebundle_()["text/html"])

    assert base64.b64encode(video.poster).decode() in shown
