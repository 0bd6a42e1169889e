"""A trace: one pass of a module watched, which tells what feeds what."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from nnanim.errors import SceneError, told
from nnanim.layer import Layer
from nnanim.network.chunks import FED, numbered
from nnanim.network.head import refusal, sides
from nnanim.network.picks import picked
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.types import Floats

_ROWS = 3  # of a probe
_WAYS: tuple[dict[str, Any], ...] = (  # in which forwards take rows of what is odd
    {"time": -1}, {"time": "mean"}, {"output": 1}, {"pixel": "mean"}, {"flat": True},
)  # fmt: skip
# What a forward raises for inputs that it does not take; all else is no matter of the data.
_UNFIT = (RuntimeError, ValueError, TypeError, IndexError, AssertionError)


@dataclass(frozen=True)
class Call:
    """A module that was called in a pass: its name, what it was given and what it gave."""

    name: str
    module: nn.Module
    given: torch.Tensor
    result: torch.Tensor


@dataclass(frozen=True)
class Odd:
    """A module that gave, in a pass, no row of units for each sample."""

    module: nn.Module
    result: object


def trace(
    module: nn.Module, probe: torch.Tensor
) -> tuple[list[Call], torch.Tensor, dict[str, Odd]]:
    """Return what is called in a pass of `module`, in order of their ends, and what it gives.

    Then, by their names, those parts that give no row of units for each sample. Raises
    `SceneError` where the module cannot take rows as those of `probe`.
    """
    calls: list[Call] = []
    odd: dict[str, Odd] = {}
    taken: set[str] = set()

    def hook(name: str) -> object:
        def note(part: nn.Module, given: tuple[object, ...], result: object) -> None:
            called = numbered(name, taken)
            taken.add(called)
            if not isinstance(result, torch.Tensor) or result.ndim != 2:
                odd[called] = Odd(part, result)
            if given and isinstance(given[0], torch.Tensor) and isinstance(result, torch.Tensor):
                calls.append(Call(called, part, given[0], result))

        return note

    rows = sides(tuple(probe.shape))
    handles = [part.register_forward_hook(hook(name)) for name, part in module.named_modules()]
    try:
        output = _probed(module, probe)
    except SceneError:
        raise
    except Exception as error:  # whatever a forward raises for what it does not take
        if isinstance(error, TypeError):
            _check_forward(module, rows)
        raise SceneError(_told(error, probe, rows)) from error
    finally:
        for handle in handles:
            handle.remove()
    if not isinstance(output, torch.Tensor):
        raise SceneError(refusal(output))
    _check_rows(output)
    return calls, output, odd


def _told(error: Exception, probe: torch.Tensor, rows: str) -> str:
    """Return what to say of what a forward raised, and whether it is a matter of the data."""
    said = told(error).splitlines()[0]
    if not isinstance(error, _UNFIT):
        return f"the model's forward failed with {said}"
    return (
        f"the model does not fit the data: given inputs of shape {rows}, its forward failed with "
        f"{said}; {_advice(error, probe)}"
    )


def _advice(error: Exception, probe: torch.Tensor) -> str:
    if "scalar type" in str(error) and "ong" in str(error):
        return "whole numbers, as of tokens, come as float32: make them whole again, by x.long()"
    taken = str(probe.shape[1]) if probe.ndim == 2 else f"rows of shape {tuple(probe.shape[1:])}"
    return f"make its first layer take {taken}, and each other layer what the one before it gives"


def _check_forward(module: nn.Module, rows: str) -> None:
    """Refuse a forward that takes another number of tensors than one."""
    try:
        taken = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError):  # compiled by torch into no function of Python's
        return
    named = [p.name for p in taken if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    needed = [p.name for p in taken if p.name in named and p.default is p.empty]
    if len(needed) > 1:
        parts = ", ".join(needed)
        raise SceneError(
            f"the model's forward takes {len(needed)} tensors, {parts}: expected one, x of shape "
            f"{rows}; let it take x and part it itself, as x[:, :1] and x[:, 1:]"
        )
    if not taken:
        raise SceneError(
            f"the model's forward takes nothing: expected one tensor, x of shape {rows}"
        )


def _check_rows(output: torch.Tensor) -> None:
    """Refuse outputs that are not a row for each sample."""
    if output.ndim == 1 and len(output) == _ROWS:
        raise SceneError(
            "the model returned shape (n,), without a second dimension: expected (n, outputs), as "
            "(n, 1); leave out the squeeze or the index that loses it, or end in .unsqueeze(1)"
        )
    if output.ndim > 2 and len(output) == _ROWS:
        raise SceneError(
            f"the model returned shape {sides(tuple(output.shape))}: expected (n, outputs); end it "
            "in nn.Flatten(), or take one step of a sequence, as h[:, -1]"
        )
    if output.ndim == 0 or len(output) != _ROWS:
        raise SceneError(
            f"the model returned shape {tuple(output.shape)} for {_ROWS} samples: expected a row "
            "for each, (n, outputs); take no mean or sum over the samples"
        )


def link_of(module: nn.Module, linear: Call, probe: torch.Tensor) -> str:
    """Return what leads from the scores of `linear` to the output, "" where it is not known.

    The Linear is made to give scores of ours, so that the answer does not hang on its weights:
    with small ones, tanh and identity look alike.
    """
    scores = torch.linspace(-3.0, 3.0, linear.result.numel()).reshape(linear.result.shape)
    output = _probed_with(module, probe, linear, scores)
    if output is None:
        return ""
    links = {
        "identity": scores,
        "sigmoid": torch.sigmoid(scores),
        "tanh": torch.tanh(scores),
        "softmax": torch.softmax(scores, dim=-1),
        "log_softmax": torch.log_softmax(scores, dim=-1),
    }
    for name, expected in links.items():
        if expected.shape == output.shape and torch.allclose(expected, output, atol=1e-6):
            return name
    return ""


def feeder_of(calls: list[Call], odd: Mapping[str, Odd], linear: Call, first: bool) -> str:
    """Return the name of what feeds `linear`: a module, or "fc2.input" where a function does.

    Rows that a forward takes of what is `odd` are a layer by what is picked, as "gru[time=-1]".
    """
    giver = _giver(calls, linear.given)
    plain = linear.given.ndim == 2 and bool(linear.name)
    if giver or not plain:
        return giver
    return _picked(odd, linear.given) or ("" if first else f"{linear.name}{FED}")


def _picked(odd: Mapping[str, Odd], rows: torch.Tensor) -> str:
    """Return what of one of the `odd` modules are `rows` (n, units); "" where nothing is."""
    for (name, part), way in product(odd.items(), _WAYS):
        if not name or not rows.any():
            continue
        asked = Layer(name, **way)
        try:
            found = picked(asked, part.module, part.result, len(rows))
        except SceneError:
            continue
        alike = (found.shape, found.dtype) == (rows.shape, rows.dtype)
        if alike and torch.allclose(found, rows, 1e-5, 0.0):
            return str(asked)
    return ""


def _giver(calls: list[Call], tensor: torch.Tensor) -> str:
    """Return the name of the outermost module whose result is `tensor` itself, or ""."""
    names = [call.name for call in calls if call.result is tensor and call.name]
    return min(names, key=lambda name: name.count(".")) if names else ""


def probe_of(rows: Floats) -> torch.Tensor:
    """Return a few of the rows of a network's inputs, for passes that find out what it does."""
    return torch.from_numpy(np.array(rows[np.arange(_ROWS) % len(rows)], np.float32))


