"""A recurrent network listens to waves: after one step it knows nothing of their pitch, after all
twelve it tells three pitches apart.

Each sample is a sine of one of three frequencies, from a phase drawn at random, with noise.
"""

import numpy as np
import torch
from torch import nn

from nnanim import Layer, Scene, Training, datasets, views

rng = np.random.default_rng(0)
pitch = np.arange(600) % 3
phase, steps = rng.uniform(0, 2 * np.pi, (600, 1)), np.arange(12)
waves = np.sin(phase + steps * (0.4 + 0.5 * pitch[:, None])) + rng.normal(0, 0.1, (600, 12))


class Listener(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru, self.end = nn.GRU(1, 12, batch_first=True), nn.Linear(12, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.end(self.gru(x.unsqueeze(-1))[0][:, -1])  # type: ignore[no-any-return]


scene = Scene(
    dataset=datasets.from_arrays(waves, np.array(["low", "middle", "high"])[pitch], name="Waves"),
    model=Listener,
    layer="gru",
    training=Training(epochs=40, optimizer="adam", lr=0.01, loss="cross_entropy", seed=0),
    views=[views.HiddenSpace(layer=Layer("gru", time=0)), views.HiddenSpace()],
    title="Waves through a recurrent network",
)
