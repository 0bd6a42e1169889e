"""Scene and Training: what a user declares, checked when it is built."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from nnanim.dataset import Dataset, Task
from nnanim.datasets.from_arrays import from_arrays
from nnanim.errors import SceneError, unknown
from nnanim.theme import THEMES
from nnanim.timeline import Timeline
from nnanim.view import View

if TYPE_CHECKING:
    from torch import nn

LOSS_NAMES = ("mse", "bce", "bce_with_logits", "cross_entropy", "relative_mse")
OPTIMIZER_NAMES = ("sgd", "adam", "adamw")
SNAPSHOTS = ("auto", "steps", "epochs")
KEEPS = ("last", "best")
DEVICES = ("cpu", "cuda", "auto")
TRAINERS = ("auto", "kernel", "eager")
LARGEST_SEED = 2**63 - 1  # torch's generator takes no more

Model = Callable[[], "nn.Module"]
Clock = Literal["epochs", "share"]  # what scenes side by side have in common at a time


@dataclass(frozen=True)
class Retry:
    """Train again from fresh initial weights until the final score reaches `until`.

    The score is accuracy, or R² for regression, on the test part where there is one. Where none of
    the `attempts` reaches it, the best is kept. All are logged in the recording's header.
    """

    until: float = 0.95
    attempts: int = 20

    def __post_init__(self) -> None:
        if not isinstance(self.until, int | float) or not self.until <= 1:
            raise SceneError(f"Retry(until={self.until!r}): expected a score of at most 1, as 0.95")
        if not isinstance(self.attempts, int) or self.attempts < 1:
            raise SceneError(f"Retry(attempts={self.attempts!r}): expected a whole number >= 1")


@dataclass(frozen=True)
class Training:
    """How the network is trained.

    `loss` is a name or a torch loss function of (outputs, targets); `optimizer` is a name, with
    the settings of torch's own optimiser of that name, or a factory that is given the parameters.
    `batch_size=None` takes the full batch. `snapshots` says which states are kept besides the end
    of every epoch: "steps" all, "epochs" none, "auto" as many as a film can use. `trainer` is
    "kernel", which knows stacks of common layers and the named losses and optimisers, "eager",
    which is torch itself, or "auto": the kernel where it can be used and agrees with torch;
    `device` is where torch trains.

    Strategies: `segments` cuts the epochs into as many equal parts, and `restart_optimizer` starts
    each with a fresh optimiser. `keep="best"` ends each segment on the state, of those at the ends
    of its epochs, with the best score: accuracy or R², on the test part where there is one.
    `patience` stops after so many epochs without a better score. `tol` stops as scikit-learn does,
    when the training loss has not fallen by that much for `patience` epochs, 10 if not given.
    """

    epochs: int = 100
    batch_size: int | None = 32
    optimizer: str | Callable[..., Any] = "sgd"
    lr: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    loss: str | Callable[..., Any] = "mse"
    seed: int = 0
    shuffle: bool = True
    segments: int = 1
    restart_optimizer: bool = False
    keep: str = "last"
    patience: int | None = None
    tol: float | None = None
    retry: Retry | None = None
    snapshots: str = "auto"
    trainer: str = "auto"
    device: str = "cpu"

    def __post_init__(self) -> None:
        _expect_whole("epochs", self.epochs, 1)
        if self.batch_size is not None:
            _expect_whole("batch_size", self.batch_size, 1)
        _expect_whole("seed", self.seed, 0, LARGEST_SEED)
        for name, number in (
            ("lr", self.lr),
            ("momentum", self.momentum),
            ("weight_decay", self.weight_decay),
        ):
            if not isinstance(number, int | float) or not 0 <= number < float("inf"):
                raise SceneError(f"Training({name}={number!r}): expected a number of 0 or more")
        _expect_betas(self.betas)
        for what, came, names in (
            ("loss", self.loss, LOSS_NAMES),
            ("optimizer", self.optimizer, OPTIMIZER_NAMES),
        ):
            if not callable(came) and came not in names:
                raise SceneError(unknown(what, came, names))
        for what, value, known in (
            ("trainer", self.trainer, TRAINERS),
            ("snapshots", self.snapshots, SNAPSHOTS),
            ("keep", self.keep, KEEPS),
            ("device", self.device, DEVICES),
        ):
            if value not in known:
                raise SceneError(unknown(what, value, known))
        self._check_strategies()
        if self.nesterov and not self.momentum:
            raise SceneError("Training(nesterov=True) needs momentum above 0, as momentum=0.9")

    def _check_strategies(self) -> None:
        _expect_whole("segments", self.segments, 1)
        if self.epochs % self.segments:
            raise SceneError(
                f"Training(epochs={self.epochs}, segments={self.segments}): expected epochs that "
                f"can be cut into {self.segments} equal parts, as epochs={self.segments * 10}"
            )
        if self.patience is not None:
            _expect_whole("patience", self.patience, 1)
        if self.tol is not None and not 0 <= self.tol < float("inf"):
            raise SceneError(f"Training(tol={self.tol!r}): expected a number of 0 or more")
        if self.retry is not None and not isinstance(self.retry, Retry):
            raise SceneError(
                f"Training(retry={self.retry!r}): expected Retry(until=0.95, attempts=20)"
            )

    @property
    def loss_name(self) -> str:
        """The loss by name, or what a function of the scene's own is called."""
        return self.loss if isinstance(self.loss, str) else _called(self.loss)

    def described(self) -> dict[str, Any]:
        """Return all settings as plain JSON; functions by their names."""
        settings = {name: _called(v) if callable(v) else v for name, v in asdict(self).items()}
        return {**settings, "betas": list(self.betas)}


