"""Four hidden units fold the plane into a cup: the inner ring lies at the bottom, the outer one
round the rim, and a straight line passes between them."""

from nnanim import Scene, Training, datasets, models

NOTEBOOK = ("S2.12",)


def scene(faithful: bool = False) -> Scene:
    # Cast: seed 364 of 2,000, which folds clearly and never collapses. A tenth of the notebook's
    # points, with more noise, at ten times its lr of 0.001: nearly the same path in a tenth of the
    # steps. faithful=True is the notebook.
    data = datasets.rings(n=40_000, noise=0.005) if faithful else datasets.rings(4_000, noise=0.04)
    return Scene(
        dataset=data,
        model=models.mlp(2, 4, 2, 1, activation="tanh", output="sigmoid", init="glorot"),
        training=Training(
            epochs=99,
            batch_size=32,
            optimizer="sgd",
            lr=0.001 if faithful else 0.01,
            loss="mse",
            seed=364,
        ),
        layer="hidden2",
    )
