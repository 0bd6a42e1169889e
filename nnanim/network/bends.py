"""Bends: what any torch module without parameters makes of numbers, if that is straight pieces."""

import copy

import numpy as np
import torch
from torch import nn

from nnanim.network.links import PRELU, Bend, Link, bend_through, smooth
from nnanim.network.torch_state import one_thread, random_numbers
from nnanim.types import Floats

_FURTHEST, _PLACES = 1e3, 6001  # where it is looked at, densest about 0
_SAME = 1e-9  # of slopes, and of what it gives


def link_to(name: str, module: nn.Module) -> Link:
    """Return a leaf as a link; `SceneError` where it is not piecewise linear, unit by unit."""
    kind = type(module).__name__
    if type(module) is nn.Linear:
        return Link(name, kind)
    if type(module) is nn.BatchNorm1d and module.running_mean is not None:
        return Link(name, kind, module.eps)
    if type(module) is nn.PReLU:
        return Link(name, kind, bend=PRELU)
    own = [*module.parameters(), *module.buffers()]
    bend = None if own else bend_of(module)
    if bend is None:
        raise smooth(name, kind)
    return Link(name, "bend", bend=bend)


def bend_of(module: nn.Module) -> Bend | None:
    """Return what a module makes of each number; None where that is not continuous and straight.

    Found where its slope changes on a fine lattice, and tried at places between and beyond.
    """
    places = np.sinh(np.linspace(-1.0, 1.0, _PLACES) * np.arcsinh(_FURTHEST) + 1e-4)
    given = _given(module, places)
    if given is None or not np.isfinite(given).all():
        return None
    slopes = np.diff(given) / np.diff(places)
    changes = np.flatnonzero(np.abs(np.diff(slopes)) > _SAME * (1 + np.abs(slopes[1:]))) + 1
    runs = np.split(changes, np.flatnonzero(np.diff(changes) > 1) + 1) if len(changes) else []
    if any(len(run) > 2 for run in runs):
        return None
    ends = [(run[0] - 1, run[-1]) for run in runs]  # the straight steps before and after
    breaks = [_meeting(places, given, slopes, *pair) for pair in ends]
    pieces = [float(slopes[0]), *(float(slopes[after]) for _, after in ends)]
    first = breaks[0] if breaks else 0.0
    found = bend_through(breaks, pieces, float(given[0] + pieces[0] * (first - places[0])))
    tried = np.random.default_rng(0).permutation((places[1:] + places[:-1]) / 2)
    again = _given(module, tried)
    same = again is not None and np.allclose(found.of(tried), again, rtol=_SAME, atol=_SAME)
    return found if same else None


def _meeting(places: Floats, given: Floats, slopes: Floats, before: int, after: int) -> float:
    """Return where the lines of two steps of the lattice meet."""
    lift = given[after] - given[before] - slopes[before] * (places[after] - places[before])
    return float(places[after] - lift / (slopes[after] - slopes[before]))


def _given(module: nn.Module, values: Floats) -> Floats | None:
    """Return what a module makes of numbers (n,); None where one hangs on those beside it."""
    double = copy.deepcopy(module).eval().double()
    rows = torch.as_tensor(np.stack([values, values[::-1], 0.5 * values], axis=1))
    try:
        with torch.no_grad(), one_thread(), random_numbers():
            found = double(rows).numpy()
            alone = double(rows[:, :1]).numpy()
    except Exception:  # whatever a forward raises for such rows
        return None
    if found.shape != rows.shape or alone.shape != (len(values), 1):
        return None
    backwards = np.asarray(found[::-1, 1])
    same = np.array_equal(found[:, 0], backwards) and np.array_equal(found[:, :1], alone)
    return np.asarray(found[:, 0]) if same else None
