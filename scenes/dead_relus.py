"""Of ten layers of two ReLUs the third is born dead, and so are all after it: from the start the
network gives the same for every input, and all that training moves is that constant.

Lu, Shin, Su and Karniadakis, Dying ReLU and Initialization, 2019: for |x|, such networks collapse
in more than nine of ten trainings.
"""

import numpy as np

from nnanim import Scene, Timeline, Training, datasets, models, views

x = np.linspace(-1.7, 1.7, 400)[:, None]

scene = Scene(
    dataset=datasets.from_arrays(x, np.abs(x), axis_names=["x", "|x|"], name="A corner"),
    model=models.mlp(1, *[2] * 10, 1, activation="relu", init="mean_field"),
    training=Training(epochs=60, batch_size=40, optimizer="adam", lr=3e-3, seed=0),
    views=[
        views.Row([views.Fit()], height=1.4),
        [views.LayerMeasures(["dead"])],
    ],
    title="Ten layers of two ReLUs",
    timeline=Timeline(seconds=8),
)
