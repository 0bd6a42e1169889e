"""Two ReLU units leave the disk open to one side. Three can close it, though not from every start;
with six, every start that was tried ends with a loss near zero."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S4.25",)


def one(hidden: int) -> Scene:
    # Cast: seed 3, one of those with which three units are enough. With six, all of 24 were.
    return Scene(
        dataset=datasets.disk_and_ring(n=2_000, seed=100),
        model=models.mlp(2, hidden, 1, activation="relu", output="sigmoid"),
        training=Training(
            epochs=10_000, batch_size=None, optimizer="adam", lr=1e-3, loss="bce", seed=3
        ),
        views=[views.UnitLines(codes=False)],
    )


scene = Comparison.over(one, {"hidden": (1, 2, 3, 6)}, title="Disk and ring through ReLU units")
