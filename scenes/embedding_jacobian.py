"""How far the networks stretch the plane, and how steep their output is: at width 2 the gradient
vanishes nowhere, at width 3 it does within the disk."""

from nnanim import Comparison, Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S3.17",)


def net(hidden: tuple[int, ...], seed: int) -> Scene:
    return Scene(
        dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
        model=models.mlp(2, *hidden, 1, activation="tanh", output="sigmoid", batch_norm=True),
        training=Training(
            epochs=90, batch_size=128, optimizer="adam", lr=0.01, loss="bce", keep="best",
            snapshots="epochs", patience=300, seed=seed,
        ),
    )  # fmt: skip


# Cast: seeds and states of embedding_compare. The window fills the sheet, and what is smallest,
# dark all over at the end, is left out: the notebook's own are scene(faithful=True).


def scene(faithful: bool = False) -> Comparison:
    own = ((-1.0, 1.0), (-1.0, 1.0))
    window = own if faithful else ((-1.5, 1.5), (-1.0, 1.0))
    return Comparison(
        [net((2,) * 15, 16), net((*[2] * 13, 1, 2), 13), net((3, 3), 0)],
        names=["width 2, depth 15", "a bottleneck of width 1", "width 3, depth 2"],
        views=[views.Jacobian(gradient=True, smallest=faithful, window=window)],
        timeline=Timeline(seconds=20),
        title="Singular values of the input Jacobian",
    )
