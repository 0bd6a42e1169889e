"""Opening: what the file that a command is given is, a scene or a recording."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnanim.errors import UsageError
from nnanim.journal import blocks_folder, unfinished
from nnanim.loading import blamed_on, function_at, is_recording, load
from nnanim.recording import Recording
from nnanim.scene import Scene

_log = logging.getLogger("nnanim")


def opened(
    file: Path,
    settings: Mapping[str, str] | None = None,
    seed: int | None = None,
    model: str | None = None,
) -> Scene | Recording:
    """Return what a file is: the scene that it declares, or the recording that it holds.

    `seed` and `settings` are a scene's; `model`, as "file.py:make", names the function that builds
    the module of a recording which does not hold it. Raises `UsageError` where one does not fit.
    """
    if not is_recording(file):
        if model is not None:
            raise UsageError(f"--model is for recordings; {file} is a scene, which has its own")
        scene = load(file, settings)
        if seed is not None:
            scene = replace(scene, training=replace(scene.training, seed=seed))
        return scene
    if settings or seed is not None:
        raise UsageError(
            f"{file} is a recording: its training is done, so --set and --seed mean nothing"
        )
    return recording_at(file, model)


def recording_at(file: Path, model: str | None = None) -> Recording:
    """Return the recording in a file, or what its finished blocks make of one under way.

    `model`, as "file.py:make", names the function that builds its module. Raises `RecordingError`.
    """
    if not is_recording(file):
        raise UsageError(f"{file} is no recording: expected a .safetensors file")
    if file.is_file() or not blocks_folder(file).is_dir():
        recording = Recording.load(file)
    else:
        recording = unfinished(file)
        _log.info("%s is unfinished: its finished blocks are used", file)
    if model is None:
        return recording
    from nnanim.network import initial_module  # torch, which telling what a file is needs not

    with blamed_on(Path(model.rpartition(":")[0])):
        return replace(recording, module=initial_module(function_at(model), 0))


def data_at(place: str) -> Any:
    """Return the data that a place names: "file.csv:target", a .npz file, or "file.py:name"."""
    from nnanim import datasets

    name, _, target = place.rpartition(":")
    if name.endswith(".csv"):
        return datasets.from_csv(name, target=target)
    if place.endswith(".csv"):
        raise UsageError(f"{place}: say which column is the target, as {place}:label")
    if place.endswith(".npz"):
        return datasets.from_npz(place)
    found = function_at(place)
    return found() if callable(found) else found
