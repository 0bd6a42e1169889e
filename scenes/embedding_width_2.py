"""Fifteen layers of two units can enclose the disk from nearly all sides, but a tunnel always leads
out: it narrows from epoch to epoch, and never closes."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.2", "S3.3", "S3.4", "S3.8", "S3.19")

# Cast: seed 16 of the first 20, whose tunnel narrows steadily; states at the ends of epochs alone,
# and a long film, so that nothing flickers. All else is the notebook's.
scene = Scene(
    dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
    model=models.mlp(2, *[2] * 15, 1, activation="tanh", output="sigmoid", batch_norm=True),
    training=Training(
        epochs=300,
        batch_size=128,
        optimizer="adam",
        lr=0.01,
        loss="bce",
        keep="best",
        snapshots="epochs",
        patience=300,
        seed=16,
    ),
    views=[views.InputSpace(grid=False, badge=True), views.Spectrum(log=True)],
    timeline=Timeline(seconds=36),
    title="Fifteen layers of width 2",
)
