"""What it takes to look into a training: landscape, measures of its layers, topology, folding.

In seconds of CPU time of one process; each part is prepared before by a small one of its kind. Of
the polygons of 2-16-16-1, in the plane and in both layers, it is told how many frames of 1920 ×
1080 are drawn a second on one thread and on two, 30 expected. Run as `python benchmarks/insight.py
[landscape measures topology folding]`.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, views
from nnanim.film.landscape import landscape_of
from nnanim.film.measures import measures_of
from nnanim.film.topology import topology_of
from nnanim.rendering.filming import renderer_of
from nnanim.sheet.look import Look
from nnanim.sheet.renderer import Renderer
from nnanim.themes import THEMES
from nnanim.view import View

RINGS = Scene(
    dataset=datasets.rings(),
    model=models.mlp(2, 2, 2, 1, activation="tanh", output="sigmoid"),
    training=Training(epochs=100, batch_size=32, optimizer="sgd", lr=0.001, loss="mse", seed=1),
)
FRAMES = 120


def cpu(action: Callable[[], object]) -> float:
    """Return how many seconds of CPU time an action takes."""
    begin = time.process_time()
    action()
    return time.process_time() - begin


def wall(action: Callable[[], object]) -> float:
    """Return how many seconds an action takes."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def film(
    points: int,
    epochs: int,
    *widths: int,
    view: View | None = None,
    timeline: Timeline | None = None,
) -> Film:
    """Return the film of a training of rings by ReLU layers of these widths, with such a view."""
    training = replace(RINGS.training, epochs=epochs, optimizer="adam", lr=5e-4, loss="bce")
    model = models.mlp(2, *widths, 1, activation="relu", output="sigmoid")
    data = datasets.rings(n=points, noise=0.03)
    shown = None if view is None else [view]
    recording = record(Scene(dataset=data, model=model, training=training, views=shown))
    return Film(recording, timeline=timeline)


def landscape() -> None:
    """Print what the landscape of T1 takes."""
    rings = Film(record(RINGS))
    landscape_of(rings, 15, 100)
    for samples in (4_000, 40_000):
        taken = cpu(lambda samples=samples: landscape_of(rings, 200, samples))  # type: ignore[misc]
        print(f"landscape of 200 × 200 points over {samples:,} samples: {taken:.2f} s")


def measures() -> None:
    """Print what the measures of wide layers take."""
    wide = film(4_000, 100, 16, 16, 16, 16)
    print(f"measures of 4 layers at 101 epochs: {cpu(lambda: seen(wide, measures_of)):.2f} s")


def topology() -> None:
    """Print what the Betti numbers of rings take."""
    small, rings_three = film(400, 2, 3), film(4_000, 60, 8, 4, 3)
    seen(small, topology_of)
    taken = cpu(lambda: seen(rings_three, topology_of))
    print(f"topology of 2 classes in 3 layers at 61 epochs, 2,000 samples each: {taken:.2f} s")


def folding() -> None:
    """Print how fast folded sheets are drawn."""
    timeline = Timeline(FRAMES / 60, 60, "epochs", hold_first=0, hold_last=0)
    folded = film(4_000, 40, 16, 16, view=views.Folding(), timeline=timeline)
    look = Look((1920, 1080), THEMES["dark"])
    one, two = (renderer_of(folded, look, threads=threads) for threads in (1, 2))
    for renderer in (one, two):
        renderer.frame(0.0)
    spent = cpu(lambda: exhaust(one)) / FRAMES
    alone, both = (FRAMES / wall(lambda r=each: exhaust(r)) for each in (one, two))  # type: ignore[misc]
    print(
        f"folding of 2-16-16-1: {alone:.0f} frames a second on 1 thread, {both:.0f} on 2, "
        f"{1e3 * spent:.1f} ms of CPU each"
    )


def exhaust(renderer: Renderer) -> None:
    """Draw every frame as the encoder of an MP4 takes it."""
    for _ in renderer.yuv420():
        pass


PARTS = {part.__name__: part for part in (landscape, measures, topology, folding)}


def main() -> None:
    """Print what each part takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=[*PARTS])
    asked = parser.parse_args()
    for name, part in PARTS.items():
        if name in asked.parts:
            part()


def seen(of: Film, look: Callable[..., object]) -> object:
    """Look at a film's training."""
    return look(of.recorded, of.decision)


if __name__ == "__main__":
    main()
