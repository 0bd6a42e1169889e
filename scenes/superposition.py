"""Five features, of which one is on at a time, share two units: each gets a direction of its own,
and the five directions become those of a pentagon.

Elhage et al., Toy Models of Superposition, 2022: sparse features stand as regular polygons.
"""

import numpy as np
import torch
from torch import nn

from nnanim import Scene, Timeline, Training, datasets, views


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.Linear(5, 2, bias=False)
        self.bias = nn.Parameter(torch.zeros(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.shared(x) @ self.shared.weight + self.bias)


random = np.random.default_rng(0)
on = random.integers(0, 5, 1_000)
x = np.eye(5)[on] * random.uniform(0.0, 1.0, (1_000, 1))

scene = Scene(
    dataset=datasets.from_arrays(x, x, labels=on, task="none", name="Sparse features"),
    model=Tied,
    training=Training(epochs=60, batch_size=50, optimizer="adam", lr=0.01, seed=1),
    views=[views.HiddenSpace(title="Two hidden units")],
    layer="shared",
    title="Five features in two units",
    timeline=Timeline(seconds=10),
)
