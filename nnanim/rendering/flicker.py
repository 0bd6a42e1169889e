"""Flicker: where a training is so restless that its film is hard to watch, that is told."""

import logging

from nnanim.film.film import Film

_MUCH = 0.05  # of a panel, that the picture moves from a frame to the next
_HELPS = 0.5  # of that, at most, is left by means: a film that is merely fast is not restless
_SMOOTH = 0.4  # seconds
_FILMS, _FRAMES = 10, 2  # means that a film lasts at least, and frames that one does

_log = logging.getLogger("nnanim")


def tell_of_flicker(film: Film) -> None:
    """Propose in one line to show means, where a film of single states flickers."""
    clock, timeline = film.clock, film.timeline
    long_enough = timeline.seconds >= _FILMS * _SMOOTH and timeline.fps * _SMOOTH >= _FRAMES
    if clock.windows is not None or not long_enough:
        return
    step = clock.restlessness()
    if step > _MUCH and clock.restlessness(_SMOOTH) < _HELPS * step:
        _log.warning(
            "the film flickers: in a tenth of its frames the grid moves by more than %.2f of its "
            "panel; Timeline(smooth=%g) shows means of the parameters over so many seconds",
            step, _SMOOTH,
        )  # fmt: skip
