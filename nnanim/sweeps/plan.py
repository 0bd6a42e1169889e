"""Plan: what a sweep trains, cut into blocks, and the key under which its blocks are kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nnanim.engines.machine import software
from nnanim.errors import NnanimError, during
from nnanim.events import Event
from nnanim.network.torch_state import one_thread
from nnanim.scene.scene import Scene
from nnanim.sweeps.block import Block, Making, trained_block
from nnanim.sweeps.planned import Planned
from nnanim.sweeps.variants import Variants
from nnanim.training.run import Run, prepare

FORMAT = 3
SUCCESS = 0.95  # a score of accuracy or R²
_SECONDS = 1.0  # of work that a block is to be
_MOST = 200  # variants of a block
_TRIED = 20  # variants, for one that can be trained

# Seconds by which work is judged: of a training, of a step, of a parameter for each sample of a
# batch. They need be about right only; measured, they would be another plan on another machine.
_TRAINING, _STEP, _PRODUCT = 0.01, 1e-6, 1.5e-9
_TORCH_STEP = 5e-4
_EVENT = 0.2  # of looking for an event in a training


@dataclass(frozen=True, eq=False)
class Plan(Planned):
    """The variants of a scene, which `make` makes of settings, and what a success is.

    `code` is the SHA-256 of the scene's code; `around` all trainings is what would take its time
    around each. Blocks are cut by how much work a training is, as
    its steps and parameters tell, so that they are the same everywhere.
    """

    make: Making
    variants: Variants
    code: str
    success: float = SUCCESS
    around: Callable[[], AbstractContextManager[None]] = nullcontext
    file: Path | None = None  # of the scene, where it has one
    events: tuple[Event, ...] = ()  # that are looked for in each training

    @cached_property
    def size(self) -> int:
        """How many variants a block has."""
        for i in range(min(_TRIED, len(self.variants))):
            with suppress(NnanimError), during("the variant"):
                work = _work(self.make(self.variants[i])) + len(self.events) * _EVENT
                return max(1, min(_MOST, int(_SECONDS / work)))
        return _MOST

    def __len__(self) -> int:
        return len(self.variants)

    @cached_property
    def described(self) -> dict[str, Any]:
        """What the plan is, as plain JSON."""
        return {
            "format": FORMAT,
            "code": self.code,
            "versions": software(),
            "success": self.success,
            "events": list(map(str, self.events)),
            "size": self.size,
            **self.variants.described(),
        }

    def fits(self, block: Block) -> bool:
        """Return whether a block has a row for each of its variants."""
        return [row["variant"] for row in block.rows] == list(self.numbers(block.number))

    def block(self, number: int) -> Block:
        """Train a block and return it."""
        chosen = [(i, self.variants[i]) for i in self.numbers(number)]
        with one_thread():
            return trained_block(number, chosen, self.make, self.success, self.events)


def _work(scene: Scene) -> float:
    """Return about how many seconds a training takes."""
    run = prepare(scene)
    attempts = 1 if run.training.retry is None else run.training.retry.attempts
    return attempts * (_TRAINING + run.steps * _step(run))


def _step(run: Run) -> float:
    if run.network.stack is None:
        return _TORCH_STEP
    return _STEP + run.batch_size * run.network.size * _PRODUCT
