"""What a user declares: scenes, trainings, timelines, comparisons, and the files they stand in."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnanim.scene.scene import Scene as Scene


def __getattr__(name: str) -> object:
    if name == "Scene":
        from nnanim.scene.scene import Scene

        return Scene
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
