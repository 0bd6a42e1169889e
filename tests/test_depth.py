"""Space on its way through the layers: the passage, the act Morph and the view Depth."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import nn

from nnanim import Film, Scene, Timeline, Training, acts, datasets, models, record, views
from nnanim.drawing.surface import Box, Placement
from nnanim.errors import SceneError
from nnanim.film.passage import MIRRORS, Mirror
from nnanim.film.passing import passing_of
from nnanim.film.stages import INPUT, affine_of, depth_at, place, seconds_of, stages_of
from nnanim.marks import Lines, Points, Text
from nnanim.recording.record import untrained
from nnanim.rendering.filming import film_of
from nnanim.sheet.labels import labels
from nnanim.sheet.scale import Scale
from tests.recordings import RINGS

MORPH = Timeline(
    seconds=12.0, fps=20.0, acts=[acts.Hold(1), acts.Train(), acts.Morph(seconds=8), acts.Hold(1)]
)


def scene_of(*widths: int, epochs: int = 2, timeline: Timeline = MORPH) -> Scene:
    return Scene(
        dataset=datasets.moons(n=120),
        model=models.mlp(*widths),
        training=Training(epochs=epochs, loss="bce_with_logits", optimizer="adam", lr=0.02),
        views=[views.Depth()],
        timeline=timeline,
    )


@cache
def film(*widths: int) -> Film:
    return Film(record(scene_of(*widths)))


class Blocks(nn.Module):
    """Two residual blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Block(), Block()
        self.out = nn.Linear(2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        answer: torch.Tensor = self.out(self.second(self.first(x)))
        return answer


class Block(nn.Module):
    """x + f(x)."""

    def __init__(self) -> None:
        super().__init__()
        self.f = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return as many units."""
        moved: torch.Tensor = x + self.f(x)
        return moved


@pytest.mark.parametrize("mirror", MIRRORS)
@pytest.mark.parametrize("widths", [(2, 3, 2, 1), (2, 2, 2, 1), (2, 6, 4, 1), (2, 1, 2, 1)])
def test_a_passage_begins_at_the_input_and_is_at_each_layers_end_what_that_gives(
    widths: tuple[int, ...], mirror: Mirror
) -> None:
    """To a millionth of its span, its units in the order in which they are drawn."""
    made = film(*widths)
    passing = passing_of(made, 2.0, mirror)
    passage, seen = passing.passage, passing.data

    begun = passage.at(0.0, seen)
    assert_allclose(begun[:, :2], made.data.inputs, atol=1e-9)
    assert_allclose(begun[:, 2:], 0.0, atol=1e-9)
    for i, name in enumerate(made.network.hidden, start=1):
        given = made.points(name, 2.0)
        order = passage.steps[made.stages[i - 1][-1]].order[1]
        ended = passage.at(i - 1e-9, seen)[:, : given.shape[1]]
        assert_allclose(ended, given[:, order], atol=1e-6 * float(np.ptp(given)))


@pytest.mark.parametrize("mirror", MIRRORS)
@pytest.mark.parametrize("widths", [(2, 3, 2, 1), (2, 2, 2, 1), (2, 6, 4, 1), (2, 1, 2, 1)])
def test_a_passage_is_after_each_stage_of_a_layer_what_that_much_of_it_gives(
    widths: tuple[int, ...], mirror: Mirror
) -> None:
    """x·W after the map, x·W + b after the shift, as computed from the parameters alone."""
    made = film(*widths)
    passing = passing_of(made, 2.0, mirror)
    passage, seen, state = passing.passage, passing.data, made.state(2.0)
    given = np.asarray(made.data.inputs, np.float64)
    for i, (name, own) in enumerate(zip(made.network.hidden, made.stages, strict=True)):
        linear = str(own[0].after)
        mapped = given @ np.asarray(state[f"{linear}.weight"], np.float64).T
        shifted = mapped + np.asarray(state[f"{linear}.bias"], np.float64)
        assert [stage.kind for stage in own] == ["linear", "shift", "bend"]
        for k, expected in enumerate((mapped, shifted, np.tanh(shifted)), start=1):
            ended = passage.at(i + k / len(own) - 1e-9, seen)
            order = passage.steps[own[k - 1]].order[1]
            units, span = expected.shape[1], float(np.ptp(expected))
            assert_allclose(ended[:, :units], expected[:, order], atol=1e-6 * span)
            assert_allclose(ended[:, units:], 0.0, atol=1e-6 * span)
        given = np.asarray(made.points(name, 2.0), np.float64)


@pytest.mark.parametrize("mirror", MIRRORS)
def test_what_is_seen_moves_on_without_a_jump(mirror: Mirror) -> None:
    """From stage to stage, from layer to layer, wide or not."""
    for widths in ((2, 3, 2, 2, 1), (2, 8, 5, 3, 1), (2, 1, 2, 1)):
        made = film(*widths)
        passing = passing_of(made, 2.0, mirror)
        passage, seen = passing.passage, passing.data
        depths = np.linspace(0, len(made.stages), 1200)
        pictures = np.array([passage.pictured(depth, seen) for depth in depths])
        steps = np.abs(np.diff(pictures, axis=0)).max(axis=(1, 2))
        assert steps.max() < 0.02 * np.abs(pictures).max(), (widths, depths[steps.argmax()])


def test_units_are_swapped_only_where_a_layer_mirrors() -> None:
    """Once swapped they stay so for what reads them."""
    made = film(2, 2, 2, 2, 1)
    passage = passing_of(made, 2.0).passage
    state = made.state(2.0)
    stack = made.network.stack
    assert stack is not None
    order = np.arange(2)
    found = []
    for own in made.stages:
        matrix, _ = affine_of(stack, own[0].rows, state)
        swapped = passage.steps[own[0]].swapped
        assert (swapped is not None) == (np.linalg.det(matrix[:, order]) < 0)
        order = passage.steps[own[0]].order[1]
        found.append(swapped)
    assert any(swapped is None for swapped in found)
    assert any(swapped is not None for swapped in found)


def test_batch_norm_is_folded_into_the_map_and_the_shift() -> None:
    """In evaluation: by its running statistics."""
    scene = replace(
        scene_of(2, 2, 1),
        model=lambda: nn.Sequential(
            nn.Linear(2, 3, bias=False), nn.BatchNorm1d(3), nn.Tanh(), nn.Linear(3, 1)
        ),
    )
    made = Film(record(scene))
    (own,) = made.stages
    assert [stage.kind for stage in own] == ["linear", "shift", "bend"]
    stack, state = made.network.stack, made.state(2.0)
    assert stack is not None
    matrix, shift = affine_of(stack, own[0].rows, state)
    given = made.outputs("1", made.data.inputs, 2.0)
    assert_allclose(made.data.inputs @ matrix.T + shift, given, atol=1e-6 * float(np.ptp(given)))


def test_what_a_layer_does_not_do_is_no_stage() -> None:
    """No bias, no shift; an identity bends nothing."""
    made = Film(
        untrained(
            replace(
                scene_of(2, 2, 1),
                model=lambda: nn.Sequential(
                    nn.Linear(2, 2, bias=False), nn.Tanh(), nn.Linear(2, 2), nn.Identity(),
                    nn.Linear(2, 1),
                ),
            )
        )
    )  # fmt: skip
    assert [[stage.kind for stage in own] for own in made.stages] == [
        ["linear", "bend"],
        ["linear", "shift"],
    ]


def test_a_residual_block_flows() -> None:
    """Half way through x + f(x) is x + f(x) / 2; the layers are those that the act names."""
    timeline = Timeline(acts=[acts.Train(seconds=1), acts.Morph(["first", "second"], seconds=5)])
    made = Film(record(replace(scene_of(2, 2, 1, timeline=timeline), model=Blocks)))
    passing = passing_of(made, 2.0)
    passage, seen = passing.passage, passing.data
    inputs, once = made.data.inputs, made.points("first", 2.0)
    assert len(made.stages) == 2
    assert_allclose(passage.at(0.5, seen), inputs + (once - inputs) / 2, atol=1e-6)
    assert_allclose(passage.at(2.0, seen), made.points("second", 2.0), atol=1e-6)


def test_a_wide_layer_is_seen_in_one_plane_at_all_moments() -> None:
    """That in which its units differ most over the whole run."""
    made = film(2, 12, 1)
    early, late = (passing_of(made, at).passage.standing(0) for at in (0.0, 2.0))
    assert early.shape == (12, 2)
    assert np.array_equal(early, late)
    assert_allclose(early.T @ early, np.eye(2), atol=1e-8)


def test_each_stage_is_moved_through_and_rests() -> None:
    """The passage begins and ends with a rest; what is shown never goes back."""
    stages = film(2, 3, 2, 1).stages
    depths = np.array([depth_at(stages, share) for share in np.linspace(0, 1, 2000)])
    assert depths[0] == 0.0
    assert depths[-1] == 2.0
    assert (np.diff(depths) >= 0).all()
    ends = [i + (k + 1) / 3 for i in range(2) for k in range(3)]
    assert seconds_of(stages) == pytest.approx(1.2 + 6 * 1.25 + 1.2)
    for end in ends:
        assert (np.abs(depths - end) < 1e-12).sum() > 2000 * 0.3 / seconds_of(stages)
    assert place(stages, 0.0)[0].before is INPUT


def test_the_film_goes_through_the_layers_where_an_act_does() -> None:
    """In all other acts it stands on the last."""
    made = film(2, 3, 2, 1)
    hold, train, morph, last = made.acts
    for act in (hold, train, last):
        assert made.depth((act.begin + act.end) / 2) == 2.0
    assert made.depth(morph.begin) == 0.0
    assert made.depth(morph.whole) == 2.0
    assert made.moment((morph.begin + morph.end) / 2) == made.epochs
    assert made.clock.fade(morph.begin) is not None
    assert made.clock.fade(last.begin) is not None
    assert made.clock.fade(train.begin) is None


def test_an_act_without_seconds_has_its_share_by_what_the_layers_do() -> None:
    """More layers, more of the film."""
    timeline = Timeline(seconds=20, acts=[acts.Train(), acts.Morph()])

    def length(*widths: int) -> float:
        made = Film(record(scene_of(*widths, timeline=timeline)))
        act = made.acts[-1]
        return act.end - act.begin

    assert 2.0 < length(2, 2, 1) < length(2, 2, 2, 1) < length(2, 2, 2, 2, 1) < 20.0


def test_depth_draws_the_grid_the_data_and_what_is_done_to_them() -> None:
    """In the input as they are; the stage that is on is in ink."""
    made = Film(record(scene_of(2, 3, 2, 1, epochs=30)))
    morph = made.acts[2]
    (marks,) = views.Depth().marks(made, morph.begin)
    points = next(mark for mark in marks if isinstance(mark, Points))
    zoom = np.ptp(points.xy) / np.ptp(made.data.inputs[made.labels == 0])
    assert_allclose(points.xy, made.data.inputs[made.labels == 0] * zoom, atol=1e-6)
    middle = next(
        t for t in np.arange(morph.begin, morph.end, 0.05) if 0.4 < made.depth(float(t)) < 0.6
    )
    (marks,) = views.Depth().marks(made, float(middle))
    bold = [mark.text for mark in marks if isinstance(mark, Text) and mark.bold]
    assert any("shift" in text for text in bold)
    assert any(isinstance(mark, Lines) and mark.color == "boundary" for mark in marks)


def zooms(scene: Scene) -> list[str]:
    """Return what a film says of its zoom while it goes through the layers."""
    made = Film(record(scene))
    times = np.linspace(made.acts[2].begin, made.acts[2].end, 30)[:-1].tolist()
    marks = [mark for t in times for mark in views.Depth().marks(made, t)[0]]
    texts = [mark.text for mark in marks if isinstance(mark, Text)]
    return [text.rpartition("×")[2] for text in texts if "×" in text]


def test_a_zoom_is_written_as_the_film_s_language_writes_numbers() -> None:
    """Where no decimal tells it, as of a training that diverged, as a power of ten."""
    scene = scene_of(2, 3, 2, 1)
    told = zooms(replace(scene, words="de"))
    assert len(set(told)) > 3
    assert all(re.fullmatch(r"\d+,\d\d", text) for text in told)

    wild = replace(scene, model=models.mlp(2, 3, 2, 1, activation="relu"))
    far = replace(wild, training=Training(epochs=2, loss="mse", lr=30.0))
    assert any(re.fullmatch(r"[1-9]e-\d+", text) for text in zooms(far))
    assert zooms(replace(wild, training=Training(epochs=2, loss="mse", lr=1e6))) == []


@pytest.mark.parametrize("enlarged", [1.0, 1.4])
@pytest.mark.parametrize("size", [(1920, 1080), (640, 360)])
def test_names_of_layers_never_lie_over_their_pictures(
    size: tuple[int, int], enlarged: float
) -> None:
    """In a panel of any width they stand beside them: in full, as numbers, or not at all."""
    made = Film(record(scene_of(2, 3, 2, 1, epochs=2)))
    ((panel,), (marks,)) = views.Depth().panels(made), views.Depth().marks(made, made.acts[2].begin)
    names = [mark for mark in marks if isinstance(mark, Text) and mark.short is not None]
    assert [(mark.text, mark.short) for mark in names] == [
        ("input", ""),
        ("layer 1", "1"),
        ("layer 2", "2"),
    ]
    scale, said = Scale(size, enlarged), set()
    for share in np.linspace(0.05, 0.9, 30):
        wide = round(share * size[0])
        box = Box(0, 0, wide, round(wide * np.ptp(panel.y) / np.ptp(panel.x)))
        for label in labels(names, Placement(box, panel.x, panel.y), scale, "DejaVu Sans"):
            ((left, _),) = Placement(box, panel.x, panel.y).pixels(np.array([label.text.xy]))
            assert label.left >= left - 1
            assert label.left + label.width <= box.right
            said.add(label.text.text)
    assert {"1", "2"} <= said
    assert enlarged > 1 or {"layer 1", "layer 2"} <= said


def test_all_that_passes_stays_in_its_room() -> None:
    """The picture zooms, and says by how much."""
    made = film(2, 3, 2, 1)
    passing = passing_of(made, 2.0)
    for depth in np.linspace(0, 2, 61):
        seen = np.abs(passing.passage.pictured(depth, passing.data) * passing.zoom.at(depth))
        assert (seen <= [1.9, 1.0] * np.array(1.02)).all()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: replace(s, views=[views.HiddenSpace()]), r"views\.Depth\(\)"),
        (lambda s: replace(s, model=models.mlp(2, 1)), "hidden"),
        (
            lambda s: replace(s, timeline=Timeline(acts=[acts.Morph(["hiden1"], seconds=4)])),
            "hidden1",
        ),
        (
            lambda s: replace(
                s, timeline=Timeline(acts=[acts.Morph(["hidden2", "hidden1"], seconds=4)])
            ),
            "in the order",
        ),
    ],
    ids=["no view shows it", "no hidden layer", "no such layer", "no order"],
)
def test_a_morph_that_cannot_be_is_refused_before_training(change: object, told: str) -> None:
    """With the cure."""
    scene = change(scene_of(2, 3, 2, 1, epochs=10**6))  # type: ignore[operator]
    with pytest.raises(SceneError, match=told):
        film_of(scene)


@pytest.mark.parametrize("layers", ["hidden1", [], [1], {"hidden1": 2}])
def test_layers_that_are_no_names_are_refused_where_they_are_declared(layers: object) -> None:
    """As a text, of which letters would be taken for names."""
    with pytest.raises(SceneError, match="expected names of layers"):
        acts.Morph(layers)  # type: ignore[arg-type]


def test_acts_of_one_film_go_through_the_same_layers() -> None:
    """Depth is one number for all of them."""
    with pytest.raises(SceneError, match="the same layers"):
        Timeline(acts=[acts.Morph(["a"], seconds=1), acts.Morph(["b"], seconds=1)])


def test_stages_of_any_other_module_blend() -> None:
    """One for each layer, in their order."""
    made = Film(untrained(replace(RINGS, model=Blocks, training=Training(loss="bce_with_logits"))))
    (first, second) = stages_of(made.network, ["first", "second"])
    assert [stage.kind for stage in (*first, *second)] == ["blend", "blend"]
    assert (first[0].before, second[0].before) == (INPUT, "first")


@pytest.mark.slow
def test_the_command_line_makes_a_film_of_the_layers(tmp_path: Path) -> None:
    """Of any scene; its own views are left out."""
    from click.testing import CliRunner

    from nnanim.cli import cli

    file = tmp_path / "s.py"
    file.write_text(
        "from nnanim import Scene, Training, datasets, models\n"
        "scene = Scene(dataset=datasets.moons(n=60), model=models.mlp(2, 3, 1),\n"
        "    training=Training(epochs=2, loss='bce_with_logits'))\n"
    )
    out = tmp_path / "f.gif"
    made = CliRunner().invoke(
        cli, ["render", str(file), "--morph", "-r", "320x180", "--seconds", "4", "-o", str(out)]
    )
    assert made.exit_code == 0, made.output
    assert out.stat().st_size > 10_000
