"""Given: what makes the scene of a variant, of whatever was given to train."""

import hashlib
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from nnanim.scene.files import ran
from nnanim.scene.knobs import scene_with
from nnanim.scene.scene import Scene
from nnanim.sweeps.block import Making, checked_scene, scene_in
from nnanim.sweeps.variants import Settings

Given = Scene | Callable[..., Any] | str | Path  # a scene, a function of one, or a file of either


def made_of(scene: Given) -> tuple[Making, str, Callable[[], AbstractContextManager[None]]]:
    """Return what makes a scene of settings, the SHA-256 of its code, and what is around both."""
    if isinstance(scene, str | Path):
        file = ran(Path(scene))
        return partial(scene_in, file), file.sha256, file.beside.importing
    return partial(_of_scene, scene), _code_of(scene), nullcontext


def _of_scene(scene: Any, settings: Settings) -> Scene:
    return checked_scene(scene_with(scene, settings))


def _code_of(scene: Any) -> str:
    """Return a hash of what a scene is, as far as it can be told."""
    try:
        told = Path(inspect.getsourcefile(scene) or "").read_text(encoding="utf-8")
    except (OSError, TypeError, ValueError):
        told = repr(scene)
    return hashlib.sha256(told.encode()).hexdigest()
