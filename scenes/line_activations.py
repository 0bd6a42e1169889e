"""What does a network do to a line? Tanh bends it and ReLU folds it until one cut parts the middle
from both ends; without a nonlinearity it stays a line, however long the training."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S1.10",)


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
        views=[views.HiddenSpace()],
    )


scene = Comparison.over(
    one, {"activation": ("tanh", "identity", "relu")}, title="A line through two units"
)
