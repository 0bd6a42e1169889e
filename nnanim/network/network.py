"""A network as nnanim sees it: named layers, a read-out, and replay at any parameters.

The layers of a network are the modules whose output is a row of units for each sample. Hidden
layers are what its Linear modules are fed with, each named after the outermost module that gives
it; the last Linear is the read-out. Where more than a known link follows it, there is no read-out,
and the network's own output is the score.

All that is known here of a network that cannot be run; `stacked` and `traced` make those that can.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import NotKeptError, SceneError, unknown
from nnanim.layer import Layer
from nnanim.network.shape import Shape, shape_of_chain
from nnanim.network.stack import Stack
from nnanim.slices import Plane
from nnanim.types import Floats, State

if TYPE_CHECKING:
    from torch import nn

    from nnanim.network.chunks import Visit
    from nnanim.network.head import Head
    from nnanim.network.links import Link


@dataclass(frozen=True)
class LayerFacts:
    """What is known of a layer: its name in `named_modules()`, its width, what it ends with.

    A module that is called again, as one Tanh after several layers, is name#2, name#3 … there.
    """

    name: str
    units: int
    kind: str  # class of the last module called in it: "Tanh", "Linear" …
    title: str  # "Hidden layer 2"


@dataclass(frozen=True)
class ReadOut:
    """The last Linear: scores z = weight · h + bias of the features h that `layer` gives."""

    module: str
    layer: str  # "" where no module of its own gives the features
    link: str  # from scores to outputs: "identity" | "sigmoid" | "tanh" | "softmax" | "log_softmax"


@dataclass(frozen=True)
class Tensor:
    """What a parameter or a buffer is, whatever it holds."""

    real: bool
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a network before it is run.

    `widths` are those of its inputs and of what each Linear gives; `linears` are the names of these
    in the order of their first call; `end` is the link that its output ends with, or what acts as
    one, "" where it is not known. `tensors` are by torch's names.
    """

    inputs: int
    widths: tuple[int, ...]
    layers: tuple[LayerFacts, ...]
    hidden: tuple[str, ...]
    outputs_width: int
    linears: tuple[str, ...] = ()
    read_out: ReadOut | None = None
    end: str = ""
    size: int = 0  # parameters
    tensors: Mapping[str, Tensor] | None = None


