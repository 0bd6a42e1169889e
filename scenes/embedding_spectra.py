"""The singular values of all sixteen weight matrices at width 2: no matrix loses its rank for long,
so no layer folds the plane."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.15",)

# The film of embedding_width_2, seen by its matrices.
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
    views=[views.Spectrum(), views.Spectrum(log=True)],
    timeline=Timeline(seconds=36),
    title="Singular values at width 2",
)
