"""Declared: the kept recording of a training that a scene declares, found without torch."""

import sys
from dataclasses import replace

from nnanim.dataset import Arrays
from nnanim.network.outputs import outputs_of
from nnanim.network.reading import Reading, settled
from nnanim.recording import cache
from nnanim.recording.description import about_the_film
from nnanim.recording.fingerprint import declared, declared_key
from nnanim.recording.recording import Recording
from nnanim.scene.scene import Scene
from nnanim.scene.training import seed_of_attempt
from nnanim.types import State


def declared_recording(scene: Scene, given: Arrays) -> Recording | None:
    """Return the recording of a scene over data that are `given`, as the user's cache holds it.

    None where it holds none, or where the scene does not say all that its training hangs on. What
    is wrong with a training was found before it was kept; a layer that there is not is a
    `SceneError`.
    """
    found = cache.find(declared_key(scene, given)) if declared(scene) else None
    if found is None or found.header.layers is None or not _begins_alike(scene, found):
        return None
    network, training = found.network(), scene.training
    if scene.layer is not None:
        network.layer(scene.layer)
    dataset, data = settled(scene.dataset, given, network, training.loss, training.seed)
    outputs = outputs_of(network, training.loss, dataset.task, data.targets, training.outputs)
    return redescribed(found, scene, Reading(dataset, data, network, outputs))


def redescribed(recording: Recording, scene: Scene, reading: Reading) -> Recording:
    """Return a recording of the same training with what a scene says about its film."""
    header = replace(recording.header, **about_the_film(scene, reading))
    return replace(recording, header=header, data=reading.data, scene=scene)


def begins_with(recording: Recording, state: State) -> bool:
    """Return whether a state is the one that a recording begins with, bit for bit."""
    first = recording.state(0)
    return {n: a.tobytes() for n, a in state.items()} == {n: a.tobytes() for n, a in first.items()}


def _begins_alike(scene: Scene, found: Recording) -> bool:
    """Return whether a training would begin with the parameters that are kept.

    Who has not loaded torch has not changed how it begins.
    """
    if "torch" not in sys.modules:
        return True
    from nnanim.network.modules import initial_module, state_of

    seed = seed_of_attempt(scene.training.seed, found.header.attempt)
    return begins_with(found, state_of(initial_module(scene.model, seed)))
