"""A hundred epochs at a high rate: two units begin to draw the disk apart from the ring, and the
training stops while all is still near the middle."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.1", "S4.10", "S4.14")

# The notebook's settings, and seed 0: like most of twelve, it ends with a loss above 0.6.
scene = Scene(
    dataset=datasets.disk_and_ring(n=2_000, seed=100),
    model=models.mlp(2, 2, 1, activation="sigmoid", output="sigmoid"),
    training=Training(epochs=100, batch_size=None, optimizer="adam", lr=1e-2, loss="bce", seed=0),
    views=[views.InputSpace(legend=True), views.HiddenSpace()],
)
