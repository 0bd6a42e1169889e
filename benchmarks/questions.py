"""Measure what the notebooks ask: each question over many seeds, into docs/answers.json.

    python benchmarks/questions.py                  # all questions
    python benchmarks/questions.py S2.21 S4.23      # some of them; the other answers stay
    python benchmarks/questions.py --seeds 40 --scenes DIR

A question is a function of the seeds that returns its answer: `sentence`, with the numbers that it
tells of, and `cases`, for each network the median and quartiles of its final score or loss and the
share of seeds that reach a level. `@question("S2.21")` registers it. Scenes are those of the films,
so that an answer holds for what is seen; each is swept over seeds, and over what is asked of it.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np

from nnanim import Comparison, Film, Scene, Training, datasets, models, sweep
from nnanim.film.separability import gap
from nnanim.scene.files import declared
from nnanim.sweeps.sweep import Sweep
from nnanim.tables import Row

ROOT = Path(__file__).parent.parent
ANSWERS = ROOT / "docs" / "answers.json"
COMMAND = "python benchmarks/questions.py"

Seeds = tuple[int, ...]
Answer = dict[str, Any]
QUESTIONS: dict[str, Callable[[Seeds], Answer]] = {}
Question = Callable[[Seeds], Answer]

folder = ROOT / "scenes"


def question(*names: str) -> Callable[[Question], Question]:
    """Register a function as the answer to the questions of these ids."""

    def register(function: Question) -> Question:
        for name in names:
            QUESTIONS[name] = function
        return function

    return register


def over(scene: Scene | str, seeds: Seeds, **values: Sequence[Any]) -> Sweep:
    """Return the sweep of a scene, or of the scene file of a name, over values and seeds."""
    found = folder / f"{scene}.py" if isinstance(scene, str) else scene
    return sweep(found, {**values, "training.seed": seeds})


def rows_of(done: Sweep, **settings: Any) -> list[Row]:
    """Return the rows of a sweep that have such settings."""
    return [row for row in done.table if all(row[name] == v for name, v in settings.items())]


def films_of(done: Sweep) -> list[Film]:
    """Return the films of all trainings of a sweep."""
    return [Film(done.recording(i)) for i in range(len(done))]


def told(values: Sequence[float], level: float, above: bool = True) -> dict[str, Any]:
    """Return median, quartiles and the share of `values` that reach `level` from below, or above.

    A training that broke off counts as one that does not reach it.
    """
    array = np.nan_to_num(np.array(values, float), nan=-np.inf if above else np.inf)
    low, middle, high = np.percentile(array, [25, 50, 75], method="nearest")
    reached = array >= level if above else array <= level
    return {
        "median": _rounded(middle),
        "quartiles": [_rounded(low), _rounded(high)],
        "level": level,
        "share": _rounded(reached.mean()),
    }


def column(rows: Sequence[Row], name: str) -> list[float]:
    """Return a column of some rows, NaN where it is empty."""
    return [float("nan") if row[name] is None else float(row[name]) for row in rows]


def settled(film: Film) -> float:
    """Return the epoch from which on the loss stays within a tenth of its fall above its end."""
    history = film.history
    bound = history.loss[-1] + 0.1 * (history.loss[0] - history.loss[-1])
    above = np.flatnonzero(history.loss > bound)
    return float(history.moments[min(above[-1] + 1, len(history.moments) - 1)]) if len(above) else 0


@cache
def compared(name: str, level: float, seeds: Seeds) -> Mapping[str, Any]:
    """Return what the scores of each scene of a comparison are, by its name."""
    made = declared(folder / f"{name}.py")
    assert isinstance(made, Comparison)
    names = made.names or [scene.name for scene in made.to_train]
    cases = {}
    for name, scene in zip(names, made.to_train, strict=True):
        done = over(scene, seeds)
        cases[name] = {
            **told(column(done.table, "score"), level),
            "settled_at_epoch": _rounded(np.median([settled(film) for film in films_of(done)])),
        }
    return cases


@cache
def varied(name: str, setting: str, values: tuple[int, ...], seeds: Seeds) -> Mapping[str, Any]:
    """Return what the losses of a scene are for each of the values of a parameter."""
    done, cases = over(name, seeds, **{setting: values}), {}
    for value in values:
        rows = rows_of(done, **{setting: value})
        cases[f"{setting} = {value}"] = {
            **told(column(rows, "loss"), 0.01, above=False),
            "score": _rounded(np.median(column(rows, "score"))),
        }
    return cases


def _rounded(value: Any) -> float | None:
    return float(f"{value:.4g}") if np.isfinite(value) else None


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _listed(cases: Mapping[str, Any], key: str = "median") -> str:
    return ", ".join(f"{case[key]:g} with {name}" for name, case in cases.items())


# -- S0: jagged sides ------------------------------------------------------------------------------


def _jagged(name: str, seeds: Seeds) -> Answer:
    cases = compared(name, 0.95, seeds)
    return {
        "sentence": f"Median accuracy: {_listed(cases)}.",
        "cases": cases,
    }


@question("S0.19")
def density(seeds: Seeds) -> Answer:
    return _jagged("jagged_density", seeds)


@question("S0.20")
def margin(seeds: Seeds) -> Answer:
    return _jagged("jagged_margin", seeds)


@question("S0.21")
def jags(seeds: Seeds) -> Answer:
    return _jagged("jagged_jags", seeds)


@question("S0.22")
def neurons(seeds: Seeds) -> Answer:
    return _jagged("jagged_neurons", seeds)


# -- S1: one input ---------------------------------------------------------------------------------


@question("S1.10")
def activations(seeds: Seeds) -> Answer:
    kinds, epochs, cases = ("tanh", "identity", "relu"), (101, 1401), {}
    done = over("line_tanh", seeds, **{"activation": kinds, "training.epochs": epochs})
    for kind, count in product(kinds, epochs):
        rows = rows_of(done, **{"activation": kind, "training.epochs": count})
        cases[f"{kind}, {count} iterations"] = told(column(rows, "score"), 0.99)
    shares = ", ".join(f"{_percent(case['share'])} with {name}" for name, case in cases.items())
    return {"sentence": f"A straight cut parts the classes in {shares}.", "cases": cases}


# -- S2: polynomial and rings ----------------------------------------------------------------------


def _polynomial(seeds: Seeds, names: Sequence[str], sentence: str) -> Answer:
    every = compared("polynomial_compare", 0.95, seeds)
    cases = {name: every[name] for name in names}
    return {"sentence": sentence.format(*(case["median"] for case in cases.values())),
            "cases": cases}  # fmt: skip


@question("S2.21")
def narrow(seeds: Seeds) -> Answer:
    return _polynomial(seeds, ["1-2-1"], "The median R² of two units is {}.")


@question("S2.22")
def deeper(seeds: Seeds) -> Answer:
    answer = _polynomial(
        seeds, ["1-2-1", "1-2-2-2-1"], "The median R² is {} with one layer of two and {} with three"
    )
    first, second = (case["settled_at_epoch"] for case in answer["cases"].values())
    answer["sentence"] += f"; they settle by epoch {first:g} and {second:g}."
    return answer


@question("S2.23")
def wider(seeds: Seeds) -> Answer:
    answer = _polynomial(
        seeds, ["1-2-1", "1-6-1"], "The median R² is {} with two units and {} with six"
    )
    share = answer["cases"]["1-6-1"]["share"]
    answer["sentence"] += f"; {_percent(share)} of the wide nets reach 0.95."
    return answer


@question("S2.24")
def both(seeds: Seeds) -> Answer:
    return _polynomial(
        seeds,
        ["1-2-2-2-1", "1-6-1", "1-3-3-1"],
        "The median R² is {} with depth, {} with width and {} with some of both.",
    )


@question("S2.25")
def chokepoints(seeds: Seeds) -> Answer:
    return _polynomial(
        seeds,
        ["1-3-3-1", "1-3-1-3-1", "1-3-3-1-3-3-1"],
        "The median R² is {} without a chokepoint, {} with one and {} with one between two layers "
        "on each side.",
    )


@question("S2.26", "S2.27")
def nodes(seeds: Seeds) -> Answer:
    cases = compared("rings_compare", 0.995, seeds)
    shares = ", ".join(f"{_percent(case['share'])} with {name}" for name, case in cases.items())
    return {"sentence": f"The rings come apart in {shares}.", "cases": cases}


# -- S4: disk and ring, damped sine ----------------------------------------------------------------


@question("S4.13")
def logistic(seeds: Seeds) -> Answer:
    baseline = Scene(
        dataset=datasets.disk_and_ring(n=2_000, seed=100),
        model=models.mlp(2, 1),
        training=Training(
            epochs=10_000, batch_size=None, optimizer="adam", lr=1e-3, loss="bce_with_logits"
        ),
    )
    cases = {
        "logistic regression": told(column(over(baseline, seeds).table, "score"), 0.99),
        "three hidden units": told(column(over("radial_3", seeds).table, "score"), 0.99),
    }
    return {"sentence": f"Median accuracy: {_listed(cases)}.", "cases": cases}


@question("S4.23")
def jump(seeds: Seeds) -> Answer:
    cases = varied("radial_3", "hidden", (1, 2, 3), seeds)
    return {"sentence": f"Median loss: {_listed(cases)}: three lines are the fewest that can "
            "close a region.", "cases": cases}  # fmt: skip


@question("S4.25")
def relu(seeds: Seeds) -> Answer:
    done, cases = over("radial_3", seeds, hidden=range(1, 9), activation=["relu"]), {}
    for width in range(1, 9):
        losses = column(rows_of(done, hidden=width), "loss")
        cases[f"{width} units"] = told(losses, 0.01, above=False)
    near = [name for name, case in cases.items() if case["share"] >= 0.5]
    first = f"{near[0]} are the fewest with which" if near else "no number up to 8 is such that"
    return {"sentence": f"With ReLU, {first} at least half of the seeds end below a loss of 0.01.",
            "cases": cases}  # fmt: skip


@question("S4.26")
def triples(seeds: Seeds) -> Answer:
    """How many of the ten triples of five units show disk and ring apart, and by how wide a gap."""
    counts, gaps = [], []
    for film in films_of(over("radial_triples_all", seeds)):
        hidden = film.points("hidden1", film.epochs)
        widths = [
            gap(hidden[film.labels == 0][:, three], hidden[film.labels == 1][:, three])
            for three in map(list, combinations(range(5), 3))
        ]
        counts.append(float(np.count_nonzero(widths)))
        gaps += [width for width in widths if width > 0]
    case = told(counts, 5)
    sentence = (
        f"A plane parts disk and ring in {case['median']:g} of the ten triples "
        f"({min(counts):g} to {max(counts):g} over {len(seeds)} seeds), with a gap of "
        f"{np.median(gaps):.2f} between them: those whose three lines close a triangle about the "
        "disk. In the others the ring leaks in."
    )
    return {"sentence": sentence, "cases": {"separable triples of ten": case}}


@question("S4.27")
def widths(seeds: Seeds) -> Answer:
    cases = varied("sine_fit", "hidden", tuple(range(1, 11)), seeds)
    return {"sentence": f"Median squared error: {_listed(cases)}.", "cases": cases}


@question("S4.29")
def sides(seeds: Seeds) -> Answer:
    cases = {}
    for name, setting in (
        ("as it is", {}),
        ("mirrored", {"mirrored": [True]}),
        ("relative error", {"loss": ["relative_mse"]}),
    ):
        films = films_of(over("sine_fit", seeds, **setting))
        for side, sign in (("left", -1), ("right", 1)):
            scores = [_score_of_side(film, sign) for film in films]
            cases[f"{name}, {side} half"] = told(scores, 0.9)
    medians = ", ".join(f"{case['median']:g} ({name})" for name, case in cases.items())
    return {"sentence": f"The high waves fit, wherever they are; median R²: {medians}.",
            "cases": cases}  # fmt: skip


def _score_of_side(film: Film, sign: int) -> float:
    """Return R² over the inputs of that sign."""
    inputs, targets = film.data.inputs, film.data.targets.astype(float)
    chosen = np.sign(inputs[:, 0]) == sign
    rest = targets[chosen] - film.outputs("", inputs[chosen], film.epochs)
    return float(1 - (rest**2).sum() / ((targets[chosen] - targets[chosen].mean()) ** 2).sum())


def main() -> None:
    """Measure the questions asked for and write the answers."""
    global folder
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--scenes", type=Path, default=folder)
    asked = parser.parse_args()
    folder = asked.scenes
    unknown = set(asked.ids) - set(QUESTIONS)
    if unknown:
        parser.error(f"no such question: {', '.join(sorted(unknown))}")
    answers = json.loads(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.is_file() else {}
    for name in asked.ids or QUESTIONS:
        answer = QUESTIONS[name](tuple(range(asked.seeds)))
        answers[name] = {**answer, "seeds": asked.seeds, "command": f"{COMMAND} {name}"}
        print(f"{name}: {answer['sentence']}", flush=True)
        text = json.dumps(answers, indent=2, sort_keys=True, ensure_ascii=False)
        ANSWERS.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
