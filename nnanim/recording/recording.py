"""Recording: a whole training as data.

A recording holds the parameters and buffers of a network at many steps, the loss of every batch,
the data, and a header that says where they came from. Pictures are derived from it, at any layer
and any resolution, without training again.

On disk it is one safetensors file. Its tensors are `state/<name>` (snapshots, …), or in their place
`activations/<layer>` (snapshots, n, units) of a network that was too large to keep, `steps`,
`batch_loss`, `epochs` where the steps do not tell them, `test_loss` where only a function does, and
`data/inputs`, `data/targets`, `data/test_inputs` and `data/test_targets`; its metadata hold
the header as JSON under "nnanim". Opening one runs nothing: what it holds is checked, then mapped
into memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnanim.dataset import Arrays
from nnanim.errors import SceneError, UsageError
from nnanim.recording import container
from nnanim.recording.contents import DATA, LABELS, contents_of, prefix_of
from nnanim.recording.header import Header
from nnanim.recording.kept import Kept, kept_of
from nnanim.renamed import takes_old
from nnanim.scene.directions import Directions, Views
from nnanim.scene.scene import expect_words
from nnanim.scene.shows import Shows, in_lines

if TYPE_CHECKING:
    from torch import nn

    from nnanim.color import Color
    from nnanim.grids import Grid
    from nnanim.network.network import Network
    from nnanim.scene.timeline import Timeline
    from nnanim.slices import Slicing
    from nnanim.themes import Theme
    from nnanim.view import Rows
    from nnanim.words import Given


class Declared(Protocol):
    """What a film asks of what says how it is drawn: a scene, or directions of its own."""

    @property
    def timeline(self) -> "Timeline | None":
        """The film's clock, where the scene names one."""

    @property
    def theme(self) -> "str | Theme":
        """The theme, or its name."""

    @property
    def words(self) -> "Given":
        """What nnanim itself writes: a language, or single words."""

    @property
    def grid(self) -> "Grid":
        """Which lines of input space the film follows."""

    @property
    def plane(self) -> "Slicing | None":
        """Which plane of more than two inputs the film shows."""

    @property
    def color(self) -> "Color":
        """What colours the points, where it is said."""

    @property
    def rows(self) -> "Rows":
        """The views as rows; none where the task decides."""


