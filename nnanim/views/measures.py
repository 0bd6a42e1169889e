"""What each layer has made of the data, as heat: layers upwards, epochs to the right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.film.film import Film
from nnanim.film.measures import MEASURES, Measures, measures_of
from nnanim.marks import Image, Lines, Mark, Polygons
from nnanim.titled import Titled
from nnanim.view import ColorBar, Panel

_TITLES = {
    "probe": "Linear probe",
    "margin": "Margin",
    "rank": "Effective rank",
    "dead": "Dead units",
}
_SCALE = "viridis"
_SHARP = 16  # rows of a layer's band: colours run together between rows
_TICKED = 8  # layers, each of which has a number


@dataclass(frozen=True)
class LayerMeasures(Titled):
    """A strip of heat for each measure: a row for each hidden layer, the first one lowest.

    `of` names them: "probe", the share of samples that a linear probe of the layer tells right, on
    the test part where there is one; "margin", how far they are beyond its boundary, in sizes of
    the layer; "rank", the effective rank of what the layer gives; "dead", the share of units that
    are the same for every sample. Left out, all that the scene has.
    """

    of: Sequence[str] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.of or ():
            if name not in MEASURES:
                raise SceneError(unknown("measure of LayerMeasures", name, MEASURES))

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return a panel for each measure; `SceneError` for one that the scene has not."""
        if not film.network.hidden:
            raise SceneError(
                "LayerMeasures needs a hidden layer; this model has none: leave the view out"
            )
        found = measures_of(film.recorded, film.decision)
        count, half = len(found.layers), _half(found)
        return [
            Panel(
                film.words(_TITLES[name]),
                (-half, max(film.epochs, 1e-9) + half),
                (0.5, count + 0.5),
                equal=False,
                x_label=film.words("epoch"),
                y_label=film.words("layer"),
                y_ticks=tuple(range(1, count + 1)) if count <= _TICKED else True,
                color_bar=ColorBar(_SCALE, *_span(found, name)),
            )
            for name in self._names(found)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the heat, what is to come covered, and an upright line between."""
        moment, found = film.moment(t), measures_of(film.recorded, film.decision)
        top, half = len(found.layers) + 0.5, _half(found)
        evenly = np.linspace(found.epochs[0], found.epochs[-1], len(found.epochs))
        own = np.abs(found.epochs - evenly[:, None]).argmin(axis=1)
        end = max(film.epochs, 1e-9) + half
        ahead = np.array([[moment, 0.5], [end, 0.5], [end, top], [moment, top]])
        over: list[Mark] = [Polygons([ahead], "panel"), Lines([ahead[[0, 3]]], "ink", width=2.5)]
        rows: list[list[Mark]] = []
        for name in self._names(found):
            low, high = _span(found, name)
            field = np.nan_to_num(found.values[name][:, own], nan=low)
            bands = np.repeat(field, _SHARP, axis=0)
            rows.append([Image(bands, (-half, end, 0.5, top), _SCALE, low, high), *over])
        return rows

    def _names(self, found: Measures) -> list[str]:
        known = [name for name in MEASURES if np.isfinite(found.values[name]).any()]
        missing = [name for name in self.of or () if name not in known]
        if missing:
            raise SceneError(
                f"LayerMeasures(of={list(self.of or ())!r}): there is no {missing[0]!r}, as no "
                f"classes are learnt or layers are too wide: expected some of {', '.join(known)}"
            )
        return list(self.of or known)


def _half(found: Measures) -> float:
    """Return half of the room of an epoch, across."""
    return float(found.epochs[-1] - found.epochs[0]) / max(len(found.epochs) - 1, 1) / 2 or 0.5


def _span(found: Measures, name: str) -> tuple[float, float]:
    """Return what the ends of a measure's scale stand for."""
    values = found.values[name][np.isfinite(found.values[name])]
    if name in ("probe", "dead"):
        return 0.0 if name == "dead" else min(0.5, float(values.min())), 1.0
    low, high = np.percentile(values, [2, 98])
    low = min(0.0, float(low))
    return low, max(float(high), low + 1e-6)
