"""Six ReLU units: the boundary is a polygon with a corner wherever it crosses a unit's line, and
the losses of all points go down together."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.7",)

# Seed 2 of eight, all of which part the classes.
scene = Scene(
    dataset=datasets.disk_and_ring(n=2_000, seed=100),
    model=models.mlp(2, 6, 1, activation="relu", output="sigmoid"),
    training=Training(
        epochs=10_000, batch_size=None, optimizer="adam", lr=1e-3, loss="bce", seed=2
    ),
    views=[views.UnitLines(codes=False), views.Histogram("loss")],
)
