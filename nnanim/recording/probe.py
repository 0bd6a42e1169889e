"""Probe: what a training's code does on a batch of its data, as digests that a recording keeps.

A key may miss what a module, a loss or an optimiser of one's own hangs on: code from elsewhere, a
file, a variable of the environment. Where the digests are equal, bit for bit, code does the same on
that batch; what it would do otherwise only elsewhere, or later, as a schedule, they do not show.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from nnanim.network.optimizers import OPTIMIZERS
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.network.wrappers import bare_copy
from nnanim.scene.training import Training
from nnanim.training.run import Run, optimizer_of, trained_parameters
from nnanim.types import State

_ROWS, _NUMBERS = 1024, 2**17  # of the data; as many as a few milliseconds allow
_BATCHES = 2  # of the training's own size, for loss and gradients
_STEPS = 2  # of the optimiser: the second one shows what it remembers

Digests = dict[str, str]
Answers = Iterator[tuple[str, torch.Tensor]]


class Probe:
    """The code of a run, to be looked at; made before the run's module is trained in place."""

    def __init__(self, run: Run) -> None:
        self._run, self._module = run, bare_copy(run.module)
        inputs, targets = run.data.inputs, run.data.targets
        n = len(inputs)
        rows = max(1, min(n, _ROWS, _NUMBERS // inputs[0].size))
        some = np.random.default_rng(0).choice(n, rows, replace=False)
        self._inputs, self._targets = map(torch.from_numpy, (inputs[some], targets[some]))
        size = min(rows, run.batch_size)
        count = min(_BATCHES, rows // size)
        self._batches = [slice(i * size, (i + 1) * size) for i in range(count)]

    def digests(self, states: State) -> Digests:
        """Return what the code gives at the first, the middle and the last of `states` (k, …).

        That are outputs, loss and gradients, and from the first on parameters and buffers after
        some steps of the optimiser, each as 16 hexadecimal digits; nothing where the code raises
        what it does not in a training.
        """
        found = {name: hashlib.sha256() for name in ("outputs", "loss", "gradients", "optimizer")}
        last = len(next(iter(states.values()))) - 1
        looks = [(self._passes, 0), (self._passes, (last + 1) // 2), (self._passes, last)]
        module = bare_copy(self._module)
        try:
            with one_thread(), random_numbers():
                for number, (look, i) in enumerate([*looks, (self._steps, 0)]):
                    self._begin(module, states, i)
                    for name, part in _parts(look(module), fails=number > 0):
                        found[name].update(part)
        except Exception:
            return {}
        return {name: digest.hexdigest()[:16] for name, digest in found.items()}

    def _begin(self, module: nn.Module, states: State, i: int) -> None:
        """Put the module into a state, and let chance begin anew."""
        module.load_state_dict({n: torch.from_numpy(np.array(a[i])) for n, a in states.items()})
        torch.manual_seed(self._run.training.seed)

    def _passes(self, module: nn.Module) -> Answers:
        """Give what the module makes of all rows in use, and of each batch in training."""
        with torch.no_grad():
            yield "outputs", self._answer(module.eval()(self._inputs))
        parameters = list(trained_parameters(module.train()).values())
        for rows in self._batches:
            outputs, loss = self._loss(module, rows)
            yield "outputs", outputs
            yield "loss", loss
            for gradient in torch.autograd.grad(loss, parameters, materialize_grads=True):
                yield "gradients", gradient

    def _steps(self, module: nn.Module) -> Answers:
        """Give parameters and buffers after some steps on one batch after another."""
        training, parameters = self._run.training, trained_parameters(module.train())
        step = _stepper(training, module, parameters)
        for i in range(_STEPS):
            step(self._loss(module, self._batches[i % len(self._batches)])[1])
        for tensor in module.state_dict().values():
            yield "optimizer", tensor

    def _loss(self, module: nn.Module, rows: slice) -> tuple[torch.Tensor, torch.Tensor]:
        outputs = module(self._inputs[rows])
        return self._answer(outputs), self._run.loss(outputs, self._targets[rows])

    def _answer(self, outputs: Any) -> torch.Tensor:
        head = self._run.network.head
        return outputs if head is None else head.of(outputs)


def _stepper(
    training: Training, module: nn.Module, parameters: dict[str, torch.Tensor]
) -> Callable[[torch.Tensor], None]:
    """Return what takes a step down a loss; for a named optimiser without torch's own class."""
    if isinstance(training.optimizer, str):
        by_name = OPTIMIZERS[training.optimizer].stepper(training, parameters)
        moved = list(parameters.values())
        return lambda loss: by_name(torch.autograd.grad(loss, moved, materialize_grads=True))
    optimizer = optimizer_of(training, module)

    def step(loss: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def _parts(answers: Answers, fails: bool) -> Iterator[tuple[str, bytes]]:
    """Give answers as bytes; if it `fails`, that is one too: a loss refuses what has diverged."""
    try:
        for name, tensor in answers:
            dense = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
            flat = dense.cpu().contiguous().reshape(-1)
            yield name, flat.view(torch.uint8).numpy().tobytes()
    except RuntimeError as error:
        if not fails:
            raise
        yield "loss", type(error).__name__.encode()
