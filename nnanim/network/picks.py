"""Picks: rows of units out of what a module gives, where that is more than a row a sample."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from nnanim.errors import SceneError
from nnanim.layer import Layer
from nnanim.network.head import shapes_of

_CELLS = (nn.RNNBase, nn.RNNCellBase)  # their first output is what they give, their last step


def resolved(asked: Layer, part: nn.Module) -> Layer:
    """Return a layer with nothing left open: torch's recurrent ones are at their last step."""
    picks = asked.picks
    if not isinstance(part, nn.RNNBase) or picks.keys() - {"output"}:
        return asked
    said = f"output={picks['output']}," if picks.get("output", "0") != "0" else ""
    return Layer(f"{asked.module}[{said}time=-1]")


def picked(asked: Layer, part: nn.Module, given: object, samples: int) -> torch.Tensor:
    """Return the rows (n, units) that a layer picks of what its module has given for `samples`.

    Raises `SceneError` for what gives none, with its shapes and how to pick.
    """
    picks = asked.picks
    tensor, lengths = _output(asked, part, given, samples)
    if tensor.ndim and len(tensor) != samples:
        raise _refusal(asked, given, "for each sample", samples)
    if "time" in picks and tensor.ndim == 3:
        return _step(asked, tensor, lengths, picks["time"])
    if "pixel" in picks and tensor.ndim >= 3:
        return _pixel(asked, tensor, picks["pixel"])
    if "flat" in picks and tensor.ndim >= 2:
        return tensor.flatten(1)
    if tensor.ndim == 2 and not picks.keys() - {"output"}:
        return tensor
    raise _refusal(asked, given, "", samples)


def _output(
    asked: Layer, part: nn.Module, given: Any, samples: int
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Return one tensor, n its first side, and the steps of each sample of a packed sequence."""
    outputs = _tensors(given)
    usual = "0" if isinstance(part, _CELLS) or len(outputs) == 1 else ""
    place = asked.picks.get("output", usual)
    if place.startswith("-") and place[1:].isdigit():
        place = str(len(outputs) + int(place))
    found = outputs.get(place)
    if found is None:
        raise _refusal(asked, given, "", samples)
    if isinstance(found, PackedSequence):
        tensor, lengths = pad_packed_sequence(found, batch_first=True)
        return tensor, lengths
    first = isinstance(part, nn.RNNBase) and (place != "0" or not part.batch_first)
    return (found.transpose(0, 1) if first and found.ndim == 3 else found), None


def _tensors(given: Any) -> dict[str, Any]:
    """Return all tensors that a module gives, by index, those of tuples in tuples too, or key."""
    if isinstance(given, torch.Tensor | PackedSequence):
        return {"0": given}
    if isinstance(given, Mapping):
        return {str(k): v for k, v in given.items() if isinstance(v, torch.Tensor)}
    flat = _flat(given)
    return {str(k): v for k, v in enumerate(flat) if isinstance(v, torch.Tensor | PackedSequence)}


def _flat(given: Any) -> list[Any]:
    plain = isinstance(given, tuple | list) and not isinstance(given, PackedSequence)
    return [each for part in given for each in _flat(part)] if plain else [given]


def _step(
    asked: Layer, tensor: torch.Tensor, lengths: torch.Tensor | None, time: str
) -> torch.Tensor:
    """Return a step (n, units) of (n, steps, units), or the mean of each sample's own."""
    n, steps, _ = tensor.shape
    own = torch.full((n,), steps) if lengths is None else lengths
    if time == "mean":  # of a packed sequence, what is beyond a sample's end is 0
        return tensor.mean(dim=1) if lengths is None else tensor.sum(dim=1) / own[:, None]
    k = int(time)
    if not -steps <= k < steps:
        raise SceneError(f"layer {str(asked)!r}: there are {steps} steps; expected {-steps} to "
                         f"{steps - 1}, or mean")  # fmt: skip
    if lengths is None:
        return tensor[:, k]
    at = (own + k if k < 0 else torch.full((n,), k)).clamp(min=0).minimum(own - 1)
    return tensor[torch.arange(n), at]


def _pixel(asked: Layer, tensor: torch.Tensor, pixel: str) -> torch.Tensor:
    """Return each channel (n, channels) at a pixel, or its mean over all."""
    if pixel == "mean":
        return tensor.flatten(2).mean(dim=2)
    row, column = map(int, pixel.split("x"))
    sides = tensor.shape[2:]
    if len(sides) != 2 or not (-sides[0] <= row < sides[0] and -sides[1] <= column < sides[1]):
        shape = " × ".join(map(str, sides))
        raise SceneError(f"layer {str(asked)!r}: there is no pixel ({row}, {column}) of {shape}")
    return tensor[:, :, row, column]


def _refusal(asked: Layer, given: Any, lack: str, samples: int) -> SceneError:
    """Return the error for what gives no rows of units: its shapes, and how to pick."""
    name, outputs = asked.module, _tensors(given)
    came = shapes_of(given) or type(given).__name__
    came = f"{came} for {samples} samples"
    tensor = next(iter(outputs.values()), None)
    if lack or tensor is None:
        cure = "give it through a part of its own, as self.look = nn.Identity()"
        return SceneError(
            f"layer {name!r} gives {came}: expected a row of units {lack or 'for each'}, "
            f"(samples, …); {cure}, and look at that"
        )
    output = asked.picks.get("output")
    tensor = outputs.get(output or "", tensor)
    layer = f"Layer({name!r}" + (f", output={_key(output)}" if output else "")
    if len(outputs) > 1 and output not in outputs:
        ways = ", ".join(f"Layer({name!r}, output={_key(key)})" for key in outputs)
    elif tensor.ndim <= 2:
        ways = f"{layer})" if output else repr(name)
    elif tensor.ndim == 3:
        ways = f'{layer}, time=-1), time="mean" or flat=True'
    else:
        ways = f'{layer}, pixel="mean"), pixel=(0, 0) or flat=True'
    return SceneError(
        f"layer {str(asked)!r} gives {came}: expected a row of units for each, (samples, "
        f"units); pick one, as {ways}"
    )


def _key(key: str) -> str:
    return key if key.isdigit() else repr(key)
