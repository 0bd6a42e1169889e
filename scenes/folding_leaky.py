"""Leaky units bend the sheet and never flatten it: how steep the network is on each of its
polygons, and how two layers lay the two curves apart."""

from typing import Literal

from nnanim import Scene, Timeline, Training, datasets, models, views


# Seed 0 of four: of the others one parts the curves, two lay all on a line.
def scene(color: Literal["units", "slope"] = "slope") -> Scene:
    return Scene(
        dataset=datasets.two_curves(n=400),
        model=models.mlp(2, 8, 2, 1, activation="leaky_relu", output="sigmoid"),
        training=Training(epochs=120, batch_size=32, optimizer="adam", lr=5e-3, loss="bce"),
        views=[views.Folding(color=color, points=True)],
        timeline=Timeline(seconds=14),
        theme="light",
    )
