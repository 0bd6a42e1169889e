"""How fast films of fields are drawn at 1920 × 1080 on two threads.

    python benchmarks/fields.py [--rounds 3]

Heat maps of eight units with the number of active ones, and the probability with the spectrum; the
least of some rounds, drawing only, as the encoder of an MP4 takes it.
"""

import argparse
import time
from dataclasses import replace

from nnanim import Film, Scene, Timeline, Training, datasets, models, record, views
from nnanim.rendering.filming import renderer_of
from nnanim.sheet.look import Look
from nnanim.themes import THEMES
from nnanim.view import View

FRAMES = 120
SCENE = Scene(
    dataset=datasets.jagged(jags=2, margin=2.0),
    model=models.mlp(2, 4, 4, 1, output="sigmoid"),
    training=Training(epochs=10, batch_size=4, optimizer="adam", lr=0.02, loss="bce"),
    timeline=Timeline(seconds=FRAMES / 30, fps=30.0),
)
FILMS: dict[str, list[list[View]]] = {
    "activations": [
        [views.Activations("hidden1")],
        [views.Activations("hidden2"), views.ActiveUnits()],
    ],
    "probability and spectrum": [[views.Probability(), views.Spectrum()]],
}


def drawn(scene: Scene) -> tuple[float, float]:
    """Return seconds and CPU seconds a frame."""
    renderer = renderer_of(Film(record(scene)), Look((1920, 1080), THEMES["dark"]), threads=2)
    renderer.frame(0.0)
    start, spent = time.perf_counter(), time.process_time()
    for _ in renderer.yuv420():
        pass
    return (time.perf_counter() - start) / FRAMES, (time.process_time() - spent) / FRAMES


def main() -> None:
    """Print a line for each film."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    for name, rows in FILMS.items():
        found = [drawn(replace(SCENE, views=rows)) for _ in range(rounds)]
        each, cpu = (min(column) for column in zip(*found, strict=True))
        print(f"{name}: {1 / each:.0f} frames a second, {1e3 * cpu:.1f} ms of CPU a frame")


if __name__ == "__main__":
    main()
