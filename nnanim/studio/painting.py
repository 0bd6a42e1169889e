"""Painting: a scene with points that were painted, beside its own or in their place."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Ambiguous, Arrays, Dataset, Task, Window, is_one_hot, scaling_of
from nnanim.datasets.from_arrays import FromArrays, from_arrays
from nnanim.errors import SceneError
from nnanim.rendering.subject import Subject
from nnanim.scene.scene import Scene
from nnanim.scene.written import code_of
from nnanim.training.given import given_by
from nnanim.types import Floats

NAME = "Painted points"
AS_DECLARED: Mapping[str, Any] = {"kept": True, "without": [], "points": []}
_CLASS = "class"  # the column of a table of points that holds their classes
_PLAIN = ("x1", "x2")  # columns of axes whose names no column can have

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Painted:
    """Points (n, inputs) with a target (n,) each, all that a training is done on; none held out.

    A target is the label of a class, or a number. Places and the window are in the units of the
    axes, also where a training standardizes them. `axis_names` are of the inputs, then of numbers
    that are targets.
    """

    places: Floats
    targets: NDArray[Any]
    task: Task
    class_names: tuple[str, ...]
    axis_names: tuple[str, ...]
    window: Window
    standardize: bool

    def dataset(self) -> FromArrays:
        """Return them as a data set, which is what `line` loads of their table."""
        places = self.places
        if self.standardize:  # whose mean hangs on all digits that the table has
            places = np.array([[float(value) for value in row] for row in _digits(places)])
        return from_arrays(places, self.targets, axis_names=self.axis_names, **self._told)

    def table(self) -> str:
        """Return them as CSV, a line of names first; numbers in as few digits as tell 32 bits."""
        told = StringIO()
        rows = csv.writer(told, lineterminator="\n")
        rows.writerow(self._columns)
        wanted = self.targets if self._is_of_classes else _digits(self.targets)
        for row, target in zip(_digits(self.places), wanted, strict=True):
            rows.writerow([*row, target])
        return told.getvalue()

    def line(self, place: str) -> str:
        """Return the expression that loads their table, given that of its place."""
        *inputs, target = columns = self._columns
        given: dict[str, Any] = {"target": target, **self._told}
        if (inputs if self._is_of_classes else columns) != list(self.axis_names):
            given["axis_names"] = list(self.axis_names)
        told = ", ".join(f"{key}={code_of(value)}" for key, value in given.items())
        return f"datasets.from_csv({place}, {told})"

    @property
    def _is_of_classes(self) -> bool:
        return self.task != "regression"

    @property
    def _told(self) -> dict[str, Any]:
        told: dict[str, Any] = {} if self.task == "binary" else {"task": self.task}
        if self._is_of_classes:
            told["class_names"] = list(self.class_names)
        told |= {"window": self.window, "name": NAME}
        return {**told, "standardize": True} if self.standardize else told

    @property
    def _columns(self) -> list[str]:
        """The names of the columns: those of the axes where each is plain and of one alone."""
        target = [_CLASS] if self._is_of_classes else []
        names = [*self.axis_names, *target]
        if all(name.isidentifier() for name in names) and len(set(names)) == len(names):
            return names
        return [*_PLAIN[: len(self.window)], *(target or ["y"])]


def with_painting(subject: Subject, said: Mapping[str, Any] | None) -> Subject:
    """Return a scene on painted points; as it is where nothing was painted."""
    if said is None:
        return subject
    return replace(_one(subject), dataset=painted(subject, said).dataset())


def painted(subject: Subject, said: Mapping[str, Any]) -> Painted:
    """Return the points of a scene as they were painted over.

    Of the scene's own, if they are `kept`, all are there but the rows `without`; the `points`
    follow: (x, y, class) or (x, y, number) over two inputs, (x, number, _) over one. Raises
    `SceneError` for a scene in which nothing is painted, for a class that it has not, and for too
    few points.
    """
    scene = _one(subject)
    dataset = scene.dataset
    given = given_by(scene)
    _expect_paintable(dataset, given)
    kept = np.ones(len(given.inputs), bool)
    kept[[row for row in said["without"] if row < len(kept)]] = False
    kept &= said["kept"]
    added = np.array(said["points"], np.float64).reshape(-1, 3)
    inputs = len(dataset.window)
    if dataset.task == "regression":
        targets = np.concatenate([given.targets[kept, 0].astype(np.float64), added[:, inputs]])
        if len(targets) < 2:
            raise SceneError("fewer than two points are there: paint at least two")
        names: tuple[str, ...] = ()
    else:
        targets, names = _labels(dataset, given, kept, added[:, 2])
    scaling = scaling_of(dataset)
    units = np.array(scaling or ((0.0, 1.0),) * inputs)
    shift, step = units.T
    own = given.inputs[kept].astype(np.float64) * step + shift
    ends = np.array(dataset.window) * units[:, 1:] + units[:, :1]
    return Painted(
        np.concatenate([own, added[:, :inputs]]),
        targets,
        dataset.task,
        names,
        tuple(dataset.axis_names),
        tuple((float(low), float(high)) for low, high in ends),
        scaling is not None,
    )


def _labels(
    dataset: Dataset, given: Arrays, kept: NDArray[np.bool_], added: Points
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the label of each point, those that are `kept` first, and the names of the classes."""
    known = np.unique(given.targets).astype(np.int64)
    names = tuple(dataset.class_names) or tuple(map(str, known))
    for number in added:
        if number not in range(len(known)):
            raise SceneError(f"a point is of class {number:g}: expected 0 to {len(known) - 1}")
    own = np.asarray(given.targets[kept], np.int64).ravel()
    labels = np.concatenate([own, known[added.astype(np.int64)]])
    lacking = [name for name, label in zip(names, known, strict=False) if label not in labels]
    if lacking:
        raise SceneError(f"no point is of class {lacking[0]!r}: paint at least one of each")
    return labels, names


def _digits(values: Floats) -> Any:
    """Return numbers as texts, in as few digits as tell 32 bits."""
    return np.asarray(values, np.float32).astype(str).tolist()


def _one(subject: Subject) -> Scene:
    if not isinstance(subject, Scene):
        raise _refused("several scenes at once")
    return subject


def _expect_paintable(dataset: Dataset, given: Arrays) -> None:
    """Raise `SceneError` for data of which a painted point would not be one."""
    what, inputs = f"the data set {dataset.name!r}", len(dataset.window)
    if dataset.task == "regression":
        if isinstance(dataset, Ambiguous) and dataset.as_classes is not None:
            raise _refused(f"{what}, whose targets may be classes")
        if inputs in (1, 2) and given.targets.shape[1:] == (1,):
            return
    elif dataset.task in ("binary", "classes") and inputs == 2:
        if is_one_hot(given.targets):
            raise _refused(f"{what}, whose targets are rows")
        return
    raise _refused(what)


def _refused(what: str) -> SceneError:
    return SceneError(
        f"{what} cannot be painted: expected one scene of classes over two inputs, or of one "
        "number over one or two"
    )
