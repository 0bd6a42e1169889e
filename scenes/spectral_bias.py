"""A network learns what varies slowly before what varies fast: of three waves of equal height, the
longest is there first and the shortest last.

Rahaman et al., On the Spectral Bias of Neural Networks, 2019: lower frequencies are learnt first.
"""

import numpy as np

from nnanim import Scene, Timeline, Training, datasets, models, views

WAVES = (1, 2, 4)  # to the whole window

x = np.linspace(0, 1, 400)[:, None]
y = sum(np.sin(2 * np.pi * k * x) for k in WAVES)

scene = Scene(
    dataset=datasets.from_arrays(x, y, task="regression", name="Three waves"),
    model=models.mlp(1, 64, 64, 1, activation="tanh"),
    training=Training(
        epochs=1_000, batch_size=100, optimizer="adam", lr=3e-3, seed=0, snapshots="epochs"
    ),
    views=[views.Fit()],
    title="Three waves, the longest first",
    timeline=Timeline(seconds=12),
)
