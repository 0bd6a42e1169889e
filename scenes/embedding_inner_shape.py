"""How three units make a closed shape: each draws one line, and the second layer weighs all three
about equally, so that what lies inside of them is a rounded triangle."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.16", "S3.23")

# Cast: seed 19 of the first 24, whose three lines lie evenly about the disk.
scene = Scene(
    dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
    model=models.mlp(2, 3, 3, 1, activation="tanh", output="sigmoid", batch_norm=True),
    training=Training(
        epochs=300,
        batch_size=128,
        optimizer="adam",
        lr=0.01,
        loss="bce",
        seed=19,
    ),
    views=[views.UnitLines(codes=False), views.Weights(high=5.0)],
    timeline=Timeline(seconds=16),
    title="A shape out of three lines",
)
