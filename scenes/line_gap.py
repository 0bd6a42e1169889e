"""The same arch over a line with room between its parts: the cut has a gap to pass through, and
the probabilities move to the two ends."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S1.1",)

# Settings and seed of the film without the gap.
scene = Scene(
    dataset=datasets.line(gap=True, seed=2),
    model=models.mlp(1, 2, 1, activation="tanh", output="sigmoid", scale=1.4),
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
