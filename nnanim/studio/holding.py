"""Holding: a network held at a moment with weights turned by hand, and trained on from there."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nnanim.acts import Hold
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.film.replay import replay_of
from nnanim.film.spans import Spans
from nnanim.rendering.subject import Subject
from nnanim.scene.scene import Scene
from nnanim.scene.timeline import Timeline
from nnanim.studio.filming import Grown, filmed, marked
from nnanim.threads import Progress
from nnanim.types import State

_KEPT = 2  # trainings, on which hands are laid again and again

Hand = Mapping[str, Any]  # a `moment` in epochs, and `weights`: (Linear, unit, source, value)


class Trainings:
    """The last trainings of a scene, so that a hand is laid on one that is there."""

    def __init__(self) -> None:
        self._films: dict[str, Film] = {}

    def forget(self) -> None:
        """Forget them: the scene is another."""
        self._films.clear()

    def film(
        self, subject: Subject, asked: Mapping[str, Any], progress: Progress, grown: Grown
    ) -> Film:
        """Return the film of a scene on which hands were laid as it is asked.

        Each hand turns weights of a training at a moment, and begins the next with them; the last
        only holds the network where it is asked to be `held`.
        """
        hands = list(asked.get("hands", ()))
        if not hands:
            self.forget()
        if hands and not isinstance(subject, Scene):
            raise SceneError("weights of several networks cannot be turned: expected one scene")
        held = hands.pop() if hands and asked.get("held") else None
        start, film = None, None
        for done in range(len(hands) + 1):
            key = json.dumps([asked["knobs"], asked.get("painting"), hands[:done]], sort_keys=True)
            film = self._films.get(key)
            if film is None:
                film = filmed(subject, progress, grown, start)
                self._films[key] = film
                while len(self._films) > _KEPT:
                    del self._films[next(iter(self._films))]
            if done < len(hands):
                start = turned(film, hands[done])
        assert film is not None
        return film if held is None else held_in(film, held)


def turned(film: Film, hand: Hand) -> State:
    """Return the state of a film at a moment with weights turned by hand."""
    state = {k: np.array(v) for k, v in film.state(min(hand["moment"], film.epochs)).items()}
    for linear, unit, source, value in hand["weights"]:
        weight = state.get(f"{linear}.weight" if linear else "weight")
        if weight is None or weight.ndim != 2:
            raise SceneError(f"the network has no weights {linear!r:.80}: expected a Linear")
        if unit >= weight.shape[0] or source >= weight.shape[1]:
            raise SceneError(
                f"{linear!r} has no weight ({unit}, {source}): it has {weight.shape[0]} units "
                f"that hear {weight.shape[1]}"
            )
        weight[unit, source] = value
    return state


def held_in(film: Film, hand: Hand) -> Film:
    """Return a film that shows one network all along: that of a moment, with weights turned.

    Limits hold the training that it is taken from, too.
    """
    recording = film.recording
    states = {
        name: np.broadcast_to(value, (len(recording), *value.shape))
        for name, value in turned(film, hand).items()
    }
    header = marked(recording.header, "held")
    # What a function told is of networks that were not turned.
    made = replace(recording, header=header, states=states, test_loss=None)
    moment, timeline = min(hand["moment"], film.epochs), film.timeline
    still = Timeline(acts=[Hold(timeline.seconds, at=moment)], fps=timeline.fps)
    return Film(made, timeline=still, spans=Spans(replay_of(made), [film.replay]))
