"""Each unit switches at one place and adds its share from there on; made to switch at once instead
of gradually, the same network is a flight of stairs."""

from nnanim import Scene, Training, datasets, models, views

NOTEBOOK = ("S4.9", "S4.20", "S4.22", "S4.28")

# Cast: seed 3, the best fit of twenty, as in the film of the fit alone.
scene = Scene(
    dataset=datasets.damped_sine(n=200),
    model=models.mlp(1, 10, 1, activation="sigmoid"),
    training=Training(
        epochs=20_000, batch_size=None, optimizer="adam", lr=1e-2, loss="mse", seed=3
    ),
    views=[[views.Thresholds()], views.Row([views.Contributions()], height=1.2)],
)
