"""Titles say what is true: of the network, of the data, and of how well it does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from nnanim import Film, Recorder, Recording, datasets, models
from nnanim.errors import SceneError
from nnanim.network.shape import shape_of_chain
from nnanim.network.traced import network_of
from nnanim.recording.record import untrained
from nnanim.rendering.filming import sheet_of
from nnanim.rendering.stills import still
from nnanim.sheet.strip import score_text
from nnanim.sheet.title import Title, title_of
from tests.pictures import look
from tests.recordings import RINGS, fit_film, rings_film


class Block(nn.Module):
    """Something that is added to what came."""

    def __init__(self, width: int = 2, inner: int = 16) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, inner), nn.Tanh(), nn.Linear(inner, width))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the sum."""
        return x + self.body(x)  # type: ignore[no-any-return]


class Parallel(nn.Module):
    """Two branches side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(1, 4), nn.Linear(1, 4)
        self.c, self.d = nn.Linear(8, 2), nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        both = torch.cat([self.a(x[:, :1]), self.b(x[:, 1:])], 1)
        return torch.sigmoid(self.d(torch.tanh(self.c(torch.tanh(both)))))


class Siamese(nn.Module):
    """Two branches of one layer each as wide as what came, which no widths tell from a chain."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.c(torch.tanh(self.a(x)) + torch.tanh(self.b(x))))


class Skip(nn.Module):
    """A way around two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        first = torch.tanh(self.a(x))
        return torch.sigmoid(self.c(first + torch.tanh(self.b(first))))


class Euler(nn.Module):
    """One field, followed ten steps."""

    def __init__(self) -> None:
        super().__init__()
        self.field = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
        self.out = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        for _ in range(10):
            x = x + self.field(x) / 10
        return torch.sigmoid(self.out(x))


class Shared(nn.Module):
    """A layer that is used three times."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.r, self.c = nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        h = torch.tanh(self.a(x))
        for _ in range(3):
            h = torch.tanh(self.r(h))
        return torch.sigmoid(self.c(h))


class Again(nn.Module):
    """A layer that comes again later, between others."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.c(torch.tanh(self.a(torch.tanh(self.b(self.a(x)))))))


class Convolution(nn.Module):
    """A kernel over the inputs, then a chain."""

    def __init__(self) -> None:
        super().__init__()
        self.k, self.c, self.d = nn.Conv1d(1, 4, 2), nn.Linear(4, 2), nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        seen = torch.relu(self.k(x[:, None])).flatten(1)
        return torch.sigmoid(self.d(torch.tanh(self.c(seen))))


class Powers(nn.Module):
    """More features than inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Linear(4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.c(torch.cat([x, x**2], 1)))


class RawEnd(nn.Module):
    """A chain whose last layer is no module."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.w = nn.Linear(2, 2), nn.Parameter(torch.randn(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid((torch.tanh(self.a(x)) * self.w).sum(1, keepdim=True))


class Rows(nn.Module):
    """A Linear over tokens, of which each sample has several."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(1, 2), nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.b(torch.tanh(self.a(x[:, :, None])).mean(1)))


class Functional(nn.Module):
    """A chain whose activations are functions, with a norm and dropout between."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.n, self.b = nn.Linear(2, 3), nn.LayerNorm(3), nn.Linear(3, 1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return probabilities."""
        return torch.sigmoid(self.b(self.drop(torch.relu(self.n(self.a(x))))))


def residual() -> nn.Module:
    """Return blocks that each add something."""
    return nn.Sequential(Block(), Block(), nn.Linear(2, 1), nn.Sigmoid())


def through(model: Callable[[], nn.Module]) -> str:
    """Return what the title of a scene says that rings go through."""
    title = Film(untrained(replace(RINGS, model=model))).header.title
    return title.removeprefix("Rings through ")


@pytest.mark.parametrize(
    ("model", "called"),
    [
        (models.mlp(2, 3, 2, 1, output="sigmoid"), "a 2 → 3 → 2 → 1 network"),
        (models.mlp(2, *[4] * 12, 1, output="sigmoid"), "a 2 → 11 × (4 → 4) → 1 network"),
        (Functional, "a 2 → 3 → 1 network"),
        (Parallel, "Parallel"),
        (Siamese, "Siamese"),
        (Skip, "Skip"),
        (Convolution, "Convolution"),
        (Powers, "Powers"),
        (RawEnd, "RawEnd"),
        (Rows, "Rows"),
        (Again, "Again"),
        (Euler, "Euler, 10 × (2 → 32 → 2) → 1"),
        (Shared, "Shared, 2 → 3 × (8 → 8) → 1"),
        (residual, "residual"),
        (lambda: residual(), "a network of 5 layers"),
    ],
)
def test_a_network_is_called_what_it_is(model: Callable[[], nn.Module], called: str) -> None:
    """Widths are those of a chain, or of layers that come again; else it is called by its name."""
    assert through(model) == called


