"""Each adapter against its real framework: what it records, and that a film comes of it."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from nnanim import Film, NnanimError, Recorder, Recording, render
from nnanim.adapters.checkpoints import read_checkpoint, record_checkpoints
from nnanim.errors import SceneError
from nnanim.network.activations import ACTIVATIONS, Activation
from nnanim.sheet.strip import Strip

os.environ["KERAS_BACKEND"] = "torch"

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (120, 2)).astype(np.float32)
LABELS = (X.prod(1) > 0).astype(np.int64)
Y = LABELS[:, None].astype(np.float32)

# The frameworks warn of what is theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


def filmed(path: Path, model: Callable[[], nn.Module] | None = None) -> Film:
    """Return the film of a recording, which has been rendered once."""
    recording = Recording.load(path)
    film = Film(recording, model)
    if model is None:
        video = render(recording, path.with_suffix(".gif"), size=(128, 72), seconds=0.4, fps=5)
        assert video.frames == 2
    return film


def classifier() -> nn.Sequential:
    """Return a small stack that gives a score."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))


# -- Lightning -------------------------------------------------------------------------------------


def lit(steps: bool, folder: Path) -> tuple[Recording, nn.Module]:
    """Train by Lightning with the callback."""
    from lightning.pytorch import LightningModule, Trainer

    from nnanim.adapters.lightning import FilmCallback

    class Lit(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.net = classifier()

        def training_step(self, batch: Any, _: int) -> torch.Tensor:
            x, y = batch
            loss = nn.functional.binary_cross_entropy_with_logits(self.net(x), y)
            self.log("train_loss", loss, on_epoch=True, on_step=False)
            return loss

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), 0.05)

    module = Lit()
    pairs = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    path = folder / "run.safetensors"
    callback = FilmCallback(path, (X, Y), steps=steps, loss="bce_with_logits")
    trainer = Trainer(
        max_epochs=3, callbacks=[callback], logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
        default_root_dir=folder,
    )  # fmt: skip
    trainer.fit(module, torch.utils.data.DataLoader(pairs, batch_size=40))
    return Recording.load(path), module.net


@pytest.mark.slow
@pytest.mark.parametrize("steps", [False, True])
def test_lightning(steps: bool, tmp_path: Path) -> None:
    """Every epoch, or every step, of the network inside the LightningModule."""
    recording, network = lit(steps, tmp_path)

    expected = np.arange(10) / 3 if steps else np.arange(4)
    np.testing.assert_allclose(recording.epochs, expected)
    film = filmed(tmp_path / "run.safetensors")
    with torch.no_grad():
        np.testing.assert_allclose(
            film.outputs("", X, 3), network(torch.from_numpy(X)).numpy(), atol=1e-6
        )
    assert np.isfinite(recording.loss).all()
    assert recording.loss[0] > recording.loss[-1]


# -- skorch ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_skorch(tmp_path: Path) -> None:
    """The data are those of `fit`, the loss the net's criterion."""
    from skorch import NeuralNetBinaryClassifier

    from nnanim.adapters.skorch import FilmCallback

    path = tmp_path / "run.safetensors"
    net = NeuralNetBinaryClassifier(
        classifier, max_epochs=4, lr=0.5, train_split=None, verbose=0,
        callbacks=[FilmCallback(path)],
    )  # fmt: skip
    net.fit(X, LABELS.astype(np.float32))

    film = filmed(path)

    assert film.recording.epochs.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(film.recording.loss[1:], [row["train_loss"] for row in net.history])
    decided = net.predict(X)
    assert film.score(4) == pytest.approx(float((decided == LABELS).mean()))


# -- test parts ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_test_part_is_measured_whatever_framework_trains(tmp_path: Path) -> None:
    """As `test=` of the callbacks: its loss is in the strip."""
    import keras
    from skorch import NeuralNetBinaryClassifier

    from nnanim.adapters import keras as of_keras
    from nnanim.adapters import lightning as of_lightning
    from nnanim.adapters import skorch as of_skorch

    test = X[:30], Y[:30]
    callback = of_skorch.FilmCallback(tmp_path / "skorch.safetensors", test=test)
    net = NeuralNetBinaryClassifier(
        classifier, max_epochs=2, train_split=None, verbose=0, callbacks=[callback]
    )
    net.fit(X, LABELS.astype(np.float32))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    path = tmp_path / "keras.safetensors"
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[of_keras.FilmCallback(path, (X, Y), test=test)])
    lit = of_lightning.FilmCallback(
        tmp_path / "lit.safetensors", (X, Y), test=test, loss="bce_with_logits"
    )
    recorder = Recorder(model=classifier(), **lit._arguments)
    with recorder:
        recorder.snapshot(loss=1.0)

    for name in ("skorch", "keras", "lit"):
        film = Film(Recording.load(tmp_path / f"{name}.safetensors"))
        assert film.test_losses is not None, name
        assert np.isfinite(film.test_losses).all()
        assert "test loss" in Strip().figures(film, film.epochs)


