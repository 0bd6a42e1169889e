"""Events: moments of a training that are known by what happens there.

    from nnanim import Timeline, acts, events

    Timeline(acts=[acts.Train(to=events.accuracy(0.95)), acts.Hold(2), acts.Train()])
    Timeline(pauses={events.closes(): "No way leads out any more"})

Each has a text form, by which it can stand in the same places: "accuracy 0.95" is
`accuracy(0.95)`. Of films side by side, `of` is the name of the one that is meant; without, it
is the first to come there. A film that needs a `required` one is refused where it does not happen.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnanim.errors import SceneError, unknown

__all__ = [
    "Event",
    "accuracy",
    "closes",
    "dies",
    "loss",
    "opens",
    "parts",
    "plateau",
    "probe",
    "tears",
]


@dataclass(frozen=True)
class Event:
    """What happens: its kind by `name`, what that is `given`; made by the functions below."""

    name: str
    given: tuple[Any, ...] = ()
    of: str = ""
    required: bool = False

    def __str__(self) -> str:
        text = _FORMS[self.name][0].format(*self.given)
        return f"{text}, of {self.of}" if self.of else text


def accuracy(level: float, *, of: str = "", required: bool = False) -> Event:
    """Return the event that the accuracy, of the test part where there is one, reaches `level`."""
    if not isinstance(level, int | float) or not 0 < level <= 1:
        raise SceneError(f"accuracy({level!r}): expected a share above 0 and up to 1, as 0.95")
    return _event("accuracy", (float(level),), of, required)


def closes(*, of: str = "", required: bool = False) -> Event:
    """Return the event that the boundary of two classes closes inside the window of two inputs."""
    return _event("closes", (), of, required)


def opens(*, of: str = "", required: bool = False) -> Event:
    """Return the event that a boundary that was closed is open again."""
    return _event("opens", (), of, required)


def dies(layer: str, unit: int, *, of: str = "", required: bool = False) -> Event:
    """Return the event that a ReLU unit, counted from 0, is off for good.

    From there to the end of the training it gives 0 for every sample of the training data.
    """
    if not isinstance(unit, int) or isinstance(unit, bool) or unit < 0:
        raise SceneError(f"dies({layer!r}, {unit!r}): expected a unit, counted from 0")
    return _event("dies", (unit, _layer("dies", layer)), of, required)


def loss(level: float, *, of: str = "", required: bool = False) -> Event:
    """Return the event that the loss over all training data falls to `level`, or below."""
    known = isinstance(level, int | float) and not isinstance(level, bool)
    if not known or not 0 < level < math.inf:
        raise SceneError(f"loss({level!r}): expected a number above 0, as 0.01")
    return _event("loss", (float(level),), of, required)


def plateau(*, of: str = "", required: bool = False) -> Event:
    """Return the event that the loss comes to rest.

    In the tenth of the training that follows, it falls by less than a hundredth of its whole fall.
    """
    return _event("plateau", (), of, required)


def parts(layer: str, *, of: str = "", required: bool = False) -> Event:
    """Return the event that a plane comes between the two classes in a layer."""
    return _event("parts", (_layer("parts", layer),), of, required)


def probe(layer: str, level: float, *, of: str = "", required: bool = False) -> Event:
    """Return the event that a linear probe of a hidden layer tells so many samples right.

    `level` is a share, of the test part where there is one; it is looked for at epochs' ends.
    """
    if not isinstance(level, int | float) or not 0 < level <= 1:
        raise SceneError(f"probe({layer!r}, {level!r}): expected a share above 0 and up to 1")
    return _event("probe", (float(level), _layer("probe", layer)), of, required)


def tears(name: str, layer: str, *, of: str = "", required: bool = False) -> Event:
    """Return the event that a class has other Betti numbers in a hidden layer than in the data.

    A ring that has lost its hole has, or one in two pieces; the class is called by its name. It is
    looked for at epochs' ends, and needs `nnanim[topology]`.
    """
    if not isinstance(name, str) or not name:
        raise SceneError(f"tears({name!r}): expected the name of a class, as 'inner'")
    return _event("tears", (name, _layer("tears", layer)), of, required)


def event_in(text: str) -> Event:
    """Return the event that a text is the form of; `SceneError` where there is none."""
    form, parted, of = text.partition(", of ")
    for _, pattern, make in _FORMS.values():
        found = re.fullmatch(pattern, form)
        if found and bool(of) == bool(parted):
            return make(*found.groups(), of=of)
    raise SceneError(unknown("event", text, _EXAMPLES))


def _event(name: str, given: tuple[Any, ...], of: str, required: bool) -> Event:
    if not isinstance(of, str):
        raise SceneError(f"{name}(of={of!r}): expected the name of a column, as of='width = 3'")
    if not isinstance(required, bool):
        raise SceneError(f"{name}(required={required!r}): expected True or False")
    return Event(name, given, of, required)


def _layer(event: str, layer: object) -> str:
    if not isinstance(layer, str) or not layer:
        raise SceneError(f"{event}({layer!r}): expected the name of a layer, as 'hidden1'")
    return layer


# How each is written, how that is read, and what makes it of what was read.
_FORMS: dict[str, tuple[str, str, Callable[..., Event]]] = {
    "accuracy": (
        "accuracy {}",
        r"accuracy ([0-9]*\.?[0-9]+)",
        lambda level, of: accuracy(float(level), of=of),
    ),
    "closes": ("boundary closes", "boundary closes", closes),
    "opens": ("boundary opens", "boundary opens", opens),
    "dies": (
        "unit {} of {} dies",
        r"unit ([0-9]{1,9}) of (\S+) dies",
        lambda unit, layer, of: dies(layer, int(unit), of=of),
    ),
    "loss": (
        "loss {}",
        r"loss ([0-9]*\.?[0-9]+(?:e[+-]?[0-9]{1,3})?)",
        lambda level, of: loss(float(level), of=of),
    ),
    "plateau": ("plateau", "plateau", plateau),
    "probe": (
        "probe {} in {}",
        r"probe ([0-9]*\.?[0-9]+) in (\S+)",
        lambda level, layer, of: probe(layer, float(level), of=of),
    ),
    "tears": (
        "{} tears in {}",
        r"(.+) tears in (\S+)",
        lambda name, layer, of: tears(name, layer, of=of),
    ),
    "parts": ("classes part in {}", r"classes part in (\S+)", parts),
}
_EXAMPLES = (
    *("accuracy 0.95", "loss 0.01", "boundary closes", "boundary opens", "unit 0 of hidden1 dies"),
    "plateau",
    "classes part in hidden1",
    "probe 0.99 in hidden1",
    "inner tears in hidden1",
)


def __dir__() -> list[str]:
    return __all__
