"""Four of the ten ways to look at three of five hidden units: where their lines close a triangle,
disk and ring lie apart, else the read-out needs the units that are not shown."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.17",)

# Any seed will do; with this one two of the four part the classes.
scene = Scene(
    dataset=datasets.disk_and_ring(seed=100),
    model=models.mlp(2, 5, 1, activation="sigmoid", output="sigmoid"),
    training=Training(epochs=2_000, batch_size=None, optimizer="adam", lr=0.01, loss="bce", seed=0),
    views=[
        views.UnitLines(codes=False),
        views.HiddenTriples(triples=[(0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)]),
    ],
)
