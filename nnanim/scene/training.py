"""Training: how a scene's network is trained, checked when it is built."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any

from nnanim.dataset import OUTPUTS, Outputs
from nnanim.errors import SceneError, unknown
from nnanim.network.losses import LOSSES
from nnanim.network.optimizers import OPTIMIZERS, Rates
from nnanim.ranges import Names
from nnanim.texts import called

SNAPSHOTS = ("auto", "steps", "epochs")
KEEPS = ("last", "best")
DEVICES = ("cpu", "cuda", "auto")
TRAINERS = ("auto", "kernel", "eager")
TELLING = ("epochs", "batch_size", "optimizer", "lr", "loss")  # whether given or not
_LARGEST_SEED = 2**63 - 1  # torch's generator takes no more


@dataclass(frozen=True)
class Retry:
    """Train again from fresh initial weights until the final score reaches `until`.

    The score is accuracy, or R² for regression, on the test part where there is one. Where none of
    the `attempts` reaches it, the best is kept. All are logged in the recording's header.
    """

    until: float = 0.95
    attempts: int = 20

    def __post_init__(self) -> None:
        if not isinstance(self.until, int | float) or not self.until <= 1:
            raise SceneError(f"Retry(until={self.until!r}): expected a score of at most 1, as 0.95")
        if not isinstance(self.attempts, int) or self.attempts < 1:
            raise SceneError(f"Retry(attempts={self.attempts!r}): expected a whole number >= 1")


@dataclass(frozen=True, repr=False)
class Training:
    """How the network is trained.

    `loss` is a name or a torch loss function of (outputs, targets); `optimizer` is a name, with
    the settings of torch's own optimiser of that name, or a factory that is given the parameters.
    `lr` is one rate, or one for each layer by its name, as {"hidden1": 0.1, "output": 1.0}.
    `batch_size=None` takes the full batch; `drop_last` leaves out the samples at the end of each
    epoch that fill no batch, as a DataLoader's does. `snapshots` says which states are kept besides
    the end of every epoch: "steps" all, "epochs" none, "auto" as many as a film can use. `trainer`
    is "kernel", which knows stacks of common layers and the named losses and optimisers, "eager",
    which is torch itself, or "auto": the kernel where it can be used and agrees with torch;
    `device` is where torch trains.

    `outputs` says what the network's outputs mean where neither its end nor the loss tells:
    "logits", "probabilities", "log_probabilities", "values" or "signs"; it changes nothing in the
    training.

    Strategies: `segments` cuts the epochs into as many equal parts, and `restart_optimizer` starts
    each with a fresh optimiser. `keep="best"` ends each segment on the state, of those at the ends
    of its epochs, with the best score: accuracy or R², on the test part where there is one.
    `patience` stops after so many epochs without a better score. `tol` stops as scikit-learn does,
    when the training loss has not fallen by that much for `patience` epochs, 10 if not given.
    """

    epochs: int = 100
    batch_size: int | None = 32
    optimizer: Annotated[str, Names(tuple(OPTIMIZERS))] | Callable[..., Any] = "sgd"
    lr: Rates = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0
    loss: Annotated[str, Names(tuple(LOSSES))] | Callable[..., Any] = "mse"
    outputs: Outputs | None = None
    seed: int = 0
    shuffle: bool = True
    drop_last: bool = False
    segments: int = 1
    restart_optimizer: bool = False
    keep: Annotated[str, Names(KEEPS)] = "last"
    patience: int | None = None
    tol: float | None = None
    retry: Retry | None = None
    snapshots: Annotated[str, Names(SNAPSHOTS)] = "auto"
    trainer: Annotated[str, Names(TRAINERS)] = "auto"
    device: Annotated[str, Names(DEVICES)] = "cpu"

    def __post_init__(self) -> None:
        _expect_whole("epochs", self.epochs, 1)
        if self.batch_size is not None:
            _expect_whole("batch_size", self.batch_size, 1)
        _expect_whole("seed", self.seed, 0, _LARGEST_SEED)
        for told, number in (
            *_rates(self.lr),
            (f"momentum={self.momentum!r}", self.momentum),
            (f"weight_decay={self.weight_decay!r}", self.weight_decay),
        ):
            if not isinstance(number, int | float) or not 0 <= number < float("inf"):
                raise SceneError(f"Training({told}): expected a number of 0 or more")
        if isinstance(self.lr, Mapping) and callable(self.optimizer):
            raise SceneError(
                "Training(lr={…}) with an optimizer of the scene's own: give the rates of the "
                "layers in it, or name the optimizer"
            )
        _expect_betas(self.betas)
        _expect_switch("drop_last", self.drop_last)
        for what, came, names in (
            ("loss", self.loss, tuple(LOSSES)),
            ("optimizer", self.optimizer, tuple(OPTIMIZERS)),
        ):
            if not callable(came) and came not in names:
                raise SceneError(unknown(what, came, names))
        for what, value, known in (
            ("trainer", self.trainer, TRAINERS),
            ("snapshots", self.snapshots, SNAPSHOTS),
            ("keep", self.keep, KEEPS),
            ("device", self.device, DEVICES),
            ("outputs", self.outputs, (None, *OUTPUTS)),
        ):
            if value not in known:
                raise SceneError(unknown(what, value, [name for name in known if name is not None]))
        self._check_strategies()
        if self.nesterov and not self.momentum:
            raise SceneError("Training(nesterov=True) needs momentum above 0, as momentum=0.9")

    def _check_strategies(self) -> None:
        _expect_whole("segments", self.segments, 1)
        if self.epochs % self.segments:
            raise SceneError(
                f"Training(epochs={self.epochs}, segments={self.segments}): expected epochs that "
                f"can be cut into {self.segments} equal parts, as epochs={self.segments * 10}"
            )
        if self.patience is not None:
            _expect_whole("patience", self.patience, 1)
        if self.tol is not None and not 0 <= self.tol < float("inf"):
            raise SceneError(f"Training(tol={self.tol!r}): expected a number of 0 or more")
        if self.retry is not None and not isinstance(self.retry, Retry):
            raise SceneError(
                f"Training(retry={self.retry!r}): expected Retry(until=0.95, attempts=20)"
            )

    def __repr__(self) -> str:
        """Return the settings that always tell, and of the others those that were given."""
        told = {
            entry.name: getattr(self, entry.name)
            for entry in fields(self)
            if entry.name in TELLING or getattr(self, entry.name) != entry.default
        }
        named = ((name, called(v) if callable(v) else repr(v)) for name, v in told.items())
        return f"Training({', '.join(f'{name}={text}' for name, text in named)})"

    @property
    def loss_name(self) -> str:
        """The loss by name, or what a function of the scene's own is called."""
        return self.loss if isinstance(self.loss, str) else called(self.loss)

    def described(self) -> dict[str, Any]:
        """Return all settings as plain JSON; functions by their names."""
        settings = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {
            **{name: called(v) if callable(v) else v for name, v in settings.items()},
            "lr": dict(self.lr) if isinstance(self.lr, Mapping) else self.lr,
            "betas": list(self.betas),
            "retry": None if self.retry is None else asdict(self.retry),
        }


