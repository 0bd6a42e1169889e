"""nnanim films a neural network while it learns.

    from nnanim import Scene, Training, datasets, models, render

    scene = Scene(
        dataset=datasets.rings(n=4_000, noise=0.04),
        model=models.mlp(2, 3, 2, 1, output="sigmoid"),
        training=Training(epochs=60, optimizer="adam", loss="bce"),
    )
    scene.show()  # in a notebook
    render(scene, "rings.mp4")

A Scene or a Comparison is declared of datasets, models, views, grids, a Layer that is looked at, an
Input or a Unit that colours points, a Slice and themes, a Training with its Retry, a Timeline of
acts and events, a Theme; Range says how far a setting goes, with_values changes what is declared.
record and record_many give a Recording of it, sweep many trainings, a Recorder one of any loop; a
Film asks it. open_studio opens it live, in the browser. What the user can mend is a NnanimError.
All else is of the inside.

Names are resolved when they are first used, so that importing nnanim is light.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from nnanim import acts, datasets, events, grids, models, themes, views
    from nnanim.color import Input, Unit
    from nnanim.errors import NnanimError
    from nnanim.film.film import Film
    from nnanim.layer import Layer
    from nnanim.ranges import Range
    from nnanim.recording.many import record_many
    from nnanim.recording.record import record
    from nnanim.recording.recorder import Recorder
    from nnanim.recording.recording import Recording
    from nnanim.rendering.films import render
    from nnanim.scene.addresses import with_values
    from nnanim.scene.comparison import Comparison
    from nnanim.scene.scene import Scene
    from nnanim.scene.timeline import Timeline
    from nnanim.scene.training import Retry, Training
    from nnanim.slices import Slice
    from nnanim.studio.opening import open_studio
    from nnanim.sweeps.sweep import sweep
    from nnanim.themes import Theme

_HOMES = {
    "Comparison": "nnanim.scene.comparison",
    "Film": "nnanim.film.film",
    "Input": "nnanim.color",
    "Layer": "nnanim.layer",
    "NnanimError": "nnanim.errors",
    "Range": "nnanim.ranges",
    "Recording": "nnanim.recording.recording",
    "Recorder": "nnanim.recording.recorder",
    "Retry": "nnanim.scene.training",
    "Scene": "nnanim.scene.scene",
    "Slice": "nnanim.slices",
    "Theme": "nnanim.themes",
    "Timeline": "nnanim.scene.timeline",
    "Training": "nnanim.scene.training",
    "Unit": "nnanim.color",
    "open_studio": "nnanim.studio.opening",
    "record": "nnanim.recording.record",
    "record_many": "nnanim.recording.many",
    "render": "nnanim.rendering.films",
    "sweep": "nnanim.sweeps.sweep",
    "with_values": "nnanim.scene.addresses",
}
# With one that is not listed, as each part of it needs its framework.
_MODULES = ("acts", "adapters", "datasets", "events", "grids", "models", "themes", "views")

__all__ = [
    "Comparison",
    "Film",
    "Input",
    "Layer",
    "NnanimError",
    "Range",
    "Recorder",
    "Recording",
    "Retry",
    "Scene",
    "Slice",
    "Theme",
    "Timeline",
    "Training",
    "Unit",
    "acts",
    "datasets",
    "events",
    "grids",
    "models",
    "open_studio",
    "record",
    "record_many",
    "render",
    "sweep",
    "themes",
    "views",
    "with_values",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"nnanim.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'nnanim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
