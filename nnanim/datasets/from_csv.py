"""Own data: a table in a CSV file, as a data set."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Task, Window
from nnanim.datasets.files import about
from nnanim.datasets.from_arrays import FromArrays, from_arrays
from nnanim.datasets.table import (
    Columns,
    columns_of,
    complaint,
    header_of,
    is_sound,
    number_in,
    place_of,
)
from nnanim.datasets.targets import shortened
from nnanim.errors import SceneError

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")

Part = tuple[NDArray[np.float64], NDArray[Any]]


def from_csv(
    path: str | Path,
    *,
    target: str | Sequence[str],
    inputs: str | Sequence[str] | None = None,
    test: str | Path | None = None,
    test_share: float = 0.0,
    task: Task | None = None,
    class_names: Sequence[str] | None = None,
    name: str | None = None,
    window: Window | None = None,
    standardize: bool = False,
    seed: int | None = None,
) -> FromArrays:
    """Return columns of a CSV file as a data set: `target`, and `inputs`, else all the others.

    The file is UTF-8, its cells are parted by commas, semicolons or tabs, and its first line names
    the columns. Inputs are numbers. A target of text or of whole numbers is a class, one of other
    numbers is for regression, as `from_arrays` says; several targets are numbers. `test` is a
    second file with the same columns. A relative path starts at the working directory. Raises
    `SceneError`, which names the line and the column.
    """
    targets = _listed("target", target)
    chosen = None if inputs is None else _listed("inputs", inputs)
    names = _inputs(path, header_of(path), chosen, targets)
    x, y = _part(path, names, targets, task, least=2)
    held = None if test is None else _part(test, names, targets, task, least=1)
    with about(path):
        made = from_arrays(
            x,
            y,
            task=task,
            test=held,
            test_share=test_share,
            class_names=class_names,
            axis_names=names,
            name=Path(path).stem if name is None else name,
            window=window,
            standardize=standardize,
            seed=seed,
        )
    if made.task != "regression":
        return made
    return replace(made, axis_names=(*made.axis_names[: len(names)], *map(shortened, targets)))


def _listed(what: str, names: object) -> list[str]:
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list | tuple) or not all(isinstance(name, str) for name in listed):
        raise SceneError(
            f"from_csv({what}={names!r:.60}): expected the name of a column, or a list of names"
        )
    return list(listed)


def _inputs(
    path: str | Path, header: list[str], chosen: list[str] | None, targets: list[str]
) -> list[str]:
    """Return the names of the input columns."""
    for name in targets:
        place_of(path, header, name)
    names = [name for name in header if name not in targets] if chosen is None else chosen
    if not names or not targets:
        raise SceneError(
            f"{path}, line 1: {len(names)} columns of inputs and {len(targets)} of targets among "
            f"{', '.join(map(repr, header[:40]))}; expected at least one of each, parted by "
            "commas, semicolons or tabs"
        )
    if "" in names:
        raise SceneError(
            f"{path}, line 1: column {header.index('') + 1} has no name; name it, "
            f"or choose the inputs, as inputs={[name for name in names if name][:2]}"
        )
    for name in names:
        if name in targets or names.count(name) > 1:
            where = "inputs and target" if name in targets else "inputs twice"
            raise SceneError(f"{path}: column {name!r} is in {where}: expected it once")
    return names


def _part(
    path: str | Path, names: list[str], targets: list[str], task: Task | None, least: int
) -> Part:
    """Return inputs (n, len(names)), and labels (n,) or numbers (n, len(targets)).

    There must be `least` rows; of two or more, not all of one class.
    """
    labelled = len(targets) == 1 and task != "regression"
    numbers = names if labelled else [*names, *targets]
    columns = columns_of(path, numbers, targets[0] if labelled else None)
    if len(columns.lines) < least:
        rows = "one row" if columns.lines else "no row"
        raise SceneError(
            f"{path}: {rows} below line 1, the names of the columns; expected at least {least}"
        )
    if least > 1 and len(set(columns.texts)) == 1:
        raise SceneError(
            f"{path}, column {targets[0]!r}: {columns.texts[0]!r:.60} in every row, lines "
            f"{columns.lines[0]} to {columns.lines[-1]}; expected at least two different"
        )
    x = columns.numbers[:, : len(names)]
    if not labelled:
        return x, columns.numbers[:, len(names) :]
    return x, _typed(path, targets[0], columns, task)


def _typed(path: str | Path, name: str, columns: Columns, task: Task | None) -> NDArray[Any]:
    """Return the cells of a target as whole numbers, as numbers, or as text."""
    kinds = {text: number_in(text) for text in set(columns.texts)}
    worded = [text for text, number in kinds.items() if number is None]
    labelled = task is not None or len(worded) == len(kinds)
    for line, text in zip(columns.lines, columns.texts, strict=True):
        # Among numbers a text is a slip, or the numbers are labels: the user must say.
        if not text or (not labelled and not is_sound(kinds[text])):
            raise complaint(path, name, line, text, 'mend it, or give task="classes" of labels')
    if all(map(_WHOLE.fullmatch, kinds)):
        return np.array(list(map(int, columns.texts)), np.int64)
    if worded:
        return np.array(columns.texts, object)
    return np.array([kinds[text] for text in columns.texts], np.float64)
