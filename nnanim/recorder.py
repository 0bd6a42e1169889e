"""Record a scene: train its network once and keep the training as data."""

import logging
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from nnanim import __version__
from nnanim.eager_trainer import train_eagerly
from nnanim.errors import SceneError
from nnanim.kernel_trainer import refusal, train_in_kernel
from nnanim.network import state_of
from nnanim.preparation import Progress, Run, Trained, prepare, snapshot_steps
from nnanim.recording import Recording
from nnanim.scene import Scene

_log = logging.getLogger("nnanim")


def record(scene: Scene, *, progress: Progress | None = None) -> Recording:
    """Return the recording of `scene`'s training; everything is checked before step 0.

    The same scene gives the same recording, bit for bit, on the same kind of machine. `progress`
    is called with ("training", steps done, steps in all). Raises `SceneError`.
    """
    run = prepare(scene)
    eager = _reason_for_torch(run)
    train = train_in_kernel if eager is None else train_eagerly
    trained = train(run, snapshot_steps(run), progress)
    if trained.diverged_at is not None:
        _log.warning(
            "the training diverged in epoch %d: the film ends there; try a lower lr",
            trained.diverged_at,
        )
    return _recording(scene, run, trained, "kernel" if eager is None else "eager", eager)


def untrained(scene: Scene) -> Recording:
    """Return the recording of `scene` before its training: everything checked, nothing trained."""
    run = prepare(scene)
    states = {name: array[None] for name, array in state_of(run.module).items()}
    trained = Trained(np.zeros(1, np.int64), states, np.zeros(1))
    return _recording(scene, run, trained, "none", None)


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
    scene: Scene, run: Run, trained: Trained, trainer: str, reason: str | None
) -> Recording:
    return Recording(
        header={**_header(scene, run, trained), "trainer": trainer, "eager_because": reason},
        steps=trained.steps,
        states=trained.states,
        batch_loss=trained.batch_loss,
        data=run.data,
        module=run.module,
        scene=scene,
    )


def _header(scene: Scene, run: Run, trained: Trained) -> dict[str, Any]:
    dataset, network = scene.dataset, run.network
    shape = " → ".join(str(width) for width in network.widths)
    training = {
        name: value if not callable(value) else getattr(value, "__name__", type(value).__name__)
        for name, value in asdict(run.training).items()
    }
    return {
        "name": scene.name,
        "title": scene.title or f"{dataset.name} through a {shape} network",
        "caption": scene.caption,
        "task": dataset.task,
        "window": [list(map(float, span)) for span in dataset.window],
        "class_names": list(dataset.class_names),
        "axis_names": list(dataset.axis_names),
        "layer": scene.layer or (network.hidden[-1] if network.hidden else ""),
        "training": training,
        "seed": run.training.seed,
        "batch_size": run.batch_size,
        "steps_per_epoch": run.steps_per_epoch,
        "diverged_at": trained.diverged_at,
        "versions": {"nnanim": __version__, "torch": torch.__version__, "numpy": np.__version__},
    }
