"""Given: the data of a scene, checked before all else."""

import numpy as np

from nnanim.dataset import Arrays, Dataset, advise
from nnanim.dataset_checks import checked_arrays
from nnanim.errors import during
from nnanim.place import staying
from nnanim.scene.scene import Scene

_UNEVEN = 1000.0  # how many times one input may span what another does, without a word


def given_by(scene: Scene) -> Arrays:
    """Return the data as the scene's data set gives them; `SceneError` for what cannot be used."""
    with staying(), during(f"the data set {scene.dataset.name!r}"):
        given = checked_arrays(scene.dataset, scene.training.seed)
        _advise_on_sizes(scene.dataset, given)
    return given


def _advise_on_sizes(dataset: Dataset, data: Arrays) -> None:
    """Say that inputs are of very different sizes, which a network hardly learns from."""
    inputs = data.inputs.reshape(len(data.inputs), -1)
    spans = inputs.max(axis=0).astype(np.float64) - inputs.min(axis=0)
    varying = np.flatnonzero(spans > 0)
    if not len(varying):
        return
    least, most = (int(varying[choose(spans[varying])]) for choose in (np.argmin, np.argmax))
    if spans[most] >= _UNEVEN * spans[least]:
        names = [*dataset.axis_names, *("" for _ in spans)]
        advise(
            f"{dataset.name}: {names[most] or 'one input'!r} spans {spans[most]:.3g} and "
            f"{names[least] or 'another'!r} {spans[least]:.3g}: a network hardly learns from "
            "inputs of so different sizes; standardize=True brings them to one"
        )
