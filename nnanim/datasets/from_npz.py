"""Own data: arrays in an .npz file, as a data set."""

import io
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nnanim.dataset import Task, Window
from nnanim.datasets.files import about, opened, shown
from nnanim.datasets.from_arrays import FromArrays, from_arrays
from nnanim.datasets.naming import named_after_file
from nnanim.errors import SceneError, unknown
from nnanim.texts import printable

# So that a small file cannot fill the memory: bytes that its arrays take, in all and for each byte
# that is packed in it; up to the least, no matter how well they are packed.
_LARGEST, _FOR_A_BYTE, _LEAST = 2**32, 32, 2**26
_NUMBER, _TEXT = 4, 64  # bytes that an entry takes at least: in 32 bits, and as Python's own text
# What reads the header of each format of .npy: 3.0 is 2.0 with more letters in the names of fields,
# which say nothing of an array's size.
_HEADERS = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
    (3, 0): npy.read_array_header_2_0,
}


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
    aimed = [target] if target != "y" else []
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
            name=named_after_file(Path(path).stem, aimed) if name is None else name,
            window=window,
            standardize=standardize,
            seed=seed,
        )


def _arrays(file: BinaryIO, wanted: list[str]) -> list[NDArray[Any]]:
    try:
        size = file.seek(0, io.SEEK_END)
        with zipfile.ZipFile(file) as archive:
            known = [name.removesuffix(".npy") for name in archive.namelist()]
            for name in wanted:
                if name not in known:
                    raise SceneError(unknown("array", name, shown(known)))
            _check_sizes(archive, wanted, size)
            return [_array(archive, name) for name in wanted]
    except SceneError:
        raise
    except Exception as error:  # of many kinds, for a file that numpy has not written
        said = printable(str(error).partition("\n")[0]) or type(error).__name__
        raise SceneError(
            f"cannot be read: {said}; expected what numpy.savez(path, x=x, y=y) writes"
        ) from error


def _check_sizes(archive: zipfile.ZipFile, wanted: list[str], size: int) -> None:
    """Refuse arrays larger than a file of `size` bytes makes likely, before any is unpacked."""
    members = [archive.getinfo(f"{name}.npy") for name in wanted]
    packed = min(size, sum(info.compress_size for info in members))
    limit = min(_LARGEST, max(_LEAST, _FOR_A_BYTE * packed))
    left = limit
    for name, info in zip(wanted, members, strict=True):
        shape, dtype = _header(archive, info)
        of = f"of shape {shape!s:.60} and kind {dtype!s:.40}"
        if dtype.hasobject:
            raise SceneError(
                f"array {name!r} holds Python objects, which only pickle reads, and that can run "
                "any code: save numbers or text, as x.astype(float) or y.astype(str)"
            )
        if math.prod(shape) * dtype.itemsize > info.file_size:
            raise SceneError(
                f"array {name!r} is said to be {of}: expected no more than the "
                f"{info.file_size} bytes that there are of it"
            )
        least = _TEXT if dtype.kind in "US" else _NUMBER
        left -= math.prod(shape) * max(least, dtype.itemsize)
        if left < 0:
            raise SceneError(
                f"array {name!r} {of} comes out of {packed} packed bytes: expected at most "
                f"{limit:,} bytes of arrays out of these; save fewer rows, or unpacked by "
                "numpy.savez"
            )


def _header(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[tuple[int, ...], Any]:
    """Return shape and dtype of an array, as its header says, which may lie."""
    with archive.open(info) as member:
        version = npy.read_magic(member)
        if version not in _HEADERS:
            known = ", ".join(f"{major}.{minor}" for major, minor in _HEADERS)
            raise SceneError(
                f"array {info.filename.removesuffix('.npy')!r} has the .npy format "
                f"{version[0]}.{version[1]}: expected one of {known}; save it anew by "
                "numpy.savez(path, x=x, y=y)"
            )
        shape, _, dtype = _HEADERS[version](member)
    return shape, dtype


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    with archive.open(f"{name}.npy") as member:
        return np.asarray(npy.read_array(member, allow_pickle=False))
