"""Film: a recording with its model; the only thing that views ask.

Everything here is a function of a moment, training time in epochs, and `moment(t)` gives the
moment of a film time. Between snapshots the *parameters* are interpolated, so that every frame
shows a real network.
"""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim import geometry
from nnanim.dataset import Task
from nnanim.errors import SceneError, UsageError
from nnanim.film.closure import closes
from nnanim.film.fitting import check_agreement
from nnanim.film.pace import pace_table
from nnanim.film.replay import Replay
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.decision import Decision, input_boundary, onto_boundary
from nnanim.network.losses import LOSSES
from nnanim.network.network import Layer, Network, initial_module, one_thread
from nnanim.network.score import Scorer, decision_for, loss_value
from nnanim.network.stack import module_of
from nnanim.recording.recording import Recording
from nnanim.scene.timeline import Clock, Timeline
from nnanim.types import Floats

if TYPE_CHECKING:
    from torch import nn

T = TypeVar("T")

_LOOKERS = 4  # threads that look over a run before its film begins
PANEL_MARGIN = 0.06  # share of the input window that a panel shows beyond it, at each end


@dataclass(frozen=True, eq=False)
class History:
    """Loss and score (n,) at `moments` (n,) over a whole run."""

    moments: Floats
    loss: Floats
    score: Floats


