"""Bases: the two or three directions of a layer's units in which a picture shows it.

Each is a matrix (units, 2 or 3) with columns of length one, upright to each other, by which every
array of the layer is multiplied: so nothing moves further in the picture than in the layer. Like
all else it is a function of the film and the time alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nnanim import geometry
from nnanim.dataset import evenly
from nnanim.errors import SceneError, unknown
from nnanim.film.carried import Carried, deciding
from nnanim.film.film import Film
from nnanim.film.replay import Replay
from nnanim.film.survey import Survey
from nnanim.network.decision import read_out_parameters
from nnanim.network.network import LayerFacts
from nnanim.types import Floats

KINDS = ("pca", "boundary", "tour")
_MOMENTS = 32  # of the run, that are looked at for what stands still in a film
_TURNS = 24  # of a tour, over which its limits hold
_ROWS = 4000  # samples of each moment
_WIDE, _FEW_ROWS = 512, 24  # units: of a wider layer, fewer samples say where it goes
_MOST = 9  # principal directions that are asked for
_DIGITS = 9  # of directions: what rounding in sums does not reach
_WITHIN = 1e-6  # of a normal: so much of it may lie outside a basis that contains it
_TOURED = 3  # groups of principal directions that a tour goes through


@dataclass(frozen=True, eq=False)
class Basis:
    """The directions in which a film shows a layer: `count` of its `units`, or of a `kind`."""

    film: Film
    layer: LayerFacts
    count: int
    kind: str  # "units", or one of KINDS
    units: tuple[int, ...]

    def matrix(self, t: float) -> Floats:
        """Return the directions (units, count) at `t` seconds."""
        if self.kind == "pca":
            return self._principal.axes[:, : self.count]
        if self.kind == "tour":
            return self._toured(t / self.film.timeline.seconds)
        if self.kind == "boundary":
            return self._along(self.film.moment(t))
        return np.eye(self.layer.units)[:, list(self.units)]

    def of(self, values: Floats, matrix: Floats) -> Floats:
        """Return what an array (n, units) of the layer is in the picture (n, count)."""
        if self.kind == "units":
            whole = type(values) is np.ndarray and self.units == tuple(range(values.shape[1]))
            return values if whole else values[:, list(self.units)]
        with np.errstate(invalid="ignore"):  # what diverged holds inf, and inf · 0 is no number
            return np.asarray(values @ matrix.astype(values.dtype))

    @property
    def fixed(self) -> bool:
        """Whether the directions stand still over the film."""
        return self.kind in ("units", "pca")

    @property
    def shares(self) -> Floats:
        """How much of the variance over the run each principal direction has, (count,)."""
        _, variance, whole = self._principal
        return np.asarray(variance[: self.count] / max(whole, 1e-300))

    def limits(self) -> Floats:
        """Return (low, high) along each direction, the same over the whole film, with some room.

        Of units, those that the film has for them; else from what is shown of samples and grid.
        """
        if self.kind == "units":
            return self.film.limits(self.layer.name, self.units)
        key = ("basis limits", self.layer.name, self.count, self.kind)
        return self.film.once(key, self._reached)

    def within(self, normals: Floats, matrix: Floats) -> bool:
        """Return whether the directions contain all `normals` (n, units).

        Only then is a hyperplane of these normals a line or a plane in the picture.
        """
        inside = normals @ matrix @ matrix.T
        lengths = np.linalg.norm(normals, axis=1)
        return bool((np.linalg.norm(normals - inside, axis=1) <= _WITHIN * lengths).all())

    # -- limits ------------------------------------------------------------------------------------

    def _reached(self) -> Floats:
        replay, name = self.film.replay, self.layer.name
        survey = Survey(replay, _MOMENTS)
        each = survey.moments.tolist(), survey.of_data([name], _ROWS), survey.of_grid([name])
        ends = []
        for moment, *seen in zip(*each, strict=True):
            values = np.concatenate([found[name] for found in seen]).astype(np.float64)
            values = values[np.isfinite(values).all(axis=1)]
            if len(values):
                ends += [values @ matrix for matrix in self._matrices(moment)]
        if not ends:
            return np.tile([-1.0, 1.0], (self.count, 1))
        low, high = np.percentile(np.concatenate(ends), [0.5, 99.5], axis=0)
        half = max(float((high - low).max()) / 2, 1e-3 * float(np.abs([low, high]).max()), 1e-6)
        middle = (low + high) / 2
        return geometry.widen(np.stack([middle - half, middle + half], axis=1), 0.06)

    def _matrices(self, moment: float) -> list[Floats]:
        if self.kind == "tour":
            return [self._toured(k / _TURNS) for k in range(_TURNS)]
        return [self._along(moment) if self.kind == "boundary" else self.matrix(0.0)]

    # -- principal directions ----------------------------------------------------------------------

    @property
    def _principal(self) -> "Principal":
        key = ("principal directions", self.layer.name)
        return self.film.once(key, lambda: principal(self.film.replay, self.layer))

    def _toured(self, share: float) -> Floats:
        """Return the directions when a `share` of a tour is over: a closed loop at one speed.

        From each group of principal directions to the next, every direction turns into another
        by a right angle; where there is one group only, the last goes round through what is left.
        """
        axes = self._principal.axes
        groups = min(_TOURED, axes.shape[1] // self.count)
        if groups > 1:
            step, angle = divmod((share % 1.0) * groups, 1.0)
            here, there = int(step) % groups, (int(step) + 1) % groups
            from_, to = (axes[:, k * self.count : (k + 1) * self.count] for k in (here, there))
            turn = angle * np.pi / 2
            return np.asarray(np.cos(turn) * from_ + np.sin(turn) * to)
        turned = axes[:, : self.count].copy()
        if axes.shape[1] > self.count:
            turn = 2 * np.pi * share
            turned[:, -1] = np.cos(turn) * turned[:, -1] + np.sin(turn) * axes[:, self.count]
        return np.asarray(turned)

    def _along(self, moment: float) -> Floats:
        axes = self._principal.axes[:, : self.count]
        key = ("boundary's directions", self.layer.name, self.count)
        return self.film.once(key, lambda: Carried.over(self.film, axes)).at(moment)


def basis_of(
    view: str,
    film: Film,
    layer: LayerFacts,
    count: int,
    units: Sequence[int] | None,
    kind: str | None,
) -> Basis:
    """Return the basis in which a view shows a layer: what it names, else the first units.

    Of a layer of more than `count` units, left out, the principal directions. Raises `SceneError`
    for what the layer has not.
    """
    if kind is not None:
        _check_kind(view, film, layer, count, units, kind)
        return Basis(film, layer, count, kind, ())
    if units is None and layer.units > count:
        return Basis(film, layer, count, "pca", ())
    return Basis(film, layer, count, "units", tuple(units or range(count)))


def flat_scores(basis: Basis, moment: float, matrix: Floats) -> tuple[Floats, Floats] | None:
    """Return weights (outputs, count) and biases: what the scores are, as the picture shows them.

    None where the layer is not read out, or where the picture does not contain what decides.
    """
    film, decision = basis.film, basis.film.decision
    read_out = film.network.read_out
    if decision is None or read_out is None or read_out.layer != basis.layer.name:
        return None
    weight, bias = read_out_parameters(read_out, film.state(moment))
    if not basis.within(deciding(decision, weight).T, matrix):
        return None
    return weight @ matrix, bias


class Principal(NamedTuple):
    """The principal directions (units, at most 9) of a run's samples, from the widest.

    Their variances, (directions,), and the `whole`, that of all directions there are.
    """

    axes: Floats
    variance: Floats
    whole: float


def principal(replay: Replay, layer: LayerFacts) -> Principal:
    """Return the principal directions of a layer, over all moments of a run."""
    survey = Survey(replay, _MOMENTS)
    rows = _ROWS if layer.units <= _WIDE else _FEW_ROWS
    found = []
    for seen in survey.of_data([layer.name]):
        points = seen[layer.name]
        values = points[evenly(len(points), rows)].astype(np.float64)
        found.append(values[np.isfinite(values).all(axis=1)])
    return principal_of(np.concatenate(found))


def principal_of(values: Floats) -> Principal:
    """Return the principal directions of rows (n, units)."""
    units = values.shape[1]
    pooled = values if len(values) > 1 else np.zeros((2, units))
    pooled = pooled - pooled.mean(axis=0)
    most = min(_MOST, units)
    if units <= _WIDE:
        variance, axes = np.linalg.eigh(pooled.T @ pooled / len(pooled))
        axes = axes[:, ::-1][:, :most]
    else:  # the same from the products of fewer samples than there are units
        variance, among = np.linalg.eigh(pooled @ pooled.T / len(pooled))
        axes = np.linalg.qr(pooled.T @ among[:, ::-1][:, :most])[0]
    variance, axes = np.maximum(variance[::-1], 0.0), axes.round(_DIGITS)
    signs = np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(most)])
    return Principal(axes * signs, variance[:most], float(variance.sum()))


def _check_kind(
    view: str, film: Film, layer: LayerFacts, count: int, units: Sequence[int] | None, kind: str
) -> None:
    if kind not in KINDS:
        raise SceneError(unknown(f"basis of {view}", kind, KINDS))
    if units is not None:
        raise SceneError(f"{view}(units={units!r}, basis={kind!r}): expected one of them")
    if layer.units < count:
        raise SceneError(
            f"{view}(basis={kind!r}): {layer.name!r} has {layer.units} "
            f"unit{'s' * (layer.units != 1)}, expected {count} at least: leave basis= out"
        )
    if kind != "boundary":
        return
    read_out = film.network.read_out
    if film.decision is None or read_out is None or read_out.layer != layer.name:
        raise SceneError(
            f"{view}(basis='boundary'): no linear read-out decides on classes from {layer.name!r}: "
            "use basis='pca'"
        )
    classes = film.network.outputs_width
    if not film.decision.binary and classes > count + 1:
        raise SceneError(
            f"{view}(basis='boundary') has room for the boundary of {count + 1} classes, and there "
            f"are {classes}: use basis='pca'"
        )
