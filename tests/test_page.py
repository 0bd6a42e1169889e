"""Pages as files: how they are asked for, what they hold, what they leave out."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Comparison, Film, NnanimError, Timeline, record, render, views
from nnanim.errors import SceneError, UsageError
from nnanim.marks import Lines, Mark, Points, Polygons
from nnanim.page import capture
from nnanim.page.said import said_in
from nnanim.page.traced import traced
from nnanim.view import Panel
from nnanim.words import LANGUAGES, words_from
from tests.pages import Page, made
from tests.recordings import FIT, RINGS, fit_film, rings_film

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&<!--{{x}}"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--fps", 30), "--fps is for films, not for html: leave it out"),
        (("--loop", "pingpong"), "--loop is for films, not for html: leave it out"),
        (("--clips",), "--clips is for films, not for html: leave it out"),
        (("--codec", "hevc"), "--codec is for mp4, not for html: leave it out"),
        (("--lossless",), "--lossless is for mp4, not for html: leave it out"),
        (("--show", "one"), "--show one is for comparisons"),
    ],
)
def test_options_of_films_alone_are_refused(
    nnanim: Callable[..., tuple[int, str, str]],
    scene_file: Callable[..., Path],
    tmp_path: Path,
    options: Sequence[object],
    says: str,
) -> None:
    """In the words in use, before the training."""
    code, _, told = nnanim("render", scene_file(), *options, "-o", tmp_path / "page.html")

    assert (code, says in told) == (2, True), told


@pytest.mark.slow
def test_a_page_is_made_beside_a_film_of_one_training(
    nnanim: Callable[..., tuple[int, str, str]],
    scene_file: Callable[..., Path],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where it lies comes on stdout; what it publishes is told on stderr."""
    page, film = tmp_path / "page.html", tmp_path / "film.gif"
    code, out, _ = nnanim("render", scene_file(), "-q", "l", "-o", film, "-o", page)

    assert code == 0
    assert out.split() == [str(film), str(page)]
    held = "page.html holds 64 samples and the network; --no-data leaves the samples out"
    assert held in caplog.messages


def test_films_hold_no_data_to_leave_out(tmp_path: Path) -> None:
    """The option is a page's."""
    with pytest.raises(UsageError, match="--no-data is for html, not for gif: leave it out"):
        render(rings_film().recording, tmp_path / "film.gif", data=False)


def test_a_page_and_a_film_have_the_same_panels() -> None:
    """Whichever of both was asked first what colours its points."""
    film = Film(rings_film().recording)
    page = traced(film)
    view = views.InputSpace()

    assert view.panels(film) == view.panels(page)


def test_without_data_there_are_neither_points_nor_inputs() -> None:
    """Of all arrays, none is as long as the data, and none is of points."""
    page = Page.of(made(rings_film(), data=False).content)

    assert [network["data"] for network in page.page["networks"]] == [None]
    kinds = [mark["kind"] for panel in page.page["panels"][:-1] for mark in panel["marks"]]
    assert "points" not in kinds
    assert "lines" in kinds


def test_the_poster_has_points_only_where_the_data_may_be_shown() -> None:
    """For those without a script: what the panels show at the end, but of nobody's data."""
    colors = []
    for data in (True, False):
        content = made(rings_film(), data=data).content.decode()
        poster = content[content.index('<svg class="poster"') : content.index("</main>")]
        colors.append("var(--class" in poster)
        assert poster.count("<svg") == 1 + len(Page.of(content.encode()).page["panels"])
        assert len(poster) < 20_000

    assert colors == [True, False]


def test_text_stays_text() -> None:
    """Titles, captions and names of classes end no element and begin none."""
    scene = replace(RINGS, title=HOSTILE, description=HOSTILE)
    content = made(Film(record(scene))).content.decode()

    assert "<img" not in content
    assert "alert(1)</script>" not in content
    assert len(re.findall(r"<script", content)) == 4
    assert len(re.findall(r"</script", content)) == 4
    assert Page.of(content.encode()).page["caption"] == HOSTILE


