"""A field of arrows is learnt: at first the network blows everywhere alike, in the end it turns
about two centres as the field does.

Two inputs, two outputs. On the right each answer beside its target, which a line joins to it.
"""

import numpy as np
from numpy.typing import NDArray

from nnanim import Scene, Training, datasets, models, views

rng = np.random.default_rng(0)
places = rng.uniform(-2, 2, (900, 2))
aside, turned = np.array([1.0, 0.0]), np.array([[0.0, 1.0], [-1.0, 0.0]])


def whirl(away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the wind (n, 2) about a centre so far away."""
    return away @ turned * np.exp(-(away**2).sum(axis=1, keepdims=True))  # type: ignore[no-any-return]


wind = whirl(places + aside) - whirl(places - aside)
names = ("x", "y", "wind along x", "wind along y")
scene = Scene(
    dataset=datasets.from_arrays(places, wind, axis_names=names, name="Two whirls"),
    model=models.mlp(2, 32, 32, 2, activation="tanh"),
    training=Training(epochs=60, batch_size=32, optimizer="adam", lr=0.01, loss="mse", seed=0),
    views=[views.Arrows(), views.OutputSpace()],
    title="A field of two whirls",
)
