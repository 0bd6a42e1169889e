"""Wrappers: what torch puts around a module or a part of it, as DDP and compile do, taken off."""

import copy
import inspect
from collections.abc import Iterator
from types import MethodType

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.optim.swa_utils import AveragedModel

from nnanim.errors import SceneError

_AROUND = (nn.DataParallel, nn.parallel.DistributedDataParallel, AveragedModel)
_INNER = ("module", "_orig_mod")  # what a wrapper calls the module that it is put around


def bare(module: nn.Module) -> nn.Module:
    """Return the module that wrappers are put around; itself where there is none.

    Raises `SceneError` for one that torch.jit has made, which knows none of its parts.
    """
    while (inner := _inner(module)) is not None:
        module = inner
    return module


def unwrapped(module: nn.Module) -> nn.Module:
    """Return a module without wrappers, those around its parts taken off in place."""
    module = bare(module)
    for part in list(module.modules()):
        for name, child in part.named_children():
            part._modules[name] = bare(child)
    return module


def bare_copy(module: nn.Module) -> nn.Module:
    """Return a copy without wrappers, also around its parts, in float32 on the processor.

    Raises `SceneError` for a module that has no numbers yet, or whose forward a copy cannot run.
    """
    bare_state(module)
    memo: dict[int, object] = {}
    parts = list(module.modules())
    for tensor in (found for part in parts for found in _tensors(list(vars(part).values()))):
        if not tensor.is_leaf:
            memo[id(tensor)] = tensor.detach()  # of a pass before, which torch does not copy
    for part in reversed(parts):  # the inner ones first
        if bare(part) is not part:
            memo[id(part)] = copy.deepcopy(bare(part), memo)
    copied: nn.Module = copy.deepcopy(module, memo)
    for part in copied.modules():
        if "forward" in vars(part):
            _set_forward(part)
    return copied.float().cpu()


def bare_state(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return parameters and buffers by the names that they have without wrappers.

    Raises `SceneError` for one that is not there yet, and for what is no tensor.
    """
    module = bare(module)
    wrapped = [name for name, part in module.named_modules() if bare(part) is not part]
    around = [f"{name}.{inner}." for name in reversed(wrapped) for inner in _INNER]
    state = {}
    for full, tensor in module.state_dict().items():
        name = full
        for prefix in around:  # the inner ones first
            if name.startswith(prefix):
                name = f"{prefix.rstrip('.').rpartition('.')[0]}.{name.removeprefix(prefix)}"
        if full == name and any(name.startswith(f"{outer}.") for outer in wrapped):
            continue  # a wrapper's own, as a count
        _check(name, tensor)
        state[name] = tensor.detach()
    return state


def bare_name(name: str) -> str:
    """Return a tensor's name in a file without the parts that are wrappers' names."""
    return ".".join(part for part in name.split(".") if part not in _INNER)


def _check(name: str, tensor: object) -> None:
    if not isinstance(tensor, torch.Tensor):
        raise SceneError(
            f"the model's state {name!r} is {type(tensor).__name__}: expected tensors alone; "
            "leave get_extra_state out"
        )
    if is_lazy(tensor):
        raise SceneError(
            f"the model's {name!r} has no shape before its first batch: give the layer its number "
            "of inputs, as nn.Linear(2, 4), or run one batch through the model first"
        )
    if tensor.is_meta:
        raise SceneError(
            f'the model\'s {name!r} is on the device "meta", which holds no numbers: make the '
            "model on the processor, outside of torch.device"
        )


def _inner(module: nn.Module) -> nn.Module | None:
    """Return what a wrapper is put around, None for a module that is none."""
    if isinstance(module, _AROUND):
        return module.module
    if isinstance(module, torch.jit.ScriptModule):
        raise SceneError(
            "the model, or a part of it, is a ScriptModule, into which torch lets nobody look: "
            "give the module that it was made from"
        )
    return module._modules.get("_orig_mod")  # the class that compile gives is loaded by it alone


def _tensors(held: object) -> Iterator[torch.Tensor]:
    """Give the tensors in nested lists, tuples and dicts."""
    if isinstance(held, torch.Tensor):
        yield held
    elif isinstance(held, dict | list | tuple):
        for value in held.values() if isinstance(held, dict) else held:
            yield from _tensors(value)


def _set_forward(part: nn.Module) -> None:
    """Let a copy run its own forward, where the original's was compiled or wrapped.

    A function that was set on an object runs that object, at its weights, whatever it is a copy of.
    """
    given = vars(part)["forward"]
    given = getattr(given, "_torchdynamo_orig_callable", given)
    given = inspect.unwrap(given)
    if not isinstance(given, MethodType):
        raise SceneError(
            f"the forward of {type(part).__name__} is a function set on the object, which a film "
            "cannot run at other weights: define forward in the class"
        )
    vars(part)["forward"] = MethodType(given.__func__, part)
