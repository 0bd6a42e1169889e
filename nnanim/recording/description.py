"""What a recording says of itself: made here for a scene, a loop of one's own, a comparison."""

from dataclasses import replace
from typing import Any

from nnanim.dataset import Dataset, scaling_of
from nnanim.network.network import Network
from nnanim.recording.fingerprint import key_of, versions
from nnanim.recording.header import Header
from nnanim.recording.loop import Loop
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.texts import LONGEST_TITLE, drawable, writable
from nnanim.training.run import Run


def header_of_scene(scene: Scene, run: Run) -> Header:
    """Return what a recording's header says of a scene, whatever its training gives."""
    network, source = run.network, scene.source
    return Header(
        **_of_data(run.dataset),
        outputs=run.outputs,
        label_names=list(run.data.label_names),
        key=key_of(scene, run),
        name=writable(scene.name),
        title=_title(scene.title or f"{scene.dataset.name} through a {_shape(network)}"),
        caption=drawable(scene.caption),
        layer=network.looked_at(scene.layer, latent=run.dataset.task == "none"),
        layers=list(network.stack.layers) if network.stack is not None else None,
        training=run.training.described(),
        seed=scene.training.seed,
        batch_size=run.batch_size,
        steps_per_epoch=run.steps_per_epoch,
        source=source.described() if source is not None else None,
        versions=versions(),
    )


def header_of_loop(
    loop: Loop,
    settings: dict[str, Any],
    *,
    name: str,
    title: str | None,
    caption: str,
    layer: str,
    model: str,
) -> Header:
    """Return what a recording's header says of a training loop of one's own.

    `model` is what a network is called that is no stack of known layers.
    """
    network = loop.network
    shape = model if network.stack is None else _shape(network)
    return Header(
        **_of_data(loop.dataset),
        outputs=loop.outputs,
        label_names=list(loop.data.label_names),
        name=writable(name),
        title=_title(title or f"{loop.dataset.name} through a {shape}"),
        caption=drawable(caption),
        layer=layer
        if network.stack is None
        else network.looked_at(layer, latent=loop.dataset.task == "none"),
        layers=None if network.stack is None else list(network.stack.layers),
        training=settings,
        seed=None,
        batch_size=None,
        steps_per_epoch=1,
        trainer="own loop",
        versions=versions(),
    )


def header_of_comparison(header: Header, comparison: Comparison) -> Header:
    """Return the header of one of its recordings, saying what the comparison says."""
    source, count = comparison.source, len(comparison.scenes)
    scenes = comparison.to_train
    recorded = [part for part in comparison.scenes if not isinstance(part, Scene)]
    seeds = {
        *(scene.training.seed for scene in scenes),
        *(recording.header["seed"] for recording in recorded),
    }
    names = list(dict.fromkeys(scene.dataset.name for scene in scenes))
    of_data = "" if recorded else f"{' and '.join(names)}: "  # recordings do not name theirs
    return replace(
        header,
        name=writable(comparison.name),
        title=_title(comparison.title or f"{of_data}{count} networks compared"),
        caption=drawable(comparison.caption),
        seed=seeds.pop() if len(seeds) == 1 else None,
        diverged_at=None,
        source=source.described() if source is not None else None,
    )


def _of_data(dataset: Dataset) -> dict[str, Any]:
    scaling = scaling_of(dataset)
    return {
        "scaling": [list(map(float, pair)) for pair in scaling] if scaling else None,
        "task": dataset.task,
        "window": [list(map(float, span)) for span in dataset.window],
        "class_names": list(map(drawable, dataset.class_names)),
        "axis_names": list(map(drawable, dataset.axis_names)),
    }


def _title(text: str) -> str:
    """Return a title in one line, of many layers not all."""
    title = drawable(text)
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _shape(network: Network) -> str:
    return f"{' → '.join(map(str, network.widths))} network"