class Film:
    """A recording that can be looked at: any layer, any input, any moment.

    `model` is needed for a recording that has no module of its own. Raises `RecordingError` for
    a recording that does not fit its model.
    """

    def __init__(
        self,
        recording: Recording,
        model: "Callable[[], nn.Module] | None" = None,
        *,
        timeline: Timeline | None = None,
    ) -> None:
        if not isinstance(recording, Recording):
            raise UsageError(
                f"Film takes a recording, not {type(recording).__name__}: Film(record(scene))"
            )
        module = initial_module(model, 0) if model is not None else _module_of(recording)
        declared = recording.scene.timeline if recording.scene is not None else None
        self.recording = recording
        self.header = recording.header
        self.timeline = timeline or declared or Timeline()
        self.data = recording.data
        self.network = Network(module, self.data.inputs.shape[1])
        check_agreement(recording, module, self.network)
        self.window: Floats = np.array(self.header.window, float)
        self.task: Task = self.header.task
        self.layer = self._checked(self.network.looked_at(self.header.layer))
        self.epochs = float(recording.epochs[-1])
        self.grid_lines = geometry.grid_lines(self.window)
        self.replay = Replay(recording, self.network)
        self._limits: dict[str, Floats] = {}
        self._constants: dict[Hashable, Any] = {}

    # -- several side by side --------------------------------------------------------------------

    @property
    def tiles(self) -> "Sequence[Film]":
        """The films that the picture shows side by side; most often this one alone."""
        return (self,)

    @property
    def captions(self) -> Sequence[str]:
        """What stands under each of several tiles."""
        return ()

    @property
    def clock(self) -> Clock:
        """Whether the picture's clock shows epochs, or the share of trainings that is over."""
        return "epochs"

    @property
    def stretch(self) -> float:
        """How many epochs of the picture's clock pass in one of this training."""
        return 1.0

    # -- time ------------------------------------------------------------------------------------

    def moment(self, t: float) -> float:
        """Return the training time in epochs that the film shows at `t` seconds."""
        progress, moments = self._pace
        return float(np.interp(self.timeline.progress(t), progress, moments))

    def time_at(self, moment: float) -> float:
        """Return the film time in seconds at which that moment is shown."""
        if not 0 <= moment <= self.epochs:
            raise UsageError(
                f"epoch {moment:g} is not in the film: it runs from 0 to {self.epochs:g}"
            )
        progress, moments = self._pace
        return self.timeline.time_at(float(np.interp(moment, moments, progress)))

    @cached_property
    def _pace(self) -> tuple[Floats, Floats]:
        """Film progress in [0, 1] and the moment there, both rising."""
        return pace_table(
            self.timeline.pace,
            self.sampled_moments(200),
            self.header.steps_per_epoch,
            self.motion_image,
        )

    def motion_image(self, moment: float) -> Floats:
        """Return what moves in the picture, in units of its panel: the images of the grid."""
        names = [self.layer] if self.layer else []
        images = [(self.image(name, moment), self.limits(name)) for name in names]
        if self.task == "regression":
            span = np.ptp(self.data.targets, axis=0) + 1e-12
            images.append((self.image("", moment), np.stack([0 * span, span], axis=1)))
        if not images:
            images.append((self.image("", moment), np.array([[0.0, 1.0]])))
        return np.concatenate([(h / (box[:, 1] - box[:, 0])).ravel() for h, box in images])

    def sampled_moments(self, count: int) -> Floats:
        """Return moments (about `count`,) over the run, evenly spaced and denser at its start."""
        first = max(self.epochs / 1e4, 1 / self.header.steps_per_epoch)
        early = np.geomspace(min(first, self.epochs or 1.0), self.epochs or 1.0, count // 2)
        evenly = np.linspace(0.0, self.epochs, count // 2)
        return np.unique(np.clip(np.concatenate([evenly, early]), 0.0, self.epochs))

    # -- states and outputs ----------------------------------------------------------------------

    @property
    def snapshots(self) -> "list[Snapshot]":
        """The untrained network, then every epoch's end."""
        ends = np.flatnonzero(self.recording.epochs % 1 == 0)
        return [Snapshot(self, int(i)) for i in ends]

    def looked_at(self, layer: str | None, view: str) -> Layer:
        """Return the layer that a view of this name is to show: the film's where it names none.

        Raises `SceneError` for a layer that there is not, and where the model has none.
        """
        if not (layer or self.layer):
            raise SceneError(
                f"{view} needs a hidden layer; this model has none: use InputSpace or Fit"
            )
        return self.network.layer(layer or self.layer)

    def state(self, moment: float) -> dict[str, NDArray[Any]]:
        """Return parameters and buffers by torch's names, interpolated between snapshots."""
        return self.replay.state(moment)

    def outputs(self, layer: str, inputs: Floats, moment: float) -> Floats:
        """Return the outputs (n, units) of `layer` for any `inputs` (n, inputs)."""
        return self.replay.outputs(self._checked(layer), inputs, moment)

    def points(self, layer: str, moment: float) -> Floats:
        """Return the training data (n, units) as `layer` sees them."""
        return self._shared("data", self.data.inputs, layer, moment)

    def image(self, layer: str, moment: float) -> Floats:
        """Return the grid's points (lines × points, units), all in one, as `layer` sees them."""
        lines = self.grid_lines or [self.data.inputs[:2000]]
        return self._shared("grid", np.concatenate(lines), layer, moment)

    def grid(self, layer: str, moment: float) -> list[Floats]:
        """Return each line of the input grid (points, units) as `layer` sees it."""
        if not self.grid_lines:
            return []
        image, end, lines = self.image(layer, moment), 0, []
        for line in self.grid_lines:
            start, end = end, end + len(line)
            lines.append(image[start:end])
        return lines

    def field(self, layer: str, side: int, moment: float) -> Floats:
        """Return the outputs (side, side, units) of `layer` over the input window.

        They belong to the middles of the window's cells; rows run up the second input, columns
        along the first. `SceneError` for other than two inputs.
        """
        if len(self.window) != 2:
            raise SceneError(f"a field lies over two inputs; this scene has {len(self.window)}")
        cells = geometry.cell_middles(self.window, side)
        return self._shared(f"field {side}", cells, layer, moment).reshape(side, side, -1)

    def curves(self, layer: str, lines: Sequence[Floats], moment: float) -> list[Floats]:
        """Return the images of input `lines` in `layer`, refined to 1/8000 of its limits."""
        return self._refined(layer, lines, lambda x: self.replay.outputs(layer, x, moment))

    def limits(self, layer: str) -> Floats:
        """Return (low, high) for each unit of `layer`, the same over the whole film.

        By the activation where it is bounded, else from a high percentile over the whole run,
        one span for all units so that nothing is stretched.
        """
        if layer not in self._limits:
            self._limits[layer] = self._limits_of(layer)
        return self._limits[layer]

    def bounds(self, layer: str) -> tuple[float, float] | None:
        """Return what the outputs of `layer` can never leave, where its activation bounds them."""
        known = ACTIVATIONS.get(self.network.layer(layer).kind)
        return (known.low, known.high) if known is not None and known.bounded else None

    def _limits_of(self, layer: str) -> Floats:
        found, bounds = self.network.layer(layer), self.bounds(layer)
        if bounds is not None:
            return geometry.widen(np.tile(bounds, (found.units, 1)), 0.09)
        values = np.concatenate(
            [
                part
                for moment in self.sampled_moments(32)
                for part in (self.points(layer, moment)[:4000], self.image(layer, moment))
            ]
        ).astype(np.float64)
        # What a training that diverges throws beyond all numbers is beyond the panel too.
        values = values[np.isfinite(values).all(axis=1)]
        if not len(values):
            return np.tile([-1.0, 1.0], (found.units, 1))
        low, high = np.percentile(values, [0.5, 99.5], axis=0)
        middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6)
        return geometry.widen(np.stack([middle - half, middle + half], axis=1), 0.06)

    def span(self, layer: str) -> tuple[float, float]:
        """Return (low, high) of what the units of `layer` give, the same over the whole film.

        By the activation where it is bounded, else from high percentiles over the whole run.
        """
        return self.bounds(layer) or self.once(("span", layer), lambda: self._span_of(layer))

    def _span_of(self, layer: str) -> tuple[float, float]:
        values = np.concatenate([self.image(layer, m) for m in self.sampled_moments(32)])
        finite = values[np.isfinite(values)]
        low, high = np.percentile(finite, [0.5, 99.5]) if len(finite) else (0.0, 1.0)
        return float(low), float(max(high, low + 1e-6))

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, kept for the film's life: for what is constant over it."""
        if key not in self._constants:
            self._constants[key] = make()
        return self._constants[key]  # type: ignore[no-any-return]

    # -- decisions and figures -------------------------------------------------------------------

    @cached_property
    def decision(self) -> Decision | None:
        """How the network's scores become classes; None for regression."""
        loss = self.header.loss
        return decision_for(self.task, self.network, loss, self.data.targets)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """The class (n,) of each training sample; zeros for regression."""
        if self.decision is None:
            return np.zeros(len(self.data.targets), np.int64)
        return self.decision.labels(self.data.targets)

    def scores(self, inputs: Floats, moment: float) -> Floats:
        """Return the read-out's scores (n, outputs) for any `inputs` (n, inputs)."""
        return self.outputs(self.network.scores, inputs, moment)

    def hyperplane(self, moment: float) -> tuple[Floats, float] | None:
        """Return (normal, offset) of the boundary in the last hidden layer, where there is one."""
        read_out = self.network.read_out
        if self.decision is None or not self.decision.binary or read_out is None:
            return None
        return self.decision.hyperplane(read_out, self.replay.state(moment))

    def boundary(self, moment: float, layer: str | None = None) -> list[Floats]:
        """Return the decision boundary as lines (m, units) in `layer`, or (m, 2) in input space.

        It is the contour of the score over the input window, pushed through the network up to
        `layer`: exact for any layer and width. Empty for regression and for other than two inputs.
        """
        if self.decision is None or len(self.window) != 2:
            return []
        box = geometry.widen(self.window, PANEL_MARGIN)
        known = self.network, self.replay.state(moment), self.decision, box
        lines = self.replay.remembered(("boundary", moment), lambda: input_boundary(*known))
        if layer is None:
            return lines
        # The middle of a chord is not on the boundary: it is moved there before it is pushed.
        return self._refined(
            layer, lines, lambda x: self.replay.outputs(layer, onto_boundary(*known, x), moment)
        )

    def closed_boundary(self, moment: float) -> bool:
        """Return whether the boundary between two classes closes inside the window: see `closes`.

        Raises `SceneError` for other than two classes over two inputs.
        """
        decision = self.decision
        if decision is None or not decision.binary or len(self.window) != 2:
            raise SceneError(
                f"whether a boundary closes is asked of two classes over two inputs; this scene "
                f"has {len(self.window)} inputs and the task {self.task}"
            )
        box = geometry.widen(self.window, PANEL_MARGIN)
        return self.replay.remembered(
            ("closed boundary", moment),
            lambda: closes(lambda points: decision.margin(self.scores(points, moment)), box),
        )

    def loss(self, moment: float) -> float:
        """Return the loss over all training data; of a loss without a name, the batch's."""
        name = self.header.loss
        if name not in LOSSES:
            return float(np.interp(moment, self.recording.epochs, self.recording.loss))
        with one_thread():
            return loss_value(name, self.points("", moment), self.data.targets)

    @property
    def score_name(self) -> str:
        """What `score` is called in the picture."""
        return "R²" if self.decision is None else "accuracy"

    def score(self, moment: float) -> float:
        """Return accuracy, or R² for regression, on the test part where there is one."""
        if len(self.data.test_inputs):
            return self._scorer.at(self.replay.state(moment))
        return self._scorer.of(self.points(self._scorer.layer, moment))

    @cached_property
    def _scorer(self) -> Scorer:
        return Scorer(self.network, self.decision, self.data)

    @cached_property
    def history(self) -> History:
        """Loss and score over the whole run."""
        moments = self.sampled_moments(240)

        def look(moment: float) -> tuple[float, float]:
            return self.loss(moment), self.score(moment)  # of one pass, while that is remembered

        with ThreadPoolExecutor(_LOOKERS) as threads:
            found = np.array(list(threads.map(look, moments.tolist())))
        return History(moments, found[:, 0], found[:, 1])

    def frame(
        self, t: float, size: tuple[int, int] = (1920, 1080), theme: str | None = None
    ) -> NDArray[np.uint8]:
        """Return the picture (height, width, 4) at `t` seconds, RGBA."""
        from nnanim.rendering.filming import picture_of

        return picture_of(self, t, size, theme)

    # -- inside ----------------------------------------------------------------------------------

    def _checked(self, layer: str) -> str:
        return self.network.layer(layer).name if layer else ""

    def _refined(self, layer: str, lines: Sequence[Floats], image: geometry.Curve) -> list[Floats]:
        if not lines:
            return []
        box = self.limits(layer)
        return geometry.refine(image, lines, float((box[:, 1] - box[:, 0]).max()) / 8000)

    def _shared(self, what: str, inputs: Floats, layer: str, moment: float) -> Floats:
        """Return what `layer` gives for the data or the grid; one pass serves all hidden layers."""
        names = frozenset({*self.network.hidden, self.layer, self.network.scores, ""})
        if self._checked(layer) not in names:
            return self.outputs(layer, inputs, moment)
        return self.replay.shared(what, inputs, moment, names)[layer]


def _module_of(recording: Recording) -> "nn.Module":
    """Return a recording's own module, or the one that its table of layers describes."""
    if recording.module is not None:
        return recording.module
    if recording.header.layers is None:
        raise SceneError(
            "the recording does not hold its model, which is no stack of known layers: give the "
            "function that builds it, as Film(recording, model=…) or --model file.py:make"
        )
    return module_of(recording.header.layers, recording.state(0))


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One state of a recording; what is derived from it is computed on asking."""

    film: "Film"
    index: int

    @property
    def step(self) -> int:
        """Optimiser steps done."""
        return int(self.film.recording.steps[self.index])

    @property
    def epoch(self) -> float:
        """Training time in epochs."""
        return float(self.film.recording.epochs[self.index])

    @property
    def loss(self) -> float:
        """Loss of the batch that led here."""
        return float(self.film.recording.loss[self.index])

    @property
    def parameters(self) -> dict[str, NDArray[Any]]:
        """Parameters and buffers by their torch names."""
        return self.film.recording.state(self.index)

    def points(self, layer: str) -> Floats:
        """Return the data (n, units), seen by that layer."""
        return self.film.points(layer, self.epoch)

    def grid(self, layer: str) -> list[Floats]:
        """Return the deformed grid lines (points, units), seen by that layer."""
        return self.film.grid(layer, self.epoch)

    def boundary(self, layer: str | None = None) -> list[Floats]:
        """Return the decision boundary in `layer`; left out, the line in the last hidden layer."""
        read_out = self.film.network.read_out
        last = read_out.layer if read_out is not None else ""
        plane = self.film.hyperplane(self.epoch)
        if last and layer in (None, last) and plane is not None and len(plane[0]) == 2:
            line = geometry.clip_line(*plane, self.film.limits(last))
            return [] if line is None else [line]
        return self.film.boundary(self.epoch, layer or last or None)
