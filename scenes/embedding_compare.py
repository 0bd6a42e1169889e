"""Three networks on one disk in a ring. Width 2, with or without a bottleneck of one unit, leaves a
tunnel open; width 3 closes the boundary. Below, the singular values of their weight matrices."""

from nnanim import Comparison, Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.13", "S3.18", "S3.22")


def net(hidden: tuple[int, ...], seed: int) -> Scene:
    return Scene(
        dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
        model=models.mlp(2, *hidden, 1, activation="tanh", output="sigmoid", batch_norm=True),
        training=Training(
            epochs=90,
            batch_size=128,
            optimizer="adam",
            lr=0.01,
            loss="bce",
            keep="best",
            snapshots="epochs",
            patience=300,
            seed=seed,
        ),
        views=[views.Probability(badge=True), views.Spectrum(log=True)],
    )


# Cast: the seeds, of the first 24, whose tunnels end narrowest; states at the ends of epochs alone,
# and one training in place of nine segments. All else is the notebook's.
scene = Comparison(
    [
        net((2,) * 15, 16),
        net((*[2] * 13, 1, 2), 13),
        net((3, 3), 0),
    ],
    names=["width 2, depth 15", "a bottleneck of width 1", "width 3, depth 2"],
    timeline=Timeline(seconds=16),
    title="What two units a layer cannot enclose",
)
