"""nnanim films a neural network while it learns.

    from nnanim import Scene, Training, datasets, models, render, views

Names are resolved when they are first used, so that importing nnanim is light.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nnanim import acts, datasets, events, grids, models, themes, views
    from nnanim.errors import NnanimError
    from nnanim.film.film import Film
    from nnanim.recording.many import record_many
    from nnanim.recording.record import record
    from nnanim.recording.recorder import Recorder
    from nnanim.recording.recording import Recording
    from nnanim.rendering.films import render
    from nnanim.scene.comparison import Comparison
    from nnanim.scene.scene import Scene
    from nnanim.scene.timeline import Timeline
    from nnanim.scene.training import Retry, Training
    from nnanim.themes import Theme

_HOMES = {
    "Comparison": "nnanim.scene.comparison",
    "Film": "nnanim.film.film",
    "NnanimError": "nnanim.errors",
    "Recording": "nnanim.recording.recording",
    "Recorder": "nnanim.recording.recorder",
    "Retry": "nnanim.scene.training",
    "Scene": "nnanim.scene.scene",
    "Theme": "nnanim.themes",
    "Timeline": "nnanim.scene.timeline",
    "Training": "nnanim.scene.training",
    "record": "nnanim.recording.record",
    "record_many": "nnanim.recording.many",
    "render": "nnanim.rendering.films",
}
_MODULES = ("acts", "datasets", "events", "grids", "models", "themes", "views")

__all__ = [
    "Comparison",
    "Film",
    "NnanimError",
    "Recorder",
    "Recording",
    "Retry",
    "Scene",
    "Theme",
    "Timeline",
    "Training",
    "acts",
    "datasets",
    "events",
    "grids",
    "models",
    "record",
    "record_many",
    "render",
    "themes",
    "views",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"nnanim.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nnanim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
