"""What each unit gives over the entire plane: units of the first layer are plain steps,
those of the second are made of several, and their sum shows where most are high."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S0.8", "S0.13", "S0.14", "S0.16", "S0.23", "S0.25")

# Seed 15 of 16 bends the most. side=10 is the notebook's grid of 100 points.


def scene(side: int = 100) -> Scene:
    return Scene(
        dataset=datasets.jagged(jags=2, margin=2.0),
        model=models.mlp(2, 4, 4, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=10, batch_size=4, optimizer="adam", lr=0.02, loss="bce", seed=15),
        views=[
            [views.Activations("hidden1", side=side)],
            [views.Activations("hidden2", side=side), views.ActiveUnits(count=False, side=side)],
        ],
    )
