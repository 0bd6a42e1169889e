"""The notebook's own animation: before each of 99 epochs one picture of 100 ms, the target in blue,
the network in red, both as lines with dots."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S2.1", "S2.13", "S2.15", "S2.16", "S2.18")

# The seed is cast as in polynomial_3_3; all else is the notebook's.
scene = Scene(
    dataset=datasets.polynomial(n=4_000),
    model=models.mlp(1, 3, 3, 1, activation="tanh", init="glorot"),
    training=Training(epochs=99, batch_size=32, optimizer="sgd", lr=0.01, loss="mse", seed=364),
    views=[views.Fit(points=False, dots=80)],
    timeline=Timeline(seconds=10, fps=10, pace="epochs", hold_first=0, hold_last=0),
    theme="light",
)
