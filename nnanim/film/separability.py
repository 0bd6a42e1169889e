"""Separability: whether a plane comes between two clouds of points."""

import numpy as np

from nnanim.types import Floats


def gap(one: Floats, other: Floats, rounds: int = 10_000) -> float:
    """Return the width of a gap between points (n, d) and (m, d) that a plane shows; 0 if none.

    The widest gap is the distance of their convex hulls, which the steps of Mitchell, Demyanov and
    Malozemov (1974) come ever closer to. What is returned is never too wide: more than 0 is a
    proof. A gap that `rounds` steps do not find, far narrower than the clouds, counts as none.
    """
    clouds = np.asarray(one, np.float64), np.asarray(other, np.float64)
    span = max(float(np.ptp(cloud)) for cloud in clouds)
    shares = [np.zeros(len(cloud)) for cloud in clouds]  # of each point in the hull's nearest point
    shares[0][0] = shares[1][0] = 1.0
    between, widest = clouds[0][0] - clouds[1][0], 0.0
    for _ in range(rounds):
        length = float(np.linalg.norm(between))
        if not length > 1e-9 * span:
            return 0.0
        along = clouds[0] @ between, -(clouds[1] @ between)
        nearest = [int(side.argmin()) for side in along]
        widest = max(widest, (along[0][nearest[0]] + along[1][nearest[1]]) / length)
        if widest > 0.999 * length:
            break
        furthest = [
            int(np.where(share > 0, side, -np.inf).argmax())
            for share, side in zip(shares, along, strict=True)
        ]
        slack = [side[f] - side[n] for side, f, n in zip(along, furthest, nearest, strict=True)]
        k = int(slack[1] > slack[0])
        step = clouds[k][nearest[k]] - clouds[k][furthest[k]]
        moved = min(shares[k][furthest[k]], slack[k] / max(float(step @ step), 1e-300))
        shares[k][furthest[k]] -= moved
        shares[k][nearest[k]] += moved
        between = between + (moved if k == 0 else -moved) * step
    return float(widest)
