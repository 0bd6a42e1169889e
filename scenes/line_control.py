"""Two knobs, how long a network trains and by which activation: only a bend, and time enough for
it, brings the middle of a line to one side of a straight cut and both ends to the other."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S1.9",)


def one(activation: str) -> Scene:
    # The notebook's settings and its seed, as in the films of each alone.
    return Scene(
        dataset=datasets.line(seed=2),
        model=models.mlp(1, 2, 1, activation=activation, output="sigmoid", scale=1.4),
        training=Training(
            epochs=1401,
            batch_size=200,
            optimizer="sgd",
            lr=0.02,
            momentum=0.9,
            nesterov=True,
            loss="bce",
            seed=1,
        ),
        views=[views.Line1D(), views.HiddenSpace(), views.Line1D("output")],
    )


# A page shows one of them, its activation picked in it: nnanim render scenes/line_control.py
scene = Comparison.over(
    one,
    {"activation": ("tanh", "identity", "relu")},
    shown="one",
    title="A line through two units",
)
