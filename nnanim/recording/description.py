"""What a recording says of itself: made here for a scene, a loop of one's own, a comparison.

What nnanim has named itself can be said in other words. A header's `ours` tells of it: of its
title, the text and what stands in its places, the names of data sets among them, and whether these
are ours (`known`); and whether the names of the classes are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnanim.dataset import Dataset, scaling_of
from nnanim.datasets.naming import UNNAMED
from nnanim.network.network import Network
from nnanim.network.reading import Reading
from nnanim.recording.answers import told_answers
from nnanim.recording.fingerprint import key_of, versions
from nnanim.recording.header import TITLES, Header
from nnanim.scene.comparison import Comparison
from nnanim.scene.scene import Scene
from nnanim.texts import LONGEST_TITLE, drawable, writable
from nnanim.words import Words, places, words_from

if TYPE_CHECKING:
    from nnanim.training.run import Run

_CHAIN, _CALLED, _NAMELESS, _COMPARED_ON, _COMPARED = TITLES


def header_of_scene(scene: Scene, run: "Run") -> Header:
    """Return what a recording's header says of a scene, whatever its training gives."""
    network = run.network
    return Header(
        **about_the_film(scene, run.reading),
        task=run.dataset.task,
        head=scene.head,
        key=key_of(scene, run),
        layers=list(network.stack.layers) if network.stack is not None else None,
        answers=told_answers(network, run.data, run.start.state),
        training=run.training.described(),
        seed=scene.training.seed,
        batch_size=run.batch_size,
        steps_per_epoch=run.steps_per_epoch,
        versions=versions(),
    )


def about_the_film(scene: Scene, reading: Reading) -> dict[str, Any]:
    """Return what of that is of the film, and may change where the training stays the same."""
    dataset, network, source = reading.dataset, reading.network, scene.source
    text, parts = _through(network, getattr(scene.model, "__name__", ""))
    title, ours = _titled(scene.title, [scene.dataset], text, **parts)
    return {
        **_of_data(dataset),
        "outputs": reading.outputs,
        "label_names": list(reading.data.label_names),
        "name": writable(scene.name),
        "title": title,
        "ours": {"title": ours, "class_names": _is_ours(scene.dataset, "class_names")},
        "description": drawable(scene.description),
        "layer": network.looked_at(scene.layer, latent=dataset.task == "none"),
        "source": source.described() if source is not None else None,
    }


def header_of_loop(
    loop: Reading,
    settings: dict[str, Any],
    *,
    name: str,
    title: str | None,
    description: str,
    layer: str,
    test_loss: str,
) -> Header:
    """Return what a recording's header says of a training loop of one's own."""
    network = loop.network
    known = network.stack is not None
    text, parts = _through(network)
    title, ours = _titled(title, [loop.dataset], text, **parts)
    return Header(
        **_of_data(loop.dataset),
        task=loop.dataset.task,
        outputs=loop.outputs,
        test_loss=test_loss,
        head=None if network.head is None else network.head.name,
        label_names=list(loop.data.label_names),
        name=writable(name),
        title=title,
        ours={"title": ours, "class_names": _is_ours(loop.dataset, "class_names")},
        description=drawable(description),
        layer=network.looked_at(layer, latent=loop.dataset.task == "none") if known else layer,
        layers=list(network.stack.layers) if network.stack is not None else None,
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
    data = [] if recorded else [scene.dataset for scene in scenes]  # recordings do not name theirs
    title, ours = _titled(comparison.title, data, _COMPARED_ON if data else _COMPARED, n=count)
    return replace(
        header,
        name=writable(comparison.name),
        title=title,
        ours={**header.ours, "title": ours},
        description=drawable(comparison.description),
        seed=seeds.pop() if len(seeds) == 1 else None,
        diverged_at=None,
        source=source.described() if source is not None else None,
    )


def said_in(header: Header, words: Words) -> Header:
    """Return a header in which what nnanim has named is said in some words."""
    told: dict[str, Any] = {}
    if header.ours.get("title"):
        told["title"] = _shortened(_said(header.ours["title"], words))
    if header.ours.get("class_names"):
        told["class_names"] = list(map(words.name, header.class_names))
    return replace(header, **told) if told else header


def _titled(
    title: str | None, data: Sequence[Dataset], text: str, **parts: str | int
) -> tuple[str, dict[str, Any]]:
    """Return a title as it is given, or a text of ours about some data sets, and what is ours."""
    if title:
        return _shortened(title), {}
    known = all(_is_ours(dataset, "name") for dataset in data)
    names = list(dict.fromkeys(dataset.name for dataset in data))
    ours = {"text": text, **parts, "data": names, "known": known}
    return _shortened(_said(ours, words_from("en"))), ours


def _said(title: Mapping[str, Any], words: Words) -> str:
    """Return a title of ours in some words."""
    parts = {name: part for name, part in title.items() if name in places(title["text"])}
    if "data" in parts:
        names = title["data"]
        parts["data"] = words.listed(list(map(words.name, names)) if title["known"] else names)
    return words(title["text"], **parts)


def _is_ours(dataset: Dataset, name: str) -> bool:
    """Return whether the data set is one of nnanim's and has kept its own `name`."""
    kind = type(dataset)
    usual = getattr(kind, name, UNNAMED if name == "name" else None)
    return kind.__module__.startswith("nnanim.datasets.") and getattr(dataset, name) == usual


def _of_data(dataset: Dataset) -> dict[str, Any]:
    scaling = scaling_of(dataset)
    return {
        "scaling": [list(map(float, pair)) for pair in scaling] if scaling else None,
        "window": [list(map(float, span)) for span in dataset.window],
        "class_names": list(map(drawable, dataset.class_names)),
        "axis_names": list(map(drawable, dataset.axis_names)),
    }


def _shortened(text: str) -> str:
    """Return a title in the lines that it was given in, of many layers not all."""
    title = "\n".join(map(drawable, text.split("\n")))
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"


def _through(network: Network, function: str = "") -> tuple[str, dict[str, str | int]]:
    """Return the text that truly says what data go through, and what stands in its places.

    That is the widths of a chain, else the name of the network's class, or of the `function` that
    makes it, with the widths of layers that are used again and again.
    """
    shape = network.shape
    name = shape.name or ("" if function == "<lambda>" else function)
    if shape.chain:
        return _CHAIN, {"network": shape.widths}
    if shape.widths:
        return _CALLED, {"network": ", ".join(filter(None, [name, shape.widths]))}
    return (_CALLED, {"network": name}) if name else (_NAMELESS, {"n": shape.parts})
