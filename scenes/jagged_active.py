"""How many of the eight units are active at once: the plane falls into regions of one number each,
and the sum of activations says nearly the same more softly."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S0.24",)

# Seed 15 of 16 bends the most.


def scene(side: int = 200) -> Scene:
    return Scene(
        dataset=datasets.jagged(jags=2, margin=2.0),
        model=models.mlp(2, 4, 4, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=10, batch_size=4, optimizer="adam", lr=0.02, loss="bce", seed=15),
        views=[
            views.InputSpace(),
            views.ActiveUnits(side=side),
            views.ActiveUnits(count=False, side=side),
        ],
    )
