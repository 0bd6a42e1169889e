"""Painting: a scene with points that were painted, beside its own or in their place."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Window, is_one_hot, scaling_of
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


@dataclass(frozen=True, eq=False)
class Painted:
    """Points (n, 2) with a label (n,) each, all that a training is done on; none is held out.

    They and the window are in the units of the axes, also where a training standardizes them.
    """

    places: Floats
    labels: NDArray[np.int64]
    several: bool  # whether the task is one of classes that may be more than two
    class_names: tuple[str, ...]
    axis_names: tuple[str, ...]
    window: Window
    standardize: bool

    def dataset(self) -> FromArrays:
        """Return them as a data set, which is what `line` loads of their table."""
        places = self.places
        if self.standardize:  # whose mean hangs on all digits that the table has
            places = np.array([[float(value) for value in row] for row in self._digits()])
        return from_arrays(places, self.labels, axis_names=self.axis_names, **self._told)

    def table(self) -> str:
        """Return them as CSV, a line of names first; numbers in as few digits as tell 32 bits."""
        told = StringIO()
        rows = csv.writer(told, lineterminator="\n")
        rows.writerow([*self._columns, _CLASS])
        for row, label in zip(self._digits(), self.labels, strict=True):
            rows.writerow([*row, label])
        return told.getvalue()

    def _digits(self) -> list[list[str]]:
        """Return each place in as few digits as tell 32 bits."""
        return [list(map(str, row)) for row in self.places.astype(np.float32)]

    def line(self, place: str) -> str:
        """Return the expression that loads their table, given that of its place."""
        given: dict[str, Any] = {"target": _CLASS, **self._told}
        if self._columns != self.axis_names:
            given["axis_names"] = list(self.axis_names)
        told = ", ".join(f"{key}={code_of(value)}" for key, value in given.items())
        return f"datasets.from_csv({place}, {told})"

    @property
    def _told(self) -> dict[str, Any]:
        task = {"task": "classes"} if self.several else {}
        names = list(self.class_names)
        told = {**task, "class_names": names, "window": self.window, "name": NAME}
        return {**told, "standardize": True} if self.standardize else told

    @property
    def _columns(self) -> tuple[str, ...]:
        """The names of the columns: those of the axes where each is plain and of one alone."""
        names = self.axis_names
        plain = all(name.isidentifier() and name != _CLASS for name in names)
        return names if plain and len(set(names)) == len(names) else ("x1", "x2")


def with_painting(subject: Subject, said: Mapping[str, Any] | None) -> Subject:
    """Return a scene on painted points; as it is where nothing was painted."""
    if said is None:
        return subject
    return replace(_one(subject), dataset=painted(subject, said).dataset())


def painted(subject: Subject, said: Mapping[str, Any]) -> Painted:
    """Return the points of a scene as they were painted over.

    Of the scene's own, if they are `kept`, all are there but the rows `without`; the `points`
    follow, (x, y, class). Raises `SceneError` for a scene that has no two inputs and classes, for
    a class that it has not, and for one of which there is no point.
    """
    scene = _one(subject)
    dataset = scene.dataset
    if dataset.task not in ("binary", "classes") or len(dataset.window) != 2:
        raise _refused(f"the data set {dataset.name!r}")
    given = given_by(scene)
    if is_one_hot(given.targets):
        raise _refused(f"the data set {dataset.name!r}, whose targets are rows")
    known = np.unique(given.targets).astype(np.int64)
    names = tuple(dataset.class_names) or tuple(map(str, known))
    kept = np.ones(len(given.inputs), bool)
    kept[[row for row in said["without"] if row < len(kept)]] = False
    kept &= said["kept"]
    added = np.array(said["points"], np.float64).reshape(-1, 3)
    classes = added[:, 2].astype(np.int64)
    if len(classes) and classes.max() >= len(known):
        raise SceneError(f"a point is of class {classes.max()}: expected 0 to {len(known) - 1}")
    own = np.asarray(given.targets[kept], np.int64).ravel()
    labels = np.concatenate([own, known[classes]])
    lacking = [name for name, label in zip(names, known, strict=False) if label not in labels]
    if lacking:
        raise SceneError(f"no point is of class {lacking[0]!r}: paint at least one of each")
    scaling = scaling_of(dataset)
    units = np.array(scaling or ((0.0, 1.0),) * 2)
    shift, step = units.T
    places = np.concatenate([given.inputs[kept].astype(np.float64) * step + shift, added[:, :2]])
    ends = np.array(dataset.window) * units[:, 1:] + units[:, :1]
    window = tuple((float(low), float(high)) for low, high in ends)
    several, axes = dataset.task == "classes", tuple(dataset.axis_names)
    return Painted(places, labels, several, names, axes, window, scaling is not None)


def _one(subject: Subject) -> Scene:
    if not isinstance(subject, Scene):
        raise _refused("several scenes at once")
    return subject


def _refused(what: str) -> SceneError:
    return SceneError(f"{what} cannot be painted: expected one scene of classes over two inputs")
