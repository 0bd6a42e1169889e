"""skorch: a callback that records a training.

net = NeuralNetClassifier(Net, callbacks=[FilmCallback("run.safetensors")])
"""

from pathlib import Path
from typing import Any

from skorch.callbacks import Callback

from nnanim.recording.recorder import Recorder


class FilmCallback(Callback):
    """Records the network after every epoch; `options` are those of `Recorder`.

    The data are those that `fit` is given, the loss function is the net's criterion.
    """

    def __init__(self, path: str | Path, **options: Any) -> None:
        self.path = path
        self.options = options

    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **_: Any) -> None:  # noqa: N803  # skorch's name
        """Begin with the network as it comes."""
        options = {"data": (X, y), "loss": net.criterion_, **self.options}
        self.recorder_ = Recorder(self.path, net.module_, **options)
        self.recorder_.measured_by = net.get_loss  # its classifiers take logarithms before
        self.recorder_.__enter__()
        self.before_ = len(net.history)  # partial_fit goes on counting

    def on_epoch_end(self, net: Any, **_: Any) -> None:
        """Record the end of an epoch."""
        epoch = len(net.history) - self.before_
        self.recorder_.snapshot(net.history[-1]["train_loss"], epoch)

    def on_train_end(self, net: Any, **_: Any) -> None:
        """Write the recording."""
        del net
        self.recorder_.__exit__(None, None, None)
