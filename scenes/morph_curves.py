"""One layer, one thing at a time: turned and stretched, shifted, bent into its square.

After the first figure of Christopher Olah's "Neural Networks, Manifolds, and Topology" (2014).
"""

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

scene = Scene(
    dataset=datasets.two_curves(n=600),
    model=models.mlp(2, 2, 1, activation="tanh"),
    training=Training(
        epochs=60,
        batch_size=32,
        optimizer="adam",
        lr=0.01,
        loss="bce_with_logits",
        seed=5,
        snapshots="epochs",
    ),
    views=[views.Depth()],
    title="What one layer does",
    timeline=Timeline(
        acts=[acts.Hold(1), acts.Train(seconds=4), acts.Morph(seconds=8), acts.Hold(2)]
    ),
)
