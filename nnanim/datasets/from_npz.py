"""Own data: arrays in an .npz file, as a data set."""

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nnanim.dataset import Task, Window
from nnanim.datasets.files import about, opened
from nnanim.datasets.from_arrays import FromArrays, from_arrays
from nnanim.errors import SceneError, unknown

_LARGEST = 2**30  # bytes of one array, so that a small file cannot fill the memory


def from_npz(
    path: str | Path,
    *,
    inputs: str = "x",
    target: str = "y",
    test: tuple[str, str] | None = None,
    test_share: float = 0.0,
    task: Task | None = None,
    class_names: Sequence[str] | None = None,
    axis_names: Sequence[str] | None = None,
    name: str | None = None,
    window: Window | None = None,
    standardize: bool = False,
    seed: int | None = None,
) -> FromArrays:
    """Return two arrays of an .npz file, as `numpy.savez(path, x=…, y=…)` writes it, as a data set.

    `inputs`, `target` and `test`, a pair of the same, are the names of the arrays; what they mean
    says `from_arrays`. Arrays of Python objects are refused: to read one can run any code. A
    relative path starts at the working directory. Raises `SceneError`.
    """
    if test is not None and (not isinstance(test, tuple | list) or len(test) != 2):
        raise SceneError(
            f"from_npz(test={test!r:.60}): expected the names of inputs and targets, as "
            '("x_test", "y_test")'
        )
    wanted = [inputs, target, *(test or ())]
    with opened(path) as file, about(path):
        arrays = _arrays(file, wanted)
        return from_arrays(
            arrays[0],
            arrays[1],
            task=task,
            test=(arrays[2], arrays[3]) if test is not None else None,
            test_share=test_share,
            class_names=class_names,
            axis_names=axis_names,
            name=Path(path).stem if name is None else name,
            window=window,
            standardize=standardize,
            seed=seed,
        )


def _arrays(file: BinaryIO, wanted: list[str]) -> list[NDArray[Any]]:
    try:
        with zipfile.ZipFile(file) as archive:
            known = [name.removesuffix(".npy") for name in archive.namelist()]
            for name in wanted:
                if name not in known:
                    raise SceneError(unknown("array", name, known[:40]))
            return [_array(archive, name) for name in wanted]
    except SceneError:
        raise
    except Exception as error:  # of many kinds, for a file that numpy has not written
        raise SceneError(
            f"cannot be read: {error or type(error).__name__}; expected what "
            "numpy.savez(path, x=x, y=y) writes"
        ) from error


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Return an array after a look at its header, which may lie about how much there is to read."""
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as member:
        readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        shape, _, dtype = readers[npy.read_magic(member)](member)
    if dtype.hasobject:
        raise SceneError(
            f"array {name!r} holds Python objects, which only pickle reads, and that can run any "
            "code: save numbers or text, as x.astype(float) or y.astype(str)"
        )
    size = math.prod(shape) * dtype.itemsize
    if size > min(_LARGEST, info.file_size):
        raise SceneError(
            f"array {name!r} is said to take {size} bytes: expected at most {_LARGEST}, and no "
            f"more than the {info.file_size} in the file"
        )
    with archive.open(info) as member:
        return np.asarray(npy.read_array(member, allow_pickle=False))
