"""A fit and the surface of its loss: where the path is steep the curve changes fast, and in the
valley it only creeps on."""

from nnanim import Scene, Timeline, Training, datasets, models, views

scene = Scene(
    dataset=datasets.polynomial(n=400),
    model=models.mlp(1, 6, 1),
    training=Training(epochs=60, batch_size=20, optimizer="adam", lr=0.01, seed=2),
    views=[views.Fit(), views.Landscape(surface=True)],
    timeline=Timeline(seconds=12),
    theme="light",
)
