"""What each hidden unit adds to a fit of one input, one upon the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim.film.film import Film
from nnanim.film.switches import hyperplanes
from nnanim.marks import Lines, Mark, Polygons
from nnanim.network.decision import read_out_parameters
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.advice import expect_one_hidden_layer
from nnanim.views.shared_marks import target_limits, unit_role

_POINTS = 600  # along x


@dataclass(frozen=True)
class Contributions(Titled):
    """What each unit of the hidden layer adds from left to right, stacked up to the curve.

    From the curve's left end on, the unit that switches first adds its share, the next one on top
    of that; each band is one unit's, and the edge of the last is the network's curve itself.
    """

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression through one hidden layer."""
        expect_one_hidden_layer("Contributions", film)
        return [
            Panel(
                film.words("What each unit adds"),
                (float(film.window[0, 0]), float(film.window[0, 1])),
                target_limits(film, 0.5),
                equal=False,
                subtitle=film.words("from left to right, one upon the other"),
                x_scaling=film.scaling(0),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the target, a band for each unit and the network's curve, back to front."""
        moment = film.moment(t)
        x, sums, order = stacked(film, moment)
        target = np.concatenate([film.data.inputs, film.data.targets], axis=1)
        target = target[np.argsort(target[:, 0], kind="stable")]
        marks: list[Mark] = []
        for place, unit in enumerate(order):
            below, above = (np.stack([x, sums[place + i]], axis=1) for i in range(2))
            marks.append(
                Polygons([np.concatenate([below, above[::-1]])], unit_role(unit), alpha=0.08)
            )
            marks.append(Lines([above], unit_role(unit), width=2.6, alpha=0.85))
        marks.append(Lines([target], "class1", width=2.5, alpha=0.8))
        return [[*marks, Lines([np.stack([x, sums[-1]], axis=1)], "class0", width=4.5)]]


def stacked(film: Film, moment: float) -> tuple[Floats, Floats, list[int]]:
    """Return x (n,), the sums (units + 1, n) from none of the units to all, and their order.

    Each unit's share is what it gives more than at the left end, times its weight; they are in the
    order of their thresholds.
    """
    read_out = film.network.read_out
    assert read_out is not None
    x = np.linspace(film.window[0, 0], film.window[0, 1], _POINTS)
    hidden = film.outputs(read_out.layer, x[:, None], moment).astype(np.float64)
    factors, constant = read_out_parameters(read_out, film.state(moment))
    shares = (hidden - hidden[0]) * factors[0]
    weight, bias = hyperplanes(film, moment)
    with np.errstate(divide="ignore", invalid="ignore"):  # a unit that never switches is last
        order = np.argsort(np.nan_to_num(-bias / weight[:, 0], nan=np.inf), kind="stable")
    start = float(hidden[0] @ factors[0] + constant[0])
    sums = start + np.concatenate([np.zeros((1, len(x))), shares[:, order].T.cumsum(axis=0)])
    return x, sums, [int(unit) for unit in order]
