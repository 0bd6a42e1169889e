"""A layer that gives the same for everything says so, and its panel shows no rounding errors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnanim import Film
from nnanim.marks import Text
from nnanim.recording.record import untrained
from nnanim.scene.files import load
from nnanim.views import HiddenSpace

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


def notes(of: Film) -> list[str]:
    """Return the texts in the panel of the hidden space."""
    (marks,) = HiddenSpace().marks(of, 0.0)
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
