"""The eager trainer: torch itself, step by step, for everything that torch can train."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nnanim.errors import SceneError, during
from nnanim.network.modules import exact_state_of, state_of
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.training.block import Block
from nnanim.training.run import Run, kept_steps, optimizer_of
from nnanim.types import State

_MODULE, _OPTIMIZER = "module/", "optimizer/"


class EagerTrainer:
    """A training under way in torch; the run's module is trained in place."""

    stretch_steps = 1_000

    def __init__(self, run: Run) -> None:
        self._run = run
        self._kept = kept_steps(run)
        self._device = _device(run.training.device)
        self._module = run.module.to(self._device).train()
        self._optimizer = run.optimizer
        self._inputs = torch.from_numpy(run.data.inputs).to(self._device)
        self._targets = torch.from_numpy(run.data.targets).to(self._device)
        self._step = 0
        with random_numbers():
            self._random = torch.manual_seed(run.training.seed).get_state()

    def start(self) -> Block:
        """Return a block of the state as it stands, of no steps."""
        states = {name: array[None] for name, array in state_of(self._module).items()}
        return Block(0, np.zeros(1, np.int64), states, np.zeros(0))

    def train(self, orders: NDArray[np.int64]) -> Block:
        """Train for the epochs of `orders` (epochs, n).

        Where parameters or losses cease to be finite, the block ends with the last good state.
        """
        begin, per_epoch = self._step, self._run.steps_per_epoch
        steps: list[int] = []
        states: list[State] = []
        losses = torch.zeros(len(orders) * per_epoch, dtype=torch.float64)
        diverged_at = None
        with one_thread(), self._own_random_numbers():
            for order in orders:
                epoch = self._step // per_epoch + 1
                with during(f"the training in epoch {epoch}"):
                    for loss in self._epoch(order):
                        losses[self._step - begin - 1] = loss
                        if self._kept[self._step]:
                            steps.append(self._step)
                            states.append(state_of(self._module))
                done = losses[: self._step - begin]
                if (states and not _finite(states[-1])) or not bool(done.isfinite().all()):
                    diverged_at = epoch
                    break
        batch_loss = losses[: self._step - begin].numpy()
        good = len(steps)
        if diverged_at is not None:
            finite = np.isfinite(batch_loss)
            good = sum(
                1
                for step, state in zip(steps, states, strict=True)
                if finite[step - begin - 1] and _finite(state)
            )
        shown = states[:good] or [state_of(self._module)]
        stacked = {name: np.stack([state[name] for state in shown])[:good] for name in shown[0]}
        at = np.array(steps[:good], np.int64)
        return Block(begin, at, stacked, batch_loss, diverged_at=diverged_at)

    def checkpoint(self) -> State:
        """Return all that is needed to go on from here."""
        state = exact_state_of(self._module)
        module = {f"{_MODULE}{name}": array for name, array in state.items()}
        packed = _packed(self._optimizer.state_dict())
        optimizer = {f"{_OPTIMIZER}{name}": array for name, array in packed.items()}
        random = self._random.numpy().copy()
        return {**module, **optimizer, "random": random, "step": np.array(self._step)}

    def restore(self, checkpoint: State) -> None:
        """Go on from a checkpoint."""
        self.load(_under(_MODULE, checkpoint))
        self._optimizer.load_state_dict(_unpacked(_under(_OPTIMIZER, checkpoint)))
        self._random = torch.from_numpy(np.array(checkpoint["random"]))
        self._step = int(checkpoint["step"])

    def load(self, state: State) -> None:
        """Go on from these parameters and buffers."""
        tensors = {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
        self._module.load_state_dict(tensors)

    def restart_optimizer(self) -> None:
        """Forget what the optimiser has gathered."""
        self._optimizer = optimizer_of(self._run.training, self._module)

    def _epoch(self, order: NDArray[np.int64]) -> Iterator[torch.Tensor]:
        """Take the steps of one epoch and give the loss of each batch."""
        shuffled = torch.from_numpy(order)
        for start in range(0, self._run.samples_per_epoch, self._run.batch_size):
            rows = shuffled[start : start + self._run.batch_size]
            outputs = self._module(self._inputs[rows])
            self._step += 1
            try:
                value = self._run.loss(outputs, self._targets[rows])
            except RuntimeError:
                head = self._run.network.head
                answer = outputs if head is None else head.of(outputs)
                if bool(answer.isfinite().all()):
                    raise
                yield answer.new_tensor(float("nan"))  # some losses refuse what has diverged
                return
            self._optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            yield value.detach()

    @contextmanager
    def _own_random_numbers(self) -> Iterator[None]:
        """Draw, as dropout does, from numbers that hang on the scene's seed alone."""
        with random_numbers():
            torch.set_rng_state(self._random)
            yield
            self._random = torch.get_rng_state()


def _device(name: str) -> torch.device:
    if name == "cuda" and not torch.cuda.is_available():
        raise SceneError('device="cuda": torch finds no CUDA device here; use device="auto"')
    found = "cuda" if name != "cpu" and torch.cuda.is_available() else "cpu"
    return torch.device(found)


def _under(prefix: str, arrays: State) -> State:
    return {n.removeprefix(prefix): array for n, array in arrays.items() if n.startswith(prefix)}


def _finite(state: State) -> bool:
    return all(np.isfinite(array).all() for array in state.values())


def _packed(value: object) -> State:
    """Return nested lists, dicts, numbers and tensors as arrays, one of them JSON.

    Raises `SceneError` for what neither can hold.
    """
    tensors: State = {}

    def plain(part: object) -> Any:
        if isinstance(part, torch.Tensor):
            tensors[str(len(tensors))] = part.detach().cpu().numpy().copy()
            return {"tensor": str(len(tensors) - 1)}
        if isinstance(part, dict):
            return {"pairs": [[plain(key), plain(entry)] for key, entry in part.items()]}
        if isinstance(part, list | tuple):
            kind = "tuple" if isinstance(part, tuple) else "list"
            return {kind: [plain(entry) for entry in part]}
        return part

    try:
        text = json.dumps(plain(value))
    except (TypeError, ValueError) as error:
        raise SceneError(
            f"the optimiser's state cannot be kept for a later resume: {error}; expected "
            "tensors, numbers, texts, lists and dicts"
        ) from error
    return {**tensors, "json": np.frombuffer(text.encode(), np.uint8)}


def _unpacked(arrays: State) -> Any:
    def whole(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        ((kind, inside),) = part.items()
        if kind == "tensor":
            return torch.from_numpy(np.array(arrays[inside]))
        if kind == "pairs":
            return {whole(key): whole(entry) for key, entry in inside}
        entries = [whole(entry) for entry in inside]
        return tuple(entries) if kind == "tuple" else entries

    return whole(json.loads(bytes(arrays["json"])))
