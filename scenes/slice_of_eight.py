"""Eight inputs, of which the picture shows two: the plane through the others' median, and what a
network does to it.

Only the first two and the distance in the last four matter; samples are the fainter the further
they are from the plane.
"""

import numpy as np

from nnanim import Scene, Slice, Training, datasets, models, views

rng = np.random.default_rng(0)
x = rng.normal(size=(1200, 8)) * [1, 1, 1, 1, 0.6, 0.6, 0.6, 0.6]
inside = np.hypot(x[:, 0], x[:, 1]) + 0.25 * np.linalg.norm(x[:, 4:], axis=1) < 1.5

scene = Scene(
    dataset=datasets.from_arrays(
        x, np.where(inside, "inside", "outside"), test_share=0.2, name="Eight inputs", seed=0
    ),
    model=models.mlp(8, 16, 2, 1, activation="tanh", output="sigmoid"),
    training=Training(epochs=60, batch_size=32, optimizer="adam", lr=0.005, loss="bce", seed=1),
    views=[
        views.InputSpace(title="Others at their median", legend=True),
        views.HiddenSpace(),
    ],
    title="A slice of eight inputs",
    plane=Slice(0, 1),
)
