"""Layered: what a film tells of its layers: of each, and of one after the other."""

from collections.abc import Sequence
from dataclasses import replace

from nnanim.acts import Morph
from nnanim.errors import SceneError
from nnanim.film.clock import Clock
from nnanim.film.passed import Passed
from nnanim.film.replay import Replay
from nnanim.film.stages import Stages, depth_at, seconds_of, stages_of
from nnanim.layer import Layer
from nnanim.network.network import LayerFacts, Network
from nnanim.types import Floats
from nnanim.words import Words


class Layered:
    """Goes through its layers, those that its acts `Morph` name, else all hidden ones."""

    clock: Clock
    recorded: Replay
    network: Network
    layer: str
    words: Words

    def looked_at(self, layer: str | None, view: str, units: int = 1) -> LayerFacts:
        """Return the layer that a view of this name is to show: the film's where it names none.

        Raises `SceneError` for a layer that there is not, and where the model has none; then it
        proposes one of so many `units` at least.
        """
        if not (layer or self.layer):
            fits = [known.name for known in self.network.layers if known.units >= units]
            raise SceneError(
                f"{view} needs a hidden layer; this model has none"
                + (f": give a layer that it has, as layer={fits[-1]!r}" if fits else "")
            )
        asked = layer or self.layer
        known = "looked at", asked, self.words
        return self.recorded.once(known, lambda: self._titled(asked))

    def _titled(self, layer: str) -> LayerFacts:
        found = self.network.layer(layer)
        number = self._number(found.name)
        title = self.words("Hidden layer {n}", n=number) if number else self._picked(found.name)
        return replace(found, title=title)

    def layer_name(self, layer: str) -> str:
        """Return what a sentence calls a layer: "hidden layer 2", or its module's name."""
        name = self.network.layer(layer).name
        number = self._number(name)
        return self.words("hidden layer {n}", n=number) if number else self._picked(name)

    def _number(self, name: str) -> int:
        """Return which hidden layer that is, from 1; 0 where it is none, or picked of a module."""
        hidden = self.network.hidden
        return 0 if name not in hidden or Layer.of(name).picks else hidden.index(name) + 1

    def _picked(self, name: str) -> str:
        """Return a module's name, with what is picked of what it gives."""
        layer = Layer.of(name)
        module, picks = layer.module, layer.picks
        if "output" in picks:
            module = self.words("{layer}, output {name}", layer=module, name=picks["output"])
        if "pixel" in picks and picks["pixel"] != "mean":
            row, column = picks["pixel"].split("x")
            return self.words(
                "{layer}, pixel {row}, {column}", layer=module, row=row, column=column
            )
        if "time" in picks and picks["time"] not in ("mean", "-1"):
            step = int(picks["time"])
            return self.words("{layer}, step {n}", layer=module, n=step + (step >= 0))
        ways = {
            "time=-1": "{layer}, last step",
            "time=mean": "{layer}, mean of all steps",
            "pixel=mean": "{layer}, mean of each channel",
            "flat=": "{layer}, all of it",
        }
        text = next((ways[f"{k}={v}"] for k, v in picks.items() if f"{k}={v}" in ways), None)
        return self.words(text, layer=module) if text else module

    @property
    def passed(self) -> Sequence[str]:
        """The layers that a morph passes, in order."""
        acts = self.clock.timeline.sequence
        named = next((act.layers for act in acts if isinstance(act, Morph)), None)
        return tuple(named or dict.fromkeys(self.recorded.network.hidden))

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
            names = [self.recorded.network.layer(name).name for name in passed]
            return stages_of(self.recorded.network, names)

        return self.recorded.once(("stages", passed), make)

    @property
    def passing_seconds(self) -> float:
        """How long a morph through them takes at its own speed."""
        return seconds_of(self.stages)

    def noted(self, seen: Floats, passed: Passed) -> Floats:
        """Return what is seen of a sheet on its way; a page's film remembers what it is."""
        del passed
        return seen

    def depth_after(self, share: float) -> float:
        """Return how deep a morph has come when a share of it is over."""
        return depth_at(self.stages, share)

    def depth(self, t: float) -> float:
        """Return how far through the layers the film is at `t` seconds, from 0 to the last.

        Outside of a morph that is the last. Beside other films it has come as far of its own way.
        """
        depth, whole = self.clock.shown(t).depth, len(self.stages)
        return float(whole) if depth is None else depth * whole / len(self.clock.film.stages)
