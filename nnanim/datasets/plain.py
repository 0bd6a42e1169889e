"""What given arrays hold, text or numbers, whatever class they come as."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError

LARGEST = 1e18  # of given numbers, up or down: the square of that is a float32 still
_ENTRIES = 2**20  # looked at together


def plain(what: str, came: object) -> NDArray[Any]:
    """Return an array of numbers, or an array of text; `SceneError` names the row of what is not.

    Anything that numpy can read will do, as lists, tensors, and data frames and their columns.
    """
    to_numpy = getattr(came, "to_numpy", None)
    if type(came).__module__.startswith("torch.utils.data"):
        raise SceneError(
            f"{what} are a {type(came).__name__} of torch: expected an array; take it out of that, "
            "as x, y = next(iter(DataLoader(dataset, batch_size=len(dataset)))), where the dataset "
            "of a loader is loader.dataset"
        )
    try:
        values = np.asarray(to_numpy() if callable(to_numpy) else came)
    except Exception as error:  # whatever a foreign class raises
        raise SceneError(f"{what} cannot be read as an array: {error}") from error
    if np.ma.is_masked(came):
        raise SceneError(f"{what} have masked entries: drop such rows or fill them in")
    if values.dtype.kind not in "biufUO" or values.ndim == 0:
        kind = f"one {type(came).__name__}" if values.ndim == 0 else f"of kind {values.dtype}"
        raise SceneError(f"{what} are {kind}: expected an array of numbers or of text")
    if values.dtype.kind == "O":
        return _unwrapped(what, values, names_of(came, "columns"))
    return values


def names_of(came: object, attribute: str) -> list[str] | None:
    """Return the names that an object, as a data frame, has for its parts, or None."""
    names = getattr(came, attribute, None)
    return list(map(str, names)) if isinstance(names, Iterable) else None


def _unwrapped(what: str, values: NDArray[Any], names: Sequence[str] | None) -> NDArray[Any]:
    """Return an array of Python objects as one of numbers; as it is where all are text."""
    entries = values.ravel().tolist()
    if all(isinstance(entry, str) for entry in entries):
        return values
    foreign = (i for i, entry in enumerate(entries) if not isinstance(entry, str | Real))
    gaps = (i for i, entry in enumerate(entries) if isinstance(entry, float) and entry != entry)
    mixed = (i for i, entry in enumerate(entries) if isinstance(entry, str))
    texts = any(isinstance(entry, str) for entry in entries)
    odd = next(chain(foreign, chain(gaps, mixed) if texts else ()), None)
    if odd is not None:
        raise SceneError(
            f"{what} hold {entries[odd]!r:.60} in {place_of(values.shape, odd, names)}: expected "
            "numbers alone, or text alone; drop such rows or fill them in, or leave the column out"
        )
    try:
        numbers = np.array(entries).reshape(values.shape)
        return numbers if numbers.dtype.kind in "biuf" else numbers.astype(np.float64)
    except (OverflowError, TypeError, ValueError) as error:
        raise SceneError(f"{what} cannot be read as numbers: {error}") from error


def check_size(what: str, values: NDArray[Any], names: Sequence[str] | None = None) -> None:
    """Raise `SceneError` for a number of `values` (n, …) that is NaN or beyond `LARGEST`."""
    width = math.prod(values.shape[1:])
    rows = max(1, _ENTRIES // max(1, width))
    for start in range(0, len(values), rows):
        part = values[start : start + rows].astype(np.float64)
        wrong = np.flatnonzero(~(np.abs(part) <= LARGEST))
        if len(wrong):
            index = start * width + int(wrong[0])
            raise SceneError(
                f"{what} hold {part.flat[wrong[0]]:g} in {place_of(values.shape, index, names)}: "
                f"expected numbers within ±{LARGEST:g}; scale them, or drop such rows or fill them "
                "in"
            )


def place_of(shape: tuple[int, ...], index: int, names: Sequence[str] | None) -> str:
    """Return where the entry at a flat index is: "row 3, column 'width'", counted from 0."""
    row, column = divmod(int(index), max(1, math.prod(shape[1:])))
    if len(shape) == 1:
        return f"row {row}"
    if names is not None and len(shape) == 2 and len(names) == shape[1]:
        return f"row {row}, column {names[column]!r:.60}"
    return f"row {row}, column {column}"
