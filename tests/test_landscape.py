"""Landscape: the loss in the plane of a training's path, against torch."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import Film, Recorder, Recording, models, record
from nnanim.errors import SceneError
from nnanim.film.landscape import Landscape as Plane
from nnanim.film.landscape import landscape_of
from nnanim.marks import HeightField, Image, Lines, Points, Text
from nnanim.network.losses import LOSSES
from nnanim.page.capture import captured
from nnanim.recording.record import untrained
from nnanim.sheet.sheet import Sheet
from nnanim.types import Floats
from nnanim.views import Landscape
from tests.pictures import look
from tests.recordings import NORMED, RINGS, Normed, fit_film, rings_film, thirds_film

NARROW = models.mlp(2, 3, 2, 1, output="sigmoid", batch_norm=True)


@cache
def normed() -> Film:
    """Return a stack with BatchNorms."""
    return Film(record(replace(RINGS, model=NARROW)))


@cache
def traced() -> Film:
    """Return a module of one's own, with BatchNorm and dropout."""
    return Film(record(NORMED))


FILMS: dict[str, tuple[Callable[[], Film], Callable[[], nn.Module]]] = {
    "rings": (rings_film, RINGS.model),
    "fit": (fit_film, models.mlp(1, 3, 2, 1)),
    "classes": (thirds_film, models.mlp(2, 4, 2, 3)),
    "normed": (normed, NARROW),
    "traced": (traced, Normed),
}


def by_torch(film: Film, module: nn.Module, plane: Plane, point: Floats) -> float:
    """Return the loss at a point (2,) of the plane, BatchNorms as in training, all else as not."""
    flat, at = plane.middle + point @ plane.directions, 0
    module.eval().double()
    parameters = dict(module.named_parameters())
    with torch.no_grad():
        for name in plane.names:
            size = parameters[name].numel()
            own = torch.as_tensor(flat[at : at + size].astype(np.float32))
            parameters[name].copy_(own.reshape(parameters[name].shape))
            at += size
    assert at == len(flat)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.train()
    targets = torch.as_tensor(film.data.targets)
    targets = targets.double() if targets.is_floating_point() else targets
    with torch.no_grad():
        outputs = module(torch.as_tensor(film.data.inputs).double())
        return float(LOSSES[film.header.loss].function(outputs, targets))


@pytest.mark.slow
@pytest.mark.parametrize("name", FILMS)
def test_the_loss_in_the_plane_is_torchs(name: str) -> None:
    """At a hundred points; statistics of BatchNorm are those of the samples, at every one."""
    film, module = FILMS[name][0](), FILMS[name][1]()
    plane = landscape_of(film, 15, 4_000)
    low, high = plane.box.T
    points = np.random.default_rng(0).uniform(low, high, (100, 2))

    found = plane.losses(points)

    expected = [by_torch(film, module, plane, point) for point in points]
    assert np.ptp(expected) > 1e-3
    assert np.abs(found - expected).max() <= 1e-6 * max(1.0, float(np.max(expected)))


def test_heights_stand_where_they_belong() -> None:
    """Columns along the first direction, rows along the second, the box's ends included."""
    plane = landscape_of(rings_film(), 15, 4_000)
    (x0, x1), (y0, y1) = plane.box

    corners = plane.losses(np.array([[x0, y0], [x1, y0], [x0, y1]]))

    assert plane.heights.shape == (15, 15)
    assert plane.heights[[0, 0, -1], [0, -1, 0]] == pytest.approx(corners)


def test_the_plane_is_that_of_most_variance() -> None:
    """Its directions are of length one and upright; the path is the states seen in it."""
    film = rings_film()
    plane = landscape_of(film, 15, 4_000)
    recording = film.recording
    states = np.array([
        np.concatenate([recording.state(i)[name].ravel() for name in plane.names])
        for i in range(len(recording))
    ], np.float64)  # fmt: skip

    _, sizes, axes = np.linalg.svd(states - states.mean(axis=0))

    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-9)
    assert np.abs((axes[:2] * plane.directions).sum(axis=1)) == pytest.approx(1.0)
    assert plane.shares == pytest.approx(sizes[:2] ** 2 / (sizes**2).sum())
    assert plane.path == pytest.approx((states - plane.middle) @ plane.directions.T)
    inside = (plane.path > plane.box[:, 0]) & (plane.path < plane.box[:, 1])
    assert inside.all()
    assert plane.place(film, film.epochs) == pytest.approx(plane.path[-1], abs=1e-5)


def test_the_map_shows_the_path_so_far_and_says_what_it_is_of() -> None:
    """At most so many samples; each direction's share of the variance."""
    film = rings_film()
    view = Landscape(samples=50, side=20)
    (panel,) = view.panels(film)

    lengths = []
    for t in (0.0, 2.0, film.timeline.seconds):
        (marks,) = view.marks(film, t)
        (image,) = [mark for mark in marks if isinstance(mark, Image)]
        (now,) = [mark for mark in marks if isinstance(mark, Points) and mark.color == "boundary"]
        path = next(m for m in marks if isinstance(m, Lines) and m.color == "boundary").paths[0]
        assert np.array_equal(path[-1], now.xy[0])
        assert panel.x[0] < now.xy[0, 0] < panel.x[1]
        assert image.field.shape == (20, 20)
        lengths.append(len(path))
    assert lengths == sorted(set(lengths))
    texts = [mark.text for mark in marks if isinstance(mark, Text)]
    assert texts[0] == "over 50 samples"
    assert texts[1].startswith("direction 1: ")


