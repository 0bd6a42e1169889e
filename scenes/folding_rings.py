"""Sixteen and sixteen ReLU units cut the plane into hundreds of polygons, on each of which the
network is linear; layer by layer the sheet is folded along them, until a plane parts the rings."""

from nnanim import Scene, Timeline, Training, datasets, models, views

# Seed 1 of four, all of which part the rings.
scene = Scene(
    dataset=datasets.rings(n=1_000, noise=0.03),
    model=models.mlp(2, 16, 16, 1, activation="relu", output="sigmoid"),
    training=Training(epochs=60, batch_size=32, optimizer="adam", lr=3e-3, loss="bce", seed=1),
    views=[views.Folding()],
    timeline=Timeline(seconds=14),
)