@pytest.mark.slow
def test_a_test_part_is_measured_by_losses_that_are_the_frameworks_own(tmp_path: Path) -> None:
    """As the framework itself tells it: logarithms of probabilities, a loss of Keras' alone."""
    import keras
    from skorch import NeuralNetClassifier

    from nnanim.adapters import keras as of_keras
    from nnanim.adapters import skorch as of_skorch

    chances = nn.Sequential(nn.Linear(2, 2), nn.Softmax(dim=1))
    callback = of_skorch.FilmCallback(tmp_path / "skorch.safetensors", test=(X[:30], LABELS[:30]))
    net = NeuralNetClassifier(
        chances, max_epochs=2, train_split=None, verbose=0, callbacks=[callback]
    )
    net.fit(X, LABELS)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss=keras.losses.Huber())
    path = tmp_path / "keras.safetensors"
    filming = of_keras.FilmCallback(path, (X, Y), test=(X[:30], Y[:30]), task="regression")
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[filming])

    logs = torch.log(torch.from_numpy(net.predict_proba(X[:30])))
    expected = {
        "skorch": float(nn.functional.nll_loss(logs, torch.from_numpy(LABELS[:30]))),
        "keras": float(model.evaluate(X[:30], Y[:30], verbose=0)),
    }
    for name, told in expected.items():
        recording = Recording.load(tmp_path / f"{name}.safetensors")
        film = Film(recording, model=(lambda: chances) if name == "skorch" else None)
        assert film.test_losses is not None, name
        assert film.test_losses[-1] == pytest.approx(told, rel=1e-4), name


# -- Keras -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_keras_on_torch(tmp_path: Path) -> None:
    """Dense, BatchNormalization and activations, as Keras itself computes them."""
    import keras

    from nnanim.adapters.keras import FilmCallback

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.1),
            keras.layers.Dense(3),
            keras.layers.LeakyReLU(negative_slope=0.2),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    path = tmp_path / "run.safetensors"
    before = model.predict(X, verbose=0)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[FilmCallback(path, (X, Y))])

    film = filmed(path)

    assert film.recording.epochs.tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose(film.outputs("", X, 0), before, atol=1e-5)
    np.testing.assert_allclose(film.outputs("", X, 3), model.predict(X, verbose=0), atol=1e-5)
    np.testing.assert_allclose(film.recording.loss[1:], history.history["loss"], rtol=1e-6)
    assert film.header.loss == "bce"


@pytest.mark.slow
def test_keras_of_many_classes(tmp_path: Path) -> None:
    """The scores before the softmax decide."""
    import keras

    from nnanim.adapters.keras import FilmCallback

    labels = LABELS + 2 * (X[:, 0] > 0.5)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(3, "relu"), keras.layers.Dense(4, "softmax")]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    path = tmp_path / "run.safetensors"
    model.fit(X, labels, epochs=2, verbose=0, callbacks=[FilmCallback(path, (X, labels))])

    film = filmed(path)

    decided = model.predict(X, verbose=0).argmax(1)
    assert film.score(2) == pytest.approx(float((decided == labels).mean()))


@pytest.mark.slow
@pytest.mark.parametrize(
    "row", [row for row in ACTIVATIONS.values() if row.keras], ids=lambda row: row.keras
)
def test_keras_has_the_activations_that_the_table_says(row: Activation) -> None:
    """Under that name it computes what torch's class does."""
    import keras

    inputs = torch.linspace(-5.0, 5.0, 101)

    outputs = keras.activations.get(row.keras)(inputs)

    torch.testing.assert_close(outputs.cpu(), row.module()(inputs))


@pytest.mark.slow
def test_keras_losses_are_known_by_their_names() -> None:
    """Named or built; of two classes, by what the outputs are."""
    import keras

    from nnanim.adapters.keras import _loss_name

    def found(loss: Any) -> str | None:
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
        model.compile(loss=loss)
        return _loss_name(model)

    losses = keras.losses
    assert found("mse") == found("mean_squared_error") == found(losses.MeanSquaredError()) == "mse"
    assert found("binary_crossentropy") == found(losses.BinaryCrossentropy()) == "bce"
    assert found(losses.BinaryCrossentropy(from_logits=True)) == "bce_with_logits"
    for logits in (False, True):
        assert found(losses.CategoricalCrossentropy(from_logits=logits)) == "cross_entropy"
    assert found("sparse_categorical_crossentropy") == "cross_entropy"
    assert found("hinge") is None


