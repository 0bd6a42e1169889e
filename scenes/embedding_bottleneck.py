"""A layer of one unit between layers of two: all points pass through a line, and the tunnel out of
the disk stays open here too. Trained in nine segments, each with a fresh Adam."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.5", "S3.10", "S3.12", "S3.20")

# Cast: seed 13 of the first 24, whose tunnel ends narrowest; states at the ends of epochs alone, so
# that no batch shakes the film. All else is the notebook's.
scene = Scene(
    dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
    model=models.mlp(2, *[2] * 13, 1, 2, 1, activation="tanh", output="sigmoid", batch_norm=True),
    training=Training(
        epochs=90,
        segments=9,
        restart_optimizer=True,
        batch_size=128,
        optimizer="adam",
        lr=0.01,
        loss="bce",
        keep="best",
        snapshots="epochs",
        patience=300,
        seed=13,
    ),
    views=[views.InputSpace(grid=False, badge=True), views.Loss()],
    timeline=Timeline(seconds=30),
    title="A bottleneck of width 1",
)
