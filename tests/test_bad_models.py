"""A recording that does not fit its own model is one clear line before the first frame."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim import Film, Recording
from nnanim.errors import NnanimError, RecordingError
from tests.bad_files import COMMANDS, content, of_classes, packed, sound, told

Header = dict[str, Any]
Tensors = dict[str, NDArray[Any]]
Refused = Callable[..., str]


def table(*rows: dict[str, object], layers: slice = slice(None)) -> Header:
    """Return a sound header with some of its layers, and more."""
    header = told()
    return {**header, "layers": [*header["layers"][layers], *rows]}


def in_place_of_the_first(**changed: object) -> Header:
    """Return a sound header with its first layer changed."""
    header = told()
    return {**header, "layers": [{**header["layers"][0], **changed}, *header["layers"][1:]]}


def more(name: object, kind: object = "Tanh", **options: object) -> Header:
    """Return a sound header with one more layer."""
    return table({"name": name, "kind": kind, **options})


TABLES: dict[str, tuple[Header, str]] = {
    "an unknown kind": (more("a", "Dropout"), "layer 'a' of kind 'Dropout' is not known"),
    "a kind that is code": (more("a", "os.system"), "of kind 'os.system' is not known"),
    "a kind that is a list": (more("a", ["Tanh"]), "of kind ['Tanh'] is not known"),
    "no kind": (table({"name": "a"}), "of kind None is not known"),
    "no name": (table({"kind": "Tanh"}), "a layer '': not a name for one"),
    "an empty name": (more("a..b"), "a layer '': not a name for one"),
    "a name of torch's": (more("forward"), "a layer 'forward': not a name for one"),
    "a name of Python's": (more("__class__"), "a layer '__class__': not a name for one"),
    "in a name of torch's": (more("training.0"), "a layer 'training': not a name for one"),
    "out of the folder": (more("../../a"), "a layer '': not a name for one"),
    "nested": (more(".".join("a" * 65)), "nested more than 64 deep"),
    "nested without end": (more("a." * 100_000 + "b"), "nested more than 64 deep"),
    "twice the same": (more("hidden1.0"), "two layers 'hidden1.0'"),
    "a group's name": (more("hidden1"), "two layers 'hidden1'"),
    "in a layer": (more("hidden1.0.0"), "layer '0' holds other layers"),
    "no tensors": (more("a", "Linear"), "lacks a tensor 'a.weight' of 2 dimensions"),
    "no statistics": (
        more("a", "BatchNorm1d", eps=1.0, momentum=0.1), "lacks a tensor 'a.running_mean'",
    ),
    "the tensors of another": (
        in_place_of_the_first(kind="BatchNorm1d", eps=1.0, momentum=0.1), "lacks a tensor",
    ),
    "no options": (more("a", "LeakyReLU"), "has options {'negative_slope': None}"),
    "options that are text": (
        more("a", "LeakyReLU", negative_slope="0"), "has options {'negative_slope': '0'}",
    ),
    "options that are lists": (
        more("a", "Softplus", beta=[1], threshold=1), "has options {'beta': [1], 'threshold': 1}",
    ),
    "too few": (
        table(layers=slice(0, -2)),
        "'output.0.bias' is real numbers of shape (1,) in the recording but missing in the model",
    ),
    "none": (table(layers=slice(0, 0)), "but missing in the model"),
    "in another order": (
        table(layers=slice(None, None, -1)), "mat1 and mat2 shapes cannot be multiplied",
    ),
    "a layer looked at that is not there": (
        {**told(), "layer": "hiden2"},
        "looks at no layer of its model: unknown layer 'hiden2': expected hidden1.0 | ",
    ),
    "no table": (
        {**told(), "layers": None}, "does not hold its model, which is no stack",
    ),
    "labels for numbers": (
        {**told(), "training": {**told()["training"], "loss": "bce"}, "layer": "x"},
        "unknown layer 'x'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_layers_that_lies_is_refused(name: str, path: Path) -> None:
    """One line; no layer is made but of the kinds and sizes that the file can hold."""
    header, says = TABLES[name]
    path.write_bytes(packed(header, content(sound())[1]))

    with pytest.raises(NnanimError) as caught:
        Film(Recording.load(path))

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def film_refused(path: Path, header: Header, tensors: Tensors) -> str:
    """Return why a file that can be opened cannot be filmed."""
    path.write_bytes(packed(header, tensors))
    with pytest.raises(RecordingError) as caught:
        Film(Recording.load(path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"state/hidden1.0.weight": np.zeros((5, 3, 4), "f4")}, "mat1 and mat2"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 0), "f4")}, "'hidden1.0.weight'"),
        ({"state/hidden1.0.weight": np.zeros((5, 6), "f4")}, "'hidden1.0.weight'"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "f8")}, "is float64: expected float32"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "f2")}, "is float16: expected float32"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "i8")}, "is whole numbers of shape (3, 2)"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "?")}, "is whole numbers of shape (3, 2)"),
        ({"state/hidden1.0.bias": np.zeros((5, 4), "f4")}, "'hidden1.0.bias' is real numbers"),
        ({"state/more": np.zeros((5, 4), "f4")}, "'more' is real numbers of shape (4,)"),
        ({"state/": np.zeros((5, 4), "f4")}, "'' is real numbers of shape (4,)"),
        ({"state/../../more": np.zeros((5, 4), "f4")}, "'../../more' is real numbers"),
    ],
)
def test_states_that_do_not_fit_the_table_are_refused(
    change: Tensors, says: str, path: Path
) -> None:
    """Their names, shapes and types are those of the module."""
    header, tensors = content(sound())
    path.write_bytes(packed(header, {**tensors, **change}))

    with pytest.raises(NnanimError) as caught:
        Film(Recording.load(path))

    assert says in str(caught.value)


@pytest.mark.parametrize("label", [3, 2**40, 2**63 - 1])
def test_labels_beyond_the_outputs_are_refused(label: int, path: Path) -> None:
    """A colour for each class up to there would fill the memory."""
    header, tensors = content(of_classes())
    tensors["data/targets"][0] = label

    assert "do not fit 3 outputs" in film_refused(path, header, tensors)


@pytest.mark.parametrize(
    ("loss", "targets"),
    [("bce", np.full((10, 1), 5, "f4")), ("mse", np.zeros((10, 3), "f4"))],
)
def test_targets_that_do_not_suit_loss_and_outputs_are_refused(
    loss: str, targets: NDArray[Any], path: Path
) -> None:
    """Torch would complain, or broadcast, in the middle of the film."""
    header, tensors = content(sound())
    header["training"]["loss"] = loss
    tensors["data/targets"] = targets
    tensors["data/test_targets"] = np.zeros((0, 1), "f4")
    tensors["data/test_inputs"] = np.zeros((0, 2), "f4")

    assert f"and the loss '{loss}'" in film_refused(path, header, tensors)


def test_labels_do_not_suit_the_losses_of_numbers(path: Path) -> None:
    """Only cross entropy takes them."""
    header, tensors = content(of_classes())
    header["training"]["loss"] = "mse"

    assert "and the loss 'mse'" in film_refused(path, header, tensors)


@pytest.mark.parametrize("command", ["render", "still", "export"])
@pytest.mark.parametrize(
    "name",
    ["in another order", "a name of torch's", "too few", "a layer looked at that is not there"],
)
def test_a_sound_file_that_cannot_be_drawn_is_one_line_too(
    name: str, command: str, path: Path, refused: Refused
) -> None:
    """It names the file."""
    header, says = TABLES[name]
    path.write_bytes(packed(header, content(sound())[1]))

    line = refused(*COMMANDS[command], code=3, says=(says,))

    assert line.startswith("nnanim: run.safetensors: ")
