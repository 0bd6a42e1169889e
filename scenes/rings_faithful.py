"""The notebook's own animation: each ring a chain of dots, the grid of the plane in grey, and the
decision line in black, as the last hidden layer sees them."""

from nnanim import Scene, Timeline, Training, datasets, models, views

NOTEBOOK = ("S2.2", "S2.14", "S2.17", "S2.19", "S2.20")

# Cast: seed 545, of those that part the rings within 99 epochs at this lr; all else is the
# notebook's.
scene = Scene(
    dataset=datasets.rings(n=40_000, noise=0.005, half_window=1.0),
    model=models.mlp(2, 3, 2, 1, activation="tanh", output="sigmoid", init="glorot"),
    training=Training(epochs=99, batch_size=32, optimizer="sgd", lr=0.001, loss="mse", seed=545),
    layer="hidden2",
    views=[
        views.InputSpace(),
        views.HiddenSpace(joined=True, tint=False, outline=False),
    ],
    timeline=Timeline(seconds=10, fps=10, pace="epochs", hold_first=0, hold_last=0),
    theme="light",
)
