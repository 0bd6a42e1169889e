"""Opening: what the file that a command is given is, a scene or a recording."""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnanim.errors import UsageError
from nnanim.recording.journal import blocks_folder, unfinished
from nnanim.recording.recording import Recording
from nnanim.scene.comparison import (
    MOST_TO_PICK,
    Comparison,
    Way,
    combinations,
    name_for,
    varied_of,
)
from nnanim.scene.files import blamed_on, declared, function_at, is_recording, load
from nnanim.scene.scene import Scene, Source
from nnanim.scene.settings import text_of

if TYPE_CHECKING:
    from nnanim.rendering.subject import Subject

_log = logging.getLogger("nnanim")


def opened(
    file: Path,
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    model: str | None = None,
) -> "Subject":
    """Return what a file is: the scene or comparison it declares, or the recording it holds.

    `seed` and `settings` are a scene's; `model`, as "file.py:make", names the function that builds
    the module of a recording which does not hold it. Raises `UsageError` where one does not fit.
    """
    if not is_recording(file):
        if model is not None:
            raise UsageError(f"--model is for recordings; {file} is a scene, which has its own")
        scene = declared(file, settings)
        return scene if seed is None else scene.with_seed(seed)
    if settings or seed is not None:
        raise UsageError(
            f"{file} is a recording: its training is done, so --set and --seed mean nothing"
        )
    return recording_at(file, model)


def compared(
    files: Sequence[Path],
    values: Mapping[str, Sequence[Any]],
    seed: int | None = None,
    model: str | None = None,
    shown: Way = "columns",
) -> Comparison:
    """Return the comparison of recordings and scenes, these with every combination of `values`.

    One file may also hold a comparison itself. `model` builds the network of recordings that do not
    hold theirs. Raises `UsageError` for fewer than two, and for what none of the files takes.
    """
    count = math.prod(map(len, values.values()))
    if count > MOST_TO_PICK:
        raise UsageError(
            f"{count:,} combinations of --set: a comparison shows up to {MOST_TO_PICK}: "
            "give fewer values"
        )
    settings = combinations(dict(values))
    _check_meant(files, values, seed, model)
    if len(files) == len(settings) == 1:
        made = opened(files[0], settings[0], seed)
        if isinstance(made, Comparison):
            return made if shown == "columns" else replace(made, shown=shown)
    columns = [each for file in files for each in _columns(file, files, values, settings, model)]
    if len(columns) < 2:
        raise UsageError(
            "a comparison needs at least two scenes or recordings: give several files, or several "
            "values of a scene's parameter, as --set width=1,2,3"
        )
    scenes = [scene for scene, _ in columns if isinstance(scene, Scene)]
    with blamed_on(files[0]):
        return Comparison(
            [column for column, _ in columns],
            names=[name for _, name in columns],
            seed=seed,
            description=scenes[0].description if len(files) == 1 else "",
            name="-".join(file.stem for file in files),
            source=_joined(scenes, values) if scenes else None,
            shown=shown,
            varied=varied_of(dict(values)) if len(files) == 1 else {},
        )


def _check_meant(
    files: Sequence[Path],
    values: Mapping[str, Sequence[Any]],
    seed: int | None,
    model: str | None,
) -> None:
    """Refuse what would mean nothing to the files that are compared."""
    recorded = [file for file in files if is_recording(file)]
    if recorded and seed is not None:
        raise UsageError(f"{recorded[0]} is a recording: its training is done, leave --seed out")
    if values and len(recorded) == len(files):
        raise UsageError(f"{recorded[0]} is a recording: its training is done, leave --set out")
    if model is not None and not recorded:
        raise UsageError("--model is for recordings; compare has scenes alone, with their own")


def _columns(
    file: Path,
    files: Sequence[Path],
    values: Mapping[str, Sequence[Any]],
    settings: Sequence[dict[str, Any]],
    model: str | None,
) -> Iterator[tuple[Scene | Recording, str]]:
    """Give what a file puts side by side, each with its name."""
    if is_recording(file):
        recording = recording_at(file)
        held = recording.header.layers is not None
        yield recording if held or model is None else recording_at(file, model), file.stem
        return
    for setting in settings:
        scene = load(file, setting)
        varied = name_for(dict(values), setting) if len(settings) > 1 else ""
        parts = [scene.name if len(files) > 1 else "", varied]
        yield scene, ", ".join(filter(None, parts))


def _joined(scenes: Sequence[Scene], values: Mapping[str, Sequence[Any]]) -> Source:
    """Return where several scenes come from, as one source."""
    sources = list({s.source.file: s.source for s in scenes if s.source is not None}.values())
    digest = sha256("".join(source.sha256 for source in sources).encode()).hexdigest()
    settings = tuple(sorted((name, ",".join(map(text_of, v))) for name, v in values.items()))
    return Source(", ".join(source.file for source in sources), digest, settings)


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
    from nnanim.network.modules import initial_module  # torch, of which nothing above has need

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
