"""Probes: how well a straight boundary tells the classes apart in what a layer gives.

Logistic regression of the standardised units, ridge-penalised as scikit-learn's of the same `C`:
½|w|² + C · the sum of the losses, the intercept free. By Newton's method, from the last answer on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnanim.kernels.products import crossed
from nnanim.types import Floats

C = 1e4
WIDEST = 1000  # unknowns: of more, a step takes too long
_STEPS, _HALVINGS = 100, 30
_NEAR, _RIDGE = 1e-9, 1e-12  # of the objective, and of its largest curvature
_FLAT = 1e-12  # of its mean: a unit whose deviation is less says nothing


@dataclass(frozen=True, eq=False)
class Probe:
    """Scores z = (h - middle) / scale · weight (units + 1, classes), the last row the bias.

    Of two classes, the first one's scores are 0.
    """

    middle: Floats
    scale: Floats
    weight: Floats

    def scores(self, values: Floats) -> Floats:
        """Return the scores (n, classes) of a layer's outputs (n, units)."""
        return _scores(_padded((values - self.middle) / self.scale), self.weight)

    def distances(self, values: Floats, labels: NDArray[np.int64]) -> Floats:
        """Return how far (n,) each sample is within its own class, less than 0 where it is not.

        In units of the layer, from the nearest of the boundaries to other classes.
        """
        scores, normals = self.scores(values), (self.weight[:-1] / self.scale[:, None]).T
        rows, classes = np.arange(len(labels)), self.weight.shape[1]
        found = np.full((len(labels), classes), np.inf)
        for k in range(classes):
            lengths = np.linalg.norm(normals[labels] - normals[k], axis=1)
            lead = scores[rows, labels] - scores[:, k]
            found[:, k] = np.where(labels == k, np.inf, lead / np.maximum(lengths, 1e-300))
        return np.asarray(found.min(axis=1))


def probe_of(
    values: Floats, labels: NDArray[np.int64], classes: int, before: Probe | None = None
) -> Probe | None:
    """Return the probe of outputs (n, units), from where the one `before` ended.

    None where it has more than `WIDEST` unknowns, or outputs are not finite.
    """
    free = 1 if classes == 2 else classes
    if free * (values.shape[1] + 1) > WIDEST or not np.isfinite(values).all():
        return None
    middle, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale > _FLAT * np.abs(middle), scale, 1.0)
    rows = _padded((values - middle) / scale)
    start = np.zeros((rows.shape[1], free)) if before is None else before.weight[:, -free:]
    own = np.eye(classes)[labels][:, -free:]
    weight = _minimised(rows, own, start)
    if free < classes:
        weight = np.concatenate([np.zeros_like(weight), weight], axis=1)
    return Probe(middle, scale, weight)


def _minimised(rows: Floats, own: Floats, weight: Floats) -> Floats:
    """Return the weights (units + 1, free) of least penalised loss, per sample and per C.

    Of the classes, `own` (n, free) has 1 where a sample is of it.
    """
    n, (units, free) = len(rows), weight.shape
    penalty = np.full(weight.shape, 1 / (C * n))
    penalty[-1] = 0.0
    value, shares = _objective(rows, own, weight, penalty)
    for _ in range(_STEPS):
        slope = np.einsum("nu,nk->uk", rows, shares - own) / n + penalty * weight
        curve = np.empty((free, units, free, units))
        for j in range(free):
            for k in range(j + 1):
                each = shares[:, j] * ((j == k) - shares[:, k])
                curve[j, :, k] = curve[k, :, j] = crossed(rows, each) / n
        whole = curve.reshape(free * units, free * units)
        ridge = penalty.T.ravel() + _RIDGE * max(float(whole.diagonal().max()), 1e-300)
        step = np.linalg.solve(whole + np.diag(ridge), slope.T.ravel()).reshape(free, units).T
        gain = float((slope * step).sum())
        if gain <= _NEAR * (abs(value) + 1e-12):
            break
        for halving in range(_HALVINGS):
            tried = weight - step / 2**halving
            lower, found = _objective(rows, own, tried, penalty)
            if lower < value:
                weight, value, shares = tried, lower, found
                break
        else:
            break
    return weight


def _objective(rows: Floats, own: Floats, weight: Floats, penalty: Floats) -> tuple[float, Floats]:
    """Return the mean loss with its penalty, and the share (n, free) of each class."""
    scores = _scores(rows, weight)
    if weight.shape[1] == 1:
        whole = np.logaddexp(0.0, scores)
    else:
        top = scores.max(axis=1, keepdims=True)
        whole = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    loss = float((whole.sum() - (scores * own).sum()) / len(rows))
    return loss + float((penalty * weight**2).sum()) / 2, np.exp(scores - whole)


def _scores(rows: Floats, weight: Floats) -> Floats:
    """Return rows (n, k) times a weight (k, m), without BLAS: see `kernels.products`."""
    return np.asarray(np.einsum("nk,km->nm", rows, weight))


def _padded(rows: Floats) -> Floats:
    return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
