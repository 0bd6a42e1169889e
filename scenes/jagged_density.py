"""The more points of the sides there are, the more of the teeth the boundary follows: a thin sample
leaves room for a straight line."""

from nnanim import Comparison, Scene, Training, datasets, models, views

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
    title="A thin sample and a dense one",
)
