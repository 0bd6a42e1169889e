"""One, two, three, four units before the hidden plane, trained alike: one and two leave the rings
entangled, however long they stretch and bend; three and four pull them apart."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S2.26",)


def one(width: int) -> Scene:
    # Cast: seed 52, of 60 the one whose sheets stay widest; at 50 of them, widths 1 and 2 fail and
    # 3 and 4 part the rings. The notebook's rings with a tenth of its points and more noise, at
    # thirty times its lr of 0.001.
    return Scene(
        dataset=datasets.rings(4_000, noise=0.04),
        model=models.mlp(2, width, 2, 1, activation="tanh", output="sigmoid", init="glorot"),
        training=Training(epochs=99, batch_size=32, lr=0.03, loss="mse", seed=52),
        layer="hidden2",
    )


scene = Comparison.over(
    one,
    {"width": [1, 2, 3, 4]},
    views=[[views.InputSpace()], [views.HiddenSpace()]],
    title="Rings through 1, 2, 3 and 4 units",
)