class Network:
    """A network whose outputs, of any layer, can be asked at any parameters and from any thread.

    Always in evaluation mode, so that rows do not depend on each other. `stack` is the network as
    the kernels see it, None where it is no stack of known layers; `head` names its answer, where it
    returns several outputs. `scores` is the layer whose outputs are the scores: the read-out, else
    "", the network's own output.
    """

    runs = False
    stack: Stack | None = None
    head: "Head | None" = None

    def __init__(self, facts: Facts) -> None:
        self._local = threading.local()
        self.plane: Plane | None = None  # of more than two inputs: points (n, 2) lie in it
        self.inputs, self.widths, self.size = facts.inputs, facts.widths, facts.size
        self.layers, self.hidden, self.linears = facts.layers, facts.hidden, facts.linears
        self.read_out, self.end = facts.read_out, facts.end
        self.scores = self.read_out.module if self.read_out else ""
        self.outputs_width = facts.outputs_width
        self.tensors = facts.tensors or {}

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Network.told, (self.described([layer.name for layer in self.layers]),)

    def described(self, names: Sequence[str]) -> dict[str, Any]:
        """Return as plain JSON what `told` makes a network of, with these layers alone."""
        layers = [vars(self.layer(name)) for name in names]
        hidden = [name for name in self.hidden if name in names]
        return {"inputs": self.inputs, "widths": list(self.widths), "layers": layers,
                "hidden": hidden, "outputs": self.outputs_width}  # fmt: skip

    @classmethod
    def told(cls, described: Mapping[str, Any]) -> "Network":
        """Return a network of which only that is known: it cannot be run, and says so.

        What would run it, or reads its parameters, raises `NotKeptError`.
        """
        return Network(
            Facts(
                inputs=described["inputs"],
                widths=tuple(described["widths"]),
                layers=tuple(LayerFacts(**layer) for layer in described["layers"]),
                hidden=tuple(described["hidden"]),
                outputs_width=described["outputs"],
            )
        )

    @property
    def shape(self) -> Shape:
        """What the network may truly be called."""
        return shape_of_chain(self.widths)

    def expect_running(self) -> None:
        """Raise `NotKeptError` where only outputs were kept."""
        if not self.runs:
            raise NotKeptError(
                "this recording keeps activations, not parameters: what needs the network itself, "
                "as grid, boundary, field, weights and Jacobian, cannot be drawn; record with "
                'record="parameters"'
            )

    def check_rowwise(self) -> None:
        """Refuse one that answers a sample otherwise at another time or in other company.

        Known layers do not. Raises `SceneError`.
        """

    def layer(self, name: str) -> LayerFacts:
        """Return the layer of that name; `SceneError` lists the names there are."""
        module = Layer.of(name).module
        for layer in self.layers:
            if layer.name == name:
                return layer
            if layer.name == module:
                raise SceneError(
                    f"layer {str(name)!r}: {module!r} gives a row of {layer.units} units for each "
                    f"sample, of which there is nothing to pick: expected {module!r}"
                )
        names = [*(layer.name for layer in self.layers), *self.pickable]
        raise SceneError(unknown("layer", module, names))

    @property
    def pickable(self) -> Sequence[str]:
        """The modules that give no vector of units, of which one can be picked; see `Layer`."""
        return ()

    def looked_at(self, name: str | None, *, latent: bool = False) -> str:
        """Return the layer that a scene looks at: the one it names, else the last hidden layer.

        `latent`, where nothing is predicted: else the narrowest, hidden or the output, of several
        the first. "" where it names none and there is none.
        """
        if not name and latent:
            asked = (*self.hidden, self.scores)
            found = [layer for layer in self.layers if layer.name in asked]
            return min(found, key=lambda layer: layer.units).name if found else ""
        return name or (self.hidden[-1] if self.hidden else "")

    def outputs(
        self, state: State, inputs: Floats, names: Sequence[str], *, padded: bool = True
    ) -> dict[str, Floats]:
        """Return by name the outputs (n, units) of layers at `state`; "" is the network's own.

        Few rows that are not `padded` take torch less time, and their last bits may hang on what
        is asked with them.
        """
        self.expect_running()
        from nnanim.network.passes import outputs  # torch, of which narrow stacks have no need

        return outputs(partial(self.visit, padded=padded), state, self.lifted(inputs), names)

    def gradient(
        self, state: State, inputs: Floats, weight: Floats, step: float
    ) -> tuple[Floats, Floats]:
        """Return the scores z·weight (n,) of the read-out and their gradients (n, inputs).

        `weight` is one (outputs,) for all, or one (n, outputs) for each. A narrow stack is asked
        `step` to both sides along each input, which takes a twentieth of the time of torch's
        backward pass; any other network by one such pass for the whole batch.
        """
        del step
        self.expect_running()
        from nnanim.network.passes import gradient  # torch, of which narrow stacks have no need

        return gradient(self.visit, state, inputs, self.scores, weight)

    def jacobians(self, state: State, inputs: Floats, names: Sequence[str]) -> list[Floats]:
        """Return the Jacobians (n, units, inputs) of layers at `inputs` (n, inputs).

        "" is the network's own output. All points at once: in evaluation mode the rows of a batch
        do not depend on each other. Of points (n, 2) of the plane, they are by its directions.
        """
        self.expect_running()
        from nnanim.network.passes import jacobians  # torch, of which narrow stacks have no need

        return jacobians(self.visit, state, inputs, names)

    def weights(self, state: State) -> list[NDArray[Any]]:
        """Return the weight (…, outputs, inputs) of each Linear, in the order of their first call.

        `state` may be one state or all of a recording. Raises `SceneError` where there is none.
        """
        self.expect_running()
        names = [f"{name}.weight" if name else "weight" for name in self.linears]
        missing = [name for name in names if name not in state]
        if missing or not names:
            lack = f" named {missing[0]!r}, as torch names a Linear's own" if missing else ""
            raise SceneError(f"this network has no weight matrix{lack}: leave this view out")
        return [state[name] for name in names]

    def links(self) -> "tuple[Link, ...]":
        """Return its parts in order, one a leaf, as of a chain that is piecewise linear.

        Whether they lead from the inputs to the scores, what they give must show. Raises
        `SceneError` for a part that is not piecewise linear. After the read-out, none is named.
        """
        self.expect_running()
        raise NotImplementedError

    def lifted(self, inputs: Floats) -> Floats:
        """Return inputs (n, inputs); points (n, 2) of the plane, where there is one, as these."""
        return self.plane.lifted(inputs) if self.plane and self._in_plane(inputs) else inputs

    def _in_plane(self, inputs: Floats) -> bool:
        return self.plane is not None and np.shape(inputs)[1:] == (2,)

    def visit(
        self,
        state: State,
        inputs: Floats,
        names: Sequence[str],
        look: "Visit",
        *,
        padded: bool = True,
    ) -> None:
        """Let `look` run a module at `state` on all inputs: see `Chunks.visit`."""
        self.expect_running()
        from nnanim.network.chunks import Chunks, on  # torch, of which narrow stacks have no need
        from nnanim.network.torch_state import one_thread

        if not hasattr(self._local, "chunks"):
            self._local.chunks = Chunks(self._module(state))
        if self.plane is not None and self._in_plane(inputs):
            look = on(self.plane, look)
        with one_thread():
            self._local.chunks.visit(state, inputs, names, look, padded)

    def _module(self, state: State) -> "nn.Module":
        """Return a module of its own that takes states as this one."""
        raise NotImplementedError
