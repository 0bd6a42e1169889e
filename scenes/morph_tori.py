"""Two linked rings in space come apart by way of four dimensions, which is one more than they need.

After Christopher Olah's "Neural Networks, Manifolds, and Topology" (2014); the first layer has four
units: on the way it is seen in the plane in which they differ most, and beside it in three of four
dimensions, by a camera that slowly turns in all of them. Of twelve seeds, 4 found the way.
"""

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

scene = Scene(
    dataset=datasets.linked_tori(n=1500),
    model=models.mlp(3, 4, 3, 1, activation="tanh"),
    training=Training(
        epochs=60,
        batch_size=32,
        optimizer="adam",
        lr=0.01,
        loss="bce_with_logits",
        seed=4,
        snapshots="epochs",
    ),
    views=[
        views.Depth(),
        views.HiddenSpace3D("hidden1", basis="tour", title="Four dimensions, turning"),
    ],
    title="How two linked rings come apart",
    timeline=Timeline(
        acts=[acts.Hold(1), acts.Train(seconds=4), acts.Morph(seconds=14), acts.Hold(2)]
    ),
)
