"""Lightning: a callback that records a training.

trainer = Trainer(callbacks=[FilmCallback("run.safetensors", data=(x, y), loss=loss_function)])
"""

from pathlib import Path
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn

from nnanim.errors import SceneError, unknown
from nnanim.network.losses import LOSSES, loss_called
from nnanim.recording.recorder import Recorder
from nnanim.renamed import takes_old


class FilmCallback(Callback):
    """Records the network after every epoch, and with `steps` after every step.

    `network` is the attribute of the LightningModule that holds it; left out, its only part with
    parameters, or the module itself. `metric` is the name of the logged metric that is shown as the
    loss. `loss`, the loss function or its name, and all other `options` are those of `Recorder`.
    Raises `SceneError` for a loss by a name that is none.
    """

    @takes_old(loss_function="loss")
    def __init__(
        self,
        path: str | Path,
        data: Any,
        *,
        network: str | None = None,
        steps: bool = False,
        loss: Any = None,
        metric: str = "train_loss",
        **options: Any,
    ) -> None:
        super().__init__()
        if isinstance(loss, str) and loss_called(loss) is None:
            came = unknown("loss", loss, LOSSES)
            raise SceneError(f"{came}; a logged metric is given as metric=")
        self._arguments = {"path": path, "data": data, "loss": loss, **options}
        self._network, self._steps, self._metric = network, steps, metric
        self._recorder: Recorder | None = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin with the network as it comes."""
        del trainer
        self._recorder = Recorder(model=_network(pl_module, self._network), **self._arguments)
        self._recorder.__enter__()

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Record a step in the middle of an epoch."""
        del pl_module, batch
        if self._steps and self._recorder is not None and not trainer.is_last_batch:
            loss = outputs["loss"] if isinstance(outputs, dict) else outputs
            part = (batch_idx + 1) / int(trainer.num_training_batches)
            self._recorder.snapshot(loss, trainer.current_epoch + part)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Record the end of an epoch."""
        del pl_module
        if self._recorder is not None:
            loss = trainer.callback_metrics.get(self._metric)
            self._recorder.snapshot(loss, trainer.current_epoch + 1)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the recording."""
        del trainer, pl_module
        self._close()

    def on_exception(
        self, trainer: Trainer, pl_module: LightningModule, exception: BaseException
    ) -> None:
        """Write what there is."""
        del trainer, pl_module, exception
        self._close()

    def _close(self) -> None:
        if self._recorder is not None:
            self._recorder.__exit__(None, None, None)
            self._recorder = None


def _network(module: LightningModule, name: str | None) -> nn.Module:
    if name is not None:
        found: nn.Module = module.get_submodule(name)
        return found
    parts: list[nn.Module] = [p for p in module.children() if any(True for _ in p.parameters())]
    whole: nn.Module = module
    return parts[0] if len(parts) == 1 else whole
