"""The data sets that nnanim makes: classes in the plane, in space and on a line, and curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnanim import Film, Scene, Training, datasets, models
from nnanim.dataset import Dataset
from nnanim.geometry import widen
from nnanim.marks import Lines, Mark, Points
from nnanim.view import Panel

ROOM = 0.03  # share of the input window that a panel shows beyond it, at each end
Axes = tuple[tuple[float, ...], tuple[float, ...]]

FROM_ABOVE: Axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
FROM_THE_FRONT: Axes = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
ASLANT: Axes = ((0.88, 0.47, 0.0), (-0.23, 0.43, 0.87))


@dataclass(frozen=True)
class Shown:
    """The train part of a data set, whatever the film is of.

    Points on a line are spread upwards for display only. Points in space are projected at a right
    angle onto two `axes`, those nearer to the eye in front.
    """

    title: str
    dataset: Dataset
    axes: Axes = FROM_ABOVE
    labels: tuple[str, str] = ("", "")

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel over the input window."""
        del film
        dataset, window = self.dataset, np.array(self.dataset.window)
        regression = dataset.task == "regression"
        plain = "=" not in self.title
        legend = tuple((name, f"class{k}") for k, name in enumerate(dataset.class_names) if plain)
        if len(window) == 1:
            targets = dataset.arrays(0).test_targets
            height = [float(targets.min()), float(targets.max())] if regression else [-3.0, 3.0]
            box = widen(np.array([window[0], height]), ROOM)
        else:
            box = widen(window[: len(self.axes)], ROOM)
        x, y = ((float(low), float(high)) for low, high in box)
        return [
            Panel(
                self.title,
                x,
                y,
                equal=len(window) > 1,
                x_label=self.labels[0],
                y_label=self.labels[1],
                x_ticks=self.axes is not ASLANT,
                y_ticks=self.axes is not ASLANT and (len(window) > 1 or regression),
                legend=legend,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the points in their classes' colours, or the curve and its samples."""
        del film, t
        arrays = self.dataset.arrays(0)
        inputs, targets = arrays.inputs, arrays.targets
        if self.dataset.task == "regression":
            curve = np.concatenate([arrays.test_inputs, arrays.test_targets], axis=1)
            samples = np.concatenate([inputs, targets], axis=1)[:200]
            return [[Lines([curve], "class1", width=1.6), Points(samples, "class1", size=5.5)]]
        if inputs.shape[1] == 1:
            spread = np.random.default_rng(0).normal(0, 0.5, inputs.shape)
            inputs = np.concatenate([inputs, spread], axis=1)
        order = np.arange(len(inputs))
        if inputs.shape[1] == 3:
            order = np.argsort(inputs @ np.cross(*self.axes))
            inputs = inputs @ np.transpose(self.axes)
        labels = targets.ravel().astype(np.int64)[order]
        roles = tuple(f"class{k}" for k in range(len(self.dataset.class_names)))
        size = float(np.clip(130 / len(inputs) ** 0.5, 1.8, 5.5))
        return [[Points(inputs[order], roles, index=labels, size=size, alpha=0.9)]]


scene = Scene(
    dataset=datasets.rings(n=64),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=1),
    views=[
        [
            Shown("rings", datasets.rings(n=4_000)),
            Shown("circles", datasets.circles()),
            Shown("disk_and_ring", datasets.disk_and_ring()),
        ],
        [
            Shown("xor", datasets.xor()),
            Shown("spirals", datasets.spirals()),
            Shown("two_curves", datasets.two_curves()),
        ],
        [
            Shown("jagged", datasets.jagged()),
            Shown("margin=5", datasets.jagged(margin=5)),
            Shown("sample_prob=1", datasets.jagged(sample_prob=1)),
        ],
        [
            Shown("blobs", datasets.blobs()),
            Shown("classes=5", datasets.blobs(classes=5)),
            Shown("moons", datasets.moons()),
        ],
        [
            Shown("linked_tori", datasets.linked_tori(n=20_000), ASLANT),
            Shown("from above", datasets.linked_tori(), FROM_ABOVE, ("x", "y")),
            Shown("from the front", datasets.linked_tori(), FROM_THE_FRONT, ("x", "z")),
        ],
        [
            Shown("line", datasets.line()),
            Shown("gap=True", datasets.line(gap=True)),
        ],
        [
            Shown("polynomial", datasets.polynomial()),
            Shown("damped_sine", datasets.damped_sine()),
            Shown("mirrored=True", datasets.damped_sine(mirrored=True)),
        ],
    ],
)
