"""Logistic regression is a network without hidden units: one straight cut, no better than a guess
here. Three units turn the same loss, on logits, into a closed curve."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S4.13",)


def one(widths: tuple[int, ...]) -> Scene:
    return Scene(
        dataset=datasets.disk_and_ring(n=2_000, seed=100),
        model=models.mlp(*widths, activation="sigmoid"),
        training=Training(
            epochs=10_000,
            batch_size=None,
            optimizer="adam",
            lr=1e-3,
            loss="bce_with_logits",
            seed=7,  # as in the film of three units
        ),
        views=[views.InputSpace()],
    )


scene = Comparison(
    [one((2, 1)), one((2, 3, 1))],
    names=["logistic regression", "three hidden units"],
    title="Disk and ring, with and without hidden units",
)
