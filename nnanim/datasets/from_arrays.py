"""Own data: arrays that are at hand, as a data set."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import (
    Arrays,
    Scalings,
    Task,
    Window,
    advise,
    is_one_hot,
    lost_spreads,
)
from nnanim.dataset_checks import checked_arrays
from nnanim.datasets.naming import name_of, named_after
from nnanim.datasets.plain import check_size, names_of, place_of, plain
from nnanim.datasets.scaling import as_window, in_steps, spanned, standardizing
from nnanim.datasets.targets import Targets, labels_of, shortened, targets_of
from nnanim.errors import SceneError


@dataclass(frozen=True, eq=False)
class FromArrays:
    """Samples at hand, copied; made by `from_arrays`, `from_csv` and `from_npz`."""

    given: Arrays = field(repr=False)
    name: str
    task: Task
    window: Window
    class_names: tuple[str, ...]
    axis_names: tuple[str, ...]
    scaling: Scalings | None = None  # of standardized inputs: (mean, deviation)
    test_share: float = 0.0
    seed: int | None = None  # of the test share; None: the scene's
    as_classes: "FromArrays | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        share, n = self.test_share, len(self.given.inputs)
        if not isinstance(share, int | float) or not 0 <= share < 1:
            raise SceneError(f"test_share={share!r}: expected a share from 0 to below 1, as 0.2")
        if share and len(self.given.test_inputs):
            raise SceneError(f"test_share={share!r} and a test part came: leave one out")
        if share and self._held_out >= n:
            raise SceneError(f"test_share={share!r} leaves none of {n} samples to train on")

    @property
    def _held_out(self) -> int:
        return max(1, round(self.test_share * len(self.given.inputs)))

    def arrays(self, seed: int) -> Arrays:
        """Return copies of the samples, a `test_share` of them drawn from `seed` as test part."""
        given = self.given
        x, y, labels = given.inputs, given.targets, given.labels
        if not self.test_share:
            held, held_y = given.test_inputs, given.test_targets
            return replace(
                given,
                inputs=x.copy(),
                targets=y.copy(),
                test_inputs=held.copy(),
                test_targets=held_y.copy(),
            )
        rng = np.random.default_rng(seed if self.seed is None else self.seed)
        order = rng.permutation(len(x))
        test, train = np.sort(order[: self._held_out]), np.sort(order[self._held_out :])
        shown = None if labels is None else labels[train]
        return Arrays(x[train], y[train], x[test], y[test], shown, given.label_names)


def from_arrays(
    x: Any,
    y: Any = None,
    *,
    labels: Any = None,
    task: Task | None = None,
    test: tuple[Any, Any] | None = None,
    test_share: float = 0.0,
    class_names: Sequence[str] | None = None,
    axis_names: Sequence[str] | None = None,
    name: str | None = None,
    window: Window | None = None,
    standardize: bool = False,
    seed: int | None = None,
) -> FromArrays:
    """Return inputs `x` (n, inputs) and targets `y` (n,) or (n, outputs) as a data set.

    Inputs may be (n, …) too, as pictures (n, 1, 8, 8) and sequences (n, time, features) are: they
    have no window, and where they are the targets, those are a row each. All may be arrays, lists,
    tensors or data frames, or one object with `.data` and `.target`, such as scikit-learn's.
    Targets that are text, booleans or whole numbers are labels of classes, sorted: two make the
    task "binary", more "classes"; numbers with fractions make it "regression". Whole floats and
    one-hot rows are classes where the loss or the model's end says so. `task` overrides that.
    `labels` (n,), classes or numbers, colour the points and nothing else; with them `y` may be left
    out, and the task is "none": there is nothing to predict, as where the targets are the inputs.
    The test part is `test` (x, y), or a `test_share` drawn from the seed. Names of the data, of
    classes and axes are taken from what came where it has them. `window` is (low, high) for each
    input, by default a little more than the data span. `standardize` takes from each input its mean
    and divides by its standard deviation, for inputs of different units; axes, and `window`, keep
    the data's own. All is copied, and checked at once: raises `SceneError`.
    """
    name = named_after(x, y) if name is None else name
    features = classes = outputs = None
    if y is None and (labels is not None or task == "none"):
        y, task = x, "none"
    if y is None:
        x, y, features, classes = _taken_apart(x)
        outputs = classes
    axes = features or names_of(x, "columns") or name_of(x)
    given, wanted = _numbers("inputs", x, axes), plain("targets", y)
    beside, held_wanted = (given[:0], wanted[:0]) if test is None else _pair(test, given.shape[1:])
    if task is None and _is_itself(wanted, given):
        task = "none"
    _check_count(name, given, wanted)
    scaling = standardizing(given) if standardize else None
    inputs, held = in_steps(given, scaling), in_steps(beside, scaling)
    if task == "none" and wanted.shape == inputs.shape:
        wanted, held_wanted = (part.reshape(len(part), inputs[0].size) for part in (inputs, held))
    named = classes if class_names is None else class_names
    columns = names_of(y, "columns") if is_one_hot(wanted) else None
    targets = targets_of(wanted, held_wanted, task, named or columns)
    shown, label_names = labels_of(labels, named)
    if class_names is not None and not (targets.class_names or targets.as_classes or label_names):
        raise SceneError(f"class_names={class_names!r:.60} for a {targets.task}: leave them out")
    axes = axes if axis_names is None else list(axis_names)
    said = outputs or names_of(y, "columns") or name_of(y)
    spans = () if inputs.ndim > 2 else spanned(inputs, held)
    spans = spans if window is None else as_window(window, scaling)

    def read(targets: Targets) -> FromArrays:
        made = FromArrays(
            Arrays(inputs, targets.train, held, targets.test, shown, label_names),
            name,
            targets.task,
            spans,
            targets.class_names,
            _axes(axes, said, inputs, targets),
            scaling if inputs.ndim == 2 else None,  # no axis shows those of pictures
        )
        checked_arrays(made, 0)
        return replace(made, test_share=test_share, seed=seed)

    made = read(targets)
    _tell_of_orders(name, x, y)
    _tell_of_lost_spreads(made, given if scaling is None else given[:0], wanted)
    if targets.as_classes is None:
        return made
    return replace(made, as_classes=read(targets.as_classes))


def _check_count(name: str, given: NDArray[Any], wanted: NDArray[Any]) -> None:
    if len(given) < 2:
        raise SceneError(f"the data set {name!r} has {len(given)} samples: expected at least two")
    if len(wanted) != len(given):
        raise SceneError(
            f"the data set {name!r} has {len(given)} inputs but {len(wanted)} targets: expected "
            "one target for each input"
        )


def _taken_apart(came: Any) -> tuple[Any, Any, list[str] | None, list[str] | None]:
    """Return data, target and the names of features and classes of one object that holds them."""
    if not hasattr(came, "target") or not hasattr(came, "data"):
        raise SceneError(
            f"from_arrays came with one {type(came).__name__}: expected inputs and targets, "
            "from_arrays(x, y), labels=… in their place, or an object with .data and .target"
        )
    names = names_of(came, "feature_names"), names_of(came, "target_names")
    return came.data, came.target, *names


def _is_itself(targets: NDArray[Any], inputs: NDArray[Any]) -> bool:
    """Return whether the targets are the inputs, as an autoencoder's are."""
    alike = targets.shape == inputs.shape and inputs[:1].size > 1 and targets.dtype.kind in "iuf"
    with np.errstate(over="ignore"):
        return alike and np.array_equal(targets.astype(np.float32), inputs.astype(np.float32))


