"""Maps: a training for each pixel, by the million, in blocks of pixels side by side."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.engines.machine import software
from nnanim.errors import UsageError
from nnanim.events import Event
from nnanim.network.torch_state import one_thread
from nnanim.scene.scene import Scene
from nnanim.scene.values import Axis
from nnanim.sweeps.block import Block, Tensors
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.given import Given, made_of
from nnanim.sweeps.makers import HERE, Maker, watched
from nnanim.sweeps.pixels import Named, Pixels
from nnanim.sweeps.planned import Planned, hash_of
from nnanim.sweeps.reached import check_event, epochs_of
from nnanim.threads import Progress
from nnanim.training.side_by_side import TOGETHER

Kept = NDArray[np.floating[Any]]  # a number for each pixel

FORMAT = 4
MOST = 10_000_000  # pixels
KEPT = ("first", "last", "total", "inverse", "late", "steps")  # of `Trained`, for each pixel

_SECONDS = 0.5  # of work that a block is to be
_ROOM = 64 * 2**20  # bytes of what a block's networks begin with, or of their states
_SOUGHT = 3.0  # times as much work, where an event is looked for
# Seconds by which work is judged: of a step, and of a parameter for each sample of a batch.
_STEP, _PRODUCT = 5e-9, 1e-10
_FINE = 1e-6  # of a rate: neighbours nearer than that are told apart in float64 only


@dataclass(frozen=True, eq=False)
class MapPlan(Planned):
    """What a map trains, cut into blocks of pixels, and the key under which these are kept.

    `code` is the SHA-256 of the scene's code, `settings` what is set besides the axes; `around`
    all trainings is what would take its time around each. An `event` is looked for in each.
    """

    pixels: Pixels
    code: str
    settings: Mapping[str, Any]
    around: Callable[[], AbstractContextManager[None]] = nullcontext
    file: Path | None = None  # of the scene, where it has one
    event: Event | None = None

    @cached_property
    def dtype(self) -> type[np.floating[Any]]:
        """The precision: float64 where neighbouring values differ by less than 1e-6 of them."""
        near = False
        for named, count in (
            (self.pixels.x, self.pixels.size[0]),
            (self.pixels.y, self.pixels.size[1]),
        ):
            low, high = named.value(0, count), named.value(1, count)
            near |= abs(high - low) < _FINE * max(abs(low), abs(high))
        return np.float64 if near else np.float32

    @cached_property
    def size(self) -> int:
        """How many pixels a block has."""
        run, p = self.pixels.run, self.pixels.parameters
        each = run.steps * (_STEP + run.batch_size * p * _PRODUCT)
        each *= 1.0 if self.event is None else _SOUGHT
        groups = min(_SECONDS / each, _ROOM / (8 * p)) / TOGETHER
        return max(1, int(groups)) * TOGETHER

    def __len__(self) -> int:
        width, height = self.pixels.size
        return width * height

    @cached_property
    def described(self) -> dict[str, Any]:
        """What the plan is, as plain JSON."""
        return {
            "format": FORMAT,
            "code": self.code,
            "versions": software(),
            "settings": {name: str(value) for name, value in self.settings.items()},
            "x": self.pixels.x.described(),
            "y": self.pixels.y.described(),
            "pixels": list(self.pixels.size),
            "precision": np.dtype(self.dtype).name,
            "size": self.size,
            "event": None if self.event is None else str(self.event),
        }

    def block(self, number: int) -> Block:
        """Train a block and return it."""
        return self.trained(number, self.numbers(number))

    def fits(self, block: Block) -> bool:
        """Return whether a block has what is kept, a number for each of its pixels."""
        count = len(self.numbers(block.number))
        names = (*KEPT, "score") if self.event is None else (*KEPT, "score", "epoch")
        shapes = {name: array.shape for name, array in block.tensors.items()}
        return shapes == dict.fromkeys(names, (count,))

    def trained(self, number: int, numbers: range) -> Block:
        """Train some pixels and return the block of that number."""
        with one_thread():
            parts = [self._part(part) for part in self._parts(numbers)]
        return Block(
            number, [], {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        )

    def _parts(self, numbers: range) -> list[range]:
        """Return numbers in parts whose states are not too many to hold, where these are needed."""
        if self.event is None:
            return [numbers]
        ends, size = self.pixels.run.training.epochs + 1, np.dtype(self.dtype).itemsize
        groups = _ROOM // (TOGETHER * ends * self.pixels.parameters * size)
        each = max(1, groups) * TOGETHER
        return [numbers[start : start + each] for start in range(0, len(numbers), each)]

    def _part(self, numbers: range) -> Tensors:
        """Train some pixels and return what is kept of them."""
        trained = self.pixels.train(numbers, self.dtype, states=self.event is not None)
        scores = self.pixels.scores(trained.parameters)
        # One that has lost its loss goes on as long as those beside it do.
        scores[trained.steps < self.pixels.run.steps] = np.nan
        tensors = {name: getattr(trained, name).astype(self.dtype) for name in KEPT}
        with np.errstate(over="ignore"):  # an R² of a network that is far off
            tensors["score"] = scores.astype(np.float32)
        if self.event is not None:
            tensors["epoch"] = epochs_of(self.pixels, self.event, trained)
        return tensors


@dataclass(frozen=True, eq=False)
class Map:
    """Trainings of a scene over two axes, a pixel each."""

    plan: MapPlan
    blocks: Sequence[Block]

    def kept(self, name: str) -> Kept:
        """Return what is `KEPT` of pixels (height, width), or "score", the lowest row first.

        Where an event is looked for, "epoch" is that in which it happens, NaN where it does not.
        """
        width, height = self.plan.pixels.size
        parts = [block.tensors[name] for block in self.blocks]
        return np.concatenate(parts).reshape(height, width)

    @cached_property
    def converges(self) -> NDArray[np.bool_]:
        """Whether the loss of the last tenth of the steps lies below the first (height, width)."""
        return self.kept("late") < 1

    @cached_property
    def speed(self) -> Kept:
        """How a loss goes (height, width): where it converges, -Σ loss / first loss over the steps.

        Where it diverges, Σ first loss / loss. So the quickest lie around 0, the slowest far from
        it (Sohl-Dickstein 2024).
        """
        return np.where(self.converges, -self.kept("total"), self.kept("inverse"))

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of all that is kept, whoever trained it in whatever order."""
        return hash_of(self.blocks)


