"""What targets mean: labels of classes, or numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Task, is_one_hot
from nnanim.datasets.plain import check_size, plain
from nnanim.errors import SceneError, unknown

_MOST_CLASSES = 50  # more than these are taken for classes only when the task is given
_LONGEST_NAME = 24  # of a class or an axis, in the picture

Label = str | int


@dataclass(frozen=True, eq=False)
class Targets:
    """Targets as a training takes them: (n,) int64 labels for "classes", else (n, outputs).

    `as_classes` is the other reading of numbers that may be classes: one-hot rows, whole floats.
    """

    task: Task
    train: NDArray[Any]
    test: NDArray[Any]
    class_names: tuple[str, ...] = ()
    as_classes: "Targets | None" = None


def targets_of(
    train: NDArray[Any],
    test: NDArray[Any],
    task: Task | None,
    names: Sequence[str] | None,
) -> Targets:
    """Return what targets, as `plain` gives them, mean; told from their kind where `task` is None.

    Text, booleans and whole numbers are labels, which are sorted; so are floats of 0 and 1, or of
    -1 and 1, alone. Other floats and rows are for regression; whole floats and one-hot rows may be
    classes as well. `names` are those of the classes. Raises `SceneError`.
    """
    if task is not None and task not in get_args(Task):
        raise SceneError(unknown("task", task, get_args(Task)))
    train, test = _as_column("targets", train), _as_column("test targets", test)
    if task in ("regression", "none"):
        return Targets(task, _numbers("targets", train), _numbers("test targets", test))
    if task == "classes" and is_one_hot(train):
        return _one_hot(train, test, names)
    if task is None and train.ndim == 2:
        numbers = Targets("regression", _numbers("targets", train), _numbers("test targets", test))
        return (
            replace(numbers, as_classes=_one_hot(train, test, names))
            if is_one_hot(train)
            else numbers
        )
    if task is None and (_fractions(train) or _fractions(test)):
        numbers = Targets("regression", _numbers("targets", train), _numbers("test targets", test))
        counted = _may_be_labels(train) and _may_be_labels(test)
        return (
            replace(numbers, as_classes=targets_of(train, test, "classes", names))
            if counted
            else numbers
        )
    labels, codes = _labels("targets", train)
    test_labels, test_codes = _labels("test targets", test)
    known = _known(labels, len(train), test_labels, task)
    shown = _shown(known, names)
    if known == [-1, 1] and task is None:
        signs = [np.array(part, np.float32)[:, None] for part in (labels, test_labels)]
        return Targets("binary", signs[0][codes], signs[1][test_codes], shown)
    place = {label: k for k, label in enumerate(known)}
    places = [np.array([place[x] for x in part], np.int64) for part in (labels, test_labels)]
    indices = [places[0][codes], places[1][test_codes]]
    if len(known) == 2 and task != "classes":
        floats = [index[:, None].astype(np.float32) for index in indices]
        return Targets("binary", floats[0], floats[1], shown)
    return Targets("classes", indices[0], indices[1], shown)


def labels_of(
    came: object, names: Sequence[str] | None
) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    """Return what colours the points, and the names of its classes; of fractions there are none.

    Classes are (n,) int64, in the order of the sorted labels; numbers are (n,) float32.
    """
    if came is None:
        return None, ()
    values = _as_column("labels", plain("labels", came))
    if values.ndim == 2:
        raise SceneError(f"labels have shape {values.shape}: expected one for each sample, (n,)")
    if values.dtype.kind == "f" and not _may_be_labels(values):
        check_size("labels", values[:, None])
        return np.array(values, np.float32), ()
    known, codes = _labels("labels", values)
    return codes, _shown(known, names)


def _as_column(what: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return (n,), or (n, outputs) of more than one output."""
    if values.ndim == 2 and values.shape[1] == 1:
        return values[:, 0]
    if values.ndim not in (1, 2):
        raise SceneError(f"{what} have shape {values.shape}: expected (n,) or (n, outputs)")
    return values


def _one_hot(train: NDArray[Any], test: NDArray[Any], names: Sequence[str] | None) -> Targets:
    """Return one-hot rows as classes, in the order of their columns."""
    shown = _shown(list(range(train.shape[1])), names)
    if len(test) and not is_one_hot(test):
        raise SceneError("test targets are no one-hot rows, as the targets are: expected the same")
    if len(np.unique(train, axis=0)) < 2:
        raise SceneError("targets hold one class alone: expected at least two classes")
    return Targets("classes", train.astype(np.float32), test.astype(np.float32), shown)


