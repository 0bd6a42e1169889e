"""A network knows sums modulo 31 by heart within ten epochs, and finds out hundreds of epochs later
how to add: the numbers then stand on a circle.

Power et al., Grokking, 2022; Nanda et al., Progress Measures for Grokking, 2023."""

import numpy as np
from torch import nn

from nnanim import Film, Scene, Timeline, Training, datasets, marks, views
from nnanim.view import Panel

a, b = np.triu_indices(31)
x, y = np.eye(31)[a] + np.eye(31)[b], (a + b) % 31
some = np.random.default_rng(0).permutation(496)
known, new = np.tile(some[:397], 10), some[397:]  # an epoch is ten steps on all that is known


class Circle:
    def panels(self, film: Film) -> list[Panel]:  # noqa: ARG002
        return [Panel("The numbers as embedded", (-1.1, 1.1), (-1.1, 1.1))]

    def marks(self, film: Film, t: float) -> list[list[marks.Mark]]:
        now, end = (film.state(m)["0.weight"].T for m in (film.moment(t), film.epochs))
        waves = np.fft.rfft(end.T)[:, 1:]
        k = np.linalg.norm(waves, axis=0).argmax()  # the strongest frequency in the end
        plane = np.linalg.qr(np.stack([waves[:, k].real, waves[:, k].imag], axis=1))[0]
        at = (now @ plane)[np.argsort(np.arange(31) * (k + 1) % 31)]
        return [[marks.Lines([at[[*range(31), 0]]], "quiet"), marks.Points(at, "class0", size=13)]]


scene = Scene(
    dataset=datasets.from_arrays(x[known], y[known], test=(x[new], y[new])),
    model=lambda: nn.Sequential(nn.Linear(31, 24), nn.Linear(24, 128), nn.ReLU(),
                                nn.Linear(128, 31)),
    training=Training(epochs=500, batch_size=397, optimizer="adamw", lr=0.005, weight_decay=2.0,
                      loss="cross_entropy", shuffle=False, snapshots="epochs"),
    views=[Circle(), views.Loss(log=True)], title="Grokking: a + b modulo 31",
    timeline=Timeline(seconds=14),
)  # fmt: skip
