"""Sixteen units a layer: many repeat each other, a few carry the bends of the boundary."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S0.9", "S0.15", "S0.17", "S0.26")

# Draw 10 of 12 follows both teeth; draw=2, the worst, has a bad boundary. With total=True the sum
# of all units stands beside their maps.


def scene(side: int = 100, draw: int = 10, total: bool = False) -> Scene:
    maps = [views.Activations(layer, side=side) for layer in ("hidden1", "hidden2")]
    sums = views.ActiveUnits(count=False, side=side)
    return Scene(
        dataset=datasets.jagged(jags=2, margin=2.0),
        model=models.mlp(2, 16, 16, 1, activation="tanh", output="sigmoid"),
        training=Training(
            epochs=10, batch_size=4, optimizer="adam", lr=0.01, loss="bce", seed=draw
        ),
        views=[[maps[0], views.InputSpace()], [maps[1], sums]] if total else maps,
    )
