"""The strip below the panels: the loss so far, and a playhead over the whole training."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import FIGURE_SPACE, Lines, Mark, Points, Shape, class_shape
from nnanim.sheet.bands import banded_in, bands_of
from nnanim.types import Floats
from nnanim.view import Panel


@dataclass(frozen=True)
class Strip:
    """The loss so far, of each film in the picture; logarithmic where it falls twentyfold.

    Losses of different names stand each on a scale of its own. Of small multiples, bands hold the
    middle half, about the median. Of one film alone, that over the test part is a thinner curve on
    the same scale.
    """

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one flat panel from epoch 0 to the last, a hundredth wider at each end."""
        end = max(film.epochs, 1e-9)
        return [Panel("", (-0.01 * end, 1.01 * end), (-0.2, 1.15), equal=False)]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the curve of each film up to now and the playhead at its end."""
        curves: list[Mark] = []
        heads: list[Mark] = []
        if film.lattice is not None:
            for band in bands_of(film, lambda losses: _heights(film, losses)):
                role = "quiet" if band.group is None else tile_role(band.group)
                curves += band.marks(film.moment(t), role)
            return [[*_event_marks(film, t), *curves]]
        several = len(film.tiles) > 1
        every = _heights(film, [tile.history.loss for tile in film.tiles])
        for k, (tile, heights) in enumerate(zip(film.tiles, every, strict=True)):
            moment, moments = tile.moment(t), tile.history.moments
            past = moments < moment
            now = np.array([[moment, np.interp(moment, moments, heights)]])
            line = np.concatenate([np.stack([moments[past], heights[past]], axis=1), now])
            on_clock = np.array([tile.stretch, 1.0])
            shape: Shape = tile_shape(k) if several else "disc"
            curves.append(Lines([line * on_clock], tile_role(k) if several else "quiet", width=3.0))
            heads.append(
                Points(now * on_clock, tile_role(k) if several else "ink", size=13.0, shape=shape)
            )
        return [[*_event_marks(film, t), *self._tested(film, film.moment(t)), *curves, *heads]]

    def name(self, film: Film) -> str:
        """Return what the curve is, and its scale: "loss, log"."""
        if len(_loss_names(film)) > 1:
            return film.words("losses")
        tested, runs = _tested(film), _shown(film)
        log = _is_log(_ends(runs if tested is None else [*runs, tested]))
        return film.words("loss, log") if log else film.words("loss, linear")

    def figures(self, film: Film, moment: float) -> str:
        """Return the line of figures: loss, and accuracy or R², always as many characters.

        Of several films, the lowest loss, and whose it is.
        """
        words = film.words
        if len(film.tiles) == 1:
            digits = words.number(_fixed(film.loss(moment), film.history.loss))
            loss = words("loss {number}", number=digits)
            if (tested := _tested(film)) is not None:
                now = float(np.interp(moment, film.history.moments, tested))
                digits = words.number(_fixed(now, tested))
                loss += "    " + words("test loss {number}", number=digits)
            if not film.score_name:
                return loss
            return f"{loss}    {words(film.score_name)} {score_text(film, film.score(moment))}"
        if len(_loss_names(film)) > 1:
            return words("loss, each on its own scale")
        runs = np.concatenate([tile.history.loss for tile in film.tiles])
        moments = [min(moment / tile.stretch, tile.epochs) for tile in film.tiles]
        losses = [_loss(film, tile, at) for tile, at in zip(film.tiles, moments, strict=True)]
        lowest = min(losses)
        of = film.names[losses.index(lowest)]
        return f"{words('lowest loss {number}', number=words.number(_fixed(lowest, runs)))} · {of}"

    def _tested(self, film: Film, moment: float) -> list[Mark]:
        """Return the curve of the loss over the test part up to now."""
        tested = _tested(film)
        if tested is None:
            return []
        moments = film.history.moments
        so_far = np.append(moments[moments < moment], moment)
        heights = _scaled(tested, [film.history.loss, tested])
        line = np.stack([so_far, np.interp(so_far, moments, heights)], axis=1)
        return [Lines([line], "ink", width=1.6, alpha=0.8)]


def _shown(film: Film) -> list[Floats]:
    """Return the losses that the strip shows, but for those over a test part."""
    if film.lattice is None:
        return [tile.history.loss for tile in film.tiles]
    return [loss for each in banded_in(film) for _, loss in each.curves]


def _heights(film: Film, losses: Sequence[Floats]) -> list[Floats]:
    """Return how high each of a film's losses (n,) stands."""
    if (tested := _tested(film)) is not None:
        return [_scaled(losses[0], [losses[0], tested])]
    if len(_loss_names(film)) > 1:
        return [_scaled(loss, [loss]) for loss in losses]
    return [_scaled(loss, losses) for loss in losses]


