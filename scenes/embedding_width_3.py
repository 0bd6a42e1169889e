"""Two layers of three units enclose the disk within a few epochs: in three dimensions the middle of
the sheet can be lifted off, and a plane cuts it out along a closed curve."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.6", "S3.21")

# The notebook's settings, but the last state is kept; each of the first 24 seeds encloses the disk.
scene = Scene(
    dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
    model=models.mlp(2, 3, 3, 1, activation="tanh", output="sigmoid", batch_norm=True),
    training=Training(
        epochs=300,
        batch_size=128,
        optimizer="adam",
        lr=0.01,
        loss="bce",
        seed=0,
    ),
    views=[views.InputSpace(grid=False, badge=True), views.HiddenSpace3D(layer="hidden1")],
    timeline=Timeline(seconds=16),
    title="Two layers of width 3",
)
