"""Start: what a training begins with, by torch or, of what is declared, without it."""

import sys
from functools import cached_property
from typing import TYPE_CHECKING

from nnanim.models import Mlp
from nnanim.network.stack import Stack, stack_of_table
from nnanim.scene.scene import Model
from nnanim.types import State

if TYPE_CHECKING:
    from torch import nn


class Start:
    """The parameters and buffers that a training begins with, and the module that has them.

    Of the two, one is given; the other is made of it when it is first asked for.
    """

    def __init__(
        self, model: Model, seed: int, state: State | None = None, made: "nn.Module | None" = None
    ) -> None:
        self.made = made  # None where there was no need of a module so far
        self._model, self._seed, self._state = model, seed, state

    @property
    def state(self) -> State:
        """Parameters and buffers by torch's names, as they are before torch trains the module."""
        if self._state is None:
            from nnanim.network.modules import state_of  # torch, of which it is

            self._state = state_of(self.module)
        return self._state

    @property
    def module(self) -> "nn.Module":
        """The module, which torch trains in place."""
        if self.made is None:
            from nnanim.network.modules import initial_module, load  # torch, asked for here alone

            self.made = initial_module(self._model, self._seed)
            load(self.made, self.state)
        return self.made

    @cached_property
    def stack(self) -> Stack | None:
        """The network as a stack, where what is declared says it and there is no module."""
        if self.made is not None or not isinstance(self._model, Mlp):
            return None
        shapes = {name: array.shape for name, array in self.state.items()}
        return stack_of_table(self._model.layers, shapes)

    def at(self, state: State) -> "Start":
        """Return the start of the same network at other parameters and buffers."""
        if self.made is not None:
            from nnanim.network.modules import load  # torch, which has made it

            load(self.made, state)
        return Start(self._model, self._seed, state, self.made)


def start_of(model: Model, seed: int) -> Start:
    """Return what a training of `model` begins with, by a seed.

    Who has not loaded torch has not changed how it begins, so what is declared needs none. Raises
    `SceneError` for what is no model, and what the model itself raises.
    """
    if type(model) is Mlp and "torch" not in sys.modules:
        state = model.initial(seed)
        if state is not None:
            return Start(model, seed, state)
    from nnanim.network.modules import initial_module

    return Start(model, seed, made=initial_module(model, seed))
