"""Learning on the edge: two learning rates decide, and the border between them is a fractal.

Network, start and data are as in "The boundary of neural network trainability is fractal"
(Sohl-Dickstein 2024, arXiv:2402.06184), at a width of 4: tanh, no biases, as many points as
parameters, normal numbers, full batch. In the paper the layers' scales stand beside the weights;
here they are in the initial weights, so each rate is multiplied by the square of its layer's.
The numbers are chosen, of twenty draws, for the richest border.
`nnanim map trainability --x lr1=log:1e-2:1e4 --y lr2=log:1e-2:1e4` trains one for each pixel.
"""

import numpy as np

from nnanim import Scene, Training, datasets, models, views

WIDTH = 4
POINTS = WIDTH * WIDTH + WIDTH  # one for each parameter

numbers = np.random.default_rng(1)
points = datasets.from_arrays(
    numbers.standard_normal((POINTS, WIDTH)).astype(np.float32),
    numbers.standard_normal((POINTS, 1)).astype(np.float32),
    task="regression",
    name="Twenty points",
)


def scene(lr1: float = 3.0, lr2: float = 10.0, seed: int = 1) -> Scene:
    """Return the training with a rate for the hidden layer and one for the output layer."""
    return Scene(
        dataset=points,
        model=models.mlp(WIDTH, WIDTH, 1, bias=False, init="mean_field"),
        training=Training(
            epochs=200,
            batch_size=None,
            lr={"hidden1": lr1 * 2 / WIDTH, "output": lr2 / WIDTH**2},
            seed=seed,
        ),
        views=[views.Network(), views.Parity()],
    )
