"""Without a nonlinearity a line stays a line: the two units turn and stretch it, never bend it,
and no straight cut has the middle on one side and both ends on the other."""

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

NOTEBOOK = ("S1.4",)

# No seed of 40 comes past the 67 % of saying "outside" everywhere; the notebook's is one of them.
scene = Scene(
    dataset=datasets.line(seed=2),
    model=models.mlp(1, 2, 1, activation="identity", output="sigmoid", scale=1.4),
    training=Training(
        epochs=1401,
        batch_size=200,
        optimizer="sgd",
        lr=0.02,
        momentum=0.9,
        nesterov=True,
        loss="bce",
        seed=1,
    ),
    views=[views.Line1D(), views.HiddenSpace(), views.Line1D("output")],
    # Short: after a fifth of the training, nothing moves.
    timeline=Timeline(
        seconds=8,
        acts=[
            acts.Hold(1),
            acts.Train(),
            acts.Hold(
                3, caption="No straight cut has the middle on one side, both ends on the other"
            ),
        ],
    ),
)
