"""The more points of the sides there are, the more of the teeth the boundary follows: a thin sample
leaves room for a straight line.

Batches of four make the boundary tremble; shown is the mean of the parameters over half a second.
"""

from nnanim import Comparison, Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S0.19",)


def run(sample_prob: float) -> Scene:
    return Scene(
        dataset=datasets.jagged(jags=5, margin=2.0, sample_prob=sample_prob),
        model=models.mlp(2, 16, 16, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=10, batch_size=4, optimizer="adam", lr=0.01, loss="bce", seed=0),
        views=[views.InputSpace()],
    )


# Seed 0 of 10 follows the most teeth at full density.
scene = Comparison.over(
    run,
    {"sample_prob": (0.02, 0.1, 1.0)},
    clock="epochs",
    timeline=Timeline(smooth=0.5),
    title="A thin sample and a dense one",
)
