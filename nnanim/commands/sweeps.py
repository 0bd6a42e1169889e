"""Sweeps: many trainings of a scene, a table of them and a picture."""

import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnanim.commands.engines import Elsewhere, elsewhere_options
from nnanim.commands.sweep_outputs import Outputs, output_options
from nnanim.commands.terminal import output_path, say, settings_in, work_on
from nnanim.errors import UsageError

if TYPE_CHECKING:
    from nnanim.sweeps.plan import Plan

_log = logging.getLogger("nnanim")


@click.command()
@click.argument("scene", type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUES",
              help="Values of a parameter or of what the scene declares: a,b,c or 1..8 or "
              "log:1e-3:3:15; of several --set, every combination.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The folder.  [default: renders/<scene>.sweep]")  # fmt: skip
@click.option("--trials", type=click.Path(path_type=Path), metavar="FILE.csv",
              help="Settings that go together, a line each, as of Optuna or W&B.")  # fmt: skip
@click.option("--sample", type=int, metavar="N", help="Train N of the combinations, drawn.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Of what --sample draws.  [0]")
@click.option("--success", type=float, default=0.95, metavar="SCORE",
              help="The score that counts as a success.  [0.95]")  # fmt: skip
@click.option("--event", "events", multiple=True, metavar="EVENT",
              help='A column more: the epoch in which it happens, as "boundary closes"; what '
              "looking for it takes is said.")  # fmt: skip
@output_options
@click.option("--blocks", metavar="FIRST-LAST",
              help="Train these blocks only, as on one node of many; then --gather.")  # fmt: skip
@click.option("--gather", is_flag=True, help="Train nothing: join the blocks that are there.")
@elsewhere_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def sweep(
    scene: Path,
    settings: tuple[str, ...],
    output: Path | None,
    trials: Path | None,
    sample: int | None,
    seed: int,
    success: float,
    events: tuple[str, ...],
    blocks: str | None,
    gather: bool,
    outputs: Outputs,
    elsewhere: Elsewhere,
    as_json: bool,
) -> None:
    """Train a scene with every combination of settings, on all cores or the workers of a scheduler.

    Into a folder go a table, results.csv and .json, and a picture, phase.png, .svg and .html: the
    share of trainings that succeed, over two settings; with --film, a film of them as small
    multiples. A sweep that was cut off goes on.
    """
    from nnanim.scene.files import ran
    from nnanim.scene.finding import scene_file
    from nnanim.scene.knobs import keywords_of
    from nnanim.sweeps.sweep import counted, planned, swept
    from nnanim.sweeps.trials import trials_in

    if blocks is not None and gather:
        raise UsageError("--blocks trains some blocks, --gather none: leave one out")
    file = scene_file(scene)
    folder = output_path(f"{file.stem}.sweep", None) if output is None else output
    with work_on(file) as progress:
        rows = None if trials is None else trials_in(trials, lambda: keywords_of(ran(file).found))
        plan = planned(
            file,
            settings_in(settings),
            trials=rows,
            sample=sample,
            seed=seed,
            success=success,
            events=events,
        )
        small = outputs.small(plan)
        numbers = _asked(plan, folder, blocks, gather)
        with elsewhere.maker() as maker:
            done = swept(plan, folder, maker, progress, numbers)
        files = [] if blocks is not None else outputs.write(done, folder, small, progress)
    if blocks is not None:
        told = {"path": str(folder), "blocks": len(done.blocks)}
        say(json.dumps(told) if as_json else str(folder))
        return
    counts = counted(done.table)
    told = {
        "path": str(folder),
        "variants": len(done),
        "succeeded": counts["succeed"],
        "diverged": counts["diverge"],
        "failed": counts["fail"],
        "blocks": plan.blocks,
        "hash": done.hash,
    }
    if as_json:
        say(json.dumps({**told, "files": list(map(str, files))}))
        return
    of = "1 training" if len(done) == 1 else f"{len(done)} trainings"
    _log.info(
        "%s, of which %d succeed, %d diverge and %d fail; the hash is %s",
        *(of, *counts.values(), done.hash),
    )
    for path in files:
        say(str(path))


def _asked(plan: "Plan", folder: Path, blocks: str | None, gather: bool) -> range | None:
    """Return the numbers of the blocks that are asked for; None for all."""
    if gather:
        from nnanim.sweeps.folder import Folder

        there = Folder(folder, plan)
        lacking = [number for number in range(plan.blocks) if there.block(number) is None]
        if lacking:
            listed = ", ".join(map(str, lacking[:10])) + ", …" * (len(lacking) > 10)
            raise UsageError(
                f"{len(lacking)} of {plan.blocks} blocks are not in {folder}: {listed}; train them "
                f"by --blocks {lacking[0]}-{lacking[-1]}"
            )
        return None
    if blocks is None:
        return None
    found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", blocks)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not first <= last:
        raise UsageError(f"--blocks {blocks}: expected a number or two, as --blocks 0-99")
    if first >= plan.blocks:
        raise UsageError(f"--blocks {blocks}: there are {plan.blocks}, 0 to {plan.blocks - 1}")
    return range(first, min(last + 1, plan.blocks))
