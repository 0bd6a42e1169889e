"""An interval within another: on a line nothing parts them, two units bend it until a line does.

After Christopher Olah's "Neural Networks, Manifolds, and Topology" (2014); `--set width=1` shows
that one unit cannot. Seed 9 is one of those at which two units get all points right.
"""

from nnanim import Scene, Timeline, Training, acts, datasets, models, views


def scene(width: int = 2) -> Scene:
    """Return the scene of so many hidden units."""
    return Scene(
        dataset=datasets.line(n=300),
        model=models.mlp(1, width, 1, activation="tanh"),
        training=Training(
            epochs=200,
            batch_size=32,
            optimizer="adam",
            lr=0.02,
            loss="bce_with_logits",
            seed=9,
            snapshots="epochs",
        ),
        views=[views.Depth()],
        title="A line that has room to bend",
        timeline=Timeline(
            acts=[acts.Hold(1), acts.Train(seconds=5), acts.Morph(seconds=8), acts.Hold(2)]
        ),
    )
