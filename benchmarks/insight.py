"""What it takes to look into a training: its landscape, measures of its layers, and its topology.

In seconds of CPU time of one process; each part is prepared before by a small one of its kind. Run
as `python benchmarks/insight.py`.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from nnanim import Film, Scene, Training, datasets, models, record
from nnanim.film.landscape import landscape_of
from nnanim.film.measures import measures_of
from nnanim.film.topology import topology_of

RINGS = Scene(
    dataset=datasets.rings(),
    model=models.mlp(2, 2, 2, 1, activation="tanh", output="sigmoid"),
    training=Training(epochs=100, batch_size=32, optimizer="sgd", lr=0.001, loss="mse", seed=1),
)


def cpu(action: Callable[[], object]) -> float:
    """Return how many seconds of CPU time an action takes."""
    begin = time.process_time()
    action()
    return time.process_time() - begin


def film(points: int, epochs: int, *widths: int) -> Film:
    """Return the film of a training of rings by ReLU layers of these widths."""
    training = replace(RINGS.training, epochs=epochs, optimizer="adam", lr=5e-4, loss="bce")
    model = models.mlp(2, *widths, 1, activation="relu", output="sigmoid")
    data = datasets.rings(n=points, noise=0.03)
    return Film(record(Scene(dataset=data, model=model, training=training)))


def main() -> None:
    """Print what each part takes."""
    rings = Film(record(RINGS))
    landscape_of(rings, 15, 100)
    for samples in (4_000, 40_000):
        taken = cpu(lambda samples=samples: landscape_of(rings, 200, samples))  # type: ignore[misc]
        print(f"landscape of 200 × 200 points over {samples:,} samples: {taken:.2f} s")
    wide = film(4_000, 100, 16, 16, 16, 16)
    print(f"measures of 4 layers at 101 epochs: {cpu(lambda: seen(wide, measures_of)):.2f} s")
    small, rings_three = film(400, 2, 3), film(4_000, 60, 8, 4, 3)
    seen(small, topology_of)
    taken = cpu(lambda: seen(rings_three, topology_of))
    print(f"topology of 2 classes in 3 layers at 61 epochs, 2,000 samples each: {taken:.2f} s")


def seen(of: Film, look: Callable[..., object]) -> object:
    """Look at a film's training."""
    return look(of.recorded, of.decision)


if __name__ == "__main__":
    main()
