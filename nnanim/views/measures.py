"""What each layer has made of the data, as heat: layers upwards, epochs to the right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.film.film import Film
from nnanim.film.measures import MEASURES, Measures, measures_of
from nnanim.marks import Mark
from nnanim.titled import Titled
from nnanim.view import Panel
from nnanim.views.strips import strip_marks, strip_panel

_TITLES = {
    "probe": "Linear probe",
    "margin": "Margin",
    "rank": "Effective rank",
    "dead": "Dead units",
}


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
        return [
            strip_panel(
                film,
                film.words(_TITLES[name]),
                found.epochs,
                range(1, len(found.layers) + 1),
                _span(found, name),
            )
            for name in self._names(found)
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the heat, what is to come covered, and an upright line between."""
        found = measures_of(film.recorded, film.decision)
        return [
            strip_marks(film, film.moment(t), found.epochs, found.values[name], _span(found, name))
            for name in self._names(found)
        ]

    def _names(self, found: Measures) -> list[str]:
        known = [name for name in MEASURES if np.isfinite(found.values[name]).any()]
        missing = [name for name in self.of or () if name not in known]
        if missing:
            raise SceneError(
                f"LayerMeasures(of={list(self.of or ())!r}): there is no {missing[0]!r}, as no "
                f"classes are learnt or layers are too wide: expected some of {', '.join(known)}"
            )
        return list(self.of or known)


def _span(found: Measures, name: str) -> tuple[float, float]:
    """Return what the ends of a measure's scale stand for."""
    values = found.values[name][np.isfinite(found.values[name])]
    if name in ("probe", "dead"):
        return 0.0 if name == "dead" else min(0.5, float(values.min())), 1.0
    low, high = np.percentile(values, [2, 98])
    low = min(0.0, float(low))
    return low, max(float(high), low + 1e-6)
