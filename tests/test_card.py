"""The card over the last picture of a film whose training broke off."""

from dataclasses import replace

import numpy as np

from nnanim import Film
from nnanim.marks import Text
from nnanim.rendering.filming import renderer_of
from nnanim.sheet.diverged import card
from tests.pictures import look
from tests.recordings import rings_film


def diverged() -> Film:
    """Return a film that says of itself that it diverged."""
    recording = rings_film().recording
    return Film(replace(recording, header=replace(recording.header, diverged_at=9)))


def test_it_stands_from_the_end_of_the_training() -> None:
    """And names the epoch."""
    film = diverged()
    end = film.time_at(film.epochs)

    assert card(film, end / 2) == []
    for t in (end, film.timeline.seconds):
        texts = [mark.text for mark in card(film, t) if isinstance(mark, Text)]
        assert texts[0] == "The training diverged in epoch 9"


def test_a_training_that_went_well_has_none() -> None:
    """At no time."""
    film = rings_film()

    assert card(film, film.timeline.seconds) == []


def test_it_is_in_the_picture() -> None:
    """In its middle, also of a bare one, and nowhere before the end."""
    for bare in (False, True):
        plain = renderer_of(rings_film(), look(size=(320, 180), bare=bare))
        marked = renderer_of(diverged(), look(size=(320, 180), bare=bare))

        changed = np.argwhere((plain.frame(4.0) != marked.frame(4.0)).any(axis=2))

        assert np.abs(changed.mean(axis=0) - (90, 160)).max() < 8
        assert (plain.frame(1.0) == marked.frame(1.0)).all()
