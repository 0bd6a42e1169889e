"""What each of four layers makes of two spirals: a straight line through the third tells them apart
long before one through the first does, and the last one keeps them furthest apart."""

from nnanim import Scene, Timeline, Training, datasets, models, views

scene = Scene(
    dataset=datasets.spirals(n=1_000),
    model=models.mlp(2, 16, 16, 16, 16, 1, activation="relu", output="sigmoid"),
    training=Training(epochs=100, batch_size=32, optimizer="adam", lr=2e-3, loss="bce", seed=1),
    views=[
        views.Row([views.InputSpace(), views.HiddenSpace()], height=1.4),
        [views.LayerMeasures(["probe", "margin", "rank"])],
    ],
    timeline=Timeline(seconds=12),
    title="Two spirals through four layers",
)
