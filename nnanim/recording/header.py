"""The header of a recording: plain JSON that says what was trained, how, and with what."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from nnanim.dataset import Task
from nnanim.errors import RecordingError

FORMAT = 1  # of the file; a reader refuses newer ones
_FAR = 1e30  # a window ends nearer than that, and is no narrower than its inverse

# What every header holds, besides what only `nnanim info` tells.
_EXPECTED: dict[str, Callable[[Any], bool]] = {
    "name": lambda v: isinstance(v, str),
    "title": lambda v: isinstance(v, str),
    "caption": lambda v: isinstance(v, str),
    "task": lambda v: v in get_args(Task),
    "window": lambda v: _is_list(v, _is_span) and len(v) > 0,
    "class_names": lambda v: _is_list(v, lambda entry: isinstance(entry, str)),
    "axis_names": lambda v: _is_list(v, lambda entry: isinstance(entry, str)),
    "layer": lambda v: isinstance(v, str),
    "layers": lambda v: v is None or _is_list(v, lambda entry: isinstance(entry, dict)),
    "training": lambda v: isinstance(v, dict) and _is_training(v),
    "seed": lambda v: v is None or _is_whole(v, 0),
    "batch_size": lambda v: v is None or _is_whole(v, 1),
    "steps_per_epoch": lambda v: _is_whole(v, 1),
    "diverged_at": lambda v: v is None or _is_whole(v, 1),
    "versions": lambda v: isinstance(v, dict),
}


def checked_header(path: Path, header: Mapping[str, Any]) -> dict[str, Any]:
    """Return the header of a file; `RecordingError` for a newer format or what does not fit."""
    number = header.get("format")
    if not _is_whole(number, 1):
        raise RecordingError(f"{path} is not a recording: its header has no format number")
    if number > FORMAT:  # type: ignore[operator]  # a whole number, as was just seen
        made = header.get("versions")
        by = f" by nnanim {made.get('nnanim')}" if isinstance(made, dict) else ""
        raise RecordingError(
            f"{path} has the recording format {number}, made{by}: this nnanim reads up to "
            f"{FORMAT}; install a newer one"
        )
    for name, fits in _EXPECTED.items():
        if name not in header or not fits(header[name]):
            came = repr(header[name])[:80] if name in header else "nothing"
            raise RecordingError(f"{path} is not a recording: its header says {name} = {came}")
    return dict(header)


def _is_training(settings: dict[str, Any]) -> bool:
    """Return whether the settings that a film shows are sound; an own loop may lack some."""
    rate, name = settings.get("lr", 0.0), settings.get("optimizer", "")
    shown = isinstance(rate, int | float) and isinstance(name, str)
    return shown and isinstance(settings.get("loss"), str)


def _is_whole(value: object, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value < 2**63


def _is_list(value: object, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(fits(entry) for entry in value)


def _is_span(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(end, int | float) and -_FAR < end < _FAR for end in value)
        and value[1] - value[0] > 1 / _FAR
    )
