"""A disk within a ring: three units lift it out of the plane, two cannot (`--set width=2`).

After Christopher Olah's "Neural Networks, Manifolds, and Topology" (2014).
"""

from nnanim import Scene, Timeline, Training, acts, datasets, grids, models, views


def scene(width: int = 3) -> Scene:
    """Return the scene of so many hidden units."""
    return Scene(
        dataset=datasets.disk_and_ring(n=1200),
        model=models.mlp(2, width, 1, activation="tanh"),
        training=Training(
            epochs=60,
            batch_size=32,
            optimizer="adam",
            lr=0.01,
            loss="bce_with_logits",
            seed=6,
            snapshots="epochs",
        ),
        views=[views.Depth()],
        grid=grids.Polar(),
        title="Out of the plane",
        timeline=Timeline(
            acts=[acts.Hold(1), acts.Train(seconds=4), acts.Morph(seconds=8), acts.Hold(2)]
        ),
    )
