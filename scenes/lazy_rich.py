"""The same network, trained alike, from large and from small weights: lazy, it parts the rings and
hardly moves a weight; rich, some of its units turn to where the data want them, and grow.

Each dot in the middle is a unit's two weights; at 1, they are ten times as large as at the start.
Chizat, Oyallon and Bach, On Lazy Training in Differentiable Programming, 2019."""

import numpy as np

from nnanim import Comparison, Film, Scene, Timeline, Training, datasets, marks, models, views


class Ways(views.InputSpace):
    def marks(self, film: Film, t: float) -> list[list[marks.Mark]]:
        states = [film.state(moment) for moment in np.linspace(0, film.moment(t), 60)]
        ways = np.stack([state["hidden1.0.weight"] for state in states], axis=1)
        ways /= 10 * np.sqrt((ways[:, 0] ** 2).sum(axis=1).mean())
        dots = marks.Points(ways[:, -1], "ink", size=11)
        return [[*super().marks(film, t)[0], marks.Lines(list(ways), "quiet", width=3.0), dots]]


def of(name: str, scale: float) -> Scene:
    return Scene(
        dataset=datasets.rings(n=400, noise=0.03),
        model=models.mlp(2, 48, 1, activation="relu", scale=scale),
        training=Training(
            epochs=2_000, batch_size=None, optimizer="sgd", lr=0.05, loss="bce_with_logits", seed=0
        ),
        views=[Ways(grid=False, subtitle="in the middle, weights of each unit")],
        name=name,
    )


scene = Comparison(
    [of("lazy", 8.0), of("rich", 0.3)],
    title="From large weights and from small ones",
    timeline=Timeline(seconds=12),
)
