"""Reference: a training's steps written once more in plain numpy, for the kernel to be held to.

As slow as it is short, in double precision, and torch's own steps to their last digits, which tests
hold: what is declared is compared with it without torch.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nnanim.network.losses import RELATIVE_FLOOR
from nnanim.network.optimizers import EPSILON, Settings, rate_of
from nnanim.network.stack import Row, tensor_name
from nnanim.training.run import Run
from nnanim.types import State

Reals = NDArray[np.float64]
Tensors = dict[str, Reals]
_Backward = Callable[[Reals], Reals]  # the gradient of what a layer is given, of what it gives


def reference_steps(run: Run, orders: NDArray[np.int64]) -> State:
    """Return the state after the epochs of `orders` (epochs, n), in float64; NaN if it diverges."""
    stack, training = run.network.stack, run.training
    assert stack is not None
    state = {name: np.array(array, np.float64) for name, array in run.start.state.items()}
    slope, step = _LOSSES[str(training.loss)], _OPTIMIZERS[str(training.optimizer)]
    inputs = run.data.inputs.astype(np.float64)
    gathered: dict[str, Tensors] = {name: {} for name in stack.trained}
    with np.errstate(all="ignore"):
        for count, rows in enumerate(_batches(run, orders), start=1):
            gradients: Tensors = {}
            outputs, backward = _forward(stack.layers, state, inputs[rows], gradients)
            if not np.isfinite(outputs).all():
                return {name: np.nan * array for name, array in state.items()}
            gradient = slope(outputs, _targets(run, outputs, rows))
            for part in reversed(backward):
                gradient = part(gradient)
            for name, own in gathered.items():
                rate = rate_of(name, training.lr)
                step(state[name], gradients[name], own, training, rate, count)
    return state


def _batches(run: Run, orders: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for order in orders:
        for first in range(0, run.samples_per_epoch, run.batch_size):
            yield order[: run.samples_per_epoch][first : first + run.batch_size]


def _targets(run: Run, outputs: Reals, rows: NDArray[np.int64]) -> Reals:
    """Return the targets of some samples, labels of classes as a row of 0 and 1 for each."""
    targets = run.data.targets[rows]
    if targets.ndim == 1:
        targets = targets[:, None] == np.arange(outputs.shape[1])
    return targets.astype(np.float64)


def _forward(
    layers: tuple[Row, ...], state: Tensors, x: Reals, gradients: Tensors
) -> tuple[Reals, list[_Backward]]:
    """Return what layers give, and of each what takes gradients back and notes the parameters'."""
    backward: list[_Backward] = []
    for layer in layers:
        part = {"Linear": _linear, "BatchNorm1d": _batch_norm}.get(layer["kind"], _activation)
        x, back = part(layer, state, x, gradients)
        backward.append(back)
    return x, backward


def _linear(layer: Row, state: Tensors, x: Reals, gradients: Tensors) -> tuple[Reals, _Backward]:
    weight, bias = (tensor_name(layer["name"], part) for part in ("weight", "bias"))

    def back(slope: Reals) -> Reals:
        gradients[weight], gradients[bias] = slope.T @ x, slope.sum(axis=0)
        return slope @ before

    before = state[weight].copy()
    return x @ before.T + state.get(bias, 0.0), back


def _batch_norm(
    layer: Row, state: Tensors, x: Reals, gradients: Tensors
) -> tuple[Reals, _Backward]:
    names = (tensor_name(layer["name"], part) for part in _OF_NORMS)
    weight, bias, running_mean, running_var, count = names
    n, share = len(x), layer["momentum"]
    mean, variance = x.mean(axis=0), x.var(axis=0)
    deviation = np.sqrt(variance + layer["eps"])
    normed, scale = (x - mean) / deviation, np.copy(state.get(weight, 1.0))

    def back(slope: Reals) -> Reals:
        gradients[weight], gradients[bias] = (slope * normed).sum(axis=0), slope.sum(axis=0)
        through = slope * scale
        own = through.mean(axis=0) + normed * (through * normed).mean(axis=0)
        return np.asarray((through - own) / deviation)

    state[running_mean] += share * (mean - state[running_mean])
    state[running_var] += share * (variance * n / (n - 1) - state[running_var])
    state[count] += 1
    return normed * scale + state.get(bias, 0.0), back


