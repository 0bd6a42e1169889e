"""One unit after another: each lets the curve turn once more, from the high waves on the left
towards the low ones on the right."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S4.27",)


def one(hidden: int) -> Scene:
    # Cast: seed 3, with which ten units fit best of twenty seeds.
    return Scene(
        dataset=datasets.damped_sine(n=200),
        model=models.mlp(1, hidden, 1, activation="sigmoid"),
        training=Training(
            epochs=20_000, batch_size=None, optimizer="adam", lr=1e-2, loss="mse", seed=3
        ),
        views=[views.Fit()],
    )


scene = Comparison.over(one, {"hidden": range(1, 11)}, title="A damped sine through 1 to 10 units")
