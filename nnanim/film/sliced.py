"""A film that shows a plane of more than two inputs: what its axes are, where its samples stand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nnanim.film.replay import Replay
from nnanim.recording.header import Header
from nnanim.slices import Plane
from nnanim.types import Floats
from nnanim.words import Words


def seen_in(header: Header, plane: Plane, words: Words) -> Header:
    """Return a header in which the axes of a plane stand for those of the inputs."""
    inputs = len(header.window)
    outputs = list(header.axis_names[inputs:])
    names: Sequence[str] = plane.names
    if not any(names):
        names = [words("direction {n}", n=k + 1) for k in range(2)]
    scaling = None if header.scaling is None else [list(pair) for pair in plane.scalings]
    return replace(header, axis_names=[*names, *outputs], scaling=scaling)


def places_of(replay: Replay) -> Floats:
    """Return where the training data stand in what a film shows of its inputs, (n, window)."""
    inputs = np.asarray(replay.data.inputs)
    return inputs if replay.plane is None else replay.plane.projected(inputs)


def away_from(replay: Replay) -> Floats | None:
    """Return how far (n,) the training data are from the plane, of the furthest; None for none."""
    if replay.plane is None:
        return None
    far = replay.plane.distance(np.asarray(replay.data.inputs))
    return np.asarray(far / max(float(far.max()), 1e-30))
