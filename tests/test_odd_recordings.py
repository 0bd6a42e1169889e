"""A file spoilt by chance is a recording, a picture, or one clear line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnanim import Film, Recording
from nnanim.errors import NnanimError, RecordingError
from nnanim.recording.info import facts_of, told_of
from tests.bad_files import content, of_classes, packed, sound
from tests.examples import examples

Header = dict[str, Any]


CHANCE = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(CHANCE, max_examples=examples(400))
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_byte_changed_is_a_recording_or_a_line(
    changes: list[tuple[float, int]], path: Path
) -> None:
    """Never another exception."""
    whole = bytearray(packed(*content(sound())))
    for share, byte in changes:
        whole[int(share * (len(whole) - 1))] = byte
    path.write_bytes(whole)

    try:
        found = Recording.load(path)
    except RecordingError as error:
        said = str(error)
    else:
        said = f"{path} is one, of {len(found.state(-1))} tensors"
        assert json.dumps(facts_of(found, path), allow_nan=False)
        assert told_of(facts_of(found, path))

    assert said.startswith(f"{path} ")


VALUES: tuple[object, ...] = (
    None, True, 0, 1, -1, 2, 10**18, 0.5, 1e-300, 1e300, "", "a", "mse", "bce", "cross_entropy",
    "classes", "regression", "hidden1", "output.0", "Tanh", [], {}, [0, 1], [[-1, 1], [0, 3]],
)  # fmt: skip


def scaled(factor: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what multiplies an array and keeps its type."""
    return lambda array: (array * np.float64(factor)).astype(array.dtype)


def typed(kind: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what changes an array's type."""
    return lambda array: array.astype(kind)


WAYS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    **{f"times {by:g}": scaled(by) for by in (0, -1, 1e-30, 1e10, 1e20, 1e30)},
    "cut": lambda a: a[:-1],
    "empty": lambda a: a[:0],
    "doubled": lambda a: np.concatenate([a, a]),
    "flat": lambda a: a.reshape(-1),
    **{f"as {kind}": typed(kind) for kind in ("f8", "f2", "i8", "?")},
}


@st.composite
def odd_headers(draw: st.DrawFn, header: Header) -> Header:
    """Draw a header that in some place holds what it should not, or nothing."""
    node: Any = header
    key: Any = draw(st.sampled_from(sorted(node)))
    while isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 3)):
        node = node[key]
        key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
    node[key] = draw(st.sampled_from(VALUES))
    if draw(st.integers(0, 3)) == 0:
        del node[key]
    return header


@st.composite
def odd_recordings(draw: st.DrawFn) -> bytes:
    """Draw a file that is well-formed, and in some places not what it should be."""
    header, tensors = content(draw(st.sampled_from([sound(), of_classes()])))
    for _ in range(draw(st.integers(0, 3))):
        header = draw(odd_headers(header))
    for name in draw(st.lists(st.sampled_from(sorted(tensors)), max_size=2, unique=True)):
        with np.errstate(all="ignore"):
            tensors[name] = WAYS[draw(st.sampled_from(sorted(WAYS)))](tensors[name])
    return packed(header, tensors)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numbers near the end of all numbers
@settings(CHANCE, max_examples=examples(50))
@given(odd=odd_recordings())
def test_any_odd_file_is_a_picture_or_a_line(odd: bytes, path: Path) -> None:
    """Never another exception, up to the frame."""
    path.write_bytes(odd)

    try:
        shape = Film(Recording.load(path)).frame(6.0, (160, 90)).shape
    except NnanimError as error:
        said = str(error)
    else:
        said = f"a picture of {shape}"

    assert said.count("\n") == 0