def _probed(module: nn.Module, probe: torch.Tensor) -> torch.Tensor:
    with torch.no_grad(), one_thread(), random_numbers():
        return module(probe)  # type: ignore[no-any-return]


def _probed_with(
    module: nn.Module, probe: torch.Tensor, linear: Call, scores: torch.Tensor
) -> torch.Tensor | None:
    """Return what a module gives where a Linear gives these scores.

    None where it takes none that are not its own, as one whose output is a gradient.
    """
    handle = linear.module.register_forward_hook(lambda *_: scores.clone())
    try:
        return _probed(module, probe)
    except RuntimeError:
        return None
    finally:
        handle.remove()


def end_of(
    module: nn.Module, linear: Call | None, output: torch.Tensor, probe: torch.Tensor
) -> str:
    """Return the link that an output without one acts like, whatever it is given; "" for none.

    Rows that always sum to one are a softmax's, as with a temperature; numbers that run from 0 to 1
    as the scores of `linear` run far to both sides are a sigmoid's.
    """
    if linear is not None:
        far = torch.linspace(-40.0, 40.0, linear.result.numel()).reshape(linear.result.shape)
        given = _probed_with(module, probe, linear, far)
        if given is None:
            return ""
        output = given
    if output.ndim != 2 or not output.is_floating_point() or not bool(output.isfinite().all()):
        return ""
    ones = torch.ones(len(output))
    within = bool(((output >= 0) & (output <= 1)).all())
    if output.shape[1] > 1 and within and torch.allclose(output.sum(dim=1), ones, atol=1e-5):
        return "softmax"
    if output.shape[1] > 1 and torch.allclose(output.exp().sum(dim=1), ones, atol=1e-5):
        return "log_softmax"
    runs = linear is not None and bool(output.min() < 1e-3) and bool(output.max() > 1 - 1e-3)
    return "sigmoid" if within and runs else ""
