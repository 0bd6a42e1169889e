"""Record a scene: train its network once and keep the training as data."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import SceneError
from nnanim.recording import cache
from nnanim.recording.declared import begins_with, redescribed
from nnanim.recording.description import header_of_scene
from nnanim.recording.fingerprint import declared, key_of, plain, reusable
from nnanim.recording.growing import Growing, Grown
from nnanim.recording.header import Header
from nnanim.recording.journal import Journal, blocks_folder, is_ours, remove
from nnanim.recording.recording import Recording, checked_path
from nnanim.recording.tested import tested_by
from nnanim.scene.scene import Scene
from nnanim.threads import Progress
from nnanim.training.guard import refusal
from nnanim.training.kernel_trainer import kernel_trainer
from nnanim.training.pace import seconds_by
from nnanim.training.run import Run, again, prepare
from nnanim.training.strategy import Trained, train
from nnanim.training.trainer import Trainer
from nnanim.types import State

if TYPE_CHECKING:
    from nnanim.recording.probe import Probe

_log = logging.getLogger("nnanim")


def record(
    scene: Scene,
    path: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Recording:
    """Return the recording of `scene`'s training; everything is checked before step 0.

    With `path`, a .safetensors file, it is written there too: finished blocks in a folder beside it
    while training goes on, the file when it is whole. With `resume`, a training that was killed
    goes on from its last finished block, to the same bits. The same scene gives the same recording,
    bit for bit, on the same kind of machine. `progress` is called with ("training", steps done,
    steps in all). Raises `SceneError`, and `WriteError` where the disk refuses.
    """
    return record_run(scene, prepare(scene), path, resume, progress)


def record_run(
    scene: Scene,
    run: Run,
    path: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    grown: Grown | None = None,
) -> Recording:
    """Return the recording of a scene that `prepare` has made ready; see `record`.

    Without a `path`, `grown` is given that of a long training about each second, as far as it has
    come.
    """
    trainer_of, named = _trainer(run)
    # Before torch trains the module in place.
    header = replace(header_of_scene(scene, run), **named)
    probe = _probe(scene, run)
    if path is None:
        blocks = None
        if grown is not None:
            blocks = Growing(_recording(scene, run, header, _untrained(run), None), grown)
        return _recording(scene, run, header, train(run, trainer_of, blocks, progress), probe)
    path = checked_path(path)
    if resume and path.is_file():
        whole = Recording.load(path)
        if whole.header.key == header.key and _is_same(whole, run, probe):
            if is_ours(blocks_folder(path)):  # a run that was killed at its very end
                remove(blocks_folder(path))
            return _redescribed(whole, scene, run)
    journal = Journal(path, _recording(scene, run, header, _untrained(run), probe), resume)
    recording = _recording(scene, run, header, train(run, trainer_of, journal, progress), probe)
    recording.save(path)
    journal.close()
    return recording


def cached_recording(scene: Scene, run: Run, progress: Progress | None = None) -> Recording:
    """Return the recording of a scene from the user's cache, made and kept there if it is new.

    It is new too where the scene's code does otherwise than it did when one was kept.
    """
    found = kept_recording(scene, run)
    if found is not None:
        return found
    recording = record_run(scene, run, progress=progress)
    if reusable(scene, run):
        cache.keep(recording)
    return recording


def kept_recording(scene: Scene, run: Run) -> Recording | None:
    """Return the recording of a scene that the user's cache holds, None where it holds none."""
    found = cache.find(key_of(scene, run)) if reusable(scene, run) else None
    if found is None or not _is_same(found, run, _probe(scene, run)):
        return None
    return _redescribed(found, scene, run)


def training_seconds(run: Run) -> float:
    """Return about how many seconds a training takes, by a few of its steps."""
    return seconds_by(_trainer(run)[0], run)


def untrained(scene: Scene, run: Run | None = None) -> Recording:
    """Return the recording of `scene` before its training: everything checked, nothing trained."""
    run = run or prepare(scene)
    header = replace(header_of_scene(scene, run), trainer="none")
    return _recording(scene, run, header, _untrained(run), None)


def _untrained(run: Run) -> Trained:
    states = {name: array[None] for name, array in run.start.state.items()}
    return Trained(np.zeros(1, np.int64), states, np.zeros(1))


def _trainer(run: Run) -> tuple[Callable[[Run], Trainer], dict[str, Any]]:
    """Return what trains this run, and what the header says of it."""
    reason = _reason_for_torch(run)
    if reason is None:
        return kernel_trainer, {"trainer": "kernel", "eager_because": None}
    from nnanim.training.eager_trainer import EagerTrainer  # torch, where the kernel will not do

    return EagerTrainer, {"trainer": "eager", "eager_because": reason}


def _probe(scene: Scene, run: Run) -> "Probe | None":
    """Return what looks at a training's code, before it begins; None where its key says all."""
    if declared(scene) or plain(scene, run):
        return None
    from nnanim.recording.probe import Probe  # torch, whose code it is

    return Probe(run)


def _is_same(found: Recording, run: Run, probe: "Probe | None") -> bool:
    """Return whether a recording under the key of `run` is of the same training; else say why."""
    reason = _reason_for_another(found, run, probe)
    if reason:
        _log.info("the training is made anew: %s", reason)
    return not reason


def _reason_for_another(found: Recording, run: Run, probe: "Probe | None") -> str:
    """Return what tells a training from a recording under its key; "" where nothing does."""
    later = (found.header.attempt or 1) - 1
    if not begins_with(found, (again(run, later) if later else run).start.state):
        return "not the same initial parameters as in the kept one"
    if probe is None:
        return ""
    now, kept = probe.digests(found.states), found.header.probe or {}
    if not now:
        return "what its code does cannot be compared with the kept one"
    other = next((name for name, digest in now.items() if digest != kept.get(name)), "")
    return f"not the same {other} as in the kept one" if other else ""


def _redescribed(recording: Recording, scene: Scene, run: Run) -> Recording:
    """Return a recording of the same training with what `scene` says about its film."""
    return replace(redescribed(recording, scene, run.reading), module=run.start.made)


def _reason_for_torch(run: Run) -> str | None:
    """Return why torch itself trains this run; None where the kernel does."""
    if run.training.trainer == "eager":
        return "the scene asks for it"
    reason = refusal(run)
    if run.training.trainer == "kernel" and reason:
        raise SceneError(f'trainer="kernel" cannot train this scene: {reason}; use trainer="auto"')
    if reason:
        _log.info("torch trains this scene, not the kernel: %s", reason)
    return reason or None


def _recording(
    scene: Scene, run: Run, header: Header, trained: Trained, probe: "Probe | None"
) -> Recording:
    header = replace(header, **trained.facts)
    if probe is not None:
        header = replace(header, probe=probe.digests(trained.states))
    if header.diverged_at is not None:
        _log.warning(
            "the training diverged in epoch %d: the film ends there; try a lower lr",
            header.diverged_at,
        )
    return Recording(
        header=header,
        steps=trained.steps,
        states=trained.states,
        batch_loss=trained.batch_loss,
        data=run.data,
        module=run.start.made,
        scene=scene,
        test_loss=_tested(run, trained),
    )


def _tested(run: Run, trained: Trained) -> NDArray[np.float64] | None:
    """Return the loss over the test part where only the scene's own function tells it."""
    if isinstance(run.training.loss, str) or len(trained.steps) < 2:
        return None

    def states(rows: Sequence[int]) -> Iterator[State]:
        for row in rows:
            yield {name: array[row] for name, array in trained.states.items()}

    return tested_by(run.loss, run.network, run.data, len(trained.steps), states)
