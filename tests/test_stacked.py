"""Networks of known layers are read off their table; the oracle is a pass of torch's module."""

import pickle
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from nnanim import models
from nnanim.errors import RecordingError
from nnanim.network.modules import module_of, state_of
from nnanim.network.network import Network
from nnanim.network.stacked import StackedNetwork
from nnanim.network.table import TAKEN, check_table
from nnanim.network.traced import TracedNetwork, network_of
from nnanim.network.wrappers import bare_copy
from tests.test_forward import stacks

KNOWN = {
    **{f"mlp {name}": models.mlp(2, 3, 2, 1, output=name)() for name in ("tanh", "sigmoid")},
    "no hidden layer": models.mlp(2, 1)(),
    "normed mlp": models.mlp(2, 4, 4, 2, batch_norm=True)(),
    "bare": nn.Linear(2, 1),
    "norm first": nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)),
    "norm alone": nn.Sequential(nn.BatchNorm1d(2)),
    "identities": nn.Sequential(
        nn.Linear(2, 3), nn.Identity(), nn.Identity(), nn.Linear(3, 2), nn.Identity()
    ),
    "twice bounded": nn.Sequential(nn.Linear(2, 1), nn.Sigmoid(), nn.ReLU()),
    "leaky end": nn.Sequential(nn.Linear(2, 1), nn.LeakyReLU(), nn.Sigmoid()),
    "deep": nn.Sequential(
        OrderedDict(
            body=nn.Sequential(
                nn.Sequential(nn.Linear(2, 4), nn.Sequential(nn.Tanh())), nn.Linear(4, 3)
            ),
            head=nn.Sequential(nn.ReLU(), nn.Linear(3, 2)),
        )
    ),
}


def told(network: Network) -> dict[str, object]:
    """Return all that is known of a network before it is run."""
    names = (
        *("inputs", "widths", "size", "layers", "hidden", "linears", "read_out", "end", "scores"),
        *("outputs_width", "tensors", "shape"),
    )
    return {name: getattr(network, name) for name in names}


# A norm that has not been trained hands on what it is given, which a pass takes for no norm at all.
FOUND = {name: module for name, module in {**KNOWN, **stacks()}.items() if name != "plain norm"}


@pytest.mark.parametrize("name", FOUND)
def test_a_table_tells_what_a_pass_shows(name: str) -> None:
    """Layers, their order, names, kinds and titles, the read-out and what follows it."""
    module, rows = FOUND[name], np.eye(3, 2)

    found = network_of(module, rows)

    assert isinstance(found, StackedNetwork)
    assert told(found) == told(TracedNetwork(bare_copy(module), rows))
    assert told(pickle.loads(pickle.dumps(found))) == told(found)


def test_after_a_norm_the_output_itself_is_the_score() -> None:
    """What a trained norm makes of scores no link says."""
    module = nn.Sequential(nn.Linear(2, 1), nn.BatchNorm1d(1), nn.Sigmoid())

    found = network_of(module, np.eye(3, 2))

    assert (found.read_out, found.scores, found.end) == (None, "", "sigmoid")


def test_rows_that_do_not_fit_are_refused_in_torchs_words() -> None:
    """Its own say which sizes came."""
    with pytest.raises(Exception, match="mat1 and mat2 shapes cannot be multiplied"):
        network_of(models.mlp(2, 3, 1)(), np.eye(3))


def test_a_wide_stack_is_run_by_torch() -> None:
    """It is made from the table, when it is first asked."""
    module = models.mlp(2, 100, 1, output="sigmoid")()
    inputs = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)

    network, state = network_of(module, inputs), state_of(module)
    found = network.outputs(state, inputs, ["hidden1", ""])
    values, slopes = network.gradient(state, inputs, np.ones(1), 0.1)

    given = torch.tensor(inputs, requires_grad=True)
    scores = module[1][0](module[0](given))  # type: ignore[index]
    (gradients,) = torch.autograd.grad(scores.sum(), given)
    with torch.no_grad():
        np.testing.assert_allclose(found["hidden1"], module[0](given), atol=1e-6)
        np.testing.assert_allclose(found[""], module(given), atol=1e-6)
        np.testing.assert_allclose(values, scores[:, 0], atol=1e-5)
    np.testing.assert_allclose(slopes, gradients.numpy(), atol=1e-5)


def test_the_names_that_no_layer_has_are_torchs() -> None:
    """They are refused in a file without asking torch."""
    own = {name for name in dir(nn.Sequential()) if not name.startswith("__")}

    assert own - TAKEN == set()


@pytest.mark.parametrize("taken", ["forward", "_modules", "__class__", "", "a..b"])
def test_a_layer_of_such_a_name_is_refused(taken: str) -> None:
    """As torch refuses it."""
    state = state_of(nn.Sequential(nn.Linear(2, 1)))
    table = [{"name": "0", "kind": "Linear"}, {"name": taken, "kind": "Tanh"}]

    for make in (check_table, module_of):
        with pytest.raises(RecordingError, match="not a name for one"):
            make(table, state)