def _loss(film: Film, tile: Film, moment: float) -> float:
    """Return the loss of a tile of a film, among many between moments that were looked at."""
    if film.lattice is None:
        return tile.loss(moment)
    return float(np.interp(moment, tile.history.moments, tile.history.loss))


def _tested(film: Film) -> Floats | None:
    """Return the losses over the test part of one film alone, at the moments of its history.

    None where there is none, and for those beyond all bounds.
    """
    tested = film.test_losses if len(film.tiles) == 1 else None
    return tested if tested is not None and np.isfinite(tested).all() else None


def _event_marks(film: Film, t: float) -> list[Mark]:
    """Return a small stroke below the curves at each event of the film's acts that has happened."""
    moments = [film.happens(event) for event in film.timeline.events]
    past = [moment for moment in moments if moment is not None and moment <= film.moment(t)]
    strokes = [np.array([[moment, -0.2], [moment, -0.05]]) for moment in sorted(past)]
    return [Lines(strokes, "ink", width=3.0)] if strokes else []


def score_text(film: Film, score: float) -> str:
    """Return a score as the picture shows it: 93 % of accuracy, or R² with three decimals.

    100 % means all.
    """
    if film.decision is None:
        return film.words.number(f"{score:.3f}" if abs(score) < 1e5 else f"{score:.2e}")
    return film.words.percent(f"{_whole_percent(score):d}")


def _whole_percent(share: float) -> int:
    """Return a share as people round it, but 100 for all alone."""
    rounded = int(np.floor(100 * share + 0.5 + 1e-9))
    return min(rounded, 99) if share < 1 else rounded


def _loss_names(film: Film) -> set[str]:
    return {tile.header.loss for tile in film.tiles}


def _ends(runs: Sequence[Floats]) -> tuple[float, float]:
    """Return the least and the largest loss of all `runs` that are numbers."""
    every = np.concatenate(runs)
    every = every[np.isfinite(every)]
    highest = float(every.max(initial=0.0))
    return float(every.min(initial=highest)), highest


def _is_log(ends: tuple[float, float]) -> bool:
    """Return whether a curve between such ends stands on a logarithmic scale."""
    low, high = ends
    return low > 0 and high > 20 * low


def _scaled(loss: Floats, runs: Sequence[Floats]) -> Floats:
    """Return how high a loss (n,) stands on the scale of all `runs`, in [0, 1]: from 0 or log."""
    low, high = _ends(runs)
    loss = np.where(np.isfinite(loss), loss, high)
    if _is_log((low, high)):
        loss, low, high = np.log(loss), float(np.log(low)), float(np.log(high))
    else:
        low = min(0.0, low)
    return np.asarray((loss - low) / max(high - low, 1e-12))


def _fixed(value: float, run: Floats) -> str:
    """Return `value` with decimals and width that serve the whole run, so that no text moves."""
    if run.max() >= 1e5:
        return f"{value:.2e}"
    smallest = max(float(np.abs(run).min()), 1e-6)
    decimals = int(np.clip(2 - np.floor(np.log10(smallest)), 3, 6)) if smallest < 1 else 3
    return f"{value:.{decimals}f}".rjust(len(f"{run.max():.{decimals}f}"), FIGURE_SPACE)


def tile_role(k: int) -> str:
    """Return the colour role of the `k`-th of several films in one picture."""
    return f"class{k + 2}"  # after those of two classes


def tile_shape(k: int) -> Shape:
    """Return the shape of the `k`-th film's points, that of a class of the same colour."""
    return class_shape(k + 2)
