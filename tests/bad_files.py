"""Files that are no recordings, and sound ones to be spoilt."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import save

from nnanim import Recording, datasets, models, record
from nnanim.errors import RecordingError
from nnanim.recording.recording import tensors_of
from tests.recordings import RINGS, thirds_scene

Header = dict[str, Any]
Tensors = dict[str, NDArray[Any]]


@cache
def sound() -> Recording:
    """Return a recording that fits into some 4,000 bytes."""
    training = replace(RINGS.training, epochs=2, batch_size=5)
    return record(replace(RINGS, dataset=datasets.rings(n=10), training=training))


@cache
def of_classes() -> Recording:
    """Return a recording whose targets are labels."""
    scene = thirds_scene()
    return record(replace(scene, training=replace(scene.training, epochs=1)))


def told(recording: Recording | None = None) -> Header:
    """Return a copy of a recording's header, of the sound one if none is given, to be spoilt.

    It is of the format that has no checksum: what is said is what else is wrong with it.
    """
    header: Header = json.loads(json.dumps((recording or sound()).header.as_json()))
    return {**header, "format": 1}


def content(recording: Recording) -> tuple[Header, Tensors]:
    """Return copies of a recording's header and arrays, to be spoilt."""
    return told(recording), {name: np.array(a) for name, a in tensors_of(recording).items()}


def packed(header: Header | str, tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the file of a header, as JSON or as any text, and arrays."""
    text = header if isinstance(header, str) else json.dumps(header)
    return save({name: np.asarray(a, order="C") for name, a in tensors.items()}, {"nnanim": text})


def framed(table: object, rest: bytes = b"", length: int | None = None) -> bytes:
    """Return a file of safetensors with this table of tensors, and a length that may lie."""
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + rest


def entry(**changed: object) -> dict[str, object]:
    """Return a table of one tensor of two numbers, and the header of a sound recording."""
    tensor = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changed}
    return {"__metadata__": {"nnanim": json.dumps(told())}, "steps": tensor}


def why_refused(path: Path, content: bytes) -> str:
    """Return what is said of a file of that content: one line that names it."""
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        Recording.load(path)
    said = str(caught.value)
    assert said.startswith(f"{path} ")
    assert "\n" not in said
    return said.removeprefix(f"{path} ")


WEIGHTS = {"0.weight": np.ones((3, 2), np.float32)}


def checkpoint() -> bytes:
    """Return what `torch.save` makes of weights."""
    buffer = io.BytesIO()
    torch.save(models.mlp(2, 1)().state_dict(), buffer)
    return buffer.getvalue()


def with_text(value: str) -> str:
    """Return a sound header's JSON with one more field of any text."""
    return json.dumps({**told(), "more": "@"}).replace('"@"', value)


def spoilt(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> bytes:
    """Return a sound file with one array changed."""
    header, tensors = content(sound())
    return packed(header, {**tensors, name: change(tensors[name])})


COMMANDS: dict[str, tuple[str, ...]] = {
    "info": ("info", "run.safetensors"),
    "info --json": ("info", "run.safetensors", "--json"),
    "render": ("render", "run.safetensors", "-o", "a.gif", "-r", "128x72", "--seconds", "0.2"),
    "still": ("still", "run.safetensors", "-o", "a.png", "-r", "128x72"),
    "export": ("export", "run.safetensors", "-o", "a.npz"),
}
