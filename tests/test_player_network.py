"""The page's forward pass in JavaScript, against torch's own."""

from collections import OrderedDict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from nnanim.network.activations import ACTIVATIONS
from nnanim.network.modules import state_of
from nnanim.network.stack import KINDS
from tests import node
from tests.test_forward import normed, seen

pytestmark = pytest.mark.slow

CLOSE = 1e-5  # of a layer's span
ROUNDING = 4e-7  # of a layer's largest value, in torch and in the page, whatever the span
SAMPLES = 257

# With options that are not torch's own, so that they are seen to be taken.
OPTIONS: dict[str, dict[str, float]] = {
    "LeakyReLU": {"negative_slope": 0.3},
    "Softplus": {"beta": 1.7, "threshold": 3.0},
    "Hardtanh": {"min_val": -0.4, "max_val": 0.9},
    "Softmax": {"dim": 1},
    "LogSoftmax": {"dim": 1},
    "Dropout": {"p": 0.4},
}
KNOWN = sorted({*KINDS, *ACTIVATIONS, "LogSoftmax", "Flatten", "Dropout"} - {"Linear"})

FORWARD = """
const { Network } = await load("network.js");
return given.map(({ layers, rows, parameters, inputs, names }) => {
  const network = new Network(layers, rows);
  const units = inputs.map((unit) => Float32Array.from(unit));
  const found = network.outputs(Float32Array.from(parameters), units, names);
  return names.map((name) => found[name].map((unit) => Array.from(unit)));
});
"""

INSIDE = """
const { Network } = await load("network.js");
const network = new Network(given.layers, given.rows);
const parameters = Float32Array.from(given.parameters);
const units = given.inputs.map((unit) => Float32Array.from(unit));
const hidden = network.outputs(parameters, units, [given.inside])[given.inside];
const known = hidden.map((unit) => unit.slice());
const onward = network.outputs(parameters, known, [""], given.inside)[""];
const before = onward.map((unit) => Array.from(unit));
const whole = network.outputs(parameters, units, [""])[""];
return [before, whole.map((unit) => Array.from(unit))];
"""

MIXED = """
const { mixed } = await load("network.js");
return Array.from(mixed(Float32Array.from(given[0]), Float32Array.from(given[1]), 0.3));
"""

PARTS = {
    "weight": "weight",
    "bias": "bias",
    "running_mean": "mean",
    "running_var": "variance",
}


def layer_of(kind: str, units: int) -> nn.Module:
    """Return a layer of that kind which takes and gives so many units."""
    if kind == "BatchNorm1d":
        return normed(units)
    made: nn.Module = getattr(nn, kind)(**OPTIONS.get(kind, {}))
    return made


def random_stack(number: int) -> nn.Sequential:
    """Return a stack with a layer of one kind for certain, and as chance has it some more.

    Every other layer is in a module of its own, as `models.mlp` makes them.
    """
    torch.manual_seed(number)
    rng = np.random.default_rng(number)
    widths = rng.integers(1, 9, rng.integers(2, 6)).tolist()
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    kinds = [KNOWN[number % len(KNOWN)], *rng.choice(KNOWN, len(widths)).tolist()]
    for i, (fan_in, fan_out) in enumerate(pairwise(widths)):
        linear = nn.Linear(fan_in, fan_out, bias=bool(rng.random() < 0.8))
        after = layer_of(kinds[i], fan_out)
        if rng.random() < 0.5:
            layers[f"hidden{i}"] = nn.Sequential(linear, after)
        else:
            layers[f"linear{i}"], layers[f"after{i}"] = linear, after
    return nn.Sequential(layers)


