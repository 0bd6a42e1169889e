"""Fingerprint: what a training hangs on, as one key; equal keys give equal recordings."""

import hashlib
import json
import platform
from typing import Any

import numba
import numpy as np
import torch

from nnanim import __version__
from nnanim.network.modules import state_of
from nnanim.recording.container import FORMAT
from nnanim.scene.scene import Scene
from nnanim.training.run import Run


def key_of(scene: Scene, run: Run) -> str:
    """Return the key of a training before it has begun, 64 hexadecimal digits.

    It is made of the data's bytes, the Training, the initial parameters, the table of layers, the
    versions and the kind of machine. Of what is no plain data, a module that is no stack or a loss
    or optimiser of the scene's own, the bytes of the scene file and its modules stand for it.
    """
    stack = run.network.stack
    described: dict[str, Any] = {
        "format": FORMAT,
        "versions": versions(),
        "machine": platform.machine(),
        "task": run.task,
        "training": run.training.described(),
        "layers": list(stack.layers) if stack is not None else None,
        "frozen": [name for name, p in run.module.named_parameters() if not p.requires_grad],
        "source": None,
    }
    if not plain(run) and scene.source is not None:
        described["source"] = scene.source.described()
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    data = run.data
    arrays = {
        "inputs": data.inputs,
        "targets": data.targets,
        "test_inputs": data.test_inputs,
        "test_targets": data.test_targets,
        **{f"state/{name}": array for name, array in state_of(run.module).items()},
    }
    for name, array in arrays.items():
        digest.update(f"{name} {array.dtype} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def reusable(scene: Scene, run: Run) -> bool:
    """Return whether an equal key is enough to know that a recording would be the same."""
    return plain(run) or scene.source is not None


def plain(run: Run) -> bool:
    """Return whether data alone say how this run trains."""
    training = run.training
    named = isinstance(training.loss, str) and isinstance(training.optimizer, str)
    return named and run.network.stack is not None


def versions() -> dict[str, str]:
    """Return the versions that numbers may hang on."""
    return {
        "nnanim": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
    }
