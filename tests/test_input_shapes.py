"""Inputs of any shape (n, …), where the model takes them: pictures, sequences, token numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Film, NnanimError, Recorder, Recording, Scene, Training, datasets, record, views
from nnanim.recording.header import Header
from nnanim.recording.recording import recording_of, tensors_of

RNG = np.random.default_rng(0)
N = 120
CLASS = RNG.integers(0, 3, N)
SMALL = (160, 90)  # pixels


def pictures() -> nn.Module:
    """Return a convolution of (n, 1, 6, 6)."""
    return nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(32, 2), nn.Tanh(), nn.Linear(2, 3)
    )


class Sequences(nn.Module):
    """An LSTM over (n, 5, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.cells, self.code = nn.LSTM(2, 4, batch_first=True), nn.Linear(4, 2)
        self.end = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 3)."""
        return self.end(self.code(self.cells(x)[0][:, -1]))  # type: ignore[no-any-return]


class Tokens(nn.Module):
    """An attention over eight numbers from 0 to 9, given as rows."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.code, self.end = nn.Embedding(10, 4), nn.Linear(4, 2), nn.Linear(2, 3)
        self.attend = nn.TransformerEncoderLayer(4, 1, 8, dropout=0.0, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits (n, 3)."""
        mixed = self.attend(self.embed(x.long())).mean(1)
        return self.end(torch.tanh(self.code(mixed)))  # type: ignore[no-any-return]


def flattened() -> nn.Module:
    """Return known layers, each of the last side of (n, 4, 2), and a row at their end."""
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(12, 3))


KINDS: dict[str, tuple[Any, Callable[[], nn.Module]]] = {
    "pictures": (RNG.normal(size=(N, 1, 6, 6)) + CLASS[:, None, None, None], pictures),
    "sequences": (RNG.normal(size=(N, 5, 2)) + CLASS[:, None, None], Sequences),
    "tokens": (RNG.integers(0, 10, (N, 8)), Tokens),
    "steps": (RNG.normal(size=(N, 4, 2)) + CLASS[:, None, None], flattened),
}


def scene(kind: str, **options: Any) -> Scene:
    """Return a scene of three classes."""
    x, model = KINDS[kind]
    training = Training(epochs=4, lr=0.02, optimizer="adam", loss="cross_entropy")
    dataset = datasets.from_arrays(x, CLASS, test_share=0.2)
    return Scene(dataset=dataset, model=model, training=training, **options)


def by_torch(film: Film, model: nn.Module, moment: float, inputs: Any) -> Any:
    """Return what torch itself gives for the film's parameters."""
    state = {name: torch.from_numpy(np.array(a)) for name, a in film.replay.state(moment).items()}
    model.load_state_dict(state)
    with torch.no_grad():
        return model.eval()(torch.from_numpy(np.array(inputs))).numpy()


@pytest.mark.parametrize("kind", KINDS)
def test_a_scene_of_any_inputs_is_a_film(kind: str, tmp_path: Path) -> None:
    """It scores as torch does, opens again from its file, and draws by default."""
    path = record(scene(kind)).save(tmp_path / "run.safetensors")
    film = Film(Recording.load(path), model=KINDS[kind][1])
    given = by_torch(film, KINDS[kind][1](), 4.0, film.data.test_inputs)

    assert film.data.inputs.shape[1:] == KINDS[kind][0].shape[1:]
    assert len(film.window) == (8 if kind == "tokens" else 0)
    right = float((given.argmax(1) == film.data.test_targets).mean())
    assert film.score(4.0) == pytest.approx(right)
    found = film.outputs("", film.data.test_inputs, 4.0)
    np.testing.assert_allclose(found, given, rtol=1e-4, atol=1e-5)
    assert film.frame(0.0, SMALL).any()


@pytest.mark.parametrize("kept", ["parameters", "activations"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_over_any_inputs_is_recorded(kind: str, kept: Any, tmp_path: Path) -> None:
    """By Recorder, on tensors as they are trained on, whatever it keeps."""
    x, make = KINDS[kind]
    module = make()
    inputs = torch.tensor(x, dtype=torch.float32)
    with Recorder(
        tmp_path / "run.safetensors", module, (inputs, CLASS), loss="cross_entropy", record=kept
    ) as recorder:
        recorder.snapshot(loss=1.0)
    film = Film(Recording.load(tmp_path / "run.safetensors"), model=make)
    with torch.no_grad():
        right = (module.eval()(inputs).argmax(1).numpy() == CLASS).mean()
    assert film.score(1.0) == pytest.approx(right)
    assert film.frame(0.0, SMALL).any()


PLANES = [
    views.InputSpace(), views.Jacobian(), views.ActiveUnits(), views.UnitLines(), views.Surface(),
    views.Probability(), views.Fit(), views.Line1D(), views.Thresholds(), views.Contributions(),
]  # fmt: skip


@pytest.mark.parametrize("view", PLANES, ids=lambda view: type(view).__name__)
def test_a_view_that_needs_a_plane_says_so(view: Any) -> None:
    """In one line that names the view, before the first frame."""
    with pytest.raises(NnanimError) as refused:
        Film(record(scene("pictures", views=[view]))).frame(0.0, SMALL)
    assert type(view).__name__ in str(refused.value)
    assert "\n" not in str(refused.value)


def test_pictures_that_are_their_own_targets_are_a_row_each() -> None:
    """An autoencoder's end is flat, and its task predicts nothing."""
    x = KINDS["pictures"][0]
    model = lambda: nn.Sequential(  # noqa: E731
        nn.Flatten(), nn.Linear(36, 2), nn.Tanh(), nn.Linear(2, 36)
    )
    for dataset in (datasets.from_arrays(x, x), datasets.from_arrays(x, labels=CLASS)):
        made = record(Scene(dataset=dataset, model=model, training=Training(epochs=2, loss="mse")))
        assert made.header.task == "none"
        assert made.data.targets.shape == (N, 36)
        assert Film(made).frame(0.0, SMALL).any()


@pytest.mark.parametrize(
    ("x", "model", "options", "says"),
    [
        (KINDS["pictures"][0], Sequences, {}, "given inputs of shape (n, 1, 6, 6), its forward"),
        (KINDS["pictures"][0], pictures, {"window": ((0, 1),)}, "and a window: leave it out"),
        (KINDS["pictures"][0], pictures, {"axis_names": ["a"]}, "axis_names has 1 names"),
        (np.zeros((N, 0, 3)), pictures, {}, "inputs have shape (120, 0, 3): expected (n, inputs)"),
        (
            KINDS["sequences"][0], lambda: nn.Linear(2, 3), {},
            "the model returned shape (n, 5, 3): expected (n, outputs); end it in nn.Flatten()",
        ),
        (
            KINDS["tokens"][0], lambda: nn.Sequential(nn.Embedding(10, 3)), {},
            "come as float32: make them whole again, by x.long()",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_line(
    x: Any, model: Callable[[], nn.Module], options: Any, says: str
) -> None:
    """It names the shape that came."""
    training = Training(epochs=2, loss="cross_entropy")
    with pytest.raises(NnanimError) as refused:
        record(
            Scene(dataset=datasets.from_arrays(x, CLASS, **options), model=model, training=training)
        )
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rows_without_a_window_are_no_recording() -> None:
    """A file whose inputs are rows has a window of as many, one of pictures has none."""
    for kind, window in (("tokens", []), ("pictures", [[0.0, 1.0]]), ("sequences", [[0, 1]] * 5)):
        made = record(scene(kind))
        header = Header.from_json(Path("a"), {**made.header.as_json(), "window": window})
        with pytest.raises(NnanimError, match="its inputs and window differ in width"):
            recording_of(Path("a"), header, tensors_of(made))


def test_pictures_are_standardized_place_by_place(caplog: pytest.LogCaptureFixture) -> None:
    """As columns are, in 64 bits; without it a place of which 32 bits hold nothing is named."""
    x = RNG.normal(size=(N, 1, 3, 3))
    x[:, 0, 1, 1] += 1e12

    made = datasets.from_arrays(x, CLASS, test=(x[:9], CLASS[:9]), standardize=True).arrays(0)
    assert not caplog.records
    expected = (x - x.mean(axis=0)) / x.std(axis=0)
    np.testing.assert_allclose(made.inputs, expected, atol=1e-3)
    np.testing.assert_allclose(made.test_inputs, expected[:9], atol=1e-3)

    datasets.from_arrays(x, CLASS, name="Pictures")
    assert "Pictures: 32 bits do not hold how the values of column 4 differ" in caplog.text
