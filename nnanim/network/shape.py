"""Shape: what a network may truly be called, a chain of widths or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_LONG = 8  # widths of a chain that is written whole
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
    """Return the shape of a network whose every layer is fed by the one before.

    Of the inputs' width alone, it is that of a single part, as a norm.
    """
    if len(widths) == 1:
        return Shape("", False, parts=1)
    return Shape(chain_text(list(pairwise(widths)), _LIKE if len(widths) > _LONG else 0), True)


def chain_text(pairs: Pairs, least: int) -> str:
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
    found = block_of(pairs, least)
    if found is None:
        return [(pairs, 1)] if pairs else []
    start, length, times = found
    end = start + length * times
    block = pairs[start : start + length]
    return [*_folded(pairs[:start], least), (block, times), *_folded(pairs[end:], least)]


def block_of(items: Sequence[object], least: int) -> tuple[int, int, int] | None:
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
