"""Scene and Training: what a user declares, checked when it is built."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, get_args

from nnanim.color import Color, expect_color
from nnanim.dataset import Dataset, Task
from nnanim.datasets.from_arrays import from_arrays
from nnanim.errors import SceneError, unknown
from nnanim.grids import Grid, Square
from nnanim.ranges import Names
from nnanim.renamed import knows_old
from nnanim.row import Row
from nnanim.scene.directions import Views, check_directions, check_plane, rows_of
from nnanim.scene.shows import ShowsItself, in_lines
from nnanim.scene.timeline import Timeline
from nnanim.scene.training import Training
from nnanim.slices import Slicing
from nnanim.texts import LONGEST_DESCRIPTION, LONGEST_TITLE, writable
from nnanim.themes import THEMES, Theme
from nnanim.words import Given

if TYPE_CHECKING:
    from torch import nn


Model = Callable[[], "nn.Module"]


@dataclass(frozen=True)
class Source:
    """The file that a scene was read from: its name, its parameters, a hash of all its code."""

    file: str  # without folders: they tell of a machine, not of a film
    sha256: str
    settings: tuple[tuple[str, str], ...] = ()

    def described(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        settings = {writable(name): writable(value) for name, value in self.settings}
        return {"file": writable(self.file), "sha256": self.sha256, "settings": settings}


@knows_old(caption="description")
@dataclass(frozen=True, kw_only=True, repr=False)
class Scene(ShowsItself):
    """One film, declared.

    `model` is a function without arguments that returns a fresh torch module. `layer` is the name
    of the one looked at, the last hidden layer if left out; `head` is the index or key of the
    network's answer, where it returns a tuple or a dict: a named loss is given that, a function is
    given all. `views` are a row, or rows of rows; left out, the task decides. A scene file's
    docstring is its `description`, the alt text of its pictures, its file name its `name`; `source`
    is set when it is read. `grid` are the lines of input space that layers deform; `plane`, as
    `Slice(0, 3)`, is what of more than two inputs all views show. `color` is what colours the
    points: "class", "label", "loss", "residual", "angle" (of their inputs about the middle),
    `Input("x1")`, `Unit("hidden2", 3)`, or an array (n,) of numbers or names. `words` are
    what nnanim itself writes: a language, or single words (see `nnanim.words`). `dataset` may also
    be an object with `.data` and `.target`, as `datasets.from_arrays` takes it.
    """

    dataset: Dataset
    model: Model
    training: Training = field(default_factory=Training)
    layer: str | None = None
    head: int | str | None = None
    views: Views | None = None
    timeline: Timeline | None = None
    grid: Grid = field(default_factory=Square)
    plane: Slicing | None = None
    color: Color = None
    theme: Annotated[str, Names(tuple(THEMES))] | Theme = "dark"
    words: Given = "en"
    title: str | None = None
    description: str = ""
    name: str = ""
    source: Source | None = None

    def __post_init__(self) -> None:
        expect_words(self.title, self.description)
        if not hasattr(self.dataset, "arrays") and hasattr(self.dataset, "target"):
            object.__setattr__(self, "dataset", from_arrays(self.dataset))
        if isinstance(self.layer, int):  # as --set layer=1 has it
            object.__setattr__(self, "layer", str(self.layer))
        _check_dataset(self.dataset)
        if not callable(self.model):
            raise SceneError(
                f"model={self.model!r}: expected a function that returns a torch module"
            )
        if isinstance(getattr(self.model, "training", None), bool):
            raise SceneError(
                f"model is a {type(self.model).__name__} already built: give a function that "
                "builds it, as model=lambda: MyNet(), so that its weights come from the seed"
            )
        if not isinstance(self.training, Training):
            raise SceneError(f"training={self.training!r}: expected Training(epochs=100, …)")
        check_head(self.head)
        check_plane(self.plane)
        expect_color("color", self.color)
        check_directions(self.views, self.timeline, self.grid, self.theme, self.words)

    def __repr__(self) -> str:
        views = (type(view).__name__ for row in self.rows for view in row)
        return in_lines(
            "Scene",
            self.name,
            self.title or f"{self.dataset.name}, {self.dataset.task}",
            {
                "model": str(getattr(self.model, "__qualname__", None) or repr(self.model)),
                "training": repr(self.training),
                "views": ", ".join(views) or "those that suit the task",
                ".show()": "trains it, if need be, and shows its film",
            },
        )

    def with_seed(self, seed: int) -> "Scene":
        """Return the same scene with data, weights and batches from another seed."""
        return replace(self, training=replace(self.training, seed=seed))

    @property
    def rows(self) -> tuple[Row, ...]:
        """The views as rows; none where the task decides."""
        return rows_of(self.views)


def check_head(head: object) -> None:
    """Raise `SceneError` for a head that is no index and no key."""
    if isinstance(head, bool) or not isinstance(head, int | str | None):
        raise SceneError(
            f"head={head!r}: expected the index or the key of the network's answer, as head=0 or "
            'head="logits"'
        )


def expect_words(title: object, description: object) -> None:
    """Raise `SceneError` for a title, or a description, that is no text or too long.

    A title may be None. Both go into films, into the names of pictures on a page and to the
    encoder.
    """
    for what, text, most in (
        ("title", title, LONGEST_TITLE),
        ("description", description, LONGEST_DESCRIPTION),
    ):
        if not isinstance(text, str) and (what, text) != ("title", None):
            raise SceneError(f"{what}={text!r:.100}: expected a text")
        if isinstance(text, str) and len(text) > most:
            raise SceneError(f"the {what} has {len(text):,} letters: expected at most {most:,}")


def _check_dataset(dataset: object) -> None:
    parts = ("name", "task", "window", "class_names", "axis_names", "arrays")
    missing = [part for part in parts if not hasattr(dataset, part)]
    if missing or not callable(getattr(dataset, "arrays", None)):
        lack = f" has no {', '.join(missing)}" if missing else ""
        raise SceneError(
            f"dataset={dataset!r}{lack}: expected a data set, as datasets.rings(), or an "
            "object with name, task, window, class_names, axis_names and arrays(seed)"
        )
    came = getattr(dataset, "task", None)
    if came not in get_args(Task):
        raise SceneError(unknown("task of a data set", came, get_args(Task)))
