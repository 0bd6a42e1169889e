"""A residual network is a flow: each block moves every point a little, and six small moves part two
spirals.

A block gives x + f(x), so that between blocks the plane goes on from where it was. The training is
restless: while it goes on, the mean of its parameters over half a second is shown.
"""

import torch
from torch import nn

from nnanim import Scene, Timeline, Training, acts, datasets, views


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.move = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.move(x)  # type: ignore[no-any-return]


def network() -> nn.Module:
    return nn.Sequential(*(Block() for _ in range(6)), nn.Linear(2, 1), nn.Sigmoid())


scene = Scene(
    dataset=datasets.spirals(n=600, turns=0.8),
    model=network,
    training=Training(epochs=40, optimizer="adam", lr=0.01, loss="bce", seed=0),
    views=[views.Depth()],
    title="Six blocks of a residual network",
    timeline=Timeline(
        acts=[acts.Train(seconds=4), acts.Morph(list("012345"), seconds=12), acts.Hold(2)],
        smooth=0.5,
    ),
)
