"""Two rings through three layers that fold: the last one soon fills their holes, the second one
only when the training is half over, and the first one never does."""

from nnanim import Scene, Timeline, Training, datasets, events, models, views

scene = Scene(
    dataset=datasets.rings(n=2_000, noise=0.03),
    model=models.mlp(2, 8, 4, 3, 1, activation="relu", output="sigmoid"),
    training=Training(epochs=60, batch_size=32, optimizer="adam", lr=5e-4, loss="bce", seed=1),
    views=[
        views.Row([views.InputSpace(), views.HiddenSpace("hidden2")], height=1.7),
        [views.Topology(["holes"])],
    ],
    timeline=Timeline(
        seconds=12,
        pauses={events.tears("outer", "hidden3"): "The last layer has lost the outer ring's hole"},
    ),
    title="In which layer a ring loses its hole",
)
