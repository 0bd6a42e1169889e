"""A lecture of a minute: two rings, three units, and how they come apart."""

from nnanim import Scene, Timeline, Training, acts, datasets, events, models

scene = Scene(
    dataset=datasets.rings(n=4_000, noise=0.1),
    model=models.mlp(2, 3, 2, 1, activation="tanh", output="sigmoid", init="glorot"),
    # The network of rings_3_2, cast there. With more noise its best epoch is not its last.
    training=Training(
        epochs=99, batch_size=32, optimizer="sgd", lr=0.03, loss="mse", keep="best", seed=1814
    ),
    layer="hidden2",
    title="How a network parts two rings",
    timeline=Timeline(
        seconds=60,
        acts=[
            acts.Hold(7, chapter="Before", caption="No straight line parts the two classes"),
            acts.Train(
                to=events.accuracy(0.8),
                seconds=12,
                chapter="The fold",
                caption="Each step of the training bends the plane a little further",
            ),
            acts.Hold(6, caption="The plane is folded: eight of ten points are on their side"),
            acts.Train(
                to=events.closes(),
                seconds=12,
                caption="The boundary bends around the inner ring until it meets itself",
            ),
            acts.Hold(7, caption="Now it is closed: no way leads out"),
            acts.Train(seconds=8, chapter="The line", caption="Within, it is straight all along"),
            acts.Hold(8),
        ],
    ),
)
