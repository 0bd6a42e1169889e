"""Why does the left fit and not the right? Turned round, the right fits: the squared error sees
size alone. With errors relative to the target the high waves lose their pull."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S4.29",)


def one(mirrored: bool, loss: str, seed: int) -> Scene:
    # Cast: for each the seed of lowest loss of twenty.
    return Scene(
        dataset=datasets.damped_sine(n=200, mirrored=mirrored),
        model=models.mlp(1, 10, 1, activation="sigmoid"),
        training=Training(
            epochs=20_000, batch_size=None, optimizer="adam", lr=1e-2, loss=loss, seed=seed
        ),
        views=[views.Fit()],
    )


scene = Comparison(
    [one(False, "mse", 3), one(True, "mse", 0), one(False, "relative_mse", 6)],
    names=["squared error", "turned round", "relative error"],
    title="Which waves a network fits",
)
