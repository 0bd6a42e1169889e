"""Film: a recording with its model; the only thing that views ask.

Everything here is a function of a moment, training time in epochs, and `moment(t)` gives the
moment of a film time. Between snapshots the *parameters* are interpolated, so that every frame
shows a real network.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnanim import geometry
from nnanim.acts import Shown
from nnanim.dataset import Task
from nnanim.errors import SceneError, UsageError
from nnanim.events import Event, event_in
from nnanim.film.boundary import Boundary
from nnanim.film.clock import Clock
from nnanim.film.colored import Colored
from nnanim.film.figures import Figures
from nnanim.film.happenings import (
    Happened,
    Happenings,
    check_event,
    first_moment,
    happened,
    tell_missing,
)
from nnanim.film.lattice import Lattice
from nnanim.film.layered import Layered
from nnanim.film.pictured import Pictured
from nnanim.film.placed import Placed
from nnanim.film.replay import Replay, replay_of
from nnanim.film.sliced import seen_in
from nnanim.film.snapshot import Snapshot
from nnanim.film.spans import Spans
from nnanim.recording.description import said_in
from nnanim.recording.kept import Kept
from nnanim.recording.recording import Recording
from nnanim.renamed import knows_old
from nnanim.scene.shows import in_lines
from nnanim.scene.timeline import Timeline
from nnanim.types import Floats, Scaling
from nnanim.words import words_from

if TYPE_CHECKING:
    from torch import nn

T = TypeVar("T")

_TIMES = 64  # that are remembered with what is shown at them


@knows_old(captions="names")
class Film(Pictured, Layered, Colored):
    """A recording that can be looked at: any layer, any input, any moment.

    `model` is needed for a recording that has no module of its own. A film beside others is handed
    the `clock` that all share and its `spans` among theirs; the film of them all also its `tiles`,
    the `names` below them and the `lattice` in which small ones stand. Raises `RecordingError` for
    a recording that does not fit its model.
    """

    def __init__(
        self,
        recording: Recording,
        model: "Callable[[], nn.Module] | None" = None,
        *,
        timeline: Timeline | None = None,
        clock: Clock | None = None,
        spans: Spans | None = None,
        tiles: "Sequence[Film]" = (),
        names: Sequence[str] = (),
        lattice: Lattice | None = None,
    ) -> None:
        if not isinstance(recording, Recording):
            raise UsageError(
                f"Film takes a recording, not {type(recording).__name__}: Film(record(scene))"
            )
        scene = recording.scene
        declared = scene.timeline if scene is not None else None
        self._single = spans or Spans(replay_of(recording, model))
        self.recorded = self._single.replay
        self.clock = clock or Clock(timeline or declared or Timeline(), [self._single])
        self._shown: dict[float, Shown] = {}  # at the last times, which each view of a frame asks
        self._tiles = tuple(tiles)
        if tiles or self.clock.film is None:
            self.clock.film = self
        self.names, self.lattice = tuple(names), lattice
        self.recording = recording
        self.words = words_from(scene.words if scene is not None else "en")
        self.header = said_in(recording.header, self.words)
        self.task: Task = self.header.task
        self.timeline = self.clock.timeline
        self.data = self.recorded.data
        self.network = self.recorded.network
        self.window = self.recorded.window
        self.plane = self.recorded.plane
        if self.plane is not None:
            self.header = seen_in(self.header, self.plane, self.words)
        self.layer = self.recorded.layer
        self.epochs = self.recorded.epochs
        self.grid_lines = self.recorded.grid_lines
        self.followed = self.recorded.followed

    @property
    def replay(self) -> Replay:
        """What gives any layer's outputs at a moment: of means, where the film shows those.

        `recorded` is that of the training's own states.
        """
        return self._spans.replay

    @cached_property
    def _spans(self) -> Spans:
        return self.clock.shown_of(self._single)

    def scaling(self, index: int) -> Scaling:
        """Return (shift, step) of an input: what it is in the data's units is shift + step · x."""
        scaling = self.header.scaling
        return (0.0, 1.0) if scaling is None else (scaling[index][0], scaling[index][1])

    def __repr__(self) -> str:
        timeline, header = self.timeline, self.header
        return in_lines(
            "Film",
            header.name,
            " ".join(header.title.split()),
            {
                "time": f"{timeline.seconds:g} s for {self.epochs:g} epochs",
                "layers": ", ".join(self.network.hidden) or "none hidden",
                ".show()": "shows it; .still(epoch=…), .frame(epoch=…) and .snapshots are in it",
            },
        )

    @property
    def tiles(self) -> "Sequence[Film]":
        """The films that the picture shows side by side; most often this one alone."""
        return self._tiles or (self,)

    # -- time ------------------------------------------------------------------------------------

    def moment(self, t: float) -> float:
        """Return the training time in epochs that the film shows at `t` seconds."""
        return self.shown(t).moment

    def shown(self, t: float) -> Shown:
        """Return what the film shows at `t` seconds, its moment in epochs of this training."""
        found = self._shown.get(t)
        if found is None:
            shown = self.clock.shown(t)
            own = max(0.0, shown.moment) / self.stretch
            found = replace(shown, moment=self.recorded.shown(own, shown.kept))
            if len(self._shown) >= _TIMES:
                self._shown.clear()
            self._shown[t] = found
        return found

    def time_at(self, moment: float) -> float:
        """Return the first time in seconds at which the film shows that moment."""
        if not 0 <= moment <= self.epochs:
            raise UsageError(
                f"epoch {moment:g} is not in the film: it runs from 0 to {self.epochs:g}"
            )
        return self.clock.time_at(moment * self.stretch)

    def on(self, timeline: Timeline) -> "Film":
        """Return the same film on another clock."""
        return self.by(self.clock.on(timeline))

    def by(self, clock: Clock) -> "Film":
        """Return the same film by a clock of its own trainings."""
        tiles = [Film(tile.recording, clock=clock, spans=tile._single) for tile in self._tiles]
        told: dict[str, Any] = {"names": self.names, "lattice": self.lattice}
        return Film(self.recording, clock=clock, spans=self._single, tiles=tiles, **told)

    @property
    def acts(self) -> tuple[Placed, ...]:
        """The acts of the film in order, each with the time that it takes."""
        return self.clock.acts

    @property
    def stretch(self) -> float:
        """How many epochs of the picture's clock pass in one of this training."""
        return self.clock.stretch(self.epochs)

    def kept(self, moment: float) -> Kept | None:
        """Return what is told of the state at `moment`, if it is not of the epoch that is over.

        So it is at the end of a segment that ended on the best of its states, and only there.
        """
        found = (kept for kept in self.recording.kept if kept.at == moment != kept.epoch)
        return next(found, None)

    # -- states and outputs ----------------------------------------------------------------------

    @property
    def snapshots(self) -> list[Snapshot]:
        """The untrained network, then every epoch's end."""
        ends = np.flatnonzero(self.recording.epochs % 1 == 0)
        boundary = Boundary(self._single, self.decision)
        return [Snapshot(int(i), self.recorded, boundary) for i in ends]

    def state(self, moment: float) -> dict[str, NDArray[Any]]:
        """Return parameters and buffers by torch's names, interpolated between snapshots."""
        return self.replay.state(moment)

    def outputs(self, layer: str, inputs: Floats, moment: float) -> Floats:
        """Return the outputs (n, units) of `layer` for any `inputs` (n, inputs)."""
        return self.replay.outputs(self.replay.checked(layer), inputs, moment)

    def points(self, layer: str, moment: float) -> Floats:
        """Return the training data (n, units) as `layer` sees them."""
        return self.replay.points(layer, moment)

    def image(self, layer: str, moment: float) -> Floats:
        """Return the grid's points (lines × points, units), all in one, as `layer` sees them."""
        return self.replay.image(layer, moment)

    def grid(self, layer: str, moment: float) -> list[Floats]:
        """Return each line of the input grid (points, units) as `layer` sees it."""
        return self.replay.grid(layer, moment)

    def field(self, layer: str, side: int, moment: float) -> Floats:
        """Return the outputs (side, side, units) of `layer` over the input window.

        They belong to the middles of the window's cells; rows run up the second input, columns
        along the first. `SceneError` for other than two inputs.
        """
        if len(self.window) != 2:
            raise SceneError(f"a field lies over two inputs; this scene has {len(self.window)}")
        cells = geometry.cell_middles(self.window, side)
        return self.replay.known(f"field {side}", cells, layer, moment).reshape(side, side, -1)

    def curves(self, layer: str, lines: Sequence[Floats], moment: float) -> list[Floats]:
        """Return the images of input `lines` in `layer`, refined to 1/8000 of its limits."""
        return self._spans.refined(layer, lines, lambda x: self.replay.outputs(layer, x, moment))

    def limits(self, layer: str, units: Sequence[int] | None = None) -> Floats:
        """Return (low, high) for each of the `units` of `layer`, the same over the whole film.

        By the activation where it is bounded, else from a high percentile over the whole run,
        one span for all of them so that nothing is stretched. `units` left out are all.
        """
        return self._spans.limits(layer, units)

    def bounds(self, layer: str) -> tuple[float, float] | None:
        """Return what the outputs of `layer` can never leave, where its activation bounds them."""
        return self._spans.bounds(layer)

    def span(self, layer: str) -> tuple[float, float]:
        """Return (low, high) of what the units of `layer` give, the same over the whole film.

        By the activation where it is bounded, else from high percentiles over the whole run.
        """
        return self._spans.span(layer)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` gives, kept for the film's life: for what is constant over it."""
        return self.replay.once(key, make)

    # -- events ------------------------------------------------------------------------------------

    @property
    def events(self) -> tuple[Happened, ...]:
        """What has happened in the training, or in those side by side, in order; see `events`.

        Of accuracy, whether it has reached 0.9, 0.95 and 0.99.
        """
        return happened(self.tiles, self.names)

    def happens(self, event: Event | str) -> float | None:
        """Return the moment at which an event happens first, on the picture's clock; None: never.

        Raises `SceneError` for one that cannot happen here.
        """
        asked = event_in(event) if isinstance(event, str) else event
        check_event(asked, self.tiles, self.names)
        return first_moment(asked, self.tiles, self.names)

    def comes_to(self, event: Event) -> float | None:
        """Return the same for an event that an act or a pause is to be at.

        Where it does not happen, a line says so; `SceneError`, if it is required.
        """
        moment = self.happens(event)
        if moment is None and self.epochs > 0:  # of an untrained network nothing is known yet
            self.recorded.once(("told", event), lambda: tell_missing(event))
        return moment

    @cached_property
    def happenings(self) -> Happenings:
        """What happens in this training alone, where others stand beside it, whatever is shown."""
        boundary = Boundary(self._single, self.decision)
        return Happenings(boundary, Figures(self.recorded, self.decision, self._read))