def test_a_page_says_where_it_came_from_and_not_from_whom() -> None:
    """Its provenance is a film's; no path and no name of a user is in it."""
    content = made(rings_film()).content
    page = Page.of(content).page

    assert set(page["provenance"]) == {"title", "caption", "scene", "seed", "versions"}
    for private in (str(Path.home()), str(Path.cwd())):
        assert private.encode() not in content


@pytest.mark.slow
def test_the_number_of_threads_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page is the same bytes."""
    found = set()
    for threads in (1, 3):
        monkeypatch.setattr(capture, "cores", lambda threads=threads: threads)
        found.add(made(Film(rings_film().recording)).content)

    assert len(found) == 1


@pytest.mark.slow
def test_what_is_too_large_gives_up_moments_or_is_refused() -> None:
    """It says which; a bound that nothing fits names what to do."""
    whole = made(rings_film())
    smaller = made(rings_film(), most=len(whole.content) - 1)

    assert whole.given_up == ""
    assert smaller.given_up == "one of 2 moments"
    assert len(smaller.content) < len(whole.content)
    with pytest.raises(UsageError, match=r"1 kB are too few; .* or allow more by --max-size"):
        made(rings_film(), most=1000)


@dataclass(frozen=True)
class Odd:
    """A view whose marks come and go, some of them no numbers."""

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel of its own."""
        del film
        return [Panel("odd", (0.0, 1.0), (0.0, 1.0))]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return as many points as seconds, a line at times, and points that are no numbers."""
        del film
        xy = np.full((1 + int(t), 2), 0.5)
        line = Lines([np.array([[0.0, t / 9], [1.0, np.nan], [1.0, 1.0]])], "navy")
        none = Points(np.array([[np.nan, 0.5], [np.inf, 0.5], [0.25, 0.5]]), "class0")
        return [[Points(xy, "ink"), *([line] if t > 1 else []), none]]


def test_marks_that_come_and_go_are_kept() -> None:
    """Each at its samples; what is no number stays none."""
    film = Film(record(replace(RINGS, views=[Odd()])))
    page = Page.of(made(film).content)
    times, (panel, _) = page.array(page.page["times"]), page.page["panels"]

    points, line, none = panel["marks"]
    for k in (0, len(times) - 1):
        assert np.size(page.source(points["xy"], k)) == 2 * (1 + int(times[k]))
    assert line["shown"] == [[int(np.argmax(times > 1)), len(times) - 1]]
    assert line["color"] == "#000080ff"
    assert np.isnan(page.source(line["paths"], len(times) - 1)[0][1, 1])
    assert np.isfinite(page.source(none["xy"], 0)).all(axis=1).tolist() == [False, False, True]


@dataclass(frozen=True)
class Outlined:
    """A view of polygons and their outlines, more and more of them."""

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel of its own."""
        del film
        return [Panel("outlined", (0.0, 1.0), (0.0, 1.0))]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return as many triangles as seconds, and lines around them."""
        del film
        faces = [np.array([[0.1, 0.1], [0.9, 0.1], [0.1 + k / 9, 0.7]]) for k in range(1 + int(t))]
        edges = [np.concatenate([face, face[:1]]) for face in faces]
        return [[Polygons(faces, "class0"), Lines(edges, "ink")]]


def test_an_outline_is_kept_once_with_what_it_surrounds() -> None:
    """Without its end, and is read whole again."""
    film = Film(record(replace(RINGS, views=[Outlined()])))
    page = Page.of(made(film).content)
    faces, edges = (mark["paths"] for mark in page.page["panels"][0]["marks"])

    assert edges["closed"]
    assert edges["ragged"] == faces["ragged"]
    last = len(page.array(page.page["times"])) - 1
    for face, edge in zip(page.source(faces, last), page.source(edges, last), strict=True):
        assert np.array_equal(edge, np.concatenate([face, face[:1]]))


def test_a_regression_has_a_page() -> None:
    """Its curve is sampled where its view computes it."""
    page = Page.of(made(fit_film()).content)

    assert [panel["title"] for panel in page.page["panels"]][-1] == ""
    assert page.told["pages"][0]["epochs"] == FIT.training.epochs


def one_of(**more: Any) -> Comparison:
    """Return a comparison that a page shows one scene of."""

    def scene(lr: float, seed: int) -> Any:
        training = replace(RINGS.training, epochs=2, lr=lr, seed=seed)
        return replace(RINGS, training=training, timeline=Timeline(seconds=1, fps=10))

    values: dict[str, Any] = {"lr": (0.01, 0.02), "seed": (1, 2)}
    return Comparison.over(scene, values, shown="one", **more)


@pytest.mark.slow
def test_one_of_several_is_picked_by_what_differs(tmp_path: Path) -> None:
    """A knob for each keyword; a page for each combination, under the same limits."""
    render(one_of(), tmp_path / "page.html", size=(640, 360))
    page = Page.of((tmp_path / "page.html").read_bytes())

    assert [(knob["name"], knob["values"]) for knob in page.told["knobs"]] == [
        ("lr", ["0.01", "0.02"]),
        ("seed", ["1", "2"]),
    ]
    assert [each["picked"] for each in page.told["pages"]] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    limits = {json.dumps([p["x"] for p in each["panels"]]) for each in page.told["pages"]}
    assert len(limits) == 1


def test_films_show_columns_alone(tmp_path: Path) -> None:
    """One of several is refused for them, with what can."""
    with pytest.raises(UsageError, match="one of several scenes at a time is for html"):
        render(one_of(), tmp_path / "film.gif")
    with pytest.raises(SceneError, match="unknown way to show several scenes 'two'"):
        replace(one_of(), shown="two")  # type: ignore[arg-type]  # what a user may write


def test_beyond_what_columns_hold_one_is_shown() -> None:
    """The error of so many says how they can be shown."""
    many = [RINGS] * 25

    with pytest.raises(NnanimError, match='or shown="one" or shown="tiles"'):
        Comparison(many)
    assert len(Comparison(many, shown="one").scenes) == 25


@pytest.mark.slow
def test_extras_of_a_page_are_snippets_for_other_pages(tmp_path: Path) -> None:
    """A frame that is shut in, by its file and whole; for Quarto and reveal too."""
    render(
        rings_film().recording, tmp_path / "a page.html", size=(320, 180), seconds=0.5, extras=True
    )

    ends = (".poster.png", ".txt", ".html", ".md", ".srcdoc.html", ".qmd", ".reveal.html")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"a page.html", *(f"a page.html{end}" for end in ends)}
    for end, source in ((".html", 'src="a%20page.html"'), (".qmd", 'src="a%20page.html"')):
        snippet = (tmp_path / f"a page.html{end}").read_text(encoding="utf-8")
        assert f"<iframe {source} title=" in snippet
        assert 'loading="lazy" sandbox="allow-scripts allow-downloads"' in snippet
    reveal = (tmp_path / "a page.html.reveal.html").read_text(encoding="utf-8")
    assert reveal.startswith('<section>\n<iframe data-src="a%20page.html"')
    whole = (tmp_path / "a page.html.srcdoc.html").read_text(encoding="utf-8")
    assert whole.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    held = whole.partition('srcdoc="')[2].partition('"')[0]
    assert unescape(held) == (tmp_path / "a page.html").read_text(encoding="utf-8")
    assert "\n" not in held  # Markdown takes an empty line for the end of HTML


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_language_of_its_scene(language: str) -> None:
    """All that its player says is in the table of words, its places as they are filled in there."""
    said = said_in(words_from(language))

    assert said["epoch"].replace("{n}", "7") == words_from(language)("epoch {n}", n=7)
    assert "{number}" in said["percent"]
    assert (said["play"] == "Play") == (language == "en")
    assert len(set(said)) == len(said) > 20