@dataclass(frozen=True, eq=False, repr=False)
class Recording(Shows):
    """A training as data: `len(recording)` states, the untrained one first.

    `header` tells what was trained, how, from which seed, with which versions. `module`
    is what it was made from, and `scene` how it is drawn, where they are at hand; they are not part
    of the data: equality, pickles and files leave them out.
    """

    header: Header
    steps: NDArray[np.int64]  # (snapshots,) optimiser steps done, rising from 0
    states: dict[str, NDArray[Any]]  # name -> (snapshots, …); or layer -> activations, if those
    batch_loss: NDArray[np.float64]  # (steps,) loss of the batch of each step, before its update
    data: Arrays
    module: "nn.Module | None" = field(default=None, repr=False)
    scene: Declared | None = field(default=None, repr=False)
    times: NDArray[np.float64] | None = None  # (snapshots,) in epochs, where steps do not tell
    test_loss: NDArray[np.float64] | None = None  # (snapshots,), by a function; NaN if not asked

    def __repr__(self) -> str:
        header, inputs = self.header, self.data.inputs
        ended = f", the batch's loss {self.loss[0]:.3g} at first and {self.loss[-1]:.3g} in the end"
        return in_lines(
            "Recording",
            header.name,
            " ".join(header.title.split()),
            {
                "data": f"{len(inputs):,} samples of {inputs[0].size} inputs, {header.task}",
                "training": f"{self.epochs[-1]:g} epochs, {self.steps[-1]:,} steps{ended}",
                "states": f"{len(self):,}",
                ".show()": 'shows its film, .save("run.safetensors") keeps it',
            },
        )

    def __len__(self) -> int:
        return len(self.steps)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Recording):
            return NotImplemented
        mine, theirs = tensors_of(self), tensors_of(other)
        return (
            self.header == other.header
            and mine.keys() == theirs.keys()
            and all(np.array_equal(mine[n], theirs[n], equal_nan=True) for n in mine)
        )

    def __hash__(self) -> int:
        return hash((self.header.key, len(self)))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "module": None, "scene": None}

    @property
    def epochs(self) -> NDArray[np.float64]:
        """Training time (snapshots,) of each snapshot in epochs."""
        if self.times is not None:
            return self.times
        return self.steps / self.header.steps_per_epoch

    @property
    def loss(self) -> NDArray[np.float64]:
        """Loss (snapshots,) of the batch that led to each snapshot; for the first, of the next."""
        return np.asarray(self.batch_loss[np.maximum(self.steps - 1, 0)])

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        """On which state each segment ended, and the next went on from it; none but by keep="best".

        The last is the one that the training ended on.
        """
        return kept_of(self.header.kept, self.epochs)

    def state(self, i: int) -> dict[str, NDArray[Any]]:
        """Return the parameters and buffers of snapshot `i` by their torch names."""
        return {name: np.array(arrays[i]) for name, arrays in self.states.items()}

    @takes_old(caption="description")
    def with_(
        self,
        *,
        views: Views | None = None,
        layer: str | None = None,
        theme: "str | Theme | None" = None,
        words: "Given | None" = None,
        title: str | None = None,
        description: str | None = None,
        timeline: "Timeline | None" = None,
        grid: "Grid | None" = None,
        plane: "Slicing | None" = None,
        color: "Color" = None,
    ) -> "Recording":
        """Return the same training, to be drawn otherwise; what is left out stays as it is.

        Each is as a `Scene` takes it; `views=[]` are those that suit the task. Raises `SceneError`
        for what is none, and for a layer that there is not.
        """
        declared: Declared = self.scene if self.scene is not None else Directions()
        directions = Directions(
            views=declared.rows if views is None else views,
            timeline=declared.timeline if timeline is None else timeline,
            grid=declared.grid if grid is None else grid,
            theme=declared.theme if theme is None else theme,
            words=declared.words if words is None else words,
            plane=declared.plane if plane is None else plane,
            color=declared.color if color is None else color,
        )
        given = {"layer": layer, "title": title, "description": description}
        told: dict[str, Any] = {name: text for name, text in given.items() if text is not None}
        expect_words(title, "" if description is None else description)
        if layer is not None:
            if not isinstance(layer, str):
                raise SceneError(f"layer={layer!r}: expected a text")
            self._check_layer(layer)
        header = replace(self.header, **told)
        if title is not None:
            header = replace(header, ours=header.ours | {"title": {}})
        return replace(self, header=header, scene=directions)

    def _check_layer(self, layer: str) -> None:
        """Refuse a layer that the network has not; without its module, the film will."""
        if self.module is not None or self.header.layers is not None:
            self.network().layer(layer)

    def network(self, model: "Callable[[], nn.Module] | None" = None) -> "Network":
        """Return the network of its states: of what `model` returns, else of its own module.

        That of a table of known layers is made without torch. Raises `SceneError` and
        `RecordingError` as `built`.
        """
        layers, inputs = self.header.layers, self.data.inputs
        if model is None and self.module is None and layers is not None:
            from nnanim.network.stacked import StackedNetwork  # numba, which a header needs not
            from nnanim.network.table import stack_in

            stack = stack_in(layers, self.state(0))
            if stack is not None and self.header.head is None and stack.takes(inputs):
                return StackedNetwork(stack)
        from nnanim.network.modules import initial_module  # torch, which a known table needs not
        from nnanim.network.traced import network_of

        module = self.built() if model is None else initial_module(model, 0)
        return network_of(module, inputs, self.header.head)

    def built(self) -> "nn.Module":
        """Return the recording's own module, or the one that its table of layers describes.

        Raises `SceneError` where it has neither, and `RecordingError` for a table that is none.
        """
        from nnanim.network.modules import module_of  # torch, of which nothing above has need

        if self.module is not None:
            return self.module
        if self.header.layers is None:
            raise SceneError(
                "the recording does not hold its model, which is no stack of known layers: give "
                "the function that builds it, as Film(recording, model=…) or --model file.py:make; "
                'that file is run, so its training belongs under if __name__ == "__main__"'
            )
        return module_of(self.header.layers, self.state(0))

    def save(self, path: str | Path) -> Path:
        """Write the recording to `path`, a .safetensors file, which appears whole or not at all.

        Raises `UsageError` for another suffix and `WriteError` where the disk refuses.
        """
        path = checked_path(path)
        container.write(path, tensors_of(self), self.header.as_json())
        return path

    def save_with(self, states: dict[str, container.Joined], path: Path) -> "Recording":
        """Write it with these states to `path`; return it with them, mapped into memory from there.

        They are read part by part, so that the whole is never in memory.
        """
        prefix = prefix_of(self.header)
        named = {f"{prefix}{name}": array for name, array in states.items()}
        container.write(path, {**tensors_of(self), **named}, self.header.as_json())
        tensors = container.read(path, checked=False)[1]
        return replace(self, states={name: tensors[f"{prefix}{name}"] for name in states})

    @classmethod
    def load(cls, path: str | Path) -> "Recording":
        """Return the recording at `path`, its arrays mapped into memory, read-only.

        Raises `RecordingError` for a file that is not a recording, that is not whole, or that a
        newer nnanim has made.
        """
        header, tensors = container.read(Path(path))
        return recording_of(Path(path), Header.from_json(Path(path), header), tensors)


def checked_path(path: str | Path) -> Path:
    """Return where a recording may be written."""
    path = Path(path)
    if path.suffix != ".safetensors":
        raise UsageError(
            f"a recording is a .safetensors file, not {path.name!r}: "
            f"name it {path.stem or 'run'}.safetensors"
        )
    return path


def tensors_of(recording: Recording) -> dict[str, NDArray[Any]]:
    """Return a recording's arrays by their names in the file."""
    prefix = prefix_of(recording.header)
    tensors = {f"{prefix}{name}": arrays for name, arrays in recording.states.items()}
    tensors |= {f"data/{part}": getattr(recording.data, part) for part in DATA}
    if recording.data.labels is not None:
        tensors[LABELS] = recording.data.labels
    tensors |= {"steps": recording.steps, "batch_loss": recording.batch_loss}
    if recording.times is not None:
        tensors["epochs"] = recording.times
    if recording.test_loss is not None:
        tensors["test_loss"] = recording.test_loss
    return tensors


def recording_of(path: Path, header: Header, tensors: dict[str, NDArray[Any]]) -> Recording:
    """Return the recording that a file's header and tensors make; `RecordingError` if none."""
    return Recording(header, **contents_of(path, header, tensors)._asdict())