@pytest.mark.parametrize(
    ("widths", "text"),
    [
        ((2, 1), "2 → 1"),
        ((2, 3, 3, 3, 3, 1), "2 → 3 → 3 → 3 → 3 → 1"),
        ((2, *[2] * 15, 1), "15 × (2 → 2) → 1"),
        ((1, *[64] * 9, 3), "1 → 8 × (64 → 64) → 3"),
        ((2, *[8, 2] * 6, 1), "6 × (2 → 8 → 2) → 1"),
        (range(2, 13), "2 → 3 → 4 → 5 → 6 → 7 → 8 → 9 → 10 → 11 → 12"),
        ((2, *[3] * 6, *[5] * 6, 1), "2 → 5 × (3 → 3) → 5 × (5 → 5) → 1"),
    ],
)
def test_a_long_chain_is_folded_about_what_is_repeated(widths: Any, text: str) -> None:
    """A short one is written whole."""
    assert shape_of_chain(tuple(widths)).widths == text


def test_what_is_asked_of_a_network_leaves_it_as_it_was() -> None:
    """Its parameters, and torch's random numbers."""
    module = Functional().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    numbers = torch.random.get_rng_state()

    assert network_of(module, np.eye(2)).shape.chain

    assert all(torch.equal(before[n], v) for n, v in module.state_dict().items())
    assert torch.equal(numbers, torch.random.get_rng_state())
    assert module.training


def test_a_loop_of_ones_own_is_called_as_a_scene_is(tmp_path: Path) -> None:
    """By the class of its module, where that is no chain."""
    x = np.random.default_rng(0).normal(size=(20, 2))
    titles = []
    for module in (Skip(), Functional()):
        path = tmp_path / f"{type(module).__name__}.safetensors"
        with Recorder(path, module, data=(x, x[:, 0] > 0), loss="bce") as recorder:
            recorder.snapshot(loss=0.0)
        titles.append(Recording.load(path).header.title)

    assert titles == ["My data through Skip", "My data through a 2 → 3 → 1 network"]


# -- data ----------------------------------------------------------------------------------------

X = np.arange(20.0).reshape(10, 2)
LABELS = np.array(["a", "b"] * 5)


def column(values: Any, name: str) -> Any:
    """Return a column of a data frame, as far as it is looked at."""
    made = np.asarray(values).view(Named)
    made.name = name
    return made


class Named(np.ndarray[Any, Any]):
    """An array with a name."""

    name: str


@pytest.mark.parametrize(
    ("came", "name"),
    [
        ((X, LABELS), "My data"),
        ((X, column(LABELS, "species")), "species"),
        ((SimpleNamespace(data=X, target=LABELS),), "My data"),
        (
            (
                SimpleNamespace(
                    data=X, target=LABELS, DESCR=".. _iris:\n\nIris plants dataset\n---\n\nText."
                ),
            ),
            "Iris plants",
        ),
        ((SimpleNamespace(data=X, target=LABELS, DESCR="long " * 50),), "My data"),
        ((SimpleNamespace(data=X, target=LABELS, DESCR=None),), "My data"),
        ((SimpleNamespace(data=X, target=column(LABELS, "species")),), "species"),
    ],
)
def test_data_are_called_by_what_they_hold(came: tuple[Any, ...], name: str) -> None:
    """By their own heading, else by what is to be predicted; a name that is given stays."""
    assert datasets.from_arrays(*came).name == name
    assert datasets.from_arrays(*came, name="Mine").name == "Mine"


def test_tables_and_archives_are_called_by_file_and_target(tmp_path: Path) -> None:
    """Where the file tells what the target is."""
    table, bare = tmp_path / "iris.csv", tmp_path / "bare.csv"
    table.write_text("width,species\n1,a\n2,b\n3,a\n4,b\n")
    bare.write_text("1,a\n2,b\n3,a\n4,b\n")
    np.savez(tmp_path / "run.npz", x=X, y=LABELS, kind=LABELS)

    assert datasets.from_csv(table, target="species").name == "iris (species)"
    assert datasets.from_csv(table, target="species", name="Iris").name == "Iris"
    assert datasets.from_csv(bare, target=2).name == "bare"
    assert datasets.from_npz(tmp_path / "run.npz").name == "run"
    assert datasets.from_npz(tmp_path / "run.npz", target="kind").name == "run (kind)"


