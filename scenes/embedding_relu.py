"""ReLU in place of tanh: the boundary is made of straight pieces, and the tunnel out of the disk
stays open as before. Trained in nine segments of 50 epochs."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.7", "S3.24")

# Cast: seed 4 of the first 18, of the three that learn it the one that moves least; states at the
# ends of epochs alone, so that no batch shakes the film. All else is the notebook's.
scene = Scene(
    dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
    model=models.mlp(2, *[2] * 15, 1, activation="relu", output="sigmoid", batch_norm=True),
    training=Training(
        epochs=450,
        segments=9,
        restart_optimizer=True,
        batch_size=128,
        optimizer="adam",
        lr=0.01,
        loss="bce",
        keep="best",
        snapshots="epochs",
        patience=300,
        seed=4,
    ),
    views=[views.InputSpace(grid=False, badge=True), views.Spectrum()],
    timeline=Timeline(seconds=38),
    title="Fifteen ReLU layers of width 2",
)
