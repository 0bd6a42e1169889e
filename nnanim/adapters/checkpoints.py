"""A folder of checkpoints, as one recording."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from nnanim import datasets
from nnanim.dataset import Outputs
from nnanim.errors import RecordingError, UsageError
from nnanim.network.losses import loss_called
from nnanim.network.modules import initial_module, state_of
from nnanim.network.outputs import ENDS
from nnanim.network.traced import network_of
from nnanim.network.wrappers import bare_name
from nnanim.place import kind_at
from nnanim.recording.loop import name_of
from nnanim.recording.recorder import Recorder
from nnanim.recording.recording import Recording

Tensors = Mapping[str, torch.Tensor]

_PICKLED = (".pt", ".pth", ".ckpt", ".bin")
_NESTED = ("state_dict", "model_state_dict", "model", "module")
_SAFE_TORCH = (2, 10)  # older ones run code in spite of weights_only=True (CVE-2026-24747)


def record_checkpoints(
    pattern: str | Sequence[str | Path],
    model: Callable[[], nn.Module],
    path: str | Path,
    data: Any = None,
    **options: Any,
) -> Recording:
    """Return the recording of the checkpoints that match `pattern`, in the order of their numbers.

    `model` builds their module. The last number in each name is its epoch where these rise, else
    the checkpoints are counted. Without `data`, points over [-1, 1] stand for them, labelled as the
    last checkpoint decides. `.safetensors` files are read as such, `.pt` and the like by torch with
    weights_only=True: nothing in them is run. Other `options` are those of `Recorder`. Raises
    `UsageError` where nothing matches, `RecordingError` for a file that does not fit.
    """
    files = _sorted(_matching(pattern) if isinstance(pattern, str) else pattern)
    if len(files) < 2:
        raise UsageError(
            f"{pattern!r} matches {len(files)} checkpoints: expected at least two, "
            "as 'run/*.safetensors'"
        )
    module = initial_module(model, 0)
    epochs = _epochs(files)
    _load(module, files[-1])
    given = data
    if data is None:
        said = (options.get(name) for name in ("loss", "outputs", "head"))
        given = _decided(module, *said)
    _load(module, files[0])
    with Recorder(path, module, given, start=epochs[0], **options) as recorder:
        for file, epoch in zip(files[1:], epochs[1:], strict=True):
            _load(module, file)
            recorder.snapshot(epoch=epoch)
    assert recorder.recording is not None
    return recorder.recording


def read_checkpoint(file: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a checkpoint; nothing in it is run. Raises `RecordingError`."""
    if kind_at(file) not in ("", "a file"):
        raise RecordingError(f"{file} is {kind_at(file)}: expected a checkpoint")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        found = _unpickled(file)
    except RecordingError:
        raise
    except Exception as error:  # torch's unpickler raises what it likes
        raise RecordingError(f"{file} is not a checkpoint: {_first_line(error)}") from error
    while isinstance(found, dict):
        inner = next((found[key] for key in _NESTED if isinstance(found.get(key), dict)), None)
        if inner is None:
            break
        found = inner
    if not isinstance(found, dict) or not all(isinstance(v, torch.Tensor) for v in found.values()):
        raise RecordingError(f"{file} holds no state_dict: expected tensors by their names")
    return found


def _unpickled(file: Path) -> Any:
    """Return what torch reads without running anything."""
    if file.suffix not in _PICKLED:
        raise RecordingError(
            f"{file}: expected a checkpoint, .safetensors or {', '.join(_PICKLED)}"
        )
    version = tuple(int(part) for part in torch.__version__.split(".")[:2])
    if version < _SAFE_TORCH:
        raise RecordingError(
            f"{file}: torch {torch.__version__} cannot open it safely; install torch >= 2.10, "
            "or save .safetensors"
        )
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "TorchScript" not in str(error):
            raise
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        what = f" ({named[1]})" if named else ""
        raise RecordingError(
            f"{file} holds more than weights{what}, as a file of torch.save(model) does: to read "
            "it would run code, so it is not opened; save the weights alone, by "
            "torch.save(model.state_dict(), …)"
        ) from error


def _load(module: nn.Module, file: Path) -> None:
    tensors = read_checkpoint(file)
    expected = module.state_dict()
    bare = {bare_name(name): tensor for name, tensor in tensors.items()}
    found = _named(tensors, expected) or _named(bare, expected)
    if found is None:
        odd = sorted(bare.keys() ^ expected.keys())
        raise RecordingError(f"{file} does not fit the model: they differ in {', '.join(odd[:3])}")
    for name, tensor in found.items():
        if tensor.shape != expected[name].shape:
            raise RecordingError(
                f"{file} does not fit the model: {name} is {tuple(tensor.shape)}, "
                f"expected {tuple(expected[name].shape)}"
            )
    module.load_state_dict(found)


def _named(tensors: Tensors, expected: Tensors) -> Tensors | None:
    """Return the tensors by the names that are expected, under one prefix or none."""
    for prefix in ("", *{name.split(".")[0] + "." for name in tensors}):
        found = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
        if found.keys() == expected.keys():
            return found
    return None


def _matching(pattern: str) -> list[Path]:
    folder = Path(pattern).anchor or "."
    return list(Path(folder).glob(pattern.removeprefix(Path(pattern).anchor)))


def _sorted(names: Sequence[str | Path]) -> list[Path]:
    """Return the files, numbers in their names counted as numbers."""

    def key(file: Path) -> list[tuple[int, str]]:
        parts = re.split(r"(\d+)", str(file))
        return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]

    return sorted(map(Path, names), key=key)


def _epochs(files: list[Path]) -> list[float]:
    numbers = [re.findall(r"\d+", file.stem) for file in files]
    if all(numbers):
        epochs = [float(found[-1]) for found in numbers]
        if all(before < after for before, after in pairwise(epochs)):
            return epochs
    return [float(i) for i in range(len(files))]


def _decided(module: nn.Module, loss: Any, meant: Outputs | None, head: int | str | None) -> Any:
    """Return points over [-1, 1] and what the module gives there."""
    inputs = next((part.in_features for part in module.modules() if isinstance(part, nn.Linear)), 0)
    if not inputs:
        raise UsageError("without data, the model must have a Linear layer: give data=(x, y)")
    x = np.random.default_rng(0).uniform(-1, 1, (2_000, inputs)).astype(np.float32)
    network = network_of(module, x, head)
    outputs = network.outputs(state_of(module), x, [""])[""]
    known = loss_called(name_of(loss) or "") if meant is None else None
    end = ENDS.get(network.end)
    said = meant or (known.outputs if known is not None else end)
    if said == "values" or (not said and outputs.shape[1] == 1):
        return datasets.from_arrays(x, outputs, task="regression", name="Points")
    if outputs.shape[1] > 1:
        return datasets.from_arrays(x, outputs.argmax(1), task="classes", name="Points")
    level = {"probabilities": 0.5, "log_probabilities": np.log(0.5)}.get(str(said), 0.0)
    return datasets.from_arrays(x, outputs > level, task="binary", name="Points")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
