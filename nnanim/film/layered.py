"""Layered: what a film tells of its layers, one after the other."""

from collections.abc import Sequence

from nnanim.acts import Morph
from nnanim.errors import SceneError
from nnanim.film.clock import Clock
from nnanim.film.replay import Replay
from nnanim.film.stages import Stages, depth_at, seconds_of, stages_of


class Layered:
    """Goes through its layers, those that its acts `Morph` name, else all hidden ones."""

    clock: Clock
    replay: Replay

    @property
    def passed(self) -> Sequence[str]:
        """The layers that a morph passes, in order."""
        acts = self.clock.timeline.sequence
        named = next((act.layers for act in acts if isinstance(act, Morph)), None)
        return tuple(named or dict.fromkeys(self.replay.network.hidden))

    @property
    def stages(self) -> Stages:
        """What each of these layers does, one thing after the other.

        Raises `SceneError` for layers that there are not, and where there is none.
        """
        passed = self.passed

        def make() -> Stages:
            if not passed:
                raise SceneError(
                    "a morph goes through hidden layers; this model has none: leave Morph and "
                    "Depth out"
                )
            names = [self.replay.network.layer(name).name for name in passed]
            return stages_of(self.replay.network, names)

        return self.replay.once(("stages", passed), make)

    @property
    def passing_seconds(self) -> float:
        """How long a morph through them takes at its own speed."""
        return seconds_of(self.stages)

    def depth_after(self, share: float) -> float:
        """Return how deep a morph has come when a share of it is over."""
        return depth_at(self.stages, share)

    def depth(self, t: float) -> float:
        """Return how far through the layers the film is at `t` seconds, from 0 to the last.

        Outside of a morph that is the last. Beside other films it has come as far of its own way.
        """
        depth, whole = self.clock.shown(t).depth, len(self.stages)
        return float(whole) if depth is None else depth * whole / len(self.clock.film.stages)
