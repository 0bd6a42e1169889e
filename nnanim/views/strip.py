"""The strip below the panels: the loss so far, and a playhead over the whole training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film import Film
from nnanim.marks import FIGURE_SPACE, Lines, Mark, Points
from nnanim.view import Panel


@dataclass(frozen=True)
class Strip:
    """The loss so far; logarithmic where it falls more than twentyfold."""

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one flat panel from epoch 0 to the last, a hundredth wider at each end."""
        end = max(film.epochs, 1e-9)
        return [Panel("", (-0.01 * end, 1.01 * end), (-0.2, 1.15), equal=False)]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the curve up to now and the playhead at its end."""
        moment = film.moment(t)
        history = film.history
        heights = self._heights(film)
        past = history.moments < moment
        now = np.array([[moment, np.interp(moment, history.moments, heights)]])
        line = np.concatenate([np.stack([history.moments[past], heights[past]], axis=1), now])
        return [[Lines([line], "quiet", width=3.0), Points(now, "ink", size=13.0)]]

    def figures(self, film: Film, moment: float) -> str:
        """Return the line of figures: loss, and accuracy or R², always as many characters."""
        history = film.history
        loss = _fixed(film.loss(moment), history.loss)
        score = film.score(moment)
        shown = f"{score:.3f}" if film.decision is None else f"{int(100 * score + 1e-9):d} %"
        return f"loss {loss}    {film.score_name} {shown}"

    def _heights(self, film: Film) -> np.ndarray[tuple[int], np.dtype[np.floating]]:
        loss = film.history.loss
        finite = np.isfinite(loss)
        loss = np.where(finite, loss, loss[finite].max(initial=0.0))
        low, high = float(loss.min()), float(loss.max())
        if low > 0 and high > 20 * low:
            loss, low, high = np.log(loss), float(np.log(low)), float(np.log(high))
        elif low > 0.5 * high:
            low -= 0.1 * (high - low)
        else:
            low = min(0.0, low)
        return (loss - low) / max(high - low, 1e-12)


def _fixed(value: float, run: np.ndarray[tuple[int], np.dtype[np.floating]]) -> str:
    """Return `value` with decimals and width that serve the whole run, so that no text moves."""
    if run.max() >= 1e5:
        return f"{value:.2e}"
    smallest = max(float(np.abs(run).min()), 1e-6)
    decimals = int(np.clip(2 - np.floor(np.log10(smallest)), 3, 6)) if smallest < 1 else 3
    return f"{value:.{decimals}f}".rjust(len(f"{run.max():.{decimals}f}"), FIGURE_SPACE)
