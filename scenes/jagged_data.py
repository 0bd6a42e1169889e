"""Two sides along a jagged gap, of many teeth or few, wide apart or near: ten epochs find where the
sides part, and follow the teeth only where these are few."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S0.1", "S0.2", "S0.3", "S0.4", "S0.5", "S0.7", "S0.10", "S0.11", "S0.12")


def run(jags: int, margin: float) -> Scene:
    return Scene(
        dataset=datasets.jagged(n=5_000, jags=jags, margin=margin, sample_prob=0.1),
        model=models.mlp(2, 8, 8, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=10, batch_size=4, optimizer="adam", lr=0.02, loss="bce", seed=5),
        views=[views.InputSpace()],
    )


# The notebook's five data sets, in its order; one seed for all, which finds a tooth of the two.
scene = Comparison(
    [run(10, 1.0), run(10, 5.0), run(10, 2.0), run(2, 2.0), run(5, 5.0)],
    names=[
        "10 jags, margin 1",
        "10 jags, margin 5",
        "10 jags, margin 2",
        "2 jags, margin 2",
        "5 jags, margin 5",
    ],
    title="Five sets of jagged sides",
)
