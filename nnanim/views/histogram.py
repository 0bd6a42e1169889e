"""How the samples are spread over the probabilities, or over the losses, that they are given."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.film.film import Film
from nnanim.marks import CLASSES, Bars, Mark, Text
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import refusal
from nnanim.views.shared_marks import class_roles, legend, second_class

_OF = ("probability", "loss")
_DECADES = (-6.0, 1.5)  # of losses that are told apart, in a regression over the targets' variance
_TIMES = 24  # of the film, at which the highest bar is sought
_MOST_OF_TIME = 0.75  # a share of the film, in which no bar leaves the panel
_SAID = 0.93  # of the panel's height: there is written how high a bar is that does leave it


@dataclass(frozen=True)
class Histogram(Titled):
    """The share of the samples in each of `bins`, by class, one class on the other.

    `of="probability"`: what the network gives class 1, or, of more than two classes, the sample's
    own. `of="loss"`: each sample's cross-entropy, or its squared error in a regression, on a
    logarithmic axis whose ends take what lies beyond. Bins and limits are the same over the run; a
    bar that leaves the panel, as where all samples are alike at first, says how high it is.
    """

    of: str = "probability"
    bins: int = 30

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for probabilities of a regression."""
        if self.of not in _OF:
            raise SceneError(unknown("histogram", self.of, _OF))
        if not isinstance(self.bins, int) or self.bins < 1:
            raise SceneError(f"Histogram(bins={self.bins!r}): expected a whole number >= 1")
        if film.decision is None and self.of == "probability":
            other = "Histogram(of='loss')" if film.task == "regression" else ""
            raise refusal("Histogram", film, "probabilities of classes", other)
        if film.task == "none":
            raise refusal("Histogram", film, "how well classes or numbers are predicted")
        edges = self._edges(film)
        return [
            Panel(
                self._title(film),
                (float(edges[0]), float(edges[-1])),
                (0.0, self._top(film)),
                equal=False,
                y_label=film.words("share of samples"),
                x_ticks=(0.0, 0.5, 1.0) if self.of == "probability" else True,
                x_log=self.of == "loss",
                legend=tuple((name, role, "square") for name, role, _ in legend(film))
                if film.decision is not None
                else (),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the bars of each class, the last on top."""
        edges = self._edges(film)
        shares = self._shares(film, edges, film.moment(t))
        middles, width = (edges[:-1] + edges[1:]) / 2, 0.9 * float(edges[1] - edges[0])
        roles = _roles(film)
        # The highest first: each further class is drawn over the foot of the one before.
        tops = shares.cumsum(axis=0)
        bars = [Bars(middles, tops[k], width, color=roles[k]) for k in range(len(tops) - 1, -1, -1)]
        top = self._top(film)
        beyond = zip(middles[tops[-1] > top], tops[-1][tops[-1] > top].tolist(), strict=True)
        return [[*bars, *(_height(film, at, top, share) for at, share in beyond)]]

    def _top(self, film: Film) -> float:
        """Return what share of all samples the panel's upper edge stands for."""
        return film.once(("histogram", self), lambda: self._top_over_the_film(film))

    def _top_over_the_film(self, film: Film) -> float:
        edges = self._edges(film)
        times = np.linspace(0.0, film.timeline.seconds, _TIMES)
        highest = [self._shares(film, edges, film.moment(t)).sum(axis=0).max() for t in times]
        usual = float(np.quantile(highest, _MOST_OF_TIME))
        return 1.2 * min(float(max(highest)), 1.2 * usual)

    def _edges(self, film: Film) -> Floats:
        if self.of == "probability":
            return np.linspace(0.0, 1.0, self.bins + 1)
        scale = 0.0
        if film.decision is None:
            scale = float(np.log10(max(film.data.targets.var(), 1e-30)))
        return np.linspace(scale + _DECADES[0], scale + _DECADES[1], self.bins + 1)

    def _shares(self, film: Film, edges: Floats, moment: float) -> Floats:
        """Return for each class the share (classes, bins) of all samples in each bin."""
        values = np.clip(self._values(film, moment), edges[0], edges[-1])
        roles, labels = _roles(film), film.labels
        among = [values] if len(roles) == 1 else [values[labels == k] for k in range(len(roles))]
        counts = [np.histogram(each, edges)[0] for each in among]
        return np.array(counts) / len(values)

    def _values(self, film: Film, moment: float) -> Floats:
        """Return what is counted, (n,): a probability, or a loss to base 10."""
        if film.decision is None:
            return _logarithm(film.losses(moment))
        if self.of == "loss":
            return _logarithm(film.losses(moment))
        if not film.decision.binary:
            return film.own_probability(moment)
        return film.decision.probability(film.points(film.network.scores, moment))

    def _title(self, film: Film) -> str:
        if self.of == "loss":
            squared = film.decision is None
            return film.words("Squared error") if squared else film.words("Cross-entropy")
        assert film.decision is not None
        if not film.decision.binary:
            return film.words("Probability of their own class")
        return film.words("Probability of {name}", name=second_class(film))


def _height(film: Film, at: float, top: float, share: float) -> Text:
    """Return how high the bar at `at` is, at the upper edge that it leaves."""
    text = film.words.percent(f"{100 * share:.0f}")
    return Text((at, _SAID * top), text, anchor="center", plate=True)


def _roles(film: Film) -> tuple[str, ...]:
    """Return the colour of each class that has bars of its own; one for all where none has."""
    if film.decision is None:
        return ("class0",)
    roles = class_roles(film)
    return roles if len(roles) <= CLASSES else ("quiet",)


def _logarithm(losses: Floats) -> Floats:
    finite = np.nan_to_num(losses, nan=1e30, posinf=1e30)
    return np.log10(np.maximum(finite, 1e-30))
