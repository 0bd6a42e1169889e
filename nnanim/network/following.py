"""Following: what feeds each layer of any module, and what the whole may therefore be called."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from nnanim.network.shape import Shape, block_of, chain_text, shape_of_chain
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.network.trace import Call, trace

_MOST = 64  # calls of Linear modules whose ways are followed


def shape_of(module: nn.Module, probe: torch.Tensor, outputs: int) -> Shape:
    """Return the shape of any module with so many outputs, which takes rows as those of `probe`."""
    called, widths = _called(module, probe, outputs)
    again = len(set(map(id, called))) < len(called)
    if called and not again and len(called) <= _MOST and _is_chain(module, probe, called):
        return shape_of_chain(widths)
    repeated = chain_text(list(pairwise(widths)), 2) if again and _repeats(called) else ""
    kind = type(module)
    name = "" if kind.__module__.split(".")[0] == "torch" else kind.__name__
    parts = sum(any(True for _ in p.parameters(recurse=False)) for p in module.modules())
    return Shape(repeated, False, name, parts)


def _called(
    module: nn.Module, probe: torch.Tensor, outputs: int
) -> tuple[list[nn.Module], list[int]]:
    """Return the Linear modules in the order of their calls, and the widths on the way.

    None where these do not lead from the input to the outputs, as far as widths tell.
    """
    linears = _linears(module, probe)
    pairs = [(call.given.shape[-1], call.result.shape[-1]) for call in linears]
    widths = [probe[0].numel(), *(after for _, after in pairs)]
    rows = all(call.given.ndim == 2 for call in linears) and widths[-1] == outputs
    if [before for before, _ in pairs] != widths[:-1] or not rows or _has_others(module):
        return [], widths
    return [call.module for call in linears], widths


def _linears(module: nn.Module, probe: torch.Tensor) -> list[Call]:
    """Return the calls of Linear modules in a pass."""
    return [call for call in trace(module, probe)[0] if isinstance(call.module, nn.Linear)]


def _has_others(module: nn.Module) -> bool:
    """Return whether something besides Linear modules and norms has parameters."""
    return any(
        parameter.ndim > 1 or not type(part).__module__.startswith("torch.nn.")
        for part in module.modules()
        if not isinstance(part, nn.Linear)
        for parameter in part.parameters(recurse=False)
    )


def _repeats(called: Sequence[nn.Module]) -> bool:
    """Return whether the same modules are called again one block right after the other only."""
    block = block_of([id(module) for module in called], 2)
    if block is None:
        return False
    start, length, times = block
    left, right = called[:start], called[start + length * times :]
    once = [*left, *called[start : start + length], *right]
    return len(set(map(id, once))) == len(once)


def _is_chain(module: nn.Module, probe: torch.Tensor, called: Sequence[nn.Module]) -> bool:
    """Return whether each Linear is fed by the one before alone, and the last one's result is all.

    The results are replaced by numbers of ours; where one of them changes, only what the next is
    given may.
    """
    count = len(called)
    usual = _given(module, probe, called, -1)
    for changed in range(count + 1):
        now = _given(module, probe, called, changed)
        if usual is None or now is None:
            return False
        for k, (before, after) in enumerate(zip(usual, now, strict=True)):
            if k != changed and not torch.equal(before, after):
                return False
    return True


def _given(
    module: nn.Module, probe: torch.Tensor, called: Sequence[nn.Module], changed: int
) -> list[torch.Tensor] | None:
    """Return what each Linear is given, and the output; None where others are called.

    Of the input (0) and the results that take the place of theirs, the one `changed` is another;
    of the input, its rows are in another order.
    """
    given: list[torch.Tensor] = []

    def numbers(k: int, shape: torch.Size) -> torch.Tensor:
        start = 1.0 + k + 100.0 * (k == changed)
        return torch.sin(torch.arange(start, start + 1.7 * shape.numel() - 0.1, 1.7)).reshape(shape)

    def replaced(part: nn.Module, args: tuple[torch.Tensor, ...], result: torch.Tensor) -> object:
        expected = called[len(given)] if len(given) < len(called) else None
        given.append(args[0].clone())
        return numbers(len(given), result.shape) if part is expected else None

    handles = [part.register_forward_hook(replaced) for part in called]
    try:
        with torch.no_grad(), one_thread(), random_numbers():
            output = module(probe.roll(1, 0) if changed == 0 else probe)
    except Exception:  # whatever a forward raises for numbers that it does not take
        return None
    finally:
        for handle in handles:
            handle.remove()
    return [*given, output] if len(given) == len(called) else None
