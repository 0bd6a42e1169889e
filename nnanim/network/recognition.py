"""Recognition: which torch modules are stacks of known layers."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from nnanim.network.stack import KINDS, OPTIONS, NotAStack, Stack, stack_of_table, tensor_name


def stack_of(module: nn.Module) -> Stack:
    """Return `module` as a stack; `NotAStack` says why it is none.

    Known are Linear, BatchNorm1d and the activations that have a kernel code, in an
    `nn.Sequential`, nested and named as it may be, without hooks and without shared parameters.
    """
    leaves = list(_leaves("", module))
    layers: list[dict[str, Any]] = []
    tensors: dict[str, torch.Tensor] = {}
    for name, layer in leaves:
        kind = type(layer).__name__
        if kind not in KINDS or type(layer) is not getattr(nn, kind):
            raise NotAStack(f"{kind} is not a layer that the kernel knows")
        if isinstance(layer, nn.BatchNorm1d) and not _keeps_statistics(layer):
            raise NotAStack(f"{name} keeps no running statistics with a momentum")
        for part, tensor in (*layer._parameters.items(), *layer._buffers.items()):
            if tensor is not None:
                tensors[tensor_name(name, part)] = tensor
        options = {option: getattr(layer, option) for option in OPTIONS.get(kind, ())}
        layers.append({"name": name, "kind": kind, **options})
    if len(set(map(id, tensors.values()))) < len(tensors):
        raise NotAStack("parameters are shared between layers")
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    frozen = [name for name, tensor in tensors.items() if not tensor.requires_grad]
    return stack_of_table(layers, shapes, frozen)


def why_no_stack(module: nn.Module) -> str:
    """Return in one phrase why a module is not a stack of known layers; "" where it is one."""
    try:
        stack_of(module)
    except NotAStack as reason:
        return str(reason)
    return ""


def _keeps_statistics(norm: nn.BatchNorm1d) -> bool:
    kept = (norm.running_mean, norm.running_var, norm.momentum)
    return all(part is not None for part in kept)


def _leaves(name: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    hooks = (
        module._forward_hooks,
        module._forward_pre_hooks,
        module._backward_hooks,
        module._backward_pre_hooks,
    )
    if any(hooks):
        raise NotAStack(f"{name or 'it'} has hooks")
    if type(module) is not nn.Sequential:
        yield name, module
        return
    for child, part in module.named_children():
        yield from _leaves(f"{name}.{child}" if name else child, part)
    if len(list(module.named_children())) < len(module):
        raise NotAStack("it uses one layer twice")
