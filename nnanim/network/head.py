"""Heads: which of the outputs that a module returns, in a tuple or a dict, is its answer."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from nnanim.errors import SceneError
from nnanim.network.losses import LossFunction
from nnanim.texts import called


class Head:
    """Picks a network's answer; as a forward hook it stands in place of what the module returns.

    `whole` is the first that a module returned, all of it.
    """

    def __init__(self, name: int | str) -> None:
        self.name = name
        self.whole: Any = None

    def __call__(self, module: nn.Module, given: object, outputs: Any) -> torch.Tensor:
        del module, given
        if self.whole is None:
            self.whole = outputs
        return self.of(outputs)

    def of(self, outputs: Any) -> torch.Tensor:
        """Return the answer among outputs; `SceneError` lists those there are."""
        answer = _parts(outputs).get(_place(self.name, outputs))
        if not isinstance(answer, torch.Tensor):
            raise SceneError(f"head={self.name!r}: {_told(outputs)}")
        return answer

    def by_name(self, loss: LossFunction) -> LossFunction:
        """Return a named loss as a function of all outputs, of which it is given the answer."""
        return lambda outputs, targets: loss(self.of(outputs), targets)

    def measurable(self, loss: str | LossFunction | None) -> str | LossFunction | None:
        """Return a loss of all outputs as a function of the answer, the others as they were.

        A named one, of the answer alone, is returned as it is.
        """
        if loss is None or isinstance(loss, str):
            return loss
        whole, place = self.whole, _place(self.name, self.whole)

        def of_answer(answer: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
            parts = {n: _as_long(part, len(answer)) for n, part in _parts(whole).items()}
            parts[place] = answer
            given: Any = parts if isinstance(whole, Mapping) else tuple(parts.values())
            return loss(given, targets)

        of_answer.__name__ = called(loss)
        return of_answer


def refusal(outputs: Any) -> str:
    """Return what to say of outputs of which none is named as the answer."""
    return f"which of the model's outputs is the network's answer? {_told(outputs)}"


def _told(outputs: Any) -> str:
    if isinstance(outputs, torch.Tensor):
        return "the model returned one tensor: leave head= out"
    kind = type(outputs).__name__
    found = {n: tuple(t.shape) for n, t in _parts(outputs).items() if isinstance(t, torch.Tensor)}
    if not found:
        return f"the model returned {kind} without a tensor: expected one tensor (n, outputs)"
    named = ", ".join(f"{n!r} of shape {sides(shape)}" for n, shape in found.items())
    return (
        f"the model returned a {kind} with {named}: expected one tensor, or its place as "
        f"head={next(iter(found))!r}"
    )


def _parts(outputs: Any) -> dict[Any, Any]:
    """Return outputs by key or by index."""
    if isinstance(outputs, Mapping):
        return dict(outputs)
    return dict(enumerate(outputs)) if isinstance(outputs, tuple | list) else {}


def _place(name: int | str, outputs: Any) -> Any:
    """Return the key or the index that a name means; of a tuple, -1 is the last."""
    parts = _parts(outputs)
    if name in parts:
        return name
    if isinstance(name, int) and -len(parts) <= name < 0 and not isinstance(outputs, Mapping):
        return len(parts) + name
    return None


def shapes_of(outputs: Any) -> str:
    """Return the shapes of a tensor, or of all tensors in what a module returns."""
    if isinstance(outputs, torch.Tensor):
        return str(tuple(outputs.shape))
    found = [shapes_of(part) for part in _parts(outputs).values()]
    return ", ".join(filter(None, found))


def sides(shape: tuple[int, ...]) -> str:
    """Return the shape of a batch, its first side as n."""
    return f"({', '.join(('n', *map(str, shape[1:])))}{',' if len(shape) == 1 else ''})"


def _as_long(part: Any, n: int) -> Any:
    """Return rows of a part over and over, so that there are `n`."""
    if not isinstance(part, torch.Tensor) or part.ndim == 0:
        return part
    return part[torch.arange(n) % len(part)]
