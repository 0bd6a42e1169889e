"""What a mark may hold: checked where it is made, since compiled loops trust it.

Every function raises `SceneError` that says what came and what was expected.
"""

from collections.abc import Iterable, Sequence
from math import isfinite
from operator import attrgetter
from typing import Any, NoReturn, TypeGuard

import numpy as np

from nnanim.errors import SceneError
from nnanim.types import Floats

LARGEST = 10_000.0  # pixels of a sheet 1080 pixels high: what is larger covers all of it
_REAL = set(np.typecodes["AllInteger"] + np.typecodes["Float"] + "?")
_PLANE_OR_SPACE: tuple[set[tuple[int, ...]], ...] = (set(), {(2,)}, {(3,)})
_kind, _shape = attrgetter("dtype.char"), attrgetter("shape")
LONGEST = 1_000  # letters of a text
_MOST_INK = 4e6  # of a text, its letters times the square of their size


def expect_points(what: str, xy: object) -> None:
    """Expect an array of numbers (n, 2), or (n, 3) in space."""
    if not _is_array(xy, 2) or xy.shape[1] not in (2, 3):
        _refuse(what, xy, "expected an array (n, 2) of x and y")


def expect_paths(what: str, paths: object) -> None:
    """Expect a list of arrays of numbers (m, 2), or all (m, 3); or one array (n, m, 2 or 3)."""
    if isinstance(paths, np.ndarray) and paths.ndim != 3:
        _refuse(what, paths, "expected a list of arrays (m, 2), as [line]")
    if isinstance(paths, np.ndarray):
        if not _is_array(paths, 3) or paths.shape[2] not in (2, 3):
            _refuse(what, paths, "expected an array (n, m, 2) of n times m x and y")
        return
    if not isinstance(paths, list | tuple):
        _refuse(what, paths, "expected a list of arrays (m, 2)")
    if not _are_alike(paths):
        for k, path in enumerate(paths):
            expect_points(f"{what}, number {k}", path)
        widths = sorted({path.shape[1] for path in paths})
        if len(widths) > 1:
            raise SceneError(f"{what} of 2 and of 3 coordinates: expected all in one space")


def expect_values(what: str, values: object, paths: Sequence[Floats] | Floats) -> None:
    """Expect an array of numbers (n,), one for each of n paths."""
    if not _is_array(values, 1) or len(values) != len(paths):
        _refuse(what, values, f"expected an array ({len(paths)},), a value for each path")


def expect_values_along(what: str, values: object, paths: Sequence[Floats] | Floats) -> None:
    """Expect for each path an array of numbers (m,), one for each of its points."""
    if not isinstance(values, list | tuple | np.ndarray) or len(values) != len(paths):
        _refuse(what, values, f"expected a list of {len(paths)} arrays, one for each path")
    if _are_arrays(values) and list(map(_shape, values)) == [(len(path),) for path in paths]:
        return
    for k, (own, path) in enumerate(zip(values, paths, strict=True)):
        if not _is_array(own, 1) or len(own) != len(path):
            _refuse(
                f"{what}, number {k}", own, f"expected an array ({len(path)},), a value a point"
            )


def expect_index(what: str, index: object, points: int, roles: int) -> None:
    """Expect an array of whole numbers (points,) in [0, roles)."""
    if not isinstance(index, np.ndarray) or index.dtype.kind not in "iu":
        _refuse(what, index, "expected an array of whole numbers, as labels.astype(int)", "iu")
    if index.shape != (points,):
        _refuse(what, index, f"expected an array ({points},), one for each point")
    # Read without a sign, what is below 0 is beyond everything: one look finds both.
    if points and index.view(f"u{index.itemsize}").max() >= roles:
        raise SceneError(
            f"{what} from {index.min()} to {index.max()}: expected 0 to {roles - 1}, as there are "
            f"{roles} colours"
        )


def expect_roles(what: str, color: object) -> None:
    """Expect one colour role, or several."""
    roles = (color,) if isinstance(color, str) else color
    several = isinstance(roles, list | tuple | np.ndarray) and len(roles) > 0
    if not several or not all(isinstance(role, str) for role in roles):  # type: ignore[attr-defined]
        _refuse_value(what, color, 'a colour role, as "class0", or several')


def expect_field(what: str, field: object, least: int = 0) -> None:
    """Expect an array of numbers (rows, columns), at least so many of each."""
    if not _is_array(field, 2) or min(field.shape) < least:
        more = f", {least} of each at least" if least else ""
        _refuse(what, field, f"expected rows and columns{more}, as values.reshape(side, side)")


