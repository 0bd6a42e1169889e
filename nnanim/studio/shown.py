"""Shown: a scene that a studio shows: a file's, or one that was handed over by another program."""

import os
import pickle
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from nnanim.errors import SceneError, told
from nnanim.scene.comparison import Comparison
from nnanim.scene.files import SceneFile, blamed_on, ran
from nnanim.scene.knobs import Knob, keywords_of, knobs_of, scene_with
from nnanim.scene.scene import Scene
from nnanim.scene.written import code_of
from nnanim.texts import called


@dataclass(frozen=True)
class Shown:
    """A scene's file; or a path beside which is written, and the scene as pickle holds it.

    `settings` are those with which it is opened.
    """

    path: Path
    content: bytes = b""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def opened(self) -> "SceneFile | Handed":
        """Run the file, or take the scene as it was handed over; raises `SceneError`."""
        return Handed.of(self) if self.content else ran(self.path)

    def blamed(self) -> AbstractContextManager[None]:
        """Name the scene's file in what is raised inside; of one without, nothing."""
        return nullcontext() if self.content else blamed_on(self.path)


@dataclass(frozen=True)
class Handed:
    """A scene without a file, or a function of one: what a `SceneFile` is of a file."""

    path: Path
    description: str
    sha256: str
    found: Any

    @staticmethod
    def of(shown: Shown) -> "Handed":
        """Return a scene that `handed_over` has pickled, where it was made: its folder and path."""
        try:
            folder, path, found = pickle.loads(shown.content)
            os.chdir(folder)
            sys.path[:] = path
            found = pickle.loads(found)
        except Exception as error:  # of the user's own modules, which are imported
            raise SceneError(f"the scene cannot be handed to the studio: {told(error)}") from error
        words = "" if isinstance(found, Scene | Comparison) else found.__doc__ or ""
        return Handed(shown.path, " ".join(words.split()), sha256(shown.content).hexdigest(), found)

    def scene(self, settings: Mapping[str, Any] | None = None) -> Scene | Comparison:
        """Return the scene with these settings."""
        made = scene_with(self.found, settings or {})
        name = made.name or self.path.name
        return replace(made, name=name, description=made.description or self.description)

    def call(self, settings: Mapping[str, Any]) -> str:
        """Return the code by which a notebook makes it with these settings."""
        name = "scene" if isinstance(self.found, Scene | Comparison) else called(self.found)
        own = keywords_of(self.found)
        made = f"{name}({', '.join(f'{k}={code_of(settings[k])}' for k in own if k in settings)})"
        others = {k: v for k, v in settings.items() if k not in own}
        told = ", ".join(f"{code_of(k)}: {code_of(v)}" for k, v in others.items())
        made = made if own else name
        return f"with_values({made}, {{{told}}})" if others else made

    def knobs(self, settings: Mapping[str, Any] | None = None) -> tuple[Knob, ...]:
        """Return what can be set of it, with the values that it has by these settings."""
        return knobs_of(self.found, settings or {})


def handed_over(found: Any) -> Shown:
    """Return a scene, or a function of one, as another process of this machine can take it.

    Classes and functions of a notebook go with it; modules are imported there by their names.
    Raises `SceneError` for what cannot be taken along.
    """
    import cloudpickle  # type: ignore[import-untyped]

    name = found.name if isinstance(found, Scene | Comparison) else called(found)
    try:
        content = pickle.dumps((str(Path.cwd()), sys.path, cloudpickle.dumps(found)))
    except Exception as error:
        raise SceneError(f"the scene cannot be handed to the studio: {told(error)}") from error
    return Shown(Path.cwd() / (name if name.isidentifier() else "scene"), content)
