"""Rowwise: whether what a module gives for a sample hangs on that sample and its own tensors alone.

A film asks for any samples, in any company, at any moment, of what it has kept. A module that draws
numbers in evaluation, that looks at the other samples of a batch, or that has tensors it does not
tell of, would answer each time something else.
"""

from collections.abc import Iterator

import torch
from torch import nn

from nnanim.errors import SceneError
from nnanim.network.head import sides
from nnanim.network.torch_state import one_thread, random_numbers

_SAME = 1e-6  # relative, of the same batch
_NEAR = 1e-3  # of another, in which torch's sums differ in their last bits


def check_rowwise(module: nn.Module, probe: torch.Tensor) -> None:
    """Refuse a module, in evaluation mode, of which no film can be made that is true.

    `probe` are some rows (n, …) of its inputs. Raises `SceneError`.
    """
    given, again = _given(module, probe, seed=0), _given(module, probe, seed=1)
    lasting = {id(tensor) for tensor in _unknown(again, module)}  # not made in a pass
    for tensor in _unknown(given, module):
        if id(tensor) in lasting:
            raise SceneError(
                f"the model's forward uses a parameter of shape {tuple(tensor.shape)} that is not "
                "among its own, so torch neither trains nor keeps it: put modules into "
                "nn.ModuleList(…) in place of a list, parameters into nn.ParameterList(…), and "
                "what a lambda makes of the model into a method"
            )
    if not _alike(given, again, _SAME):
        raise SceneError(
            "the model draws random numbers in evaluation mode, too, so that the same inputs give "
            "other outputs each time: expected the same; draw if self.training alone, as by "
            "nn.Dropout or F.dropout(x, training=self.training)"
        )
    alone = _given(module, probe[:1].expand_as(probe), seed=0)
    if not _alike(given[:1], alone[:1], _NEAR):
        raise SceneError(
            "the model's output for a sample changes, in evaluation mode, with the others in its "
            f"batch, of inputs {sides(tuple(probe.shape))}: expected one that hangs on the sample "
            "alone; give recurrent layers and attention batch_first=True where samples come "
            "first, and BatchNorm its running statistics"
        )


def _given(module: nn.Module, probe: torch.Tensor, seed: int) -> torch.Tensor:
    with torch.enable_grad(), one_thread(), random_numbers():
        torch.default_generator.manual_seed(seed)
        return module(probe.clone())  # type: ignore[no-any-return]


def _alike(one: torch.Tensor, other: torch.Tensor, near: float) -> bool:
    """Return whether outputs (n, …) are the same but for rounding."""
    one, other = one.detach().double(), other.detach().double()
    if one.shape != other.shape or not bool(one.isfinite().all()):
        return True  # nothing can be told
    scale = max(float(one.abs().max()), 1e-6)
    return bool((one - other).abs().max() <= near * scale)


def _unknown(given: torch.Tensor, module: nn.Module) -> Iterator[torch.Tensor]:
    """Give the tensors that take a gradient of what is given and are none of the module's."""
    own = {id(parameter) for parameter in module.parameters()}
    seen, nodes = set(), [given.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        nodes.extend(before for before, _ in node.next_functions)
        tensor = getattr(node, "variable", None)
        if tensor is not None and id(tensor) not in own:
            yield tensor
