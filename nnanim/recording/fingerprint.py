"""Fingerprint: what a training hangs on, as one key, found without torch where a scene declares it.

A declared training, `models.mlp` with a loss and an optimiser by name, is known by what the scene
says: equal keys are equal recordings. So are those of a plain one, a stack of known layers that is
made otherwise, by its table of layers and initial parameters. Of any other, the key stands for what
was found, its initial parameters and code; what that code hangs on besides, `probe` looks for.
"""

import hashlib
import importlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnanim import __version__
from nnanim.dataset import Arrays, Task
from nnanim.recording.container import FORMAT
from nnanim.scene.scene import Scene, Source

if TYPE_CHECKING:
    from nnanim.training.run import Run

_DRAWN = ("views", "timeline", "grid", "plane", "theme", "words")  # of a scene, not its training
_PACKAGES = ("torch", "numpy", "numba")  # that numbers may hang on


def declared(scene: Scene) -> bool:
    """Return whether a scene says all that its training hangs on."""
    from nnanim.models import Mlp  # where a scene has one, it is imported already

    return type(scene.model) is Mlp and _named(scene)


def declared_key(scene: Scene, given: Arrays) -> str:
    """Return the key of a declared training, 64 hexadecimal digits.

    It is made of the bytes of the data as the data set gives them, the Training, the arguments of
    `models.mlp`, the versions and the kind of machine.
    """
    model = {"mlp": asdict(scene.model)}  # type: ignore[call-overload]
    return _key(scene, scene.dataset.task, given, model, {})


def key_of(scene: Scene, run: "Run") -> str:
    """Return the key of a training before it has begun, 64 hexadecimal digits.

    Of one that is not declared, initial parameters and the table of layers take the place of the
    model's arguments; and of what is no plain data, a module that is no stack or a loss or
    optimiser of the scene's own, the bytes of the scene file and its modules stand for it.
    """
    if declared(scene):
        return declared_key(scene, run.given)
    stack = run.network.stack
    code = None if plain(scene, run) or scene.source is None else _code(scene.source)
    frozen = _frozen(run)
    model = {"layers": stack and list(stack.layers), "frozen": frozen, "code": code}
    return _key(scene, run.task, run.data, model, run.start.state)


def _frozen(run: "Run") -> list[str]:
    """Return the parameters that are not trained; those of a stack are told by its table."""
    stack = run.network.stack
    if stack is None:
        return [name for name, p in run.module.named_parameters() if not p.requires_grad]
    trained = stack.trained
    return [name for name in stack.places if name not in trained]


def _code(source: Source) -> dict[str, Any]:
    """Return what a scene's source tells of its training: how it is drawn changes nothing of it."""
    told = source.described()
    drawn = tuple(f"{field}." for field in _DRAWN)
    kept = {name: v for name, v in told["settings"].items() if not name.startswith(drawn)}
    return {**told, "settings": kept}


def reusable(scene: Scene, run: "Run") -> bool:
    """Return whether an equal key makes a recording one that may be the same."""
    return scene.source is not None or plain(scene, run)


def plain(scene: Scene, run: "Run") -> bool:
    """Return whether no code but torch's own, and nnanim's, takes part in a training."""
    return run.network.stack is not None and _named(scene)


@cache
def version_of(package: str) -> str:
    """Return the version of a package, which is imported only where it does not tell otherwise."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return str(importlib.import_module(package).__version__)


def versions() -> dict[str, str]:
    """Return the versions that numbers may hang on."""
    return {"nnanim": __version__, **{name: version_of(name) for name in _PACKAGES}}


@cache
def _called(kind: np.dtype[Any]) -> str:
    """Return what a kind of number is called, which numpy puts together anew each time."""
    return str(kind)


def _named(scene: Scene) -> bool:
    training = scene.training
    return isinstance(training.loss, str) and isinstance(training.optimizer, str)


def _key(
    scene: Scene, task: Task, data: Arrays, model: dict[str, Any], state: Mapping[str, NDArray[Any]]
) -> str:
    described = {
        "format": FORMAT,
        "versions": versions(),
        "machine": platform.machine(),
        "task": task,
        "training": scene.training.described(),
        "model": model,
    }
    if scene.head is not None:
        described["head"] = scene.head
    digest = hashlib.sha256(json.dumps(described, sort_keys=True).encode())
    arrays = {
        "inputs": data.inputs,
        "targets": data.targets,
        "test_inputs": data.test_inputs,
        "test_targets": data.test_targets,
        **{f"state/{name}": array for name, array in state.items()},
    }
    for name, array in arrays.items():
        digest.update(f"{name} {_called(array.dtype)} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
