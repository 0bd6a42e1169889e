"""The valley that a training rolls down: the loss in the plane of its own path, while three units
come to part the rings."""

from nnanim import Scene, Timeline, Training, datasets, models, views

# Seed 1 of four: the path goes over a saddle, where the loss rests before it falls.
scene = Scene(
    dataset=datasets.rings(n=1_000, noise=0.03),
    model=models.mlp(2, 3, 1, output="sigmoid"),
    training=Training(epochs=80, batch_size=32, optimizer="adam", lr=0.01, loss="bce", seed=1),
    views=[views.InputSpace(), views.Landscape()],
    timeline=Timeline(seconds=12),
)
