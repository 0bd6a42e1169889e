"""Four layers of two units untangle two spirals: each only turns, shifts and bends the plane.

After the figure of Christopher Olah's "Neural Networks, Manifolds, and Topology" (2014); seed 5 is
one of those at which all four layers find a way.
"""

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

scene = Scene(
    dataset=datasets.spirals(n=800, turns=1.0),
    model=models.mlp(2, 2, 2, 2, 2, 1, activation="tanh"),
    training=Training(
        epochs=600,
        batch_size=50,
        optimizer="adam",
        lr=0.01,
        loss="bce_with_logits",
        seed=5,
        snapshots="epochs",
    ),
    views=[views.Depth()],
    title="How four layers untangle two spirals",
    timeline=Timeline(
        acts=[
            acts.Hold(1.2),
            acts.Train(seconds=6, caption="The last layer, while all four learn"),
            acts.Morph(
                seconds=20,
                caption="Each layer turns, shifts and bends the plane, and never tears it",
            ),
            acts.Hold(2.5, caption="A straight line parts them"),
        ]
    ),
)
