"""Comparison: several scenes to be shown side by side on one clock, declared."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args, runtime_checkable

from nnanim.errors import SceneError, unknown
from nnanim.renamed import knows_old
from nnanim.scene.directions import Views
from nnanim.scene.scene import Scene, Source, expect_words
from nnanim.scene.shows import ShowsItself, in_lines
from nnanim.scene.timeline import ClockFace, Timeline
from nnanim.themes import Theme, theme_from
from nnanim.words import Given, words_from

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TO_PICK = 400
MOST_TILES = 200

Way = Literal["columns", "one", "tiles"]  # to show several scenes
_MOST: dict[str, int] = {"columns": 24, "one": MOST_TO_PICK, "tiles": MOST_TILES}


@runtime_checkable
class Trained(Protocol):
    """A training that is done, as a comparison takes it: a `nnanim.Recording`."""

    @property
    def header(self) -> Mapping[str, Any]:
        """What it says of itself."""

    @property
    def epochs(self) -> "NDArray[np.float64]":
        """Training time of each snapshot in epochs."""

    def with_(self, *, views: Views | None = None, words: Given | None = None) -> "Trained":
        """Return the same training, to be drawn otherwise."""


@knows_old(caption="description", captions="names")
@dataclass(frozen=True, repr=False)
class Comparison(ShowsItself):
    """Scenes and recordings of one task in one film, each in a column under shared limits.

    Each keeps its data, seed, views and words, unless one of these is given for all; a recording
    has been trained, so its seed is what it is. `names` stand under the columns; left out, they
    are the scenes' own or the shapes of their networks.
    On the `clock` "epochs" all columns show the same epoch, and one whose training ends sooner
    waits; on "share" all show the same share of their trainings. Left out, it is "epochs" where
    all train for as many, else "share".
    With `shown` "one", a page shows one of them, and has a picker for each keyword of `over`, whose
    values are `varied`, or one for their names; films show columns. With "tiles", up to 200 stand
    as small multiples, the first view of each, rows for the first of two keywords of `over` and
    columns for the second, or each under its name. Then `repeats` are, for each scene, the losses
    (epochs,) of trainings that differ from it by their seed alone, its own among them: the strip
    shows how far they lie apart.
    """

    scenes: Sequence[Scene | Trained]
    names: Sequence[str] = ()
    seed: int | None = None
    views: Views | None = None
    clock: ClockFace | None = None
    timeline: Timeline | None = None
    theme: str | Theme | None = None
    words: Given | None = None
    title: str | None = None
    description: str = ""
    name: str = ""
    source: Source | None = None
    shown: Way = "columns"
    varied: Mapping[str, Sequence[str]] = field(default_factory=dict)
    repeats: "Sequence[Sequence[NDArray[np.float64]]]" = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if self.shown not in get_args(Way):
            raise SceneError(unknown("way to show several scenes", self.shown, get_args(Way)))
        _check_scenes(self.scenes, self.shown)
        expect_words(self.title, self.description)
        if not isinstance(self.names, list | tuple):
            raise SceneError(f"names={self.names!r:.100}: expected a list of texts, one a scene")
        names = tuple(self.names)
        if names and len(names) != len(self.scenes):
            raise SceneError(
                f"Comparison has {len(self.scenes)} scenes but {len(names)} of the names: "
                "give one for each, or none"
            )
        if len(self.repeats) not in (0, len(self.scenes)):
            raise SceneError(
                f"Comparison has {len(self.scenes)} scenes but repeats of {len(self.repeats)}: "
                "give the losses of each, or none"
            )
        if self.clock is not None and self.clock not in get_args(ClockFace):
            raise SceneError(unknown("clock", self.clock, get_args(ClockFace)))
        if not isinstance(self.timeline, Timeline | None):
            raise SceneError(f"timeline={self.timeline!r}: expected Timeline(seconds=12, …)")
        if self.theme is not None:
            theme_from(self.theme)
        if self.words is not None:
            words_from(self.words)
        object.__setattr__(self, "names", tuple(map(str, names)))
        object.__setattr__(self, "scenes", tuple(self._settled(scene) for scene in self.scenes))

    def __repr__(self) -> str:
        names = self.names or [_name_of(part) for part in self.scenes]
        return in_lines(
            "Comparison",
            self.name,
            self.title or f"{len(self.scenes)} trainings side by side",
            {
                "parts": "; ".join(filter(None, names)) or "none has a name",
                "clock": self.settled_clock,
                ".show()": "trains them, if need be, and shows their film",
            },
        )

    def _settled(self, scene: Scene | Trained) -> Scene | Trained:
        if not isinstance(scene, Scene):
            if self.seed is not None:
                raise SceneError(
                    f"seed={self.seed!r}, but {scene.header['name']!r} is a recording, whose "
                    "training is done: leave seed out"
                )
            return scene.with_(views=self.views, words=self.words)
        if self.views is not None:
            scene = replace(scene, views=self.views)
        if self.words is not None:
            scene = replace(scene, words=self.words)
        return scene if self.seed is None else scene.with_seed(self.seed)

    @classmethod
    def over(
        cls, scene: Callable[..., Scene], values: dict[str, Iterable[Any]], **more: Any
    ) -> "Comparison":
        """Return the comparison of what `scene` returns for each of the `values` of its parameters.

        Of several parameters, every combination is one column. `more` is Comparison's own.
        """
        settings = combinations(values)
        made = [scene(**setting) for setting in settings]
        names = [name_for(values, setting) for setting in settings]
        return cls(made, names=names, varied=varied_of(values), **more)

    @property
    def to_train(self) -> list[Scene]:
        """The parts that are scenes; recordings have been trained."""
        return [part for part in self.scenes if isinstance(part, Scene)]

    @property
    def epochs(self) -> float:
        """The epochs of the longest training."""
        return max(map(_epochs_of, self.scenes))

    @property
    def settled_clock(self) -> ClockFace:
        """The clock, where none is given the one that suits the trainings."""
        alike = len(set(map(_epochs_of, self.scenes))) == 1
        return self.clock or ("epochs" if alike else "share")

    def with_seed(self, seed: int) -> "Comparison":
        """Return the same comparison with all scenes' data, weights and batches from `seed`."""
        return replace(self, seed=seed)


