"""Sweep: many trainings of one scene, trained on all cores, and what they came to."""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.engines.crew import Crew, Executor
from nnanim.errors import SceneError, UsageError, during
from nnanim.events import Event
from nnanim.network.torch_state import one_thread
from nnanim.recording.record import record
from nnanim.recording.recording import Recording
from nnanim.rendering.films import render
from nnanim.rendering.video import Video
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.scene.shows import in_lines
from nnanim.sweeps.away import VERIFIED, Away
from nnanim.sweeps.block import COLUMNS, Block, Tensors
from nnanim.sweeps.cores import AllCores
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.given import Given, made_of
from nnanim.sweeps.makers import Here, Maker, watched
from nnanim.sweeps.phase import Phase, phase_of
from nnanim.sweeps.plan import SUCCESS, Plan
from nnanim.sweeps.planned import hash_of
from nnanim.sweeps.small import Only, Small, axes_of, comparison_of, small_of
from nnanim.sweeps.sought import check_events, events_of, sought_in, tell_cost
from nnanim.sweeps.variants import Settings, listed_of, variants_of
from nnanim.tables import Row
from nnanim.threads import Map, Progress
from nnanim.view import View

_CHECKED = 200  # values, before the first training

_log = logging.getLogger("nnanim")


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """Trainings of a scene, a row of the `table` each; `len(sweep)` are how many."""

    plan: Plan
    blocks: Sequence[Block]

    def __len__(self) -> int:
        return len(self.plan.variants)

    def __repr__(self) -> str:
        counts = counted(self.table)
        return in_lines(
            "Sweep",
            "" if self.plan.file is None else self.plan.file.stem,
            f"{len(self)} training{'s' * (len(self) != 1)}"
            + f" over {', '.join(self.plan.variants.varied)}" * bool(self.plan.variants.varied),
            {
                "came to": ", ".join(f"{count} {what}" for what, count in counts.items()),
                ".table": "a row for each; .phase(x=, y=) is the share that succeeds",
                ".film()": ".film(path) shows them as small multiples; .recording(i) is one of "
                "them, whole",
            },
        )

    @cached_property
    def table(self) -> list[Row]:
        """A row for each variant: its settings, loss, score, success, where it diverged, its error.

        `score` is accuracy or R² at the end, on the test part where there is one; `success_epoch`
        the first epoch at whose end it was a success. Each event that is looked for has a column of
        its name: the epoch in which it happens, None where it does not.
        """
        events = map(str, self.plan.events)
        names = dict.fromkeys(["variant", *self.plan.variants[0], *COLUMNS, *events])
        return [{n: row[n] for n in names} for block in self.blocks for row in block.rows]

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of all rows and all that is kept, whoever trained them in whatever order."""
        return hash_of(self.blocks)

    def settings(self, i: int) -> Settings:
        """Return the settings of a variant."""
        return dict(self.plan.variants[self._checked(i)])

    def scene(self, i: int) -> Scene:
        """Return the scene of a variant."""
        return self.plan.make(self.settings(i))

    def recording(self, i: int) -> Recording:
        """Return the whole recording of a variant, trained again to the same bits."""
        return record(self.scene(i))

    def kept(self, i: int) -> Tensors:
        """Return what is kept of a variant: its parameters at the end, and the `loss` (epochs,)."""
        block = self.blocks[self._checked(i) // self.plan.size]
        prefix = f"{i}/"
        return {
            name.removeprefix(prefix): array
            for name, array in block.tensors.items()
            if name.startswith(prefix)
        }

    @property
    def title(self) -> str:
        """What the sweep asks: the scene's title, else the first sentence of its description."""
        ran = next((row["variant"] for row in self.table if row["error"] is None), 0)
        made = self.plan.make(self.settings(ran))
        sentence = re.split(r"(?<=[.?!:;])\s", made.description, maxsplit=1)[0].rstrip(".:;")
        return made.title or sentence or made.name

    def axes(self, x: str | None = None, y: str | None = None) -> tuple[str, str] | None:
        """Return the two settings that a phase is over, where not given the first that vary.

        Seeds are no axes unless they are asked for. None where there are not two.
        """
        found = axes_of(self.plan.variants.varied, x, y)
        return (found[0], found[1]) if len(found) == 2 else None

    def phase(self, x: str, y: str, by: Event | str | None = None) -> Phase:
        """Return the share of trainings that succeed, by the values of two settings.

        With `by`, one of the events that are looked for, the share in which that happens.
        """
        event = None if by is None else sought_in(self.plan.events, by)
        return phase_of(self.table, self.plan.variants.varied, x, y, self.plan.success, event)

    def comparison(self, small: Small, views: Sequence[View] | None = None) -> Comparison:
        """Return what the film shows: trainings as small multiples, but for those that failed."""
        return comparison_of(self.plan, small, self._losses, self.title, views)

    def film(
        self,
        path: str | Path,
        x: str | None = None,
        y: str | None = None,
        only: Only | None = None,
        views: Sequence[View] | None = None,
        **how: Any,
    ) -> Video:
        """Make the film of up to 200 of the trainings as small multiples, on one clock.

        Columns are values of `x` and rows those of `y`, left out the first settings that vary, that
        of more values across; of all others the first value is shown, or those that `only` names,
        as {"seed": [3]}.
        `views` is what is shown of each, left out the scene's first; `how` as of `render`.
        Raises `UsageError` for more tiles.
        """
        small = small_of(self.plan.variants, x, y, only)
        with self.plan.around():
            return render(self.comparison(small, views), path, **how)

    def _losses(self, i: int) -> NDArray[np.float64] | None:
        """Return the mean loss of each epoch (epochs,) of a variant; None where it failed."""
        return self.blocks[i // self.plan.size].tensors.get(f"{i}/loss")

    def _checked(self, i: int) -> int:
        if not 0 <= i < len(self):
            raise UsageError(f"no variant {i}: expected one from 0 to {len(self) - 1}")
        return i


def sweep(
    scene: Given,
    values: Mapping[str, Iterable[Any]],
    output: str | Path | None = None,
    *,
    trials: Sequence[Mapping[str, Any]] | None = None,
    sample: int | None = None,
    seed: int = 0,
    success: float = SUCCESS,
    events: Sequence[Event | str] = (),
    map: Map | None = None,  # noqa: A002  # what it is like
    executor: Executor | Crew | None = None,
    verify: float = VERIFIED,
    mixed: bool = False,
    progress: Progress | None = None,
) -> Sweep:
    """Train a scene with every combination of `values`, the last changing fastest; see `Sweep`.

    `scene` is a Scene, a function that returns one, or a scene file; values are of keywords and of
    what has an address, as "training.lr", or a text as the command line has them, "log:1e-3:3:15".
    `trials` are settings that go together, `sample` draws as many from `seed`. `events`, as
    "boundary closes" or `nnanim.events` gives them, are looked for in each training, which may take
    longer than that; each becomes a column. With `output`, a folder, finished blocks are kept
    there, and a sweep that was killed goes on to the same bytes. It trains on all cores, many
    blocks of a scene file in processes beside this one and all else in threads, or as `map` spreads
    its blocks. Those of a file are trained, too, wherever an `executor` does it, anything that has
    `submit`, and of its answers a share `verify` is compared with what is trained here. Blocks of
    several kinds of processor are refused unless they may be `mixed`.

    A variant that fails is a row with its message; `SceneError` where all do, `UsageError` for a
    setting that the scene has not. `progress` is called with ("variants", done, total).
    """
    plan = planned(
        scene, values, trials=trials, sample=sample, seed=seed, success=success, events=events
    )
    if executor is not None and not isinstance(executor, Crew) and not hasattr(executor, "submit"):
        raise UsageError(
            f"executor={executor!r:.80}: expected what has submit(), as ProcessPoolExecutor of "
            "concurrent.futures"
        )
    folder = None if output is None else Path(output)
    maker: Maker = AllCores(mixed) if map is None else Here(map, mixed)
    if executor is not None:
        maker = Away(executor, verify, mixed=mixed)
    return swept(plan, folder, maker, progress)


def planned(
    scene: Given,
    values: Mapping[str, Iterable[Any]],
    *,
    trials: Sequence[Mapping[str, Any]] | None = None,
    sample: int | None = None,
    seed: int = 0,
    success: float = SUCCESS,
    events: Sequence[Event | str] = (),
) -> Plan:
    """Return what a sweep trains; values of settings and events are checked. See `sweep`."""
    if not success <= 1:
        raise UsageError(
            f"a success of {success:g}: expected a score of up to 1, of accuracy or R², as 0.95"
        )
    listed = {name: listed_of(name, given) for name, given in values.items()}
    variants = variants_of(listed, trials, sample, seed)
    make, code, around = made_of(scene)
    file = Path(scene) if isinstance(scene, str | Path) else None
    plan = Plan(make, variants, code, success, around, file, events_of(events))
    for settings in islice(variants.each_value(), _CHECKED):
        # What is wrong with a variant itself is to be told in its row.
        with suppress(SceneError), during("the variant"):
            plan.make(settings)
    with plan.around():
        check_events(plan)
    return plan


def counted(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many trainings of a table succeed, diverge and fail."""
    return {
        "succeed": sum(bool(row["success"]) for row in rows),
        "diverge": sum(row["diverged_at"] is not None for row in rows),
        "fail": sum(row["error"] is not None for row in rows),
    }


def swept(
    plan: Plan,
    output: Path | None = None,
    maker: Maker = AllCores(),  # noqa: B008  # it is frozen
    progress: Progress | None = None,
    numbers: range | None = None,
) -> Sweep:
    """Return the sweep of a plan; of the blocks of some `numbers` only, where these are given.

    `maker` trains them.
    """
    folder = None if output is None else Folder(output, plan)
    asked = range(plan.blocks) if numbers is None else numbers
    total = min(len(asked) * plan.size, len(plan.variants))
    if plan.events and any(folder is None or folder.block(n) is None for n in asked):
        with plan.around():
            tell_cost(plan)
    with one_thread():
        made = watched(plan, maker, folder, asked, "variants", progress)
        blocks = sorted(made, key=lambda block: block.number)
    failed = [row for block in blocks for row in block.rows if row["error"] is not None]
    if blocks and len(failed) == sum(len(block.rows) for block in blocks):
        many = f"all {len(failed)} variants fail, the first" * (len(failed) > 1)
        raise SceneError(f"{many or 'the only variant fails'} by: {failed[0]['error']}")
    if failed:
        _log.warning(
            "%d of %d variants fail, the first by: %s", len(failed), total, failed[0]["error"]
        )
    return Sweep(plan, blocks)
