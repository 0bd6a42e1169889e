"""Arrays of a page: written as small as can be, read as they were, in Python and in the player."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.page.arrays import Arrays, Ref, read, unpacked
from nnanim.page.paths import needed
from tests.node import run

SHAPES = [(700, 2), (40, 30, 2), (40, 30, 3), (20, 15, 15), (5,), (900,)]
KINDS = {"u1": 250, "u2": 60_000, "u4": 1_000_000}

KEPT = """
const { Arrays } = await load("decode.js");
const { keptRows } = await load("samples.js");
const bytes = Uint8Array.from(atob(given.buffer), (letter) => letter.charCodeAt(0));
const film = { arrays: new Arrays(bytes.buffer), once: (_, make) => make() };
const { at, starts } = keptRows(film, given.source, { sample: 0, share: 0 }, 2);
return { at: at.map((column) => [...column]), starts };
"""
READ = """
const { Arrays } = await load("decode.js");
const bytes = Uint8Array.from(atob(given.buffer), (letter) => letter.charCodeAt(0));
const arrays = new Arrays(bytes.buffer);
return given.refs.map((ref) => [...arrays.of(ref)].map((v) => (Number.isNaN(v) ? null : v)));
"""


def kept_floats() -> tuple[list[Ref], list[NDArray[Any]], bytes]:
    """Return numbers that change little, and others, as they are kept, and as they are."""
    random, arrays = np.random.default_rng(0), Arrays()
    calm = 1 + np.cumsum(random.normal(0, 1e-4, (300, 40)), axis=0)
    values = [each.astype(np.float32) for each in (calm, random.normal(size=(300, 7)), calm[:2, 0])]
    return [arrays.floats(value) for value in values], values, unpacked(arrays.packed)


def kept() -> tuple[list[Ref], list[NDArray[Any]], bytes]:
    """Return whole numbers of all sizes that change little, as they are kept, and as they are."""
    random, arrays = np.random.default_rng(0), Arrays()
    refs, values = [], []
    for shape in SHAPES:
        for most in KINDS.values():
            walk = np.cumsum(random.integers(-3, 4, shape), axis=0) + most - 20
            values.append(np.clip(walk, 0, most))
            refs.append(arrays.whole(values[-1], delta=True))
    smooth = np.add.outer(np.arange(30) ** 2, 40 * np.arange(50))[:, :, None] + np.arange(2)
    values.append(smooth)
    refs.append(arrays.whole(smooth, delta=True))
    bent = np.cumsum(np.cumsum(random.integers(-1, 2, (900, 2)), axis=0), axis=0) + 30_000
    values.append(bent)
    refs.append(arrays.whole(bent, delta=True))
    return refs, values, unpacked(arrays.packed)


def test_whole_numbers_are_read_as_they_were() -> None:
    """Of every size and shape, in several of the ways of which one is the smallest."""
    refs, values, buffer = kept()

    assert {ref["type"] for ref in refs} == set(KINDS)
    assert {(0,), (0, 0), (0, 1)} <= {tuple(ref["delta"]) for ref in refs}
    assert {ref.get("columns", False) for ref in refs} == {False, True}
    for ref, value in zip(refs, values, strict=True):
        assert np.array_equal(read(ref, buffer), value)


def test_floats_that_change_little_are_read_to_the_last_bit() -> None:
    """As differences of their bits; those that change much as they are."""
    refs, values, buffer = kept_floats()

    assert [ref.get("delta") for ref in refs] == [[0], None, None]
    for ref, value in zip(refs, values, strict=True):
        assert np.array_equal(read(ref, buffer), value)


def test_what_is_no_number_stays_none() -> None:
    """Numbers in steps over their own span are near to what they were, and smaller."""
    values = np.sin(np.linspace(0, 9, 4000)).reshape(50, 40, 2)
    values[3, 4] = np.nan
    arrays = Arrays()
    ref = arrays.spread(values, 16, delta=True)
    found = read(ref, unpacked(arrays.packed))

    assert np.allclose(found, values, atol=1e-4, equal_nan=True)
    assert len(arrays.packed) < 2 * values.size


@pytest.mark.slow
def test_the_player_reads_the_same(tmp_path: Path) -> None:
    """To the last bit."""
    for refs, values, buffer in (kept(), kept_floats()):
        given = {"buffer": base64.b64encode(buffer).decode(), "refs": refs}
        for found, value in zip(run(READ, given, tmp_path), values, strict=True):
            assert found == value.reshape(-1).tolist()


@pytest.mark.slow
def test_the_player_closes_what_is_kept_open(tmp_path: Path) -> None:
    """Each path goes back to where it began."""
    arrays = Arrays()
    points = arrays.whole([[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]])
    source = {"constant": points, "lengths": [2, 3], "closed": True}
    given = {"buffer": base64.b64encode(arrays.plain).decode(), "source": source}

    found = run(KEPT, given, tmp_path)
    assert found["starts"] == [0, 3, 7]
    assert found["at"] == [[0, 2, 0, 4, 6, 8, 4], [1, 3, 1, 5, 7, 9, 5]]


def test_points_that_a_line_does_not_need_are_left_out() -> None:
    """What is left is within a step of each; what is no number, or in space, stays."""
    line = np.stack([np.linspace(0, 100, 1001), 30 * np.sin(np.linspace(0, 6, 1001))], axis=1)
    less = needed(line, np.array([0.1, 0.1]))

    assert len(less) < 300
    assert np.array_equal(less[[0, -1]], line[[0, -1]])
    assert np.abs(np.interp(line[:, 0], *less.T) - line[:, 1]).max() < 0.2
    hole = np.where(np.arange(1001)[:, None] == 500, np.nan, line)
    assert needed(hole, np.ones(2)) is hole
    cubic = np.zeros((9, 3))
    assert needed(cubic, np.ones(3)) is cubic