def told(module: nn.Sequential) -> dict[str, Any]:
    """Return layers, rows and parameters as a page holds them."""
    layers: list[dict[str, Any]] = []
    rows: dict[str, int] = {}
    parameters: list[float] = []
    out = 0
    for name, part in module.named_modules():
        if isinstance(part, nn.Sequential):
            continue
        kind = type(part).__name__
        layer: dict[str, Any] = {"kind": kind, "weight": -1, "bias": -1}
        layer |= {option: getattr(part, option) for option in OPTIONS.get(kind, {})}
        if isinstance(part, nn.BatchNorm1d):
            layer["eps"] = part.eps
        for tensor, array in state_of(part).items():
            if tensor in PARTS:
                layer[PARTS[tensor]] = len(parameters)
                parameters += array.ravel().tolist()
        out = getattr(part, "out_features", out)
        rows |= {
            ".".join(name.split(".")[: i + 1]): len(layers) for i in range(name.count(".") + 1)
        }
        layers.append(layer | {"out": out})
    return {"layers": layers, "rows": rows, "parameters": parameters}


def test_a_hundred_random_stacks_give_what_torch_gives(tmp_path: Path) -> None:
    """All modules of stacks of all kinds of layers, within 1e-5 of each one's span."""
    stacks = [random_stack(number) for number in range(100)]
    given, expected = [], []
    for number, module in enumerate(stacks):
        fan_in = next(part.in_features for part in module.modules() if isinstance(part, nn.Linear))
        inputs = np.random.default_rng(number).normal(0, 2, (SAMPLES, fan_in)).astype(np.float32)
        found = seen(module, inputs)
        given.append({**told(module), "names": list(found), "inputs": inputs.T.tolist()})
        expected.append(found)
    kinds = {type(part).__name__ for stack in stacks for part in stack.modules()}
    assert kinds >= {*KNOWN, "Linear"}
    answers = node.run(FORWARD, given, tmp_path)
    for found, answer in zip(expected, answers, strict=True):
        for (name, values), units in zip(found.items(), answer, strict=True):
            allowed = CLOSE * np.ptp(values) + ROUNDING * np.abs(values).max()
            assert np.abs(np.array(units).T - values).max() <= allowed, name


def test_a_pass_goes_on_from_within(tmp_path: Path) -> None:
    """What a layer gave, fed in as its outputs, gives what the whole network gives."""
    module = nn.Sequential(
        OrderedDict(hidden1=nn.Sequential(nn.Linear(2, 3), nn.Tanh()), output=nn.Linear(3, 2))
    )
    inputs = np.random.default_rng(0).normal(size=(2, SAMPLES)).tolist()
    given = {**told(module), "inputs": inputs, "inside": "hidden1"}
    onward, whole = node.run(INSIDE, given, tmp_path)
    assert onward == whole
    assert np.ptp(onward) > 0


def test_states_are_mixed_in_their_parameters(tmp_path: Path) -> None:
    """Between two snapshots, each parameter is as far between its two values."""
    before, after = [0.0, 1.0, -2.0], [1.0, 1.0, 4.0]
    mixed = node.run(MIXED, [before, after], tmp_path)
    np.testing.assert_allclose(mixed, 0.7 * np.array(before) + 0.3 * np.array(after), atol=1e-6)


def test_a_layer_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    """A page never draws what a network does not give."""
    code = """
    const { Network } = await load("network.js");
    try { new Network(given, {}); } catch (error) { return error.message; }
    """
    assert node.run(code, [{"kind": "Mystery", "out": 1}], tmp_path) == "no layer Mystery"


THINNED = """
const { kept } = await load("thinning.js");
return [Array.from(kept(40000, 8)), kept(4000, 16), Array.from(kept(40000, 4))];
"""


def test_a_few_samples_stand_for_all_evenly(tmp_path: Path) -> None:
    """Of classes that alternate in the data all are drawn, and 4,000 samples always are."""
    few, all_of_few, more = node.run(THINNED, None, tmp_path)

    assert len(few) == 5000
    assert all_of_few is None
    assert few == sorted(set(few))
    assert set(few) <= set(more)
    for classes in (2, 3, 7):
        shares = np.bincount(np.array(few) % classes) / len(few)
        assert np.abs(shares * classes - 1).max() < 0.1