def map_planned(
    scene: Given,
    x: tuple[str, Axis],
    y: tuple[str, Axis],
    size: tuple[int, int],
    settings: Mapping[str, Any] | None = None,
    event: Event | None = None,
) -> MapPlan:
    """Return what a map trains: the scene with two settings over their axes, others as given.

    An `event` is looked for in each training, one of the kinds of `reached.EXAMPLES`. Raises
    `UsageError` for axes that the scene has not, or that change what networks of a map have to
    share, for sizes that are none, and for an event that cannot happen.
    """
    width, height = size
    if min(size) < 2 or width * height > MOST:
        raise UsageError(
            f"a map of {width}x{height}: expected at least 2x2 networks, and at most {MOST:,}"
        )
    if x[0] == y[0]:
        raise UsageError(f"--x and --y are both {x[0]}: expected two settings")
    others = dict(settings or {})
    twice = next((name for name in (x[0], y[0]) if name in others), None)
    if twice is not None:
        raise UsageError(f"{twice} is an axis and set by --set: leave one out")
    make, code, around = made_of(scene)
    pixels = Pixels(partial(_with, make, others), Named(*x), Named(*y), size)
    file = Path(scene) if isinstance(scene, str | Path) else None
    plan = MapPlan(pixels, code, others, around, file, event)
    with one_thread(), plan.around():
        pixels.check()
        if event is not None:
            check_event(pixels, event)
    return plan


def mapped(
    plan: MapPlan,
    output: Path | None = None,
    maker: Maker = HERE,
    progress: Progress | None = None,
) -> Map:
    """Return the map of a plan; with `output`, a folder, finished blocks are kept there.

    `maker` trains them.
    """
    folder = None if output is None else Folder(output, plan, "map")
    with one_thread():
        made = watched(plan, maker, folder, range(plan.blocks), "trainings", progress)
        return Map(plan, sorted(made, key=lambda block: block.number))


def _with(
    make: Callable[[dict[str, Any]], Scene], others: dict[str, Any], told: dict[str, Any]
) -> Scene:
    return make({**others, **told})
