"""A layer that gives the same for everything says so, and its panel shows no rounding errors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from nnanim import Film, Recorder, Recording, models
from nnanim.marks import Text
from nnanim.recording.record import untrained
from nnanim.scene.files import load
from nnanim.view import View
from nnanim.views import HiddenSpace, HiddenSpace3D

SceneFile = Callable[..., Path]
Nnanim = Callable[..., tuple[int, str, str]]

NET = """
def net():
    module = models.mlp(2, {units}, 1, activation="relu", output="sigmoid")()
    with torch.no_grad():
        first = module.hidden1[0]
        first.weight.mul_({scale})
        first.bias.fill_({bias})
    return module
"""
NOTE = "the same for every input"


def film(scene_file: SceneFile, scale: float, bias: float, units: int = 2) -> Film:
    """Return the film of a network whose first layer has such weights, before its training."""
    before = NET.format(scale=scale, bias=bias, units=units)
    return Film(untrained(load(scene_file(before=before, model="net"))))


def notes(of: Film, t: float = 0.0, view: View | None = None) -> list[str]:
    """Return the texts in the panel of the hidden space."""
    (marks,) = (view or HiddenSpace()).marks(of, t)
    return [mark.text for mark in marks if isinstance(mark, Text)]


@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize(("scale", "bias"), [(1.0, -1e3), (0.0, 3.7), (1e-7, 3.7), (1e3, 1e30)])
def test_a_layer_that_does_not_move_says_so(
    scale: float, bias: float, units: int, scene_file: SceneFile
) -> None:
    """Dead or constant, but for rounding; the panel is a thousand times as wide as that."""
    made = film(scene_file, scale, bias, units)

    assert notes(made) == [NOTE]
    low, high = made.limits("hidden1").T
    value = max(bias, 0.0)
    least = 1e-3 * value if value else 1.0
    np.testing.assert_allclose((low + high) / 2, value, rtol=1e-6, atol=1e-6)
    assert (high - low > 1.9 * least).all()
    assert np.ptp(made.points("hidden1", 0.0), axis=0).max() < 1e-3 * (high - low).min()


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("weight", [0.0, 1e-9])
def test_a_bounded_layer_that_does_not_move_says_so_too(
    activation: str, weight: float, scene_file: SceneFile
) -> None:
    """Its panel is as wide as its activation can go."""
    before = NET.format(scale=weight, bias=0.3, units=2).replace("relu", activation)
    made = Film(untrained(load(scene_file(before=before, model="net"))))

    assert notes(made) == [NOTE]
    assert np.ptp(made.limits("hidden1"), axis=1).min() >= 1.0


def test_a_cube_of_three_units_says_so(scene_file: SceneFile) -> None:
    """In the middle above it, wherever the camera is."""
    dead = film(scene_file, 1.0, -1e3, units=3)
    alive = film(scene_file, 1.0, 0.0, units=3)

    assert notes(dead, view=HiddenSpace3D()) == [NOTE]
    assert notes(alive, view=HiddenSpace3D()) == []


def test_a_layer_that_dies_says_so_from_then_on(path: Path) -> None:
    """Before, it says nothing: the note is on the network of the moment."""
    net = models.mlp(2, 2, 1, activation="relu", output="sigmoid")()
    parameters = dict(net.named_parameters())
    weight, bias = parameters["hidden1.0.weight"], parameters["hidden1.0.bias"]
    data = np.random.default_rng(0).standard_normal((40, 2)), np.arange(40) % 2
    with Recorder(path, net, data, loss="bce") as recorder, torch.no_grad():
        weight.copy_(torch.eye(2))
        bias.fill_(0.5)
        recorder.snapshot()
        bias.fill_(-1e3)
        recorder.snapshot()
        recorder.snapshot()
    made = Film(Recording.load(path))
    said = [notes(made, t) for t in np.linspace(0.0, made.timeline.seconds, 21)]

    assert said[0] == []
    assert said[-1] == [NOTE]
    assert said == sorted(said)


@pytest.mark.parametrize(("scale", "bias"), [(1.0, 0.0), (1e-4, 0.1), (1e-4, 0.0), (1e6, 0.0)])
def test_a_layer_that_moves_says_nothing(scale: float, bias: float, scene_file: SceneFile) -> None:
    """However little, where its numbers tell it apart."""
    made = film(scene_file, scale, bias)

    assert notes(made) == []
    low, high = made.limits("hidden1").T
    assert np.ptp(made.points("hidden1", 0.0), axis=0).max() > 0.05 * (high - low).max()


@pytest.mark.parametrize("weight", ["0.0", "1e30", "-1e30", "1e-30", "3e38"])
def test_weights_of_any_size_make_a_film(
    weight: str, scene_file: SceneFile, nnanim: Nnanim
) -> None:
    """Every parameter the same, so that all units of a layer are one."""
    before = f"""
def net():
    module = models.mlp(2, 3, 2, 1, activation="relu", output="sigmoid")()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_({weight})
    return module
"""
    file = scene_file(before=before, model="net", training="epochs=2, batch_size=32, loss='bce'")
    more = "-r", "128x72", "--fps", "5", "--seconds", "0.4", "--no-cache"

    code, out, _ = nnanim("render", file, "-o", "f.gif", *more)

    assert (code, out) == (0, "f.gif\n")
    assert nnanim("still", file, "-o", "f.svg", "--no-cache")[0] == 0
