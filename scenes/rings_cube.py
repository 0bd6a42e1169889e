"""Three hidden units before the plane: the sheet of input space bends in their cube until it lies
folded in the next layer, and the two rings come apart."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S2.11",)

scene = Scene(
    dataset=datasets.rings(4_000, noise=0.04),
    model=models.mlp(2, 3, 2, 1, activation="tanh", output="sigmoid", init="glorot"),
    training=Training(epochs=99, batch_size=32, optimizer="sgd", lr=0.03, loss="mse", seed=1814),
    views=[views.HiddenSpace3D("hidden1"), views.HiddenSpace("hidden2")],
)