def expect_extent(what: str, extent: object) -> None:
    """Expect (x0, x1, y0, y1)."""
    try:
        ends = np.asarray(extent, np.float64)
    except (TypeError, ValueError, OverflowError):
        ends = np.zeros(0)
    if ends.shape != (4,):
        _refuse_value(what, extent, "(x0, x1, y0, y1), four numbers")


def expect_row(what: str, row: object, count: int | None = None) -> None:
    """Expect an array of numbers (n,), or (count,)."""
    if not _is_array(row, 1) or count not in (None, len(row)):
        _refuse(what, row, f"expected an array ({'n' if count is None else count},) of numbers")


def expect_place(what: str, xy: object) -> None:
    """Expect the coordinates of one point, two or three."""
    try:
        place = np.asarray(xy)
    except ValueError:  # parts of different lengths
        place = np.zeros(0)
    if not _is_array(place, 1) or len(place) not in (2, 3):
        _refuse_value(what, xy, "a place, as np.array([x, y])")


def expect_direction(what: str, direction: object) -> None:
    """Expect an array of three numbers, not all 0."""
    if not _is_array(direction, 1) or direction.shape != (3,) or not direction.any():
        _refuse_value(what, direction, "the three coordinates of a direction")


def expect_scores(what: str, weight: object, bias: object) -> None:
    """Expect weights (cells, 3) and as many biases (cells,), those of one cell at least."""
    fits = _is_array(weight, 2) and _is_array(bias, 1)
    if not fits or weight.shape != (len(bias), 3) or not len(bias):  # type: ignore[attr-defined,arg-type]
        shapes = [getattr(part, "shape", type(part).__name__) for part in (weight, bias)]
        raise SceneError(f"{what} of {shapes[0]} and {shapes[1]}: expected (cells, 3) and (cells,)")


def expect_number(what: str, number: object, low: float, high: float) -> None:
    """Expect a number from `low` to `high`; infinite bounds let any finite number through."""
    real = isinstance(number, int | float | np.integer | np.floating)
    if not real or not low <= number <= high or not isfinite(number):  # type: ignore[operator, arg-type]
        bounds = f" from {low:g} to {high:g}" if isfinite(high) else ""
        _refuse_value(what, number, f"a number{bounds}")


def expect_role_of_each(what: str, roles: Sequence[str], text: str) -> None:
    """Expect a colour role for each letter of a text, or none at all."""
    if len(roles) == 0:
        return
    expect_roles(what, roles)
    if len(roles) != len(text):
        raise SceneError(
            f"{what}) of {len(roles)} roles for {len(text)} letters: expected one for each"
        )


def expect_text(what: str, text: object) -> None:
    """Expect a string of at most `LONGEST` letters."""
    if not isinstance(text, str):
        _refuse_value(what, text, "a string")
    if len(text) > LONGEST:
        raise SceneError(
            f"{what}) of {len(text):,} letters: expected at most {LONGEST:,}, which no sheet shows"
        )


def expect_readable(text: str, size: float) -> None:
    """Expect a text that is no larger than a sheet 1080 pixels high."""
    if len(text) * size**2 > _MOST_INK:
        raise SceneError(
            f"a text of {len(text)} letters of size {size:g}: expected what fits a sheet, "
            "1080 pixels high"
        )


def _is_array(came: object, ndim: int) -> TypeGuard[np.ndarray[Any, Any]]:
    """Return whether it is an array of real numbers with so many dimensions."""
    return isinstance(came, np.ndarray) and came.ndim == ndim and came.dtype.kind in "biuf"


def _are_alike(paths: Sequence[Any]) -> bool:
    """Return whether all are arrays of real numbers (m, 2), or all (m, 3)."""
    return (
        _are_arrays(paths) and {shape[1:] for shape in set(map(_shape, paths))} in _PLANE_OR_SPACE
    )


def _are_arrays(found: Iterable[Any]) -> bool:
    """Return whether all are arrays of real numbers.

    Thousands of faces are looked at in every frame: nothing here is done for each in Python.
    """
    return set(map(type, found)) <= {np.ndarray} and set(map(_kind, found)) <= _REAL


def _refuse(what: str, came: object, otherwise: str, kinds: str = "biuf") -> NoReturn:
    if isinstance(came, np.ndarray):
        kind = "" if came.dtype.kind in kinds else f"{came.dtype} "
        raise SceneError(f"{what} of {kind}shape {came.shape}: {otherwise}")
    raise SceneError(f"{what} of {type(came).__name__}: {otherwise}")


def _refuse_value(what: str, came: object, expected: str) -> NoReturn:
    raise SceneError(f"{what}={' '.join(repr(came).split()):.100}): expected {expected}")
