"""Five spirals wound into each other: two layers of 64 units unwind them until each points another
way.

The second is seen in its two principal directions.
"""

import numpy as np

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

ARMS, EACH = 5, 300

rng = np.random.default_rng(0)
arm = np.arange(ARMS * EACH) % ARMS
along = np.sqrt(rng.uniform(0.02, 1, len(arm)))
angle = 2 * np.pi * (arm / ARMS + 0.75 * along) + rng.normal(0, 0.08, len(arm))
points = (along * [np.cos(angle), np.sin(angle)]).T

scene = Scene(
    dataset=datasets.from_arrays(points, arm, axis_names=("x", "y"), name="Five spirals"),
    model=models.mlp(2, 64, 64, ARMS, activation="relu"),
    training=Training(
        epochs=60, batch_size=64, optimizer="adam", lr=0.005, loss="cross_entropy", seed=0
    ),
    views=[views.InputSpace(legend=False), views.HiddenSpace()],
    title="Five spirals through 64 units",
    timeline=Timeline(acts=[acts.Hold(1), acts.Train(seconds=9), acts.Hold(2)]),
)