_OF_NORMS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def _activation(
    layer: Row, state: Tensors, x: Reals, gradients: Tensors
) -> tuple[Reals, _Backward]:
    del state, gradients
    y, slope = _ACTIVATIONS[layer["kind"]](x, layer)
    return y, lambda gradient: gradient * slope


def _tanh(x: Reals, layer: Row) -> tuple[Reals, Reals]:
    del layer
    y = np.tanh(x)
    return y, 1 - y * y


def _sigmoid(x: Reals, layer: Row) -> tuple[Reals, Reals]:
    del layer
    y = 1 / (1 + np.exp(-x))
    return y, y * (1 - y)


def _softplus(x: Reals, layer: Row) -> tuple[Reals, Reals]:
    scaled = layer["beta"] * x
    grown, far = np.exp(scaled), scaled > layer["threshold"]
    return np.where(far, x, np.log1p(grown) / layer["beta"]), np.where(far, 1, grown / (grown + 1))


def _bent(x: Reals, below: float) -> tuple[Reals, Reals]:
    slope = np.where(x > 0, 1.0, below)
    return np.where(x > 0, x, below * x), slope


# Of x and a layer's options: what it gives, and its slope there.
_ACTIVATIONS: Mapping[str, Callable[[Reals, Row], tuple[Reals, Reals]]] = {
    "Tanh": _tanh,
    "ReLU": lambda x, _: _bent(x, 0.0),
    "LeakyReLU": lambda x, layer: _bent(x, layer["negative_slope"]),
    "Sigmoid": _sigmoid,
    "Softplus": _softplus,
    "Identity": lambda x, _: _bent(x, 1.0),
}


def _cross_entropy(outputs: Reals, targets: Reals) -> Reals:
    grown = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares = grown / grown.sum(axis=1, keepdims=True)
    return np.asarray((shares * targets.sum(axis=1, keepdims=True) - targets) / len(outputs))


def _bce(outputs: Reals, targets: Reals) -> Reals:
    spread = np.maximum(outputs * (1 - outputs), 1e-12)  # torch's own bound
    return np.asarray((outputs - targets) / spread / outputs.size)


# Of outputs and targets: the slope of the mean loss along each output.
_LOSSES: Mapping[str, Callable[[Reals, Reals], Reals]] = {
    "mse": lambda o, t: 2 * (o - t) / o.size,
    "bce": _bce,
    "bce_with_logits": lambda o, t: (1 / (1 + np.exp(-o)) - t) / o.size,
    "cross_entropy": _cross_entropy,
    "relative_mse": lambda o, t: 2 * (o - t) / np.maximum(np.abs(t), RELATIVE_FLOOR) ** 2 / o.size,
}


def _sgd(
    tensor: Reals, gradient: Reals, own: Tensors, training: Settings, rate: float, count: int
) -> None:
    gradient = gradient + training.weight_decay * tensor
    if training.momentum:
        kept = training.momentum * own["kept"] if count > 1 else 0.0
        own["kept"] = kept + gradient
        ahead = gradient + training.momentum * own["kept"]
        gradient = ahead if training.nesterov else own["kept"]
    tensor -= rate * gradient


def _adam(
    tensor: Reals, gradient: Reals, own: Tensors, training: Settings, rate: float, count: int
) -> None:
    _moments(tensor, gradient + training.weight_decay * tensor, own, training, rate, count)


def _adamw(
    tensor: Reals, gradient: Reals, own: Tensors, training: Settings, rate: float, count: int
) -> None:
    tensor *= 1 - rate * training.weight_decay
    _moments(tensor, gradient, own, training, rate, count)


def _moments(
    tensor: Reals, gradient: Reals, own: Tensors, training: Settings, rate: float, count: int
) -> None:
    first, second = training.betas
    own["mean"] = first * own.get("mean", 0.0) + (1 - first) * gradient
    own["square"] = second * own.get("square", 0.0) + (1 - second) * gradient * gradient
    size = np.sqrt(own["square"] / (1 - second**count)) + EPSILON
    tensor -= rate * own["mean"] / (1 - first**count) / size


_Step = Callable[[Reals, Reals, Tensors, Settings, float, int], None]
# Of a tensor, its gradient, what it has gathered, the settings, its rate and the step's number.
_OPTIMIZERS: Mapping[str, _Step] = {"sgd": _sgd, "adam": _adam, "adamw": _adamw}
