"""The header of a recording: plain JSON that says what was trained, how, and with what."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from nnanim.dataset import OUTPUTS, Task
from nnanim.errors import RecordingError
from nnanim.recording.container import FORMAT
from nnanim.texts import LONGEST_DESCRIPTION, LONGEST_TITLE
from nnanim.words import places

# What is said of a network that is given no title: of a chain of widths, of what is called by a
# name, of what has none, of several on one data set, of several.
TITLES = (
    "{data} through a {network} network",
    "{data} through {network}",
    "{data} through a network of {n} layers",
    "{data}: {n} networks compared",
    "{n} networks compared",
)
_FAR = 1e30  # a window ends nearer than that, and is no narrower than its inverse

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Header(Mapping[str, Any]):
    """What a recording says of itself; read as attributes, or by name as its JSON.

    Files have all fields without a default, and `diverged_at`; they may lack the others.
    """

    name: str
    title: str
    description: str  # "caption" in its JSON, as files before have it
    task: Task
    window: list[list[float]]  # (low, high) of each input; none of pictures
    class_names: list[str]
    axis_names: list[str]
    layer: str  # the one looked at; "" where the film decides
    layers: list[Json] | None  # of a stack of known layers, what each is
    training: Json  # the settings; of a loop of one's own, those it gave
    seed: int | None
    batch_size: int | None
    steps_per_epoch: int
    versions: dict[str, str]
    scaling: list[list[float]] | None = None  # (shift, step) of each input, to the data's units
    diverged_at: int | None = None  # the epoch in which a number ceased to be one
    outputs: str = ""  # what the network's outputs mean; "" in files that do not say
    head: int | str | None = None  # which of several outputs is the network's answer
    test_loss: str = ""  # ours that is the same as `loss`, which may not be known by its name
    label_names: list[str] = field(default_factory=list)  # of what colours the points
    key: str = ""  # of the training, for the cache; "" where there is none
    probe: Json | None = None  # digests of what code did that the key does not know whole
    answers: list[list[float]] | None = None  # of a module, at first: `film.fitting` compares them
    trainer: str = ""  # "kernel" | "eager" | "none" | "own loop" …
    eager_because: str | None = None
    stopped: int | None = None  # the epoch at which patience ended
    kept: list[Json] = field(default_factory=list)  # for each segment, `at`, `epoch` and `score`
    attempt: int | None = None  # the one that is shown, of those below
    attempts: list[Json] = field(default_factory=list)
    source: Json | None = None  # the scene's file: its name, hash and settings
    unfinished: bool = False
    ours: Json = field(default_factory=dict)  # what of it nnanim named, as `description` says
    activations: Json | None = None  # of what, where snapshots keep them in place of parameters
    others: Json = field(default_factory=dict)  # what else a file says, as it came

    @classmethod
    def from_json(cls, path: Path, header: Mapping[str, Any]) -> "Header":
        """Return the header of the file at `path`.

        Raises `RecordingError` for a newer format, and for what does not fit.
        """
        _check_format(path, header)
        for name, fits in _EXPECTED.items():
            if name not in header or not fits(header[name]):
                came = repr(header[name])[:80] if name in header else "nothing"
                raise RecordingError(f"{path} is not a recording: its header says {name} = {came}")
        if not _is_scaling(header.get("scaling")):
            came = repr(header["scaling"])[:80]
            raise RecordingError(f"{path} is not a recording: its header says scaling = {came}")
        told = {name for name, fits in _TOLD.items() if name in header and fits(header[name])}
        known = {name: header[name] for name in (*_EXPECTED, *told)}
        known["description"] = known.pop("caption")
        known["scaling"] = header.get("scaling")
        if isinstance(known.get("kept"), dict):
            known["kept"] = [known["kept"]]
        elif known.get("kept", []) is None:
            del known["kept"]
        others = {n: v for n, v in header.items() if n not in {*_EXPECTED, *told, "scaling"}}
        others.pop("format", None)
        return cls(**known, others=others)

    def as_json(self) -> Json:
        """Return it as a file holds it: every field, and what else came with it."""
        told = (*_EXPECTED, "scaling", *_TOLD)
        known = {n: getattr(self, "description" if n == "caption" else n) for n in told}
        return {**known, **self.others, "format": FORMAT}

    @property
    def loss(self) -> str:
        """The name of the loss; "" where it has none."""
        return str(self.training["loss"])

    def __getitem__(self, name: str) -> Any:
        return self.as_json()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_json())

    def __len__(self) -> int:
        return len(self.as_json())


def _check_format(path: Path, header: Mapping[str, Any]) -> None:
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


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_training(settings: object) -> bool:
    """Return whether settings name a loss; what else they say is an own loop's affair."""
    return isinstance(settings, dict) and isinstance(settings.get("loss"), str)


