"""Export: what a layer makes of the data and of the grid, epoch by epoch, as numpy arrays."""

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import UsageError
from nnanim.film.film import Film
from nnanim.place import replacing

Progress = Callable[[str, int, int], None]


def export(
    film: Film, layer: str | None, path: str | Path, *, progress: Progress | None = None
) -> Path:
    """Write what `layer` gives at the start and after every epoch to `path`, an .npz file.

    It holds `points` (snapshots, n, units), the data as the layer sees them; `grid` (snapshots, m,
    units), the deformed grid, whose lines start at `grid_starts`; `epochs`, `steps` and `loss`
    (snapshots,); `inputs` (n, …) and `targets`. One snapshot is in memory at a time. Raises
    `SceneError` for a layer that there is not, `WriteError` where the disk refuses.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise UsageError(f"mappings are an .npz file, not {path.name!r}: name it {path.stem}.npz")
    name = film.network.layer(layer).name if layer else film.layer
    snapshots = film.snapshots
    units = film.network.layer(name).units if name else film.network.outputs_width
    lengths = [len(line) for line in film.grid_lines]
    small = {
        "epochs": np.array([snapshot.epoch for snapshot in snapshots]),
        "steps": np.array([snapshot.step for snapshot in snapshots]),
        "loss": np.array([snapshot.loss for snapshot in snapshots]),
        "inputs": film.data.inputs,
        "targets": film.data.targets,
        "grid_starts": np.cumsum([0, *lengths])[:-1],
    }
    with replacing(path) as made, zipfile.ZipFile(made, "w") as archive:
        for key, array in small.items():
            _add(archive, key, array.shape, array.dtype, [array])
        moments = [snapshot.moment for snapshot in snapshots]
        points = (film.points(name, moment) for moment in moments)
        shape = (len(moments), len(film.data.inputs), units)
        _add(archive, "points", shape, np.dtype(np.float32), _counted(points, shape, progress))
        if lengths:
            images = (film.image(name, moment) for moment in moments)
            shape = (len(moments), sum(lengths), units)
            _add(archive, "grid", shape, np.dtype(np.float32), images)
    return path


def _counted(
    arrays: Iterable[NDArray[Any]], shape: tuple[int, ...], progress: Progress | None
) -> Iterable[NDArray[Any]]:
    for i, array in enumerate(arrays, start=1):
        yield array
        if progress is not None:
            progress("epochs", i, shape[0])


def _add(
    archive: zipfile.ZipFile,
    name: str,
    shape: tuple[int, ...],
    kind: np.dtype[Any],
    parts: Iterable[NDArray[Any]],
) -> None:
    """Write an array to the archive part by part, as numpy's own format has it."""
    entry = zipfile.ZipInfo(f"{name}.npy")  # with the format's own date: same arrays, same bytes
    with archive.open(entry, "w", force_zip64=True) as file:
        described = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, described)
        for part in parts:
            file.write(np.ascontiguousarray(part, kind).data)
