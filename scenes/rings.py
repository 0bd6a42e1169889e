"""How many units before the hidden plane does it take to pull two rings apart? One and two never
do, three and four do."""

from typing import Annotated

from nnanim import Range, Scene, Training, datasets, models

NOTEBOOK = ("S2.27",)


def scene(
    width: Annotated[int, Range(1, 8)] = 2,
    lr: Annotated[float, Range(1e-4, 10, log=True)] = 0.03,
    seed: int = 52,
) -> Scene:
    # Cast: of 60 seeds the one whose sheets stay widest; at 50 of them, widths 1 and 2 fail and 3
    # and 4 part the rings. A tenth of the notebook's points, with more noise, at thirty times its
    # lr of 0.001.
    return Scene(
        dataset=datasets.rings(4_000, noise=0.04),
        model=models.mlp(2, width, 2, 1, activation="tanh", output="sigmoid", init="glorot"),
        training=Training(epochs=99, batch_size=32, lr=lr, loss="mse", seed=seed),
        layer="hidden2",
    )