def _may_be_labels(values: NDArray[Any]) -> bool:
    """Return whether floats are whole and few: they may be labels that came as floats."""
    whole = np.isfinite(values).all() and (values == np.rint(values)).all()
    return bool(whole) and len(np.unique(values)) <= min(_MOST_CLASSES, max(2, len(values) // 2))


def _fractions(values: NDArray[Any]) -> bool:
    """Return whether floats are measured values, as far as their own kind tells."""
    alone = np.isin(values, (0, 1)).all() or np.isin(values, (-1, 1)).all()
    return values.dtype.kind == "f" and not alone


def _numbers(what: str, values: NDArray[Any]) -> NDArray[np.float32]:
    if values.dtype.kind not in "biuf":
        text = f", as {values.flat[0]!r:.60}" if values.size else ""
        raise SceneError(f"{what} hold text{text}: a regression needs numbers")
    values = values if values.ndim == 2 else values[:, None]
    check_size(what, values)
    return np.array(values, np.float32)


def _labels(what: str, values: NDArray[Any]) -> tuple[list[Label], NDArray[np.int64]]:
    """Return the different labels, sorted, and which of them each sample (n,) has."""
    if values.ndim == 2:
        raise SceneError(
            f"{what} have shape {values.shape}: classes need one label for each sample, (n,); "
            "use y.argmax(1) of one-hot rows"
        )
    if values.dtype.kind == "O":
        texts: list[Label] = sorted(set(values.tolist()))
        place = {text: k for k, text in enumerate(texts)}
        return texts, np.array([place[text] for text in values.tolist()], np.int64)
    if values.dtype.kind == "f":
        _check_whole(what, values)
    known, codes = np.unique(values, return_inverse=True)
    labels: list[Label] = (known.astype(str) if values.dtype.kind == "b" else known).tolist()
    if values.dtype.kind == "f":
        labels = list(map(int, labels))
    return labels, codes


def _check_whole(what: str, values: NDArray[Any]) -> None:
    broken = np.flatnonzero(~np.isfinite(values) | (values != np.rint(values)))
    if len(broken):
        raise SceneError(
            f"{what} hold {values[broken[0]]} in row {broken[0]}: classes need labels, whole "
            'numbers or text; use task="regression" for measured values'
        )


def _known(known: list[Label], samples: int, test: list[Label], task: Task | None) -> list[Label]:
    """Return the classes, sorted, of the different labels that there are."""
    kinds = {isinstance(part[0], str) for part in (known, test) if part}
    if len(kinds) > 1:
        raise SceneError("targets and test targets are not both text: expected the same labels")
    extra = sorted(set(test) - set(known))
    if extra:
        raise SceneError(
            f"test targets hold {extra[0]!r:.60}, which the targets do not: expected labels that "
            "the network can have learnt"
        )
    if len(known) < 2:
        held = f"{known[0]!r:.60} alone" if known else "nothing"
        raise SceneError(f"targets hold {held}: expected at least two classes")
    if task == "binary" and len(known) > 2:
        raise SceneError(
            f'targets hold {len(known)} labels, as {known[2]!r:.60}: task="binary" expects two; '
            'use task="classes"'
        )
    several = len(known) > 2 and isinstance(known[0], int) and len(known) > samples / 2
    if task is None and (several or len(known) > _MOST_CLASSES):
        raise SceneError(
            f"targets hold {len(known)} different labels in {samples} samples: are they "
            'classes? give task="classes", or task="regression" for measured values'
        )
    return known


def _shown(known: list[Label], names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the classes: those given, else their labels."""
    if names is None:
        chosen = [str(label) for label in known]
    elif isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise SceneError(f"class_names={names!r:.60}: expected a list of texts")
    elif len(names) == len(known):
        chosen = list(names)
    elif all(isinstance(label, int) and 0 <= label < len(names) for label in known):
        chosen = [names[int(label)] for label in known]  # of classes that none of the data are in
    else:
        raise SceneError(
            f"class_names has {len(names)} names, but targets hold {len(known)} labels: "
            "expected one for each, in the order of the sorted labels"
        )
    return tuple(map(shortened, chosen))


def shortened(name: object) -> str:
    """Return a name as one short line."""
    line = " ".join(str(name).split())
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"
