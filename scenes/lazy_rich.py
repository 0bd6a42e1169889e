"""The same network from large and from small weights: lazy, it parts the rings and hardly moves a
weight; rich, it turns its units to where the data want them.

Chizat, Oyallon and Bach, On Lazy Training in Differentiable Programming, 2019.
"""

from nnanim import Comparison, Scene, Timeline, Training, datasets, models, views


def of(name: str, scale: float, lr: float) -> Scene:
    return Scene(
        dataset=datasets.rings(n=400, noise=0.03),
        model=models.mlp(2, 24, 1, activation="relu", scale=scale),
        training=Training(
            epochs=200, batch_size=None, optimizer="sgd", lr=lr, loss="bce_with_logits", seed=0
        ),
        views=[views.UnitLines()],
        name=name,
    )


scene = Comparison(
    [of("lazy", 4.0, 0.05), of("rich", 0.3, 0.5)],
    title="The same network from large and from small weights",
    timeline=Timeline(seconds=12),
)
