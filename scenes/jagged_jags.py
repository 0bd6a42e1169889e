"""Two teeth are followed, ten are cut off: the boundary bends as often as ten epochs
allow."""

from nnanim import Comparison, Scene, Training, datasets, models, views

NOTEBOOK = ("S0.21",)


def run(jags: int) -> Scene:
    return Scene(
        dataset=datasets.jagged(jags=jags, margin=2.0),
        model=models.mlp(2, 16, 16, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=10, batch_size=4, optimizer="adam", lr=0.01, loss="bce", seed=10),
        views=[views.InputSpace()],
    )


# The notebook's 2 and 10 at a margin of 2; seed 10 of 12 is the best with two.
scene = Comparison.over(run, {"jags": (2, 10)}, title="Two teeth and ten")
