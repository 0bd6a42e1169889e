"""Shape: what a network may truly be called, a chain of widths or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn

from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.network.trace import Call, trace

_LONG = 8  # widths of a chain that is written whole
_MOST = 64  # calls of Linear modules whose ways are followed
_LIKE = 3  # times that a block is repeated before a chain is folded about it

Pairs = Sequence[tuple[int, int]]  # of what goes in and comes out of each Linear in turn


@dataclass(frozen=True)
class Shape:
    """The widths of a network as people write them: "2 → 3 → 1", "10 × (2 → 32 → 2) → 1".

    `chain` says whether each layer is fed by the one before and by nothing else. `widths` are ""
    where layers stand beside each other, are skipped, or are of other kinds. Of what is no chain,
    `name` is that of its class, "" where torch has named it, and so many `parts` have parameters.
    """

    widths: str
    chain: bool
    name: str = ""
    parts: int = 0


def shape_of_chain(widths: Sequence[int]) -> Shape:
    """Return the shape of a network whose every layer is fed by the one before."""
    return Shape(_text(list(pairwise(widths)), _LIKE if len(widths) > _LONG else 0), True)


def shape_of(module: nn.Module, probe: torch.Tensor, outputs: int) -> Shape:
    """Return the shape of any module with so many outputs, which takes rows as those of `probe`."""
    called, widths = _called(module, probe, outputs)
    again = len(set(map(id, called))) < len(called)
    if called and not again and len(called) <= _MOST and _is_chain(module, probe, called):
        return shape_of_chain(widths)
    repeated = _text(list(pairwise(widths)), 2) if again and _repeats(called) else ""
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
    block = _block([id(module) for module in called], 2)
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


def _text(pairs: Pairs, least: int) -> str:
    """Return pairs of widths as a chain, folded about blocks that come `least` times; 0: never."""
    segments = _folded(pairs, least) if least else [(pairs, 1)]
    tokens = [str(pairs[0][0])] if segments[0][1] == 1 else []
    for i, (block, times) in enumerate(segments):
        widths = [str(block[0][0]), *(str(after) for _, after in block)]
        if times > 1:
            tokens.append(f"{times} × ({' → '.join(widths)})")
        else:  # a block that follows begins with the last width
            followed = i + 1 < len(segments)
            tokens += widths[1:-1] if followed else widths[1:]
    return " → ".join(tokens)


def _folded(pairs: Pairs, least: int) -> list[tuple[Pairs, int]]:
    """Return pairs as blocks in turn, each with how many times it comes."""
    found = _block(pairs, least)
    if found is None:
        return [(pairs, 1)] if pairs else []
    start, length, times = found
    end = start + length * times
    block = pairs[start : start + length]
    return [*_folded(pairs[:start], least), (block, times), *_folded(pairs[end:], least)]


def _block(items: Sequence[object], least: int) -> tuple[int, int, int] | None:
    """Return start, length and times of what is repeated `least` times and covers most."""
    best, covered = None, 0
    for length in range(1, len(items) // least + 1):
        start = 0
        while start + length * least <= len(items):
            times = 1
            while items[start : start + length] == items[start + length * times :][:length]:
                times += 1
            if times >= least and length * (times - 1) > covered:
                best, covered = (start, length, times), length * (times - 1)
            start += max(1, length * (times - 1))
    return best
