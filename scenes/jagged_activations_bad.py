"""A run whose boundary slants across the sides: its units agree on one step, and none is left for
the teeth."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S0.18",)

# Draw 4 is the worst of 40.


def scene(side: int = 100, draw: int = 4) -> Scene:
    return Scene(
        dataset=datasets.jagged(jags=10, margin=5.0),
        model=models.mlp(2, 4, 4, 1, activation="tanh", output="sigmoid"),
        training=Training(
            epochs=10, batch_size=4, optimizer="adam", lr=0.02, loss="bce", seed=draw
        ),
        views=[
            [views.Activations("hidden1", side=side)],
            [views.Activations("hidden2", side=side), views.ActiveUnits(count=False, side=side)],
        ],
    )
