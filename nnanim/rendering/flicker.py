"""Flicker: where a training is so restless that its film is hard to watch, that is told."""

import logging

from nnanim.film.film import Film

_MUCH = 0.05  # of a panel, that the picture moves from a frame to the next
_SMOOTH = 0.4  # seconds

_log = logging.getLogger("nnanim")


def tell_of_flicker(film: Film) -> None:
    """Propose in one line to show means, where a film of single states flickers."""
    if film.clock.windows is not None or film.timeline.seconds <= _SMOOTH:
        return
    if film.clock.restlessness > _MUCH:
        _log.warning(
            "the film flickers: in a tenth of its frames the grid moves by more than %.2f of its "
            "panel; Timeline(smooth=%g) shows means of the parameters over so many seconds",
            film.clock.restlessness, _SMOOTH,
        )  # fmt: skip