def _tell_of_orders(name: str, x: object, y: object) -> None:
    """Say that rows of data frames are not brought together by their index."""
    rows, others = names_of(x, "index"), names_of(y, "index")
    if rows is not None and others is not None and rows != others and set(rows) == set(others):
        advise(
            f"{name}: inputs and targets have the same index in another order: they are taken row "
            "by row; to go by the index, use y.loc[x.index]"
        )


def _pair(test: object, shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    if not isinstance(test, tuple | list) or len(test) != 2:
        raise SceneError(f"test={type(test).__name__}: expected inputs and targets, test=(x, y)")
    inputs = _numbers("test inputs", test[0], names_of(test[0], "columns"))
    if inputs.shape[1:] != shape:
        expected = ", ".join(map(str, ("n", *shape)))
        raise SceneError(
            f"test inputs have shape {inputs.shape}: expected ({expected}), as the inputs"
        )
    return inputs, plain("test targets", test[1])


def _numbers(what: str, came: object, names: list[str] | None) -> NDArray[Any]:
    """Return numbers (n, inputs) or (n, …) within what 32 bits hold, as they came."""
    values = plain(what, came)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim < 2 or 0 in values.shape[1:]:
        raise SceneError(f"{what} have shape {values.shape}: expected (n, inputs), or (n, …)")
    if values.dtype.kind not in "biuf":
        texts = values.ravel().tolist()
        where = next((i for i, text in enumerate(texts) if not _reads_as_number(text)), 0)
        at = place_of(values.shape, where, names)
        held = f", as {texts[where]!r:.60} in {at}" if texts else ""
        raise SceneError(
            f"{what} hold text{held}: expected numbers; leave such columns out, "
            "or use x.astype(float)"
        )
    check_size(what, values, names)
    return values


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _tell_of_lost_spreads(made: FromArrays, given: NDArray[Any], wanted: NDArray[Any]) -> None:
    """Say which columns do not keep their spread in 32 bits, in which everything is trained.

    `given` are inputs that are taken as they are.
    """
    names, width = made.axis_names, len(made.window)
    for column in lost_spreads(given):
        called = repr(names[column]) if width else f"column {column}"
        advise(
            f"{made.name}: 32 bits do not hold how the values of {called} differ, near "
            f"{given.reshape(len(given), -1)[0, column]:.10g}; give standardize=True, or take off "
            "its mean before"
        )
    for column in lost_spreads(wanted) if made.task == "regression" else ():
        advise(
            f"{made.name}: 32 bits do not hold how the targets {names[width + column]!r} "
            "differ: take off their mean before"
        )


def _axes(
    names: list[str] | None, outputs: list[str] | None, inputs: NDArray[Any], targets: Targets
) -> tuple[str, ...]:
    """Return the names of the inputs, then of the outputs of a regression."""
    width = inputs.shape[1] if inputs.ndim == 2 else 0
    several = targets.train.shape[1] if targets.task == "regression" else 0
    if names is None:
        short = ["x", "y"][:width] if width + several <= 2 else []
        names = short or [f"x{i + 1}" for i in range(width)]
    if len(names) == width and several:
        if outputs is None or len(outputs) != several:
            outputs = ["y"] if several == 1 else [f"y{i + 1}" for i in range(several)]
        names = names + outputs
    if len(names) != width + several:
        raise SceneError(
            f"axis_names has {len(names)} names: expected {width}, one for each input"
            + (f", or {width + several} with the targets'" if several else "")
        )
    return tuple(map(shortened, names))
