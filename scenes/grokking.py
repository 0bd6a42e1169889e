"""Within ten epochs a network knows 347 sums modulo 31 by heart, and of 149 others hardly one; by
epoch 150 it has found out how to add: the numbers then stand on a circle.

Power et al., Grokking, 2022; Nanda et al., Progress Measures for Grokking, 2023."""

import numpy as np
from torch import nn

from nnanim import Film, Scene, Timeline, Training, datasets, marks, view, views

a, b = np.triu_indices(31)
x, y = np.eye(31)[a] + np.eye(31)[b], (a + b) % 31
some = np.random.default_rng(0).permutation(496)
known, new = np.tile(some[:347], 10), some[347:]  # an epoch is ten steps on all that is known


class Circle:
    def panels(self, film: Film) -> list[view.Panel]:  # noqa: ARG002
        return [view.Panel("The numbers as embedded", (-1.2, 1.2), (-1.2, 1.2))]

    def marks(self, film: Film, t: float) -> list[list[marks.Mark]]:
        now, end = (film.state(m)["0.weight"] for m in (film.moment(t), film.epochs))
        k = np.linalg.norm(np.fft.rfft(end)[:, 1:], axis=0).argmax() + 1  # strongest in the end
        wave, order = np.fft.rfft(now)[:, k], np.argsort(np.arange(31) * k % 31)
        u, _, v = np.linalg.svd([wave.real, wave.imag], full_matrices=False)
        at = (u @ v @ now).T[order]  # in the plane in which the numbers run round k times
        ring = marks.Lines([at[[*range(31), 0]]], "quiet")
        hues = np.arange(31.0)  # once round in the end
        return [[ring, marks.Points(at, size=20, values=hues, scale="hsv", high=31)]]


scene = Scene(
    dataset=datasets.from_arrays(x[known], y[known], test=(x[new], y[new])),
    model=lambda: nn.Sequential(nn.Linear(31, 24), nn.Linear(24, 128), nn.ReLU(),
                                nn.Linear(128, 31)),
    training=Training(epochs=250, batch_size=347, optimizer="adamw", lr=0.005, weight_decay=1.0,
                      loss="cross_entropy", shuffle=False, snapshots="epochs"),
    views=[Circle(), views.Loss(log=True)], title="Grokking: a + b modulo 31",
    timeline=Timeline(seconds=14))  # fmt: skip
