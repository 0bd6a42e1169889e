"""What each hidden unit adds to a fit of one input, a row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnanim.film.film import Film
from nnanim.film.switches import hyperplanes
from nnanim.marks import Lines, Mark, Polygons
from nnanim.network.decision import read_out_parameters
from nnanim.titled import Titled
from nnanim.types import Floats, Limits
from nnanim.view import Panel
from nnanim.views.advice import expect_one_hidden_layer
from nnanim.views.shared_marks import unit_role

_POINTS = 600  # along x
_HIGHEST = 1.7  # of a row: the largest share of the whole run
_ROOM = 0.4  # of a row, above all shares and below
_MOMENTS = 24  # of the run, over which the largest is sought


@dataclass(frozen=True)
class Contributions(Titled):
    """What each unit of the hidden layer adds from left to right, a row each, on one scale.

    At the curve's left end all add nothing; all rows and where the curve begins add up to it. The
    unit that switches leftmost at the end of the training is uppermost.
    """

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` for other than regression through one hidden layer."""
        expect_one_hidden_layer("Contributions", film)
        return [
            Panel(
                film.words("What each unit adds"),
                (float(film.window[0, 0]), float(film.window[0, 1])),
                _rows(film).limits,
                equal=False,
                subtitle=film.words("from left to right, a row each"),
                y_ticks=False,
                x_scaling=film.scaling(0),
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return each row's line of nothing and the unit's share from it, back to front."""
        moment = film.moment(t)
        x, shares = shares_of(film, moment)
        rows = _rows(film)
        marks: list[Mark] = []
        for row, unit in enumerate(rows.units):
            role = unit_role(unit)
            above = np.stack([x, row + rows.scale * shares[unit]], axis=1)
            ends = np.array([[x[0], row], [x[-1], row]], np.float64)
            marks += [
                Lines([ends], "hairline", width=1.5),
                Polygons([np.concatenate([above, ends[::-1]])], role, alpha=0.25),
                Lines([above], role, width=3.5),
            ]
        return [marks]


def shares_of(film: Film, moment: float) -> tuple[Floats, Floats]:
    """Return x (n,), and what each unit there adds to what it gives at the left end (units, n)."""
    read_out = film.network.read_out
    assert read_out is not None
    x = np.linspace(film.window[0, 0], film.window[0, 1], _POINTS)
    hidden = film.outputs(read_out.layer, x[:, None], moment).astype(np.float64)
    factors, _ = read_out_parameters(read_out, film.state(moment))
    return x, ((hidden - hidden[0]) * factors[0]).T


class _Rows(NamedTuple):
    """Which units have the rows from the lowest up, and how high in rows a share of 1 is."""

    units: list[int]
    scale: float
    limits: Limits


def _rows(film: Film) -> _Rows:
    return film.once(_rows, lambda: _rows_over_the_run(film))


def _rows_over_the_run(film: Film) -> _Rows:
    weight, bias = hyperplanes(film, film.epochs)
    with np.errstate(divide="ignore", invalid="ignore"):  # a unit that never switches is last
        thresholds = np.nan_to_num(-bias / weight[:, 0], nan=np.inf)
    units = np.argsort(thresholds, kind="stable")[::-1]
    moments = [*film.sampled_moments(_MOMENTS), film.epochs]
    shares = np.nan_to_num([shares_of(film, float(moment))[1][units] for moment in moments])
    scale = _HIGHEST / max(float(np.abs(shares).max()), 1e-12)
    heights = np.arange(len(units))[:, None] + scale * shares
    limits = float(heights.min()) - _ROOM, float(heights.max()) + _ROOM
    return _Rows([int(unit) for unit in units], scale, limits)
