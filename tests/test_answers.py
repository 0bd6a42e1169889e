"""A recording knows the module that it is of by what that answered, not by shapes alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from nnanim import Comparison, Film, Recorder, Recording, Scene, Training, datasets, record
from nnanim.errors import RecordingError
from nnanim.rendering import film_of


class Waves(nn.Module):
    """A hidden layer over waves of directions that are drawn and, kept or not, never trained."""

    def __init__(
        self,
        activation: Callable[[torch.Tensor], torch.Tensor] = torch.tanh,
        kept: bool = False,
    ) -> None:
        super().__init__()
        drawn = torch.randn(2, 6)
        if kept:
            self.register_buffer("drawn", drawn)
        else:
            self.drawn = drawn
        self.body, self.head, self.activation = nn.Linear(6, 2), nn.Linear(2, 1), activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        hidden: torch.Tensor = self.activation(self.body(torch.sin(x @ self.drawn)))
        return self.head(hidden)  # type: ignore[no-any-return]


def recorded(path: Path, module: nn.Module) -> Recording:
    """Return the recording, as its file has it, of a loop that does nothing."""
    x = torch.rand(50, 2)
    y = (x[:, :1] > 0.5).float()
    with Recorder(path, module, data=(x, y), loss="bce_with_logits") as recorder:
        recorder.snapshot(loss=0.7, epoch=1)
    return Recording.load(path)


def seeded(**options: object) -> Callable[[], nn.Module]:
    """Return what makes the same module again and again."""

    def make() -> nn.Module:
        torch.manual_seed(1)
        return Waves(**options)  # type: ignore[arg-type]

    return make


@pytest.mark.parametrize(
    "other", [seeded(activation=torch.relu), Waves], ids=["another activation", "another draw"]
)
def test_a_module_that_answers_otherwise_is_refused(
    other: Callable[[], nn.Module], tmp_path: Path
) -> None:
    """Its tensors have the shapes of the recording's."""
    recording = recorded(tmp_path / "run.safetensors", seeded()())

    with pytest.raises(RecordingError, match=r"other outputs.*register_buffer"):
        Film(recording, other)


@pytest.mark.parametrize(
    ("model", "again"), [(seeded(), seeded()), (seeded(kept=True), lambda: Waves(kept=True))]
)
def test_the_module_itself_made_again_is_shown(
    model: Callable[[], nn.Module], again: Callable[[], nn.Module], tmp_path: Path
) -> None:
    """The draw is the same by its seed, or in the recording as a buffer."""
    recording = recorded(tmp_path / "run.safetensors", model())

    assert Film(recording, again).points("body", 0.0).shape == (50, 2)


def told_as(recording: Recording, change: Callable[[float], float]) -> Recording:
    """Return a recording whose answers another machine has rounded otherwise."""
    assert recording.header.answers is not None
    answers = [list(map(change, row)) for row in recording.header.answers]
    return replace(recording, header=replace(recording.header, answers=answers))


def test_a_module_that_makes_much_of_its_last_bits_is_shown(tmp_path: Path) -> None:
    """As a chaotic one does: on another machine it answers otherwise."""
    wild = seeded(activation=lambda h: torch.sin(1e6 * h))
    recording = recorded(tmp_path / "run.safetensors", wild())

    assert Film(told_as(recording, lambda each: each + 0.1), wild).epochs == 1


def test_a_module_that_answers_no_numbers_is_not_the_one_that_did(tmp_path: Path) -> None:
    """Of these it cannot be told how much they make of the last bits."""
    recording = recorded(tmp_path / "run.safetensors", seeded()())

    with pytest.raises(RecordingError, match="other outputs"):
        Film(recording, seeded(activation=lambda h: h * torch.nan))


def test_what_is_left_where_large_numbers_cancel_out_may_differ(tmp_path: Path) -> None:
    """As of two halves that begin with the same weights: it is rounding alone."""

    class Halves(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = seeded()(), seeded()()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            difference: torch.Tensor = self.one(x) - self.other(x)
            return difference

    recording = recorded(tmp_path / "run.safetensors", Halves())

    assert Film(told_as(recording, lambda each: each + 3e-8), Halves).epochs == 1


def test_a_recording_that_tells_no_answers_is_shown_as_before(tmp_path: Path) -> None:
    """Files of an earlier nnanim have none."""
    recording = recorded(tmp_path / "run.safetensors", seeded()())
    header = replace(recording.header, answers=None)

    assert Film(replace(recording, header=header), Waves).epochs == 1


def test_scenes_and_comparisons_of_such_modules_are_filmed() -> None:
    """The seed of a scene draws the same again."""
    training = Training(epochs=1, loss="bce_with_logits", seed=5)
    scene = Scene(dataset=datasets.moons(n=40), model=Waves, training=training)
    other = replace(scene, training=replace(training, seed=6))

    assert record(scene).header.answers is not None
    assert len(film_of(Comparison([scene, other])).beside) == 2
