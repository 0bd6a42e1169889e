"""Fades of a page: out of which picture that of a time comes, as in the film."""

import numpy as np

from nnanim import Timeline, acts
from nnanim.geometry import eased
from tests.pages import Page, made
from tests.recordings import rings_film


def test_a_page_fades_as_its_film_does() -> None:
    """To a morph and back, from the last picture before it, as long and as gently."""
    parts: list[acts.Act] = [acts.Train(to=4, seconds=0.5), acts.Morph(seconds=1), acts.Train()]
    timeline = Timeline(seconds=2.5, acts=parts)
    film = rings_film().on(timeline)
    page = Page.of(made(film).content)
    times, fades = page.array(page.page["times"]), page.page["fades"]

    faded = 0
    for k, t in enumerate(np.asarray(timeline.times)[np.rint(times * timeline.fps).astype(int)]):
        shares = [(times[k] - times[first]) / seconds for first, seconds in fades]
        found = [(times[fades[i][0]], eased(s)) for i, s in enumerate(shares) if 0 < s < 1]
        fade = film.clock.fade(float(t))
        assert len(found) == (fade is not None)
        if fade is not None:
            np.testing.assert_allclose(found[0], fade, atol=1e-5)
            faded += 1
    assert len(fades) == 2
    assert faded > 10


def test_a_caption_has_the_colour_of_the_theme_that_is_shown() -> None:
    """A role and no colour of its own, as soon as it has come."""
    film = rings_film().on(Timeline(seconds=1, acts=[acts.Train(caption="It learns")]))
    page = Page.of(made(film).content)
    last = len(page.array(page.page["times"])) - 1
    texts = [mark for mark in page.page["overlay"] if mark["kind"] == "text"]
    colors = {page.value(each["text"], last): page.value(each["color"], last) for each in texts}

    assert colors["It learns"] == "ink"
