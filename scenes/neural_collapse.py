"""Trained on long after its last mistake, a network draws each of three classes together, and their
middles apart until they stand at 120 degrees.

Papyan, Han and Donoho, Prevalence of Neural Collapse, 2020: class means become a simplex."""

import numpy as np
from torch import nn

from nnanim import Scene, Timeline, Training, datasets, views

random, arm = np.random.default_rng(0), np.arange(600) % 3
along = np.sqrt(random.uniform(0.2, 1.0, 600))
angle = 2 * np.pi * (arm / 3 + 0.4 * along) + random.normal(0.0, 0.08, 600)
points = (along * [np.cos(angle), np.sin(angle)]).T


def network() -> nn.Module:
    hidden = [nn.Linear(2, 64), nn.ReLU()]
    for _ in range(3):
        hidden += [nn.Linear(64, 64), nn.ReLU()]
    return nn.Sequential(nn.Sequential(*hidden), nn.Linear(64, 2), nn.Linear(2, 3))


scene = Scene(
    dataset=datasets.from_arrays(points, arm, name="Three arms"),
    model=network,
    training=Training(
        epochs=1_500,
        batch_size=60,
        lr=0.03,
        momentum=0.9,
        weight_decay=2e-3,
        loss="cross_entropy",
        seed=1,
    ),
    views=[views.InputSpace(), views.HiddenSpace("1", title="The last features")],
    title="Neural collapse",
    timeline=Timeline(seconds=12),
)
