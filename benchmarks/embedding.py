"""Measure what narrow networks cannot embed: the questions of notebook 003, over many seeds.

Run as `python benchmarks/embedding.py`; the answers go into docs/answers.json.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim import Film, Scene, Training, datasets, models, sweep
from nnanim.film.switches import hyperplanes

ANSWERS = Path(__file__).parent.parent / "docs" / "answers.json"
COMMAND = "python benchmarks/embedding.py"
SEEDS = range(24)
MOMENTS = 31  # of a training, at which is asked whether the boundary closes

NETS = {
    "width 2": ((2,) * 15, "tanh", 90),
    "bottleneck": ((*[2] * 13, 1, 2), "tanh", 90),
    "width 3": ((3, 3), "tanh", 90),
    "ReLU": ((2,) * 15, "relu", 450),
}


def net(name: str) -> Scene:
    """Return the notebook's training of one of its networks: nine segments, best states kept."""
    hidden, activation, epochs = NETS[name]
    return Scene(
        dataset=datasets.disk_and_ring(disk=0.3, ring=(0.5, 1.0), even=True),
        model=models.mlp(2, *hidden, 1, activation=activation, output="sigmoid", batch_norm=True),
        training=Training(
            epochs=epochs,
            segments=9,
            restart_optimizer=True,
            batch_size=128,
            optimizer="adam",
            lr=0.01,
            loss="bce",
            keep="best",
            patience=300,
        ),
    )


def films_of(name: str, seeds: Sequence[int]) -> list[Film]:
    """Return the films of the trainings of one network, seed by seed."""
    done = sweep(net(name), {"training.seed": seeds})
    return [Film(done.recording(i)) for i in range(len(done))]


def measured(name: str, seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """Return what trainings of one network give, seed by seed.

    `score` is the final accuracy, `closed` whether the boundary closes at the end, `ever` at any of
    31 moments, `first` the first such epoch or None, `smallest` the smallest singular value of any
    weight matrix that has more than one.
    """
    rows = []
    for film in films_of(name, seeds):
        moments = np.linspace(0.0, film.epochs, MOMENTS)
        closed = [film.closed_boundary(float(moment)) for moment in moments]
        weights = film.network.weights(film.state(film.epochs))
        rows.append(
            {
                "score": film.score(film.epochs),
                "closed": closed[-1],
                "ever": any(closed),
                "first": float(moments[closed.index(True)]) if any(closed) else None,
                "smallest": min(
                    float(np.linalg.svd(w, compute_uv=False)[-1])
                    for w in weights
                    if min(w.shape) > 1
                ),
            }
        )
    return {key: [row[key] for row in rows] for key in rows[0]}


def lines_of_width_3(seeds: Sequence[int] = SEEDS) -> dict[str, list[float]]:
    """Return how evenly the three units of the first layer make the closed shape, seed by seed.

    `gap` is the largest angle in degrees between the directions in which the three lines lie from
    the middle, 120 where they lie evenly; `ratio` that of the largest to the smallest weight of
    them in the unit of the second layer that weighs them most evenly.
    """
    gaps, ratios = [], []
    for film in films_of("width 3", seeds):
        weight, bias = hyperplanes(film, film.epochs)
        feet = -np.sign(bias)[:, None] * weight
        angles = np.sort(np.degrees(np.arctan2(feet[:, 1], feet[:, 0])))
        gaps.append(float(np.diff(angles, append=angles[0] + 360).max()))
        second = np.abs(film.network.weights(film.state(film.epochs))[1])
        ratios.append(float((second.max(axis=1) / second.min(axis=1)).min()))
    return {"gap": gaps, "ratio": ratios}


def answers(seeds: Sequence[int] = SEEDS) -> dict[str, dict[str, Any]]:
    """Return the answers to S3.19 to S3.24 by id: a sentence, and the figures in it."""
    found = {name: measured(name, seeds) for name in NETS}
    n = len(seeds)
    share = {name: sum(runs["closed"]) / n for name, runs in found.items()}
    ever = {name: sum(runs["ever"]) / n for name, runs in found.items()}
    median = {name: float(np.median(runs["score"])) for name, runs in found.items()}
    best = {name: max(runs["score"]) for name, runs in found.items()}
    small = {name: float(np.median(runs["smallest"])) for name, runs in found.items()}
    deep = [found["width 2"][key] + found["bottleneck"][key] for key in ("score", "smallest")]
    rank = _rank_correlation(deep[0], deep[1])
    firsts = [first for first in found["width 3"]["first"] if first is not None]
    first = float(np.median(firsts)) if firsts else None

    lines = {key: float(np.median(runs)) for key, runs in lines_of_width_3(seeds).items()}

    def open_at_all_times(name: str) -> dict[str, Any]:
        return {
            "closed": share[name],
            "ever": ever[name],
            "median": median[name],
            "seeds": n,
            "sentence": "The boundary closes at the end for "
            f"{_percent(share[name], 0)} of {n} seeds, at any of {MOMENTS} moments for "
            f"{_percent(ever[name], 0)}; median accuracy {_percent(median[name])}, best "
            f"{_percent(best[name])}.",
        }

    return {
        "S3.19": open_at_all_times("width 2"),
        "S3.20": open_at_all_times("bottleneck"),
        "S3.21": {
            "closed": share["width 3"],
            "median": median["width 3"],
            "first": first,
            "smallest": small["width 3"],
            "seeds": n,
            "sentence": f"The boundary closes for {_percent(share['width 3'], 0)} of {n} seeds, "
            f"first by epoch {first:g} (median); median accuracy {_percent(median['width 3'])}. "
            "The smallest singular value of a weight matrix ends at "
            f"{small['width 3']:.2g} (median), at width 2 at {small['width 2']:.2g}.",
        },
        "S3.22": {
            "plain": median["width 2"],
            "bottleneck": median["bottleneck"],
            "correlation": rank,
            "seeds": n,
            "sentence": f"Hardly: median accuracy over {n} seeds {_percent(median['bottleneck'])} "
            f"with a bottleneck, {_percent(median['width 2'])} without. Accuracy and the smallest "
            f"singular value have a rank correlation of {rank:.2f}.",
        },
        "S3.23": {
            **lines,
            "seeds": n,
            "sentence": f"By three lines about the disk, the largest angle between them "
            f"{lines['gap']:.0f}° (median of {n} seeds; 120° is even), which a unit of the second "
            f"layer weighs alike: its largest weight is {lines['ratio']:.2f} times its smallest.",
        },
        "S3.24": open_at_all_times("ReLU"),
    }


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def _rank_correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Return Spearman's: that of the ranks, equal values sharing their mean rank."""
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[place])


def main() -> None:
    """Measure, and write the answers among those that benchmarks/questions.py gives."""
    known = json.loads(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.is_file() else {}
    for name, answer in answers().items():
        known[name] = {**answer, "command": COMMAND}
        print(f"{name}: {answer['sentence']}", flush=True)
    text = json.dumps(known, indent=2, sort_keys=True, ensure_ascii=False)
    ANSWERS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
