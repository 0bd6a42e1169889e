"""All ten triples of five hidden units, and which alone would do: a plane parts disk and ring in
five of them, whose three lines close a triangle about the disk; in the others the ring leaks in."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.18", "S4.26")

# Any seed will do: 19 of 20 end with five separable triples.
scene = Scene(
    dataset=datasets.disk_and_ring(seed=100),
    model=models.mlp(2, 5, 1, activation="sigmoid", output="sigmoid"),
    training=Training(epochs=2_000, batch_size=None, optimizer="adam", lr=0.01, loss="bce", seed=0),
    views=[views.HiddenTriples()],
)
