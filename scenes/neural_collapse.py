"""Trained on long after its last mistake, a network draws each class together to one point, and the
points of three classes come to stand at 120 degrees.

Papyan, Han and Donoho, Prevalence of Neural Collapse, 2020: class means become a simplex.
"""

from torch import nn

from nnanim import Scene, Timeline, Training, datasets


def network() -> nn.Module:
    features = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
    return nn.Sequential(features, nn.Linear(32, 2), nn.Linear(2, 3))


scene = Scene(
    dataset=datasets.blobs(n=600, noise=0.2),
    model=network,
    training=Training(
        epochs=1_500,
        batch_size=None,
        lr=0.1,
        momentum=0.9,
        loss="cross_entropy",
        weight_decay=5e-3,
    ),
    layer="1",
    title="Neural collapse",
    timeline=Timeline(seconds=12),
)
