"""Own data: a table in a CSV file, as a data set."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Task, Window
from nnanim.datasets.cells import complaint, is_no_label, is_nothing, is_sound, number_in
from nnanim.datasets.dialect import Dialect, Name
from nnanim.datasets.discovery import Written, dialect_of
from nnanim.datasets.files import about, shown
from nnanim.datasets.from_arrays import FromArrays, from_arrays
from nnanim.datasets.naming import named_after_file
from nnanim.datasets.table import Columns, columns_of
from nnanim.datasets.targets import shortened
from nnanim.errors import SceneError, unknown

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_MISSING = ("refuse", "drop")

Part = tuple[NDArray[np.float64], NDArray[Any]]


def from_csv(
    path: str | Path,
    *,
    target: Name | Sequence[Name],
    inputs: Name | Sequence[Name] | None = None,
    test: str | Path | None = None,
    test_share: float = 0.0,
    task: Task | None = None,
    missing: str = "refuse",
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    class_names: Sequence[str] | None = None,
    axis_names: Sequence[str] | None = None,
    name: str | None = None,
    window: Window | None = None,
    standardize: bool = False,
    seed: int | None = None,
) -> FromArrays:
    """Return columns of a CSV file as a data set: `target`, and `inputs`, else all the others.

    Columns are named as the file's first line names them, or by their numbers, from 1, or from the
    last by -1. Inputs are numbers. A target of text or of whole numbers is a class, one of other
    numbers is for regression, as `from_arrays` says; several targets are numbers.
    `missing="drop"` leaves out the rows in which one of these columns holds no value, and says how
    many. `test` is a second file with the same columns. A relative path starts at the working
    directory.

    How the file is written is found from its first lines, and said where it is unusual: UTF-8, or
    UTF-16 by its mark; cells parted by commas, semicolons, tabs, bars or blanks; decimal commas
    where commas part nothing; comments (#) and a line `sep=;` above it; no line of names.
    `encoding`, `delimiter`, `decimal` and `header` (whether a line names the columns) say it
    instead. Raises `SceneError`, which names the line and the column.
    """
    if missing not in _MISSING:
        raise SceneError(unknown("missing", missing, _MISSING))
    targets = _listed("target", target)
    chosen = [] if inputs is None else _listed("inputs", inputs)
    written = Written(encoding, delimiter, decimal, header)
    dialect = dialect_of(path, written, [*targets, *chosen])
    wanted, aims = _places(dialect, None if inputs is None else chosen, targets)
    (x, y), columns = _part(dialect, wanted, aims, task, missing == "drop")
    _check_train(columns, task)
    held = None
    if test is not None:
        same = [dialect.names[p] if dialect.named else p + 1 for p in (*wanted, *aims)]
        other = dialect_of(test, written, same)
        places = list(map(other.place_of, same))
        count = len(wanted)
        held, tested = _part(other, places[:count], places[count:], task, missing == "drop")
        if not tested.rows:
            raise SceneError(f"{test}: no row with values in these columns; expected at least 1")
    aimed = [dialect.names[place] for place in aims] if dialect.named else []
    with about(path):
        made = from_arrays(
            x,
            y,
            task=task,
            test=held,
            test_share=test_share,
            class_names=class_names,
            axis_names=[dialect.names[p] for p in wanted] if axis_names is None else axis_names,
            name=named_after_file(Path(path).stem, aimed) if name is None else name,
            window=window,
            standardize=standardize,
            seed=seed,
        )
    if made.task != "regression" or (axis_names is not None and len(axis_names) > len(wanted)):
        return made
    called = [shortened(dialect.names[place]) for place in aims]
    return replace(made, axis_names=(*made.axis_names[: len(wanted)], *called))


def _listed(what: str, names: object) -> list[Name]:
    listed = [names] if isinstance(names, str | int) else names
    if not isinstance(listed, list | tuple) or not all(map(_is_name, listed)):
        raise SceneError(
            f"from_csv({what}={names!r:.60}): expected the name of a column, or its number, or a "
            "list of them"
        )
    return list(listed)


def _is_name(name: object) -> bool:
    return isinstance(name, str | int) and not isinstance(name, bool)


def _places(
    dialect: Dialect, chosen: list[Name] | None, targets: list[Name]
) -> tuple[list[int], list[int]]:
    """Return the places of the input columns, and of those of the targets."""
    aims = list(map(dialect.place_of, targets))
    if chosen is None:
        wanted = [place for place in range(len(dialect.names)) if place not in set(aims)]
    else:
        wanted = list(map(dialect.place_of, chosen))
    where = f"{dialect.path}, line {dialect.named}" if dialect.named else f"{dialect.path}"
    if not wanted or not aims:
        raise SceneError(
            f"{where}: {len(wanted)} columns of inputs and {len(aims)} of targets among "
            f"{', '.join(map(repr, shown(dialect.names)))}; expected at least one of each; if "
            'something else than commas parts them, say so, as delimiter=":"'
        )
    nameless = next((place for place in wanted if not dialect.names[place]), None)
    if nameless is not None and chosen is None:
        named = [dialect.names[place] for place in wanted if dialect.names[place]]
        raise SceneError(
            f"{where}: column {nameless + 1} has no name; name it, or choose the inputs, as "
            f"inputs={named[:2]!r:.130}"
        )
    if chosen is None:
        for place in wanted:
            dialect.place_of(dialect.names[place])  # refuses a name of two columns
    counts = Counter([*wanted, *aims])
    twice = next((place for place in wanted if counts[place] > 1), None)
    if twice is not None:
        held = "inputs and target" if twice in aims else "inputs twice"
        raise SceneError(f"{dialect.path}: {dialect.called(twice)} is in {held}: expected it once")
    return wanted, aims


def _part(
    dialect: Dialect, wanted: list[int], aims: list[int], task: Task | None, drop: bool
) -> tuple[Part, Columns]:
    """Return inputs (n, len(wanted)) with labels (n,) or numbers (n, len(aims)), and all of it."""
    labelled = len(aims) == 1 and task != "regression"
    numbers, text = (wanted, aims[0]) if labelled else ([*wanted, *aims], None)
    columns = columns_of(dialect, numbers, text, drop)
    x, y = np.hsplit(columns.table, [len(wanted)])
    if columns.text is None:
        return (x, y[:, 0] if labelled else y), columns
    return (x, _typed(columns, columns.text, task)), columns


def _typed(columns: Columns, place: int, task: Task | None) -> NDArray[Any]:
    """Return the cells of a target as whole numbers, as numbers, or as text."""
    decimal = columns.dialect.decimal
    kinds = {text: number_in(text, decimal) for text in columns.texts}
    worded = any(number is None and not is_nothing(text) for text, number in kinds.items())
    numbered = any(map(is_sound, kinds.values()))
    for text, line in columns.texts.items():
        lacks = is_no_label(text) if worded else is_nothing(text)
        # Among numbers a text is a slip, or the numbers are labels: the user must say.
        slip = numbered and not is_sound(kinds[text])
        if not text or (task is None and (lacks or slip)):
            at = columns.dialect.at(line, place)
            cure = 'mend it, or give task="classes" of labels'
            raise complaint(at, text, decimal, cure, ', or give task="classes" if it is a label')
    rows = columns.column
    if all(map(_WHOLE.fullmatch, kinds)):
        return np.array(list(map(int, kinds)), np.int64)[rows]
    if worded:
        return np.array(list(kinds), object)[rows]
    return np.array(list(kinds.values()), np.float64)[rows]


def _check_train(columns: Columns, task: Task | None) -> None:
    """Refuse a train part of one row or of one class."""
    path, place = columns.dialect.path, columns.text
    if columns.rows < 2:
        rows = "one row" if columns.rows else "no row"
        raise SceneError(f"{path}: {rows} with values in these columns; expected at least 2")
    if place is None:
        if task is None and not np.ptp(columns.table[:, -1]):
            place, text = columns.numbers[-1], columns.table[0, -1]
            raise SceneError(f"{path}, {columns.dialect.called(place)}: {text:g} in every row")
        return
    texts, called = columns.texts, columns.dialect.called(place)
    if len(texts) == 1:
        raise SceneError(
            f"{path}, {called}: {next(iter(texts))!r:.60} in every row, lines {columns.lines[0]} "
            f"to {columns.lines[1]}; expected at least two different"
        )
