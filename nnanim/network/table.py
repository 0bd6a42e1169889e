"""Tables: what a recording says of a stack's layers, checked before anything is made of it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnanim.errors import RecordingError
from nnanim.network.stack import KINDS, OPTIONS, NotAStack, Stack, stack_of_table, tensor_name

Array = NDArray[Any]

_NESTING = 64  # Python can go no deeper than some hundred modules

# What an nn.Sequential has of its own: no layer in it can go by such a name.
TAKEN = frozenset({
    "T_destination", "_apply", "_backward_hooks", "_backward_pre_hooks", "_buffers", "_call_impl",
    "_compiled_call_impl", "_forward_hooks", "_forward_hooks_always_called",
    "_forward_hooks_with_kwargs", "_forward_pre_hooks", "_forward_pre_hooks_with_kwargs",
    "_get_backward_hooks", "_get_backward_pre_hooks", "_get_item_by_idx", "_get_name",
    "_is_full_backward_hook", "_load_from_state_dict", "_load_state_dict_post_hooks",
    "_load_state_dict_pre_hooks", "_maybe_warn_non_full_backward_hook", "_modules",
    "_named_members", "_non_persistent_buffers_set", "_parameters",
    "_register_load_state_dict_pre_hook", "_register_state_dict_hook",
    "_replicate_for_data_parallel", "_save_to_state_dict", "_slow_forward", "_state_dict_hooks",
    "_state_dict_pre_hooks", "_version", "_wrapped_call_impl", "add_module", "append", "apply",
    "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu", "cuda", "double",
    "dump_patches", "eval", "extend", "extra_repr", "float", "forward", "get_buffer",
    "get_extra_state", "get_parameter", "get_submodule", "half", "insert", "ipu", "load_state_dict",
    "modules", "mtia", "named_buffers", "named_children", "named_modules", "named_parameters",
    "parameters", "pop", "register_backward_hook", "register_buffer", "register_forward_hook",
    "register_forward_pre_hook", "register_full_backward_hook", "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
    "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to",
    "to_empty", "train", "training", "type", "xpu", "zero_grad",
})  # fmt: skip


def stack_in(layers: Sequence[Mapping[str, Any]], state: Mapping[str, Array]) -> Stack | None:
    """Return the stack that a recording's table describes, its tensors shaped as those of `state`.

    None where its layers do not fit each other, which torch's own words say best; raises
    `RecordingError` as `check_table`.
    """
    check_table(layers, state)
    named = [{**layer, "name": str(layer.get("name", ""))} for layer in layers]
    try:
        return stack_of_table(named, {name: array.shape for name, array in state.items()})
    except NotAStack:
        return None


def check_table(layers: Sequence[Mapping[str, Any]], state: Mapping[str, Array]) -> None:
    """Raise `RecordingError` for a table that is none, or that lacks a tensor of `state`."""
    for name, array in state.items():
        if array.dtype.kind == "f" and array.dtype != np.float32:
            raise RecordingError(f"the recording's {name!r} is {array.dtype}: expected float32")
    tree: dict[str, Any] = {}
    for layer in layers:
        name = str(layer.get("name", ""))
        _check_layer(name, layer, state)
        if name or len(layers) > 1:
            _place_at(tree, name.split("."))


def _check_layer(name: str, row: Mapping[str, Any], state: Mapping[str, Array]) -> None:
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise RecordingError(f"the recording's layer {name!r} of kind {kind!r} is not known")
    options = {option: row.get(option) for option in OPTIONS.get(kind, ())}
    if not all(isinstance(o, int | float) and math.isfinite(o) for o in options.values()):
        raise RecordingError(f"the recording's layer {name!r} has options {options!r}")
    if kind == "Linear":
        _check_tensor(state, tensor_name(name, "weight"), 2)
    if kind == "BatchNorm1d":
        _check_tensor(state, tensor_name(name, "running_mean"), 1)


def _check_tensor(state: Mapping[str, Array], name: str, ndim: int) -> None:
    if name not in state or state[name].ndim != ndim or 0 in state[name].shape:
        raise RecordingError(f"the recording lacks a tensor {name!r} of {ndim} dimensions")


def _place_at(tree: dict[str, Any], parts: list[str]) -> None:
    """Add a layer under its dotted name, and the groups on the way to it."""
    if len(parts) > _NESTING:
        raise RecordingError(f"the recording's layers are nested more than {_NESTING} deep")
    for part in parts[:-1]:
        inner = tree.setdefault(_checked(part), {})
        if inner is None:
            raise RecordingError(f"the recording's layer {part!r} holds other layers")
        tree = inner
    if parts[-1] in tree:
        raise RecordingError(f"the recording has two layers {'.'.join(parts)!r}")
    tree[_checked(parts[-1])] = None


def _checked(name: str) -> str:
    """Return the name of a layer; `RecordingError` for one that torch has no layer of."""
    if not name or name in TAKEN or name.startswith("__"):
        raise RecordingError(f"the recording has a layer {name!r}: not a name for one")
    return name
