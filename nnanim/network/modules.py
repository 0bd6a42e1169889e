"""Modules made: fresh, from what a scene declares, or again, from a recording's table of layers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.errors import RecordingError, SceneError
from nnanim.network.stack import KINDS, OPTIONS, tensor_name
from nnanim.network.torch_state import random_numbers
from nnanim.network.wrappers import bare_state, unwrapped

Array = NDArray[Any]

_NESTING = 64  # Python can go no deeper than some hundred modules


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


def check_numbers(state: Mapping[str, Array]) -> None:
    """Raise `SceneError` unless a state, before any training, is of finite numbers."""
    for name, array in state.items():
        if not np.isfinite(array).all():
            raise SceneError(
                f"the model's {name!r} holds NaN or infinity before the first step: expected "
                "finite numbers; where it is a constant, as a mask, use "
                "register_buffer(…, persistent=False)"
            )


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
    for name, array in state.items():
        if array.dtype.kind == "f" and array.dtype != np.float32:
            raise RecordingError(f"the recording's {name!r} is {array.dtype}: expected float32")
    root = nn.Sequential()
    with random_numbers():  # torch draws first weights, which are not looked at
        for layer in layers:
            name = str(layer.get("name", ""))
            made = _layer(name, layer, state)
            if not name and len(layers) == 1:
                return made
            _place_at(root, name.split("."), made)
    return root


def _layer(name: str, row: Mapping[str, Any], state: Mapping[str, Array]) -> nn.Module:
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise RecordingError(f"the recording's layer {name!r} of kind {kind!r} is not known")
    options = {option: row.get(option) for option in OPTIONS.get(kind, ())}
    if not all(isinstance(o, int | float) and math.isfinite(o) for o in options.values()):
        raise RecordingError(f"the recording's layer {name!r} has options {options!r}")
    return _shaped(kind, name, state, options)


def _shaped(
    kind: str, name: str, state: Mapping[str, Array], options: Mapping[str, Any]
) -> nn.Module:
    """Return a layer of that kind, its sizes those of its weight or running mean."""
    if kind == "Linear":
        weight = _tensor(state, name, "weight", 2)
        bias = tensor_name(name, "bias") in state
        return nn.Linear(weight.shape[1], weight.shape[0], bias=bias)
    if kind == "BatchNorm1d":
        features = len(_tensor(state, name, "running_mean", 1))
        affine = tensor_name(name, "weight") in state
        return nn.BatchNorm1d(features, options["eps"], options["momentum"], affine=affine)
    return KINDS[kind](**options)


def _tensor(state: Mapping[str, Array], name: str, part: str, ndim: int) -> Array:
    full = tensor_name(name, part)
    if full not in state or state[full].ndim != ndim or 0 in state[full].shape:
        raise RecordingError(f"the recording lacks a tensor {full!r} of {ndim} dimensions")
    return state[full]


def _place_at(root: nn.Sequential, parts: list[str], made: nn.Module) -> None:
    """Add a layer under its dotted name, making the `nn.Sequential`s on the way to it."""
    if len(parts) > _NESTING:
        raise RecordingError(f"the recording's layers are nested more than {_NESTING} deep")
    for part in parts[:-1]:
        if part not in root._modules:
            _add(root, part, nn.Sequential())
        inner = root._modules[part]
        if not isinstance(inner, nn.Sequential):
            raise RecordingError(f"the recording's layer {part!r} holds other layers")
        root = inner
    if parts[-1] in root._modules:
        raise RecordingError(f"the recording has two layers {'.'.join(parts)!r}")
    _add(root, parts[-1], made)


def _add(root: nn.Sequential, name: str, made: nn.Module) -> None:
    try:
        root.add_module(name, made)
    except KeyError:  # empty, or a name that torch itself uses
        raise RecordingError(f"the recording has a layer {name!r}: not a name for one") from None
