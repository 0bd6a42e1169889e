"""Record a scene: train its network once and keep the training as data."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim import __version__
from nnanim.dataset import Arrays, checked_arrays
from nnanim.errors import SceneError
from nnanim.losses import LOSSES, Loss
from nnanim.network import Network, initial_module, one_thread, state_of
from nnanim.recording import Recording
from nnanim.scene import Scene, Training, during

Progress = Callable[[str, int, int], None]  # stage, done, total

# States kept between the ends of epochs: as many as a film can use, within this much memory.
_EXTRA_SNAPSHOTS = 1200
_EXTRA_BYTES = 256 * 2**20

_OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": lambda parameters, t: torch.optim.SGD(
        parameters, t.lr, t.momentum, nesterov=t.nesterov, weight_decay=t.weight_decay
    ),
    "adam": lambda parameters, t: torch.optim.Adam(
        parameters, t.lr, t.betas, weight_decay=t.weight_decay
    ),
    "adamw": lambda parameters, t: torch.optim.AdamW(
        parameters, t.lr, t.betas, weight_decay=t.weight_decay
    ),
}


def record(scene: Scene, *, progress: Progress | None = None) -> Recording:
    """Return the recording of `scene`'s training; everything is checked before step 0.

    The same scene gives the same recording, bit for bit, on the same kind of machine. `progress`
    is called with ("training", steps done, steps in all). Raises `SceneError`.
    """
    run = _prepare(scene)
    kept = _snapshot_steps(run)
    trained = _train_eagerly(run, kept, progress)
    return _recording(scene, run, trained)


def untrained(scene: Scene) -> Recording:
    """Return the recording of `scene` before its training: everything checked, nothing trained."""
    run = _prepare(scene)
    trained = _Trained([0], [state_of(run.module)], np.zeros(1))
    return _recording(scene, run, trained)


@dataclass(frozen=True, eq=False)
class _Run:
    """A training made ready: data, the initial module, and how many steps of what."""

    training: Training
    data: Arrays
    module: nn.Module
    network: Network
    loss: Loss
    optimizer: torch.optim.Optimizer
    batch_size: int
    steps_per_epoch: int

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.training.epochs


@dataclass(frozen=True, eq=False)
class _Trained:
    steps: list[int]
    states: list[dict[str, NDArray[Any]]]
    batch_loss: NDArray[np.float64]
    diverged_at: float | None = None  # epoch


def _prepare(scene: Scene) -> _Run:
    training = scene.training
    with during(f"the data set {scene.dataset.name!r}"):
        data = checked_arrays(scene.dataset, training.seed)
    with during("the model"):
        module = initial_module(scene.model, training.seed)
        network = Network(module, data.inputs.shape[1])
    if scene.layer is not None:
        network.layer(scene.layer)
    optimizer = _optimizer(training, module)
    _check_loss_name(training.loss, network, data)
    loss = LOSSES[training.loss] if isinstance(training.loss, str) else training.loss
    _check_loss(loss, module, data)
    n = len(data.inputs)
    batch_size = n if training.batch_size is None else min(training.batch_size, n)
    return _Run(training, data, module, network, loss, optimizer, batch_size, -(-n // batch_size))


def _check_loss_name(name: object, network: Network, data: Arrays) -> None:
    """Refuse what torch would train on in silence, or find only in the middle of the training."""
    link = network.read_out.link if network.read_out else "other"
    if name == "bce" and link in ("identity", "tanh"):
        raise SceneError(
            f'loss="bce" with outputs that end in {link}: expected probabilities; end the model '
            'with a sigmoid, as models.mlp(…, output="sigmoid"), or use loss="bce_with_logits"'
        )
    if name == "cross_entropy" and network.outputs_width < 2:
        raise SceneError(
            'loss="cross_entropy" with one output: expected one for each class; '
            'give the model more, or use loss="bce"'
        )
    if not isinstance(name, str) or np.issubdtype(data.targets.dtype, np.floating):
        return
    if name != "cross_entropy":
        raise SceneError(f'loss={name!r} with labels of classes: expected loss="cross_entropy"')
    low, high = int(data.targets.min()), int(data.targets.max())
    if low < 0 or high >= network.outputs_width:
        raise SceneError(
            f"labels run from {low} to {high} but the model has {network.outputs_width} outputs: "
            "expected labels from 0, and one output for each class"
        )


def _check_loss(loss: Loss, module: nn.Module, data: Arrays) -> None:
    """See before step 0 that outputs and targets fit each other and the loss."""
    rows = min(8, len(data.inputs))
    inputs, targets = torch.from_numpy(data.inputs[:rows]), torch.from_numpy(data.targets[:rows])
    was_training = module.training
    with torch.random.fork_rng(devices=[]):
        with during("the model"):
            outputs = module.eval()(inputs)
        module.train(was_training)
        if targets.is_floating_point() and outputs.shape != targets.shape:
            raise SceneError(
                f"outputs have shape {_shape(outputs)} but targets {_shape(targets)}: "
                "a loss would broadcast them; "
                f"make the model's last layer give {targets.shape[1]} or reshape the targets"
            )
        with during(
            f"the loss of outputs of shape {_shape(outputs)} and targets {_shape(targets)}"
        ):
            value: object = loss(outputs, targets)
    if not isinstance(value, torch.Tensor) or value.ndim != 0:
        came = _shape(value) if isinstance(value, torch.Tensor) else type(value).__name__
        raise SceneError(
            f"the loss returned {came}: expected one number, a tensor of shape (); "
            "take the mean over the batch"
        )
    if not value.requires_grad:
        raise SceneError(
            "the loss does not depend on the parameters: expected a tensor that torch can "
            "differentiate; compute it of the outputs by torch functions, without detach()"
        )


def _shape(tensor: torch.Tensor) -> str:
    sides = ("n", *map(str, tensor.shape[1:]))
    return f"({', '.join(sides)}{',' if len(sides) == 1 else ''})"


def _snapshot_steps(run: _Run) -> set[int]:
    """Return the steps whose states are kept: the start, every epoch's end, and some between.

    Those between lie evenly and, as most motion comes early, evenly in the logarithm too.
    """
    ends = set(range(0, run.steps + 1, run.steps_per_epoch))
    if run.training.snapshots == "epochs":
        return ends
    if run.training.snapshots == "steps" or run.steps <= _EXTRA_SNAPSHOTS:
        return set(range(run.steps + 1))
    size = sum(array.nbytes for array in state_of(run.module).values())
    extra = min(_EXTRA_SNAPSHOTS, _EXTRA_BYTES // max(1, size)) // 2
    if extra < 2:
        return ends
    evenly = np.linspace(0, run.steps, extra)
    early = np.geomspace(1, run.steps, extra)
    return ends | {int(step) for step in np.rint(np.concatenate([evenly, early]))}


def batch_orders(n: int, training: Training) -> Iterator[NDArray[np.int64]]:
    """Give the order of the samples (n,) in each epoch, the same for every trainer."""
    rng = np.random.default_rng((training.seed, 1))
    for _ in range(training.epochs):
        yield rng.permutation(n) if training.shuffle else np.arange(n)


def _train_eagerly(run: _Run, kept: set[int], progress: Progress | None) -> _Trained:
    module, training, optimizer = run.module.train(), run.training, run.optimizer
    inputs, targets = torch.from_numpy(run.data.inputs), torch.from_numpy(run.data.targets)
    steps, states = [0], [state_of(module)]
    batch_loss = torch.zeros(run.steps, dtype=torch.float64)
    step = 0
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        for epoch, order in enumerate(batch_orders(len(inputs), training), start=1):
            shuffled = torch.from_numpy(order)
            with during(f"the training in epoch {epoch}"):
                for start in range(0, len(inputs), run.batch_size):
                    rows = shuffled[start : start + run.batch_size]
                    value = run.loss(module(inputs[rows]), targets[rows])
                    optimizer.zero_grad()
                    value.backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
                    batch_loss[step] = value.detach()
                    step += 1
                    if step in kept:
                        steps.append(step)
                        states.append(state_of(module))
            if progress is not None:
                progress("training", step, run.steps)
            if not _finite(states[-1]):
                return _until_divergence(steps, states, batch_loss.numpy(), epoch)
    return _Trained(steps, states, batch_loss.numpy())


def _until_divergence(
    steps: list[int],
    states: list[dict[str, NDArray[Any]]],
    batch_loss: NDArray[np.float64],
    epoch: int,
) -> _Trained:
    good = sum(1 for state in states if _finite(state))
    end = max(1, steps[good - 1])
    return _Trained(steps[:good], states[:good], batch_loss[:end], diverged_at=float(epoch))


def _optimizer(training: Training, module: nn.Module) -> torch.optim.Optimizer:
    parameters = [p for p in module.parameters() if p.requires_grad]
    if not parameters:
        raise SceneError(
            "the model has no parameters to train: expected at least one with requires_grad=True"
        )
    if isinstance(training.optimizer, str):
        with during(f"the optimizer {training.optimizer!r}"):
            return _OPTIMIZERS[training.optimizer](parameters, training)
    with during("the optimizer factory"):
        made = training.optimizer(parameters)
    if not callable(getattr(made, "step", None)) or not callable(getattr(made, "zero_grad", None)):
        raise SceneError(
            f"the optimizer factory returned {type(made).__name__}: expected a torch optimiser, "
            "as optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01)"
        )
    return made  # type: ignore[no-any-return]


def _finite(state: dict[str, NDArray[Any]]) -> bool:
    return all(np.isfinite(array).all() for array in state.values())


def _recording(scene: Scene, run: _Run, trained: _Trained) -> Recording:
    states = {
        name: np.stack([state[name] for state in trained.states]) for name in trained.states[0]
    }
    return Recording(
        header=_header(scene, run, trained),
        steps=np.array(trained.steps, np.int64),
        states=states,
        batch_loss=trained.batch_loss,
        data=run.data,
        module=run.module,
        scene=scene,
    )


def _header(scene: Scene, run: _Run, trained: _Trained) -> dict[str, Any]:
    dataset, network = scene.dataset, run.network
    shape = " → ".join(str(width) for width in network.widths)
    training = {
        name: value if not callable(value) else getattr(value, "__name__", type(value).__name__)
        for name, value in asdict(run.training).items()
    }
    return {
        "name": scene.name,
        "title": scene.title or f"{dataset.name} through a {shape} network",
        "caption": scene.caption,
        "task": dataset.task,
        "window": [list(map(float, span)) for span in dataset.window],
        "class_names": list(dataset.class_names),
        "axis_names": list(dataset.axis_names),
        "layer": scene.layer or (network.hidden[-1] if network.hidden else ""),
        "training": training,
        "seed": run.training.seed,
        "batch_size": run.batch_size,
        "steps_per_epoch": run.steps_per_epoch,
        "diverged_at": trained.diverged_at,
        "trainer": "eager",
        "versions": {"nnanim": __version__, "torch": torch.__version__, "numpy": np.__version__},
    }
