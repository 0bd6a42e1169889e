"""Two tanh units bend a line into an arch: its middle is lifted away from both ends, until one
straight cut parts what lies inside from what lies outside."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S1.1", "S1.2", "S1.3", "S1.6", "S1.7", "S1.8")


def scene(gap: bool = False, activation: str = "tanh", iterations: int = 1401) -> Scene:
    # The notebook's settings: scikit-learn's SGD, which is Nesterov's with momentum 0.9, batches of
    # 200, first weights of up to 1.4, and its seed; without its early stop, so that iterations 1,
    # 101, … 1401 are there. Of 40 seeds 35 part the classes.
    return Scene(
        dataset=datasets.line(gap=gap, seed=2),
        model=models.mlp(1, 2, 1, activation=activation, output="sigmoid", scale=1.4),
        training=Training(
            epochs=iterations,
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
