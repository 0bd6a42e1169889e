"""Keras 3 on the torch backend: a callback that records a training.

model.fit(x, y, callbacks=[FilmCallback("run.safetensors", data=(x, y))])
"""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import torch
from torch import nn

from nnanim.errors import SceneError, UsageError
from nnanim.network.activations import ACTIVATIONS
from nnanim.network.losses import LOSSES
from nnanim.recording.recorder import Recorder

_ACTIVATIONS: dict[str, type[nn.Module] | None] = {
    "linear": None,  # no module at all
    **{row.keras: row.module for row in ACTIVATIONS.values() if row.keras},
    "softmax": None,  # the scores decide as well, and a stack has no softmax
}


class FilmCallback(keras.callbacks.Callback):
    """Records the network after every epoch; `options` are those of `Recorder`.

    Takes a Sequential, or any model that is one row, of Dense, BatchNormalization, Activation,
    ReLU, LeakyReLU and Dropout: it is copied into a torch stack, layer by layer under the names
    that Keras has for them, so that the recording can be drawn without Keras. Raises `SceneError`
    for other layers.
    """

    def __init__(self, path: str | Path, data: Any, **options: Any) -> None:
        super().__init__()
        self._arguments = {"path": path, "data": data, **options}
        self._recorder: Recorder | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin with the network as it comes."""
        del logs
        if keras.backend.backend() != "torch":
            raise UsageError(
                f"Keras runs on {keras.backend.backend()}: expected torch; set KERAS_BACKEND=torch"
            )
        self._stack = stack_of_keras(self.model)
        name = _loss_name(self.model)
        self._recorder = Recorder(model=self._stack, **{"loss": name, **self._arguments})
        if name is None and self.model.loss is not None:
            self._recorder.measured_by = partial(_loss_of, self.model)
        self._recorder.__enter__()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the end of an epoch."""
        if self._recorder is not None:
            copy_weights(self.model, self._stack)
            self._recorder.snapshot((logs or {}).get("loss"), epoch + 1)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Write the recording."""
        del logs
        if self._recorder is not None:
            self._recorder.__exit__(None, None, None)
            self._recorder = None


def stack_of_keras(model: Any) -> nn.Sequential:
    """Return a Keras model of one row of layers as a torch stack with its weights."""
    stack = nn.Sequential()
    for layer in model.layers:
        made = _torch_layers(layer)
        if made:
            stack.add_module(layer.name, made[0] if len(made) == 1 else nn.Sequential(*made))
    copy_weights(model, stack)
    return stack


def copy_weights(model: Any, stack: nn.Sequential) -> None:
    """Copy the weights of a Keras model to the torch stack that was made of it."""
    with torch.no_grad():
        for layer in model.layers:
            values = [torch.tensor(np.array(value)) for value in layer.get_weights()]
            if not values:
                continue
            part = stack.get_submodule(layer.name)
            target = part[0] if isinstance(part, nn.Sequential) else part
            if isinstance(target, nn.Linear):
                target.weight.copy_(values.pop(0).T)
                if values:
                    target.bias.copy_(values.pop(0))
                continue
            assert isinstance(target, nn.BatchNorm1d)
            *scales, mean, variance = values
            given = [
                p for p, has in ((target.weight, layer.scale), (target.bias, layer.center)) if has
            ]
            for parameter, value in zip(given, scales, strict=True):
                parameter.copy_(value)
            assert target.running_mean is not None
            assert target.running_var is not None
            target.running_mean.copy_(mean)
            target.running_var.copy_(variance)


def _torch_layers(layer: Any) -> list[nn.Module]:
    """Return what a Keras layer is in torch; nothing for what does nothing in use."""
    kind = type(layer).__name__
    if kind in ("InputLayer", "Dropout"):
        return []
    if kind == "Dense":
        weight = layer.get_weights()[0]
        linear = nn.Linear(weight.shape[0], weight.shape[1], bias=layer.use_bias)
        return [linear, *_activation(layer)]
    if kind == "Activation":
        return _activation(layer) or [nn.Identity()]
    if kind == "BatchNormalization":
        features = len(layer.get_weights()[-1])
        return [nn.BatchNorm1d(features, layer.epsilon, 1 - layer.momentum)]
    if kind == "ReLU" and not layer.threshold and layer.max_value is None:
        return [nn.LeakyReLU(float(layer.negative_slope)) if layer.negative_slope else nn.ReLU()]
    if kind == "LeakyReLU":
        return [nn.LeakyReLU(float(layer.negative_slope))]
    raise SceneError(
        f"the Keras layer {layer.name!r} is a {kind}: expected Dense, BatchNormalization, "
        "Activation, ReLU, LeakyReLU or Dropout, one after the other"
    )


def _activation(layer: Any) -> list[nn.Module]:
    name = layer.activation.__name__
    if name not in _ACTIVATIONS:
        raise SceneError(
            f"the Keras layer {layer.name!r} has the activation {name!r}: expected one of "
            f"{' | '.join(_ACTIVATIONS)}"
        )
    made = _ACTIVATIONS[name]
    return [] if made is None else [made()]


def _loss_of(model: Any, outputs: torch.Tensor, targets: torch.Tensor) -> Any:
    """Return Keras' own loss of what the stack of a model gives, which lacks a softmax."""
    end = getattr(model.layers[-1], "activation", None)
    if getattr(end, "__name__", "") == "softmax":
        outputs = torch.softmax(outputs, dim=-1)
    return keras.ops.mean(keras.losses.get(model.loss)(targets, outputs))


def _loss_name(model: Any) -> str | None:
    """Return our name of the loss that the model was compiled with, where there is one."""
    loss = model.loss
    name = loss if isinstance(loss, str) else getattr(loss, "name", None)
    outputs = "logits" if getattr(loss, "from_logits", False) else "probabilities"
    found = [row for row in LOSSES.values() if name in row.keras]
    # Keras has one loss of two classes for both; of many, the scores are looked at.
    fitting = [row for row in found if row.outputs == outputs] or found
    return fitting[0].name if fitting else None
