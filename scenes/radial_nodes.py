"""One line cannot go around the disk, nor can two; with three lines there is a triangle, and the
loss falls to nearly nothing at once."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S4.5", "S4.23")


def one(hidden: int) -> Scene:
    # Cast: seed 7, which closes the triangle with the lowest loss of ten.
    return Scene(
        dataset=datasets.disk_and_ring(n=2_000, seed=100),
        model=models.mlp(2, hidden, 1, activation="sigmoid", output="sigmoid"),
        training=Training(
            epochs=10_000, batch_size=None, optimizer="adam", lr=1e-3, loss="bce", seed=7
        ),
        views=[views.UnitLines(codes=False)],
    )


scene = Comparison.over(one, {"hidden": (1, 2, 3)}, title="Disk and ring through 1, 2 and 3 units")
