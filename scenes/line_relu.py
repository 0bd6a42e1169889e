"""Two ReLU units fold the line like a ruler: where a unit switches off the line has a corner, and
between two corners the middle lies on the other side of the cut."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S1.5",)

# The notebook's seed; 12 of 40 part the classes, the others have a unit that is off for ever.
scene = Scene(
    dataset=datasets.line(seed=2),
    model=models.mlp(1, 2, 1, activation="relu", output="sigmoid", scale=1.4),
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
)