def test_a_surface_has_its_shares_below_the_strip() -> None:
    """Each direction's of the variance, beside loss and score; a map has them in itself."""
    film = fit_film()
    shares = landscape_of(film, 100, 4_000).shares
    own = " + ".join(f"{100 * share:.0f} %" for share in shares)
    lines = {}
    for surface in (True, False):
        sheet = Sheet(film, [[Landscape(surface=surface)]], look())
        texts = [mark.text for mark in captured(sheet, 0.0)[1] if isinstance(mark, Text)]
        lines[surface] = [text for text in texts if text.startswith("loss ")]

    assert lines[True] == [f"{lines[False][0]}    directions {own}"]
    assert not lines[False][0].endswith(" ")


def test_the_samples_of_a_surface_are_told_at_one_place_within_its_panel() -> None:
    """In the middle above it, however it turns."""
    film, view = fit_film(), Landscape(surface=True)
    camera = view.panels(film)[0].camera
    assert camera is not None

    (marks,) = view.marks(film, 0.0)
    (note,) = [mark for mark in marks if isinstance(mark, Text)]
    places = [camera.at(share).project(np.array([note.xy]))[0] for share in (0.0, 0.3, 1.0)]

    assert note.text == "over 80 samples"
    assert note.anchor == "center"
    low, high = camera.limits[1]
    for x, y in places:
        assert x == pytest.approx(0.0, abs=1e-9)
        assert y == pytest.approx(places[0][1])
        assert low + 0.9 * (high - low) < y < low + 0.97 * (high - low)


def test_the_path_lies_on_the_surface() -> None:
    """A little above it, all the way."""
    film = fit_film()
    plane = landscape_of(film, 100, 4_000)

    (marks,) = Landscape(surface=True).marks(film, film.timeline.seconds)

    (field,) = [mark for mark in marks if isinstance(mark, HeightField)]
    (path,) = [
        mark.paths[0] for mark in marks if isinstance(mark, Lines) and mark.color == "boundary"
    ]
    known = plane.losses(path[:, :2])
    known = np.log10(known) if field.low < 0 or field.high < known.max() else known
    assert path[:, 2] - known == pytest.approx(0.01 * (field.high - field.low), abs=1e-6)


@pytest.mark.parametrize("loss", ["bce", nn.BCELoss()], ids=["name", "function"])
def test_a_loop_of_ones_own_has_a_landscape(loss: Any, tmp_path: Path) -> None:
    """Its states are those that it recorded, its loss the one that it named, or that it gave."""
    film = rings_film()
    torch.manual_seed(0)
    module = RINGS.model()
    data = film.data.inputs, film.data.targets
    with Recorder(tmp_path / "run.safetensors", module, data, loss=loss) as recorder:
        for _ in range(3):
            with torch.no_grad():
                for parameter in module.parameters():
                    parameter.mul_(0.8)
            recorder.snapshot(loss=1.0)

    own = Film(Recording.load(tmp_path / "run.safetensors"))

    plane = landscape_of(own, 15, 4_000)
    assert len(plane.path) == 4
    expected = film.network.outputs(own.state(own.epochs), data[0], [""])[""]
    given, targets = (torch.tensor(each) for each in (expected, data[1]))
    told = float(nn.functional.binary_cross_entropy(given, targets))
    assert plane.losses(plane.path[-1:])[0] == pytest.approx(told, abs=1e-3)


def test_a_recording_of_one_state_has_no_landscape(
    tmp_path: Path, refused: Callable[..., str]
) -> None:
    """Asked for on the command line: one line, exit code 3."""
    film = rings_film()
    path = tmp_path / "run.safetensors"
    data = film.data.inputs, film.data.targets
    with Recorder(path, RINGS.model(), data, loss="bce"):
        pass

    asked = "render", path, "--views", "Landscape()", "-r", "128x72"
    refused(*asked, code=3, says=("this recording has one state", "expected two at least"))


def test_an_untrained_network_can_be_tried() -> None:
    """Of the path nothing is known yet, and the picture is whole."""
    film = Film(untrained(RINGS))
    view = Landscape(side=15)

    assert len(view.panels(film)) == len(view.marks(film, 0.0)) == 1


def test_what_has_no_landscape_is_refused() -> None:
    """One state, a loss without a name, no number of samples: one line each."""
    film = rings_film()
    header, states = film.recording.header, film.recording.states
    one = replace(
        film.recording,
        header=replace(header, training={"loss": "bce"}),
        steps=film.recording.steps[:1],
        states={name: array[:1] for name, array in states.items()},
        batch_loss=film.recording.batch_loss[:1],
    )
    unnamed = replace(
        film.recording, header=replace(header, training={**header.training, "loss": "mine"})
    )

    for recording, says in ((one, "has one state"), (unnamed, "this training's is 'mine'")):
        with pytest.raises(SceneError, match=says):
            Landscape().panels(Film(recording))
    with pytest.raises(SceneError, match=r"Landscape\(samples=0\): expected a whole number"):
        Landscape(samples=0)
