"""Modules made: fresh, from what a scene declares, or again, from a recording's table of layers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.errors import SceneError
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.stack import OPTIONS, tensor_name
from nnanim.network.table import check_table
from nnanim.network.torch_state import random_numbers
from nnanim.network.wrappers import bare_state, unwrapped

Array = NDArray[Any]


def initial_module(model: object, seed: int) -> nn.Module:
    """Return a fresh module from `model`, called after seeding; torch's own state is kept.

    It comes without wrappers, as of torch.compile. Raises `SceneError` for a module already built,
    and for anything that does not return one.
    """
    if isinstance(model, nn.Module):
        raise SceneError(
            f"model is a {type(model).__name__} already built: give a function that builds it, "
            "as model=lambda: MyNet(), so that its weights come from the scene's seed"
        )
    if not callable(model):
        raise SceneError(f"model={model!r}: expected a function that returns a torch module")
    with random_numbers():
        _seed(seed)
        module = model()
    if not isinstance(module, nn.Module):
        raise SceneError(f"the scene's model returned {type(module).__name__}, not a torch module")
    return unwrapped(module)


def state_of(module: nn.Module) -> dict[str, NDArray[Any]]:
    """Return copies of parameters and buffers as arrays, in float32 where they are floating.

    Their names are those that they have without wrappers. Raises `SceneError` as `bare_state`.
    """
    return {
        name: array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array
        for name, array in exact_state_of(module).items()
    }


def exact_state_of(module: nn.Module) -> dict[str, NDArray[Any]]:
    """Return copies of parameters and buffers as arrays that hold them to the last bit.

    Those narrower than float32, of which numpy does not know all, are in float32. Otherwise as
    `state_of`.
    """
    state = {}
    for name, value in bare_state(module).items():
        narrow = value.is_floating_point() and value.itemsize < np.float32().itemsize
        state[name] = (value.float() if narrow else value).cpu().numpy().copy()
    return state


def load(module: nn.Module, state: Mapping[str, Array]) -> None:
    """Give a module these parameters and buffers, copies of them."""
    module.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in state.items()})


def _seed(seed: int) -> None:
    """Seed torch; where there is only the processor, in 2 instead of 90 µs."""
    if torch.accelerator.is_available():
        torch.manual_seed(seed)
    else:
        torch.default_generator.manual_seed(seed)


def module_of(layers: Sequence[Mapping[str, Any]], state: Mapping[str, Array]) -> nn.Module:
    """Return the module that a table of `Stack.layers` describes, shaped as the tensors of `state`.

    Nothing is run but torch's own constructors, and no layer is larger than the tensors at hand.
    Raises `RecordingError` for a table that is none, or that lacks a tensor.
    """
    check_table(layers, state)
    root = nn.Sequential()
    with random_numbers():  # torch draws first weights, which are not looked at
        for layer in layers:
            name = str(layer.get("name", ""))
            made = _layer(name, layer, state)
            if not name:  # the only one
                return made
            inner = root
            for part in name.split(".")[:-1]:
                if part not in inner._modules:
                    inner.add_module(part, nn.Sequential())
                inner = inner.get_submodule(part)  # type: ignore[assignment]
            inner.add_module(name.rpartition(".")[2], made)
    return root


def _layer(name: str, row: Mapping[str, Any], state: Mapping[str, Array]) -> nn.Module:
    """Return a layer of a kind, its sizes those of its weight or running mean."""
    kind = row["kind"]
    options = {option: row[option] for option in OPTIONS.get(kind, ())}
    if kind == "Linear":
        outs, ins = state[tensor_name(name, "weight")].shape
        return nn.Linear(ins, outs, bias=tensor_name(name, "bias") in state)
    if kind == "BatchNorm1d":
        features = len(state[tensor_name(name, "running_mean")])
        affine = tensor_name(name, "weight") in state
        return nn.BatchNorm1d(features, options["eps"], options["momentum"], affine=affine)
    return ACTIVATIONS[kind].module(**options)