def _is_whole(value: object, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value < 2**63


def _is_list(value: object, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(fits(entry) for entry in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and -_FAR < value < _FAR


def _is_span(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(end, int | float) and -_FAR < end < _FAR for end in value)
        and value[1] - value[0] > 1 / _FAR
    )


def _is_activations(value: object) -> bool:
    """Return whether it tells of a network what a film must know that cannot run it."""
    if not isinstance(value, dict) or not _is_list(value.get("layers"), _is_layer):
        return False
    names = [layer["name"] for layer in value["layers"]]
    return (
        all(_is_whole(value.get(name), 1) for name in ("samples", "of", "inputs", "outputs"))
        and _is_list(value.get("widths"), lambda width: _is_whole(width, 1))
        and _is_list(value.get("hidden"), lambda name: name in names)
    )


def _is_layer(value: object) -> bool:
    if not isinstance(value, dict) or value.keys() != {"name", "units", "kind", "title"}:
        return False
    return _is_whole(value["units"], 1) and all(
        _is_text(value[name]) for name in ("name", "kind", "title")
    )


def _is_scaling(value: object) -> bool:
    """Return whether inputs have a shift and a step each, or none has; older files say nothing."""
    return value is None or _is_list(value, _is_shift_and_step)


def _is_shift_and_step(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(number, int | float) and -_FAR < number < _FAR for number in value)
        and value[1] > 1 / _FAR
    )


def _is_ours(value: object) -> bool:
    """Return whether what nnanim has named can be said again, as `description` does."""
    if not isinstance(value, dict) or not isinstance(value.get("class_names", False), bool):
        return False
    title = value.get("title", {})
    if not isinstance(title, dict) or not title:
        return title == {}
    text, data = title.get("text"), title.get("data")
    if (
        text not in TITLES
        or not isinstance(title.get("known"), bool)
        or not _is_list(data, _is_text)
    ):
        return False
    return all(
        _is_text(title.get(place)) or _is_whole(title.get(place), 0)
        for place in places(text) - {"data"}
    )


# What a film hangs on.
_EXPECTED: dict[str, Callable[[Any], bool]] = {
    "name": _is_text,
    "title": lambda v: _is_text(v) and len(v) <= LONGEST_TITLE,
    "caption": lambda v: _is_text(v) and len(v) <= LONGEST_DESCRIPTION,
    "task": lambda v: v in get_args(Task),
    "window": lambda v: _is_list(v, _is_span),
    "class_names": lambda v: _is_list(v, _is_text),
    "axis_names": lambda v: _is_list(v, _is_text),
    "layer": _is_text,
    "layers": lambda v: v is None or _is_list(v, _is_object),
    "training": _is_training,
    "seed": lambda v: v is None or _is_whole(v, 0),
    "batch_size": lambda v: v is None or _is_whole(v, 1),
    "steps_per_epoch": lambda v: _is_whole(v, 1),
    "diverged_at": lambda v: v is None or _is_whole(v, 1),
    "versions": _is_object,
}
# What only `nnanim info` tells, and says as it came where it is of another kind.
_TOLD: dict[str, Callable[[Any], bool]] = {
    "outputs": lambda v: v in ("", *OUTPUTS),
    "head": lambda v: v is None or _is_text(v) or (isinstance(v, int) and not isinstance(v, bool)),
    "test_loss": _is_text,
    "label_names": lambda v: _is_list(v, _is_text),
    "key": _is_text,
    "probe": lambda v: v is None or _is_object(v),
    "answers": lambda v: v is None or _is_list(v, lambda row: _is_list(row, _is_number)),
    "trainer": _is_text,
    "eager_because": lambda v: v is None or _is_text(v),
    "stopped": lambda v: v is None or _is_whole(v, 0),
    "kept": lambda v: v is None or _is_object(v) or _is_list(v, _is_object),
    "attempt": lambda v: v is None or _is_whole(v, 1),
    "attempts": lambda v: _is_list(v, _is_object),
    "source": lambda v: v is None or _is_object(v),
    "ours": lambda v: _is_ours(v),
    "unfinished": lambda v: isinstance(v, bool),
    "activations": lambda v: v is None or _is_activations(v),
}
