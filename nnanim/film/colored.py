"""Colored: what a film tells of the colours of its points."""

from nnanim.color import Color, Input, Unit
from nnanim.film.coloring import Coloring, coloring_of
from nnanim.film.tiled import Tiled


class Colored(Tiled):
    """Colours its points as its scene says, or as it is asked."""

    def coloring(self, color: Color = None) -> Coloring:
        """Return what colours the points: as `color` says it, else as the scene does.

        Raises `SceneError` for what this film has not.
        """
        said = getattr(self.recording.scene, "color", None) if color is None else color
        if not isinstance(said, str | Input | Unit | None):
            return self.replay.once(("coloring", id(said)), lambda: coloring_of(self, said))
        return self.replay.once(("coloring", said), lambda: coloring_of(self, said))