# -- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.004, "0 %"),
        (0.5, "50 %"),
        (0.7249, "72 %"),
        (0.725, "73 %"),
        (0.29 * 1, "29 %"),
        (0.994, "99 %"),
        (0.9999, "99 %"),
        (1.0, "100 %"),
    ],
)
def test_accuracy_is_rounded_as_people_round(share: float, text: str) -> None:
    """And 100 % means all."""
    assert score_text(rings_film(), share) == text


def test_a_share_of_the_variance_has_three_decimals() -> None:
    """As R² is no share of samples."""
    assert score_text(fit_film(), 0.99951) == "1.000"


def test_the_score_of_a_run_that_diverged_has_few_digits() -> None:
    """However far below nothing R² is."""
    assert score_text(fit_film(), -2.4276e37) == "-2.43e+37"


# -- how a title stands on the sheet -------------------------------------------------------------

FONT = "DejaVu Sans"


def test_a_title_that_has_room_stands_in_one_line() -> None:
    """At its full size."""
    assert title_of("Two rings", 800.0, 42.0, 26.0, FONT, False) == Title(("Two rings",), 42.0)


def test_a_long_title_wraps_then_shrinks_then_is_refused() -> None:
    """To no less than the least size; what is refused is told with its length."""
    words = "A title that tells of a film, of its data and of what is to be seen in it"
    rooms = [float(room) for room in range(2400, 600, -20)]
    made = [title_of(words, room, 42.0, 26.0, FONT, False) for room in rooms]

    assert {" ".join(title.lines) for title in made} == {words}
    assert {len(title.lines) for title in made} == {1, 2}
    sizes = [title.size for title in made]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 42.0 > sizes[-1] >= 26.0
    with pytest.raises(SceneError, match=rf"the title has {len(words)} letters, .*shorter") as no:
        title_of(words, 300.0, 42.0, 26.0, FONT, False)
    assert "\n" not in str(no.value)


def test_lines_that_an_author_has_ended_stay() -> None:
    """Two of them; a third is refused."""
    made = title_of("Two rings\nand a line  ", 800.0, 42.0, 26.0, FONT, False)
    assert made == Title(("Two rings", "and a line"), 42.0)
    with pytest.raises(SceneError, match="has 3 lines: expected 2 at most"):
        title_of("a\nb\nc", 800.0, 42.0, 26.0, FONT, False)


def test_a_line_is_parted_between_words_or_letters_but_in_no_formula() -> None:
    """Between letters where there are no words, as in Japanese."""
    formula = title_of(r"One $a + b + c$ two $d + e$ three", 330.0, 42.0, 26.0, FONT, False)
    assert all(line.count("$") % 2 == 0 for line in formula.lines)
    assert len(title_of("n" * 40, 700.0, 42.0, 26.0, FONT, False).lines) == 2
    chain = title_of("My data through a 6 → 8 → 2 → 3 network", 700.0, 42.0, 26.0, FONT, True)
    assert chain.lines == ("My data through a", "6 → 8 → 2 → 3 network")


def test_a_title_of_nnanims_own_is_cut_not_refused() -> None:
    """As nobody has written it."""
    made = title_of("Rings through " + "Network" * 40, 400.0, 42.0, 26.0, FONT, True)

    assert made.size == 26.0
    assert all(line.endswith("…") for line in made.lines[1:])


@pytest.mark.usefixtures("no_training")
def test_a_title_without_room_is_refused_before_the_training(tmp_path: Path) -> None:
    """At the size that is asked for."""
    scene = replace(RINGS, title="word " * 80)
    with pytest.raises(SceneError, match="the title has 399 letters"):
        still(scene, tmp_path / "a.png", size=(640, 360), cache=False)


def test_panels_make_room_for_a_second_line(tmp_path: Path) -> None:
    """The title keeps its lines in a recording; what a file tells of itself is one."""
    film = Film(untrained(replace(RINGS, title="First line\nSecond line")))
    one, two = sheet_of(Film(untrained(RINGS)), look()), sheet_of(film, look())

    assert film.header.title == "First line\nSecond line"
    assert two.title.lines == ("First line", "Second line")
    tops = [min(box.top for box in sheet.layout.panels) for sheet in (one, two)]
    assert tops[1] - tops[0] > 20
    path = still(film.recording, tmp_path / "a.png", size=(640, 360))
    with Image.open(path) as picture:
        assert '"First line Second line"' in str(picture.info["Comment"])