def seed_of_attempt(seed: int, attempt: int | None) -> int:
    """Return the seed of initial weights in the first, the second … attempt at a training."""
    return (seed + (attempt or 1) - 1) % (_LARGEST_SEED + 1)


def _rates(lr: object) -> list[tuple[str, Any]]:
    """Return the learning rates, each with how it is told."""
    if not isinstance(lr, Mapping):
        return [(f"lr={lr!r}", lr)]
    if not lr:
        raise SceneError('Training(lr={}): expected a rate for each layer, as {"output": 0.1}')
    return [(f"lr={{{layer!r}: {rate!r}}}", rate) for layer, rate in lr.items()]


def _expect_betas(betas: object) -> None:
    numbers = betas if isinstance(betas, tuple | list) else ()
    if len(numbers) != 2 or not all(isinstance(b, int | float) and 0 <= b < 1 for b in numbers):
        raise SceneError(
            f"Training(betas={betas!r}): expected two numbers from 0 to below 1, "
            "as betas=(0.9, 0.999)"
        )


def _expect_switch(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise SceneError(f"Training({name}={value!r}): expected True or False")


def _expect_whole(name: str, value: object, low: int, high: int | None = None) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < low:
        raise SceneError(f"Training({name}={value!r}): expected a whole number of {low} or more")
    if high is not None and value > high:
        raise SceneError(f"Training({name}={value!r}): expected a whole number up to {high}")