@dataclass(frozen=True)
class Source:
    """The file that a scene was read from: its name, its parameters, a hash of all its code."""

    file: str  # without folders: they tell of a machine, not of a film
    sha256: str
    settings: tuple[tuple[str, str], ...] = ()

    def described(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"file": self.file, "sha256": self.sha256, "settings": dict(self.settings)}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One film, declared.

    `model` is a function without arguments that returns a fresh torch module. `layer` is the name
    of the one looked at, the last hidden layer if left out. `views` are a row, or rows of rows;
    left out, the task decides. A scene file's docstring is its `caption`, its file name its `name`;
    `source` is set when it is read.
    `dataset` may also be an object with `.data` and `.target`, as `datasets.from_arrays` takes it.
    """

    dataset: Dataset
    model: Model
    training: Training = field(default_factory=Training)
    layer: str | None = None
    views: Sequence[View | Sequence[View]] | None = None
    timeline: Timeline | None = None
    theme: str = "dark"
    title: str | None = None
    caption: str = ""
    name: str = ""
    source: Source | None = None

    def __post_init__(self) -> None:
        if not hasattr(self.dataset, "arrays") and hasattr(self.dataset, "target"):
            object.__setattr__(self, "dataset", from_arrays(self.dataset))
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
        if not isinstance(self.timeline, Timeline | None):
            raise SceneError(f"timeline={self.timeline!r}: expected Timeline(seconds=12, …)")
        if self.theme not in tuple(THEMES):
            raise SceneError(unknown("theme", self.theme, THEMES))
        self._check_views()

    def _check_views(self) -> None:
        if self.views is not None and not isinstance(self.views, list | tuple):
            raise SceneError(f"views={self.views!r}: expected a list, as [views.HiddenSpace()]")
        kinds = {isinstance(entry, list | tuple) for entry in self.views or ()}
        if len(kinds) > 1:
            raise SceneError(
                f"views={self.views!r} mixes views and rows: expected a list of views, "
                "or a list of rows that are lists themselves"
            )
        for view in (view for row in self.rows for view in row):
            if isinstance(view, type):
                raise SceneError(
                    f"views hold the class {view.__name__}: expected a view, {view.__name__}()"
                )
            if not callable(getattr(view, "panels", None)) or not callable(
                getattr(view, "marks", None)
            ):
                raise SceneError(
                    f"views hold {view!r}: expected views, as views.HiddenSpace(), with "
                    "panels(film) and marks(film, t)"
                )

    def with_seed(self, seed: int) -> "Scene":
        """Return the same scene with data, weights and batches from another seed."""
        return replace(self, training=replace(self.training, seed=seed))

    @property
    def rows(self) -> tuple[tuple[View, ...], ...]:
        """The views as rows; none where the task decides."""
        if not self.views:
            return ()
        if isinstance(self.views[0], list | tuple):
            return tuple(tuple(row) for row in self.views)  # type: ignore[arg-type]
        return (tuple(self.views),)  # type: ignore[arg-type]


def _called(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


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


def _expect_betas(betas: object) -> None:
    numbers = betas if isinstance(betas, tuple | list) else ()
    if len(numbers) != 2 or not all(isinstance(b, int | float) and 0 <= b < 1 for b in numbers):
        raise SceneError(
            f"Training(betas={betas!r}): expected two numbers from 0 to below 1, "
            "as betas=(0.9, 0.999)"
        )


def _expect_whole(name: str, value: object, low: int, high: int | None = None) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise SceneError(f"Training({name}={value!r}): expected a whole number of {low} or more")
    if high is not None and value > high:
        raise SceneError(f"Training({name}={value!r}): expected a whole number up to {high}")
