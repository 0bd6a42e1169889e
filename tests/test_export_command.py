"""An export is what the snapshots give, as arrays."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Film, Recording, record
from nnanim.scene.files import load

Nnanim = Callable[..., tuple[int, str, str]]
SceneFile = Callable[..., Path]
Refused = Callable[..., str]


def exported(nnanim: Nnanim, *arguments: object) -> dict[str, Any]:
    """Return the arrays of an export; none needs a pickle."""
    assert nnanim("export", *arguments, "-o", "a.npz") == (0, "a.npz\n", "")
    with np.load("a.npz", allow_pickle=False) as found:
        return dict(found)


@pytest.mark.parametrize("layer", [None, "hidden1", "hidden1.0", "output.0", "output"])
def test_an_export_is_what_the_snapshots_give(layer: str | None, run: Path, nnanim: Nnanim) -> None:
    """Of the recording's own layer if none is named: data and grid, at every epoch's end."""
    film = Film(Recording.load(run))

    found = exported(nnanim, run, *([] if layer is None else ["--layer", layer]))

    name = layer or film.layer
    assert [*found["epochs"]] == [0, 1, 2]
    assert [*found["steps"]] == [0, 2, 4]
    assert [*found["loss"]] == [snapshot.loss for snapshot in film.snapshots]
    np.testing.assert_array_equal(found["inputs"], film.data.inputs)
    np.testing.assert_array_equal(found["targets"], film.data.targets)
    for i, snapshot in enumerate(film.snapshots):
        np.testing.assert_array_equal(found["points"][i], snapshot.points(name))
        lines = np.split(found["grid"][i], found["grid_starts"][1:])
        assert len(lines) == len(film.grid_lines)
        for line, expected in zip(lines, snapshot.grid(name), strict=True):
            np.testing.assert_array_equal(line, expected)


def test_an_export_of_one_input_has_one_line(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """And of a network without a hidden layer, its outputs."""
    file = scene_file(dataset="datasets.polynomial(n=20)", model="models.mlp(1, 1)")
    record(load(file), "fit.safetensors")

    found = exported(nnanim, "fit.safetensors")

    assert found["points"].shape == (3, 20, 1)
    assert (found["grid"].shape, found["grid_starts"].tolist()) == ((3, 100, 1), [0])


def test_more_than_two_inputs_have_no_grid(scene_file: SceneFile, nnanim: Nnanim) -> None:
    """The points are there."""
    before = (
        "class Cube:\n"
        '    name, task = "Cube", "binary"\n'
        "    window, class_names, axis_names = ((-1, 1),) * 3, (), ()\n\n"
        "    def arrays(self, seed):\n"
        "        x = np.random.default_rng(seed).uniform(-1, 1, (24, 3))\n"
        "        return without_test(x, x[:, :1] > 0)\n"
    )
    model = 'models.mlp(3, 2, 1, output="sigmoid")'
    record(load(scene_file(before=before, dataset="Cube()", model=model)), "cube.safetensors")

    found = exported(nnanim, "cube.safetensors")

    assert found["points"].shape == (3, 24, 2)
    assert "grid" not in found


def test_the_same_export_is_the_same_bytes(run: Path, nnanim: Nnanim) -> None:
    """There is no date in it; --json tells which layer it is of."""
    _, out, _ = nnanim("export", run, "--json")
    nnanim("export", run, "-o", ".")

    assert json.loads(out) == {"path": "renders/run.npz", "layer": "hidden1"}
    assert Path("renders/run.npz").read_bytes() == Path("run.npz").read_bytes()


def test_an_export_of_an_unknown_layer_is_refused(run: Path, refused: Refused) -> None:
    """The line lists those there are."""
    (run.parent / "renders").mkdir()

    refused(
        "export", run, "--layer", "hiden1",
        code=3, says=("unknown layer 'hiden1'", "expected hidden1.0 | ", "mean 'hidden1'?"),
    )  # fmt: skip