@pytest.mark.slow
def test_keras_layers_that_are_no_row_are_refused(tmp_path: Path) -> None:
    """With the layer's name and those that are known."""
    import keras

    from nnanim.adapters.keras import FilmCallback

    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Reshape((2, 1)), keras.layers.LSTM(1)]
    )
    model.compile(loss="mse")
    with pytest.raises(NnanimError, match=r"Reshape.*expected Dense"):
        model.fit(X, Y, verbose=0, callbacks=[FilmCallback(tmp_path / "run.safetensors", (X, Y))])


# -- scikit-learn ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("activation", [a.sklearn for a in ACTIVATIONS.values() if a.sklearn])
def test_scikit_learn_trains_as_by_itself(activation: str, tmp_path: Path) -> None:
    """The recorded estimator and one in a plain `partial_fit` loop are equal."""
    from sklearn.neural_network import MLPClassifier

    from nnanim.adapters.sklearn import record_fit

    def made() -> Any:
        return MLPClassifier((3,), activation=activation, solver="sgd", random_state=1)

    alone, recorded = made(), made()
    for _ in range(5):
        alone.partial_fit(X, LABELS, classes=[0, 1])
    path = tmp_path / "run.safetensors"
    record_fit(recorded, X, LABELS, path, epochs=5)

    film = filmed(path)

    for ours, theirs in zip(recorded.coefs_, alone.coefs_, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(
        film.outputs("", X, 5)[:, 0], alone.predict_proba(X)[:, 1], atol=1e-5
    )
    np.testing.assert_allclose(film.recording.loss[1:], alone.loss_curve_, rtol=1e-6)
    first = made()
    first.partial_fit(X, LABELS, classes=[0, 1])
    assert np.abs(film.recording.state(0)["hidden1.0.weight"].T - first.coefs_[0]).max() < 0.1
    assert film.recording.epochs.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.slow
def test_scikit_learn_of_many_classes_and_of_numbers(tmp_path: Path) -> None:
    """Softmax scores, and regression."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from nnanim.adapters.sklearn import record_fit

    names = np.array(["a", "b", "c"])[LABELS + (X[:, 0] > 0.5)]
    many = MLPClassifier((3,), random_state=1)
    record_fit(many, X, names, tmp_path / "many.safetensors", epochs=3)
    film = filmed(tmp_path / "many.safetensors")
    assert film.score(3) == pytest.approx(float((many.predict(X) == names).mean()))

    fit = MLPRegressor(hidden_layer_sizes=(4,), random_state=1)
    record_fit(fit, X[:, :1], X[:, 0] ** 2, tmp_path / "fit.safetensors", epochs=3)
    film = filmed(tmp_path / "fit.safetensors")
    np.testing.assert_allclose(
        film.outputs("", X[:, :1], 3)[:, 0], fit.predict(X[:, :1]), atol=1e-5
    )


@pytest.mark.slow
def test_scikit_learn_estimators_that_cannot_be_followed_are_refused(tmp_path: Path) -> None:
    """With what to use instead."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier

    from nnanim.adapters.sklearn import record_fit

    with pytest.raises(NnanimError, match="LogisticRegression"):
        record_fit(LogisticRegression(), X, LABELS, tmp_path / "run.safetensors")
    with pytest.raises(NnanimError, match="solver='sgd' or 'adam'"):
        record_fit(MLPClassifier(solver="lbfgs"), X, LABELS, tmp_path / "run.safetensors")


# -- checkpoints -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of checkpoints epoch2 … epoch10, their first weight the epoch."""
    for epoch in (2, 4, 10):
        state = classifier().state_dict()
        state["0.weight"][0, 0] = epoch
        save_file(state, tmp_path / f"epoch{epoch}.safetensors")
        torch.save({"state_dict": {f"net.{k}": v for k, v in state.items()}, "epoch": epoch},
                   tmp_path / f"epoch{epoch}.pt")  # fmt: skip
    return tmp_path


@pytest.mark.parametrize("suffix", ["safetensors", "pt"])
def test_checkpoints_are_a_recording(folder: Path, suffix: str) -> None:
    """In the order of their numbers, at these epochs; nested and prefixed ones too."""
    out = folder / "out" / "run.safetensors"
    out.parent.mkdir()
    recording = record_checkpoints(
        str(folder / f"epoch*.{suffix}"), classifier, out, (X, Y), loss="bce_with_logits"
    )

    assert recording.epochs.tolist() == [2, 4, 10]
    assert [recording.state(i)["0.weight"][0, 0] for i in range(3)] == [2, 4, 10]
    assert filmed(out).epochs == 10


def test_checkpoints_from_the_command_line(folder: Path, nnanim: Any) -> None:
    """Without data, points stand for them, labelled as the last one decides."""
    (folder / "nets.py").write_text(
        "from torch import nn\n\n\ndef make():\n"
        "    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))\n"
    )
    code, out, err = nnanim(
        "record", "--checkpoints", "epoch*.safetensors", "--model", "nets.py:make",
        "-o", "run.safetensors",
    )  # fmt: skip

    assert (code, out) == (0, "run.safetensors\n"), err
    assert Recording.load(folder / "run.safetensors").epochs.tolist() == [2, 4, 10]


class Boom:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch boom",))


def test_checkpoints_that_do_not_fit_or_run_code_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each, and nothing in them is run."""
    monkeypatch.chdir(folder)
    torch.save({"state_dict": Boom()}, folder / "evil.pt")
    (folder / "short.pt").write_bytes((folder / "epoch2.pt").read_bytes()[:100])
    (folder / "text.safetensors").write_text("hello")
    torch.save([1, 2], folder / "list.pt")
    for name in ("evil.pt", "short.pt", "text.safetensors", "list.pt", "none.pt"):
        with pytest.raises(NnanimError, match=name):
            read_checkpoint(folder / name)
    assert not (folder / "boom").exists()

    out = folder / "run.safetensors"
    with pytest.raises(NnanimError, match="does not fit the model"):
        record_checkpoints("epoch*.pt", lambda: nn.Sequential(nn.Linear(2, 1)), out, (X, Y))
    with pytest.raises(NnanimError, match="expected at least two"):
        record_checkpoints("nothing*.pt", classifier, out, (X, Y))
    monkeypatch.setattr(torch, "__version__", "2.9.1")
    with pytest.raises(NnanimError, match=r"torch >= 2\.10"):
        read_checkpoint(folder / "epoch2.pt")


def test_what_would_run_code_is_refused_in_words_of_ours(tmp_path: Path) -> None:
    """A whole model, a dict with one, other objects, TorchScript: no advice to load it anyway."""
    model = classifier()
    torch.save(model, tmp_path / "whole.pt")
    torch.save({"model": model, "epoch": 1}, tmp_path / "dict.ckpt")
    torch.save({"state_dict": model.state_dict(), "at": tmp_path}, tmp_path / "path.pth")
    torch.save(model, tmp_path / "old.bin", _use_new_zipfile_serialization=False)
    torch.jit.save(torch.jit.script(model), tmp_path / "script.pt")
    (tmp_path / "pickled.pt").write_bytes(pickle.dumps(model))
    for name in ("whole.pt", "dict.ckpt", "path.pth", "old.bin", "script.pt", "pickled.pt"):
        with pytest.raises(NnanimError, match=name) as refused:
            read_checkpoint(tmp_path / name)
        said = str(refused.value)
        assert "holds more than weights" in said
        assert said.endswith("save the weights alone, by torch.save(model.state_dict(), …)")
        assert "weights_only" not in said
        assert "\n" not in said
    torch.save(model.state_dict(), tmp_path / "weights.pt")
    assert read_checkpoint(tmp_path / "weights.pt").keys() == model.state_dict().keys()


# -- names -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["lightning", "skorch", "sklearn", "checkpoints"])
def test_an_adapter_is_found_as_the_docs_write_it(framework: str) -> None:
    """By `import nnanim` alone, in a process that has imported no adapter."""
    code = f"import nnanim; print(nnanim.adapters.{framework}.__name__)"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert told.stdout.strip() == f"nnanim.adapters.{framework}"


@pytest.mark.slow
def test_lightning_takes_a_loss_as_a_function_and_names_the_metric_apart(tmp_path: Path) -> None:
    """As the message asks for it that comes where the loss is not known."""
    from nnanim.adapters.lightning import FilmCallback

    for given in ("loss", "loss_function"):
        told: dict[str, Any] = {given: nn.functional.binary_cross_entropy_with_logits}
        callback = FilmCallback(tmp_path / f"{given}.safetensors", (X, Y), **told)
        with Recorder(model=classifier(), **callback._arguments) as recorder:
            recorder.snapshot(loss=1.0)
        assert Recording.load(tmp_path / f"{given}.safetensors").header.outputs == "logits"

    with pytest.raises(SceneError, match=r"'val_loss'.*given as metric="):
        FilmCallback(tmp_path / "run.safetensors", (X, Y), loss="val_loss")
