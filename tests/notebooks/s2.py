"""Notebook 002: polynomials and rings."""

from tests.notebooks.shows import Shown, shows

REGRESSIONS = {
    "polynomial_2": (1, 2, 1),
    "polynomial_2_2_2": (1, 2, 2, 2, 1),
    "polynomial_6": (1, 6, 1),
    "polynomial_3_3": (1, 3, 3, 1),
    "polynomial_3_1_3": (1, 3, 1, 3, 1),
    "polynomial_3_3_1_3_3": (1, 3, 3, 1, 3, 3, 1),
}
CLASSIFIERS = {f"rings_{first}_2": (2, first, 2, 1) for first in (1, 2, 3, 4)}


def kinds(shown: Shown) -> set[str]:
    """Return what the hidden layers end with."""
    network = shown.film.network
    return {network.layer(name).kind for name in network.hidden}


@shows("S2.3", "S2.4", "S2.5", "S2.6", "S2.7", "S2.8")
def a_regression_of_these_widths_with_tanh_and_a_linear_output(shown: Shown) -> None:
    network = shown.film.network

    assert tuple(network.widths) == REGRESSIONS[shown.file.stem]
    assert kinds(shown) == {"Tanh"}
    assert network.read_out is not None
    assert network.read_out.link == "identity"
    assert [panel.title for panel in shown.panels] == ["Fit"]


@shows("S2.9", "S2.10", "S2.11", "S2.12")
def a_classifier_of_these_widths_with_a_sigmoid_output(shown: Shown) -> None:
    network = shown.film.network

    assert tuple(network.widths) == CLASSIFIERS[shown.file.stem]
    assert kinds(shown) == {"Tanh"}
    assert network.read_out is not None
    assert network.read_out.link == "sigmoid"
    assert [panel.title for panel in shown.panels] == ["Input space", "Hidden layer 2"]