def combinations(values: dict[str, Iterable[Any]]) -> list[dict[str, Any]]:
    """Return every combination of the parameters' values, the last parameter changing fastest."""
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def varied_of(values: dict[str, Iterable[Any]]) -> dict[str, list[str]]:
    """Return the parameters that have several values, these as text."""
    found = {name: list(map(str, given)) for name, given in values.items()}
    return {name: given for name, given in found.items() if len(given) > 1}


def name_for(values: dict[str, Iterable[Any]], setting: dict[str, Any]) -> str:
    """Return what tells one combination of `values` from the others: "width = 2"."""
    varied = [name for name, given in values.items() if len(list(given)) > 1]
    return ", ".join(f"{name} = {setting[name]}" for name in varied or values)


def _epochs_of(scene: Scene | Trained) -> float:
    return float(scene.training.epochs if isinstance(scene, Scene) else scene.epochs[-1])


def _name_of(scene: Scene | Trained) -> str:
    return scene.name if isinstance(scene, Scene) else str(scene.header["name"])


def _task_of(scene: Scene | Trained) -> str:
    return scene.dataset.task if isinstance(scene, Scene) else str(scene.header["task"])


def _check_scenes(scenes: object, way: Way) -> None:
    if not isinstance(scenes, list | tuple):
        raise SceneError(
            f"scenes is a {type(scenes).__name__}: expected a list of scenes, as [narrow, wide]"
        )
    for scene in scenes:
        if not isinstance(scene, Scene | Trained):
            raise SceneError(
                f"Comparison holds {type(scene).__name__}: expected scenes and recordings alone"
            )
    most = _MOST[way]
    if not 2 <= len(scenes) <= most:
        wider = [f'shown="{other}"' for other, room in _MOST.items() if room >= len(scenes) > most]
        more = f", or {' or '.join(wider)}" if wider else ""
        raise SceneError(
            f"Comparison of {len(scenes)} scene{'s' * (len(scenes) != 1)}: expected 2 to "
            f"{most}, as Comparison([narrow, wide]){more}"
        )
    tasks = list(dict.fromkeys(map(_task_of, scenes)))
    if len(tasks) > 1:
        raise SceneError(
            f"the scenes have the tasks {' and '.join(tasks)}: expected one task, so that scores "
            "can be compared"
        )
