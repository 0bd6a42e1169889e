"""Five units draw five lines around the disk; the network's map of every unit shows how the output
is put together from half planes."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.6",)

# Seed 6 of eight, all of which part the classes.
scene = Scene(
    dataset=datasets.disk_and_ring(n=2_000, seed=100),
    model=models.mlp(2, 5, 1, activation="sigmoid", output="sigmoid"),
    training=Training(
        epochs=10_000, batch_size=None, optimizer="adam", lr=1e-3, loss="bce", seed=6
    ),
    views=[views.UnitLines(codes=False), views.Network()],
)
