"""Recorder: the film of anyone's own training loop."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from nnanim.dataset import Outputs, Task
from nnanim.errors import SceneError, UsageError
from nnanim.network.losses import LossFunction, loss_called
from nnanim.network.modules import state_of
from nnanim.network.outputs import checked_outputs
from nnanim.network.wrappers import bare
from nnanim.recording.activations import Kept, activations_of
from nnanim.recording.answers import told_answers
from nnanim.recording.description import header_of_loop
from nnanim.recording.header import Header
from nnanim.recording.journal import Journal, blocks_folder, is_ours, put_aside
from nnanim.recording.loop import changed, loop_of, loss_of_ours, name_of, shapes_of, usual_loss
from nnanim.recording.loop_data import colored_of, dataset_of
from nnanim.recording.loop_settings import checked_settings
from nnanim.recording.recording import Recording, checked_path
from nnanim.recording.tested import tested_by
from nnanim.renamed import takes_old
from nnanim.scene.scene import check_head, expect_words
from nnanim.training.block import Block
from nnanim.types import State

# A block is written when it is as old or as large: it is all of a recording that is in memory.
_BLOCK_SECONDS, _BLOCK_SNAPSHOTS, _BLOCK_BYTES = 1.0, 256, 32 * 2**20

_log = logging.getLogger("nnanim")


class Recorder:
    """Records a training loop of your own; it changes nothing in the training.

        with Recorder("run.safetensors", model, data=(x, y)) as recorder:
            for epoch in range(100):
                …  # train, as ever
                recorder.snapshot(loss=loss, epoch=epoch)

    The network as it comes is the film's start. `data` are inputs and targets, as
    `datasets.from_arrays` takes them, inputs alone where nothing is predicted, or a data set.
    `test` is a part (x, y) to be scored on, `labels` (n,) colour the points and nothing else,
    `task` says what the targets mean where that is not plain. `loss` is the loss function, or its
    name; by it and the network's end it is known what the outputs mean, else `outputs` says it:
    "logits", "probabilities", "log_probabilities", "values" or "signs". `head` is the index or key
    of the network's answer, where it returns a tuple or a dict: a named loss is given that, a
    function is given all. `start` is the epoch that the network comes from; `settings` are told
    with the film, whatever they are called.

    `record` says what a snapshot keeps: "parameters", or "activations", what `layers` (by name;
    left out, the hidden ones) and the output give for `probe` evenly chosen samples: 2,000, or
    fewer of a network for which they would take long. Left out, it is parameters, and activations
    from a million of them on. A film of activations mixes them between snapshots, has the probe
    for its data, and refuses views that need the network itself.

    `path` appears when the block ends, with what there is if it ends by an exception, or if a
    tensor of the network changes its shape; before, finished blocks lie beside it. Everything that
    a film would refuse is refused here: raises `SceneError`, and `WriteError` where the disk
    refuses.
    """

    @takes_old(caption="description")
    def __init__(
        self,
        path: str | Path,
        model: nn.Module,
        data: Any,
        *,
        loss: Any = None,
        outputs: Outputs | None = None,
        labels: Any = None,
        test: Any = None,
        layer: str = "",
        head: int | str | None = None,
        title: str | None = None,
        description: str = "",
        task: Task | None = None,
        start: float = 0.0,
        settings: dict[str, Any] | None = None,
        record: Kept | None = None,
        layers: Sequence[str] | None = None,
        probe: int | None = None,
    ) -> None:
        self.path = checked_path(path)
        self.recording: Recording | None = None
        self._model = bare(model)
        check_head(head)
        dataset = dataset_of(data, labels, test, task)
        colored = colored_of(data) if labels is test is task is None else None
        kind = checked_outputs(outputs)
        self._loop = loop_of(self._model, dataset, loss, kind, layer, head, colored)
        expect_words(title, description)
        self._loss = name_of(loss) or ""
        header = header_of_loop(
            self._loop,
            {**checked_settings(settings), "loss": self._loss},
            name=self.path.stem,
            title=title,
            description=description or "",
            layer=layer or "",
            test_loss=loss_of_ours(self._loop, loss, state_of(self._model)),
        )
        network, arrays = self._loop.network, self._loop.data
        self._activations = activations_of(network, arrays, record, layers, probe, layer)
        if self._activations is None:
            network.check_rowwise()
        else:
            self._loop = replace(self._loop, data=self._activations.probe)
            header = self._activations.told_in(header)
            if record is None:
                _log.warning("%s", self._activations.why())
        # What frameworks add to their loss functions is said here: see the adapters.
        self.measured_by: LossFunction | None = loss if callable(loss) else None
        self._header = Header.from_json(self.path, header.as_json())  # as it will be opened
        self._shapes: dict[str, tuple[int, ...]] = {}  # of the network, as it was at the start
        self._journal: Journal | None = None
        self._times: list[float] = []  # of all snapshots but those that are pending
        self._losses: list[float] = []  # one fewer: the start has none
        self._pending: list[tuple[float, float, State]] = []  # epoch, loss, state
        self._begin, self._written = float(start), 0.0
        self._from_zero = False
        self._ended = False  # before the loop: what follows is not recorded
        self._diverged_at: int | None = None

    def __enter__(self) -> "Recorder":
        if self._activations is None:
            network, data = self._loop.network, self._loop.data
            answers = told_answers(network, data, state_of(self._model))
            self._header = replace(self._header, answers=answers)
        start = self._start()
        self._shapes = shapes_of(self._model)
        if is_ours(blocks_folder(self.path)):
            put_aside(self.path)
        self._journal = Journal(self.path, start, resume=False)
        self._times, self._losses = [self._begin], []
        self._written = time.monotonic()
        return self

    def snapshot(self, loss: Any = None, epoch: float | None = None) -> None:
        """Keep the network as it stands, after any step of the training.

        `loss` is the loss that led here, a number or a tensor of one. `epoch` rises from call to
        call and may have fractions; left out, each call is an epoch. Epochs that are counted from 0
        are shown from 1: they are over when they are recorded. Raises `UsageError`.
        """
        if self._journal is None:
            raise UsageError("snapshot() outside of the with-block: use `with Recorder(…) as r:`")
        if self._ended:
            return
        moment = self._moment(epoch)
        state = self._state(moment)
        if state is None:
            self._ended = True
            return
        self._pending.append((moment, _number(loss), state))
        old = time.monotonic() - self._written > _BLOCK_SECONDS
        large = len(self._pending) * sum(array.nbytes for array in state.values()) >= _BLOCK_BYTES
        if old or large or len(self._pending) >= _BLOCK_SNAPSHOTS:
            self._write()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._journal is not None
        self._write()
        self.recording = self._saved(self._journal)
        self._journal.close()
        self._journal = None

    def _state(self, moment: float) -> State | None:
        """Return the network as it stands; None, said in one line, where the film ends before."""
        try:
            what = changed(self._shapes, shapes_of(self._model))
        except SceneError as error:
            _log.warning("the recording ends before epoch %g: %s", moment, error)
            return None
        if what:
            _log.warning(
                "the network has changed, %s: the recording ends before epoch %g, and a film shows "
                "one network; record what follows by a second Recorder", what, moment,
            )  # fmt: skip
            return None
        state = self._kept()
        if not all(np.isfinite(array).all() for array in state.values()):
            self._diverged_at = max(1, int(np.ceil(moment)))
            _log.warning("the training diverged in epoch %d: the film ends there", moment)
            return None
        return state

    def _moment(self, epoch: float | None) -> float:
        before = self._pending[-1][0] if self._pending else self._times[-1]
        if epoch is None:
            return before + 1
        if before == 0 and epoch == 0:
            self._from_zero = True
        moment = float(epoch) + self._from_zero
        if not before < moment < np.inf:
            raise UsageError(
                f"snapshot(epoch={epoch!r}) after epoch {before - self._from_zero:g}: "
                "expected epochs that rise from call to call"
            )
        return moment

    def _write(self) -> None:
        """Write what has gathered as a block."""
        self._written = time.monotonic()
        if not self._pending or self._journal is None:
            return
        moments, losses, states = zip(*self._pending, strict=True)
        begin = len(self._losses)
        block = Block(
            begin,
            begin + 1 + np.arange(len(moments)),
            {name: np.stack([state[name] for state in states]) for name in states[0]},
            np.array(losses, np.float64),
            times=np.array(moments, np.float64),
        )
        self._journal.add(block, {})
        self._times += moments
        self._losses += losses
        self._pending = []

    def _kept(self) -> State:
        """Return what a snapshot keeps of the network as it stands."""
        kept = self._activations
        return state_of(self._model) if kept is None else kept.state(self._model)

    def _start(self) -> Recording:
        states = {name: array[None] for name, array in self._kept().items()}
        start = np.zeros(1, np.int64)
        times = np.array([self._begin])
        return Recording(self._header, start, states, np.zeros(1), self._loop.data, times=times)

    def _saved(self, journal: Journal) -> Recording:
        """Write the whole from its blocks, one after another, and return it as the file has it."""
        times, losses = np.array(self._times), np.array(self._losses, np.float64)
        header = replace(self._header, diverged_at=self._diverged_at)
        known = np.flatnonzero(np.isfinite(losses))
        if not len(known):  # the film computes it
            usual = usual_loss(self._loop)
            ours = loss_called(self._loss)
            name = usual if ours is None else ours.name
            header = replace(header, training={**header.training, "loss": name})
        # A loss that was not given is the one before; of the first, the one after.
        if len(known):
            at = np.searchsorted(known, np.arange(len(losses)), side="right") - 1
            losses = losses[known[np.maximum(at, 0)]]
        else:
            losses = np.zeros(max(1, len(losses)))
        steps, tested = np.arange(len(times)), self._tested(journal, len(times))
        bare = Recording(header, steps, {}, losses, self._loop.data, times=times, test_loss=tested)
        return bare.save_with(journal.states(), self.path)

    def _tested(self, journal: Journal, count: int) -> NDArray[np.float64] | None:
        """Return the loss over the test part where only the loop's own function tells it."""
        known = self._header.test_loss or self._activations is not None
        if self.measured_by is None or known:
            return None
        loop = self._loop
        return tested_by(self.measured_by, loop.network, loop.data, count, journal.at)


def _number(loss: Any) -> float:
    """Return a loss as a number; `UsageError` for what is not one."""
    if loss is None:
        return float("nan")
    try:
        return float(loss.detach() if isinstance(loss, torch.Tensor) else loss)
    except (TypeError, ValueError, RuntimeError):
        came = f"a tensor {tuple(loss.shape)}" if isinstance(loss, torch.Tensor) else repr(loss)
        raise UsageError(f"snapshot(loss={came}): expected one number, as loss.mean()") from None
