"""Pixels as numbers of a palette's colours, against the plain search; and what is counted."""

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.kernels import indexed
from nnanim.themes import THEMES
from nnanim.writers.indexed import Indices
from nnanim.writers.palette import count, film_palette

Bytes = NDArray[np.uint8]

SIZE = (41, 23)


def noise(seed: int) -> Bytes:
    """Return a picture (height, width, 4) of colours and alphas at random, some in runs."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (SIZE[1], SIZE[0], 4), np.uint8)
    return np.sort(pixels, axis=1) if seed % 2 else pixels // 8 * 8


def random_palette(seed: int, transparent: bool) -> Bytes:
    """Return a palette (256, 4), half of whose colours are near others."""
    rng = np.random.default_rng(seed)
    colors = rng.integers(0, 256, (256, 4), np.uint8)
    colors[128:] = np.minimum(colors[:128], 253) + 2
    colors[:, 3] = 255
    if transparent:
        colors[255] = 0
    return colors


def plain_search(frame: Bytes, palette: Bytes) -> NDArray[np.intp]:
    """Return the first of the nearest colours of each pixel, or the empty one."""
    opaque = palette[palette[:, 3] > 0, :3].astype(int)
    apart = ((frame[..., None, :3].astype(int) - opaque) ** 2).sum(axis=3)
    found = apart.argmin(axis=2)
    return found if palette[255, 3] else np.where(frame[..., 3] > 127, found, 255)


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_each_pixel_is_the_first_of_the_nearest_colours(seed: int, transparent: bool) -> None:
    """As a search through all finds; a second frame, and the same again, give no other."""
    palette = random_palette(seed, transparent)
    indices = Indices(palette, SIZE)

    for frame in (noise(seed), noise(seed + 1), noise(seed)):
        found = indices.of(frame)

        np.testing.assert_array_equal(found, plain_search(frame, palette))


def test_a_colour_between_two_takes_the_first() -> None:
    """Ties are decided by the palette's order."""
    palette = np.full((256, 4), 255, np.uint8)
    palette[3:5, :3] = [[10, 20, 30], [14, 20, 30]]
    between = np.full((1, 1, 4), (12, 20, 30, 255), np.uint8)

    assert Indices(palette, (1, 1)).of(between) == 3


@pytest.mark.parametrize("most", [256, 40])
@pytest.mark.parametrize("theme", THEMES)
def test_colours_of_the_theme_are_kept_exactly(theme: str, most: int) -> None:
    """Whatever else is in the film."""
    frames = [noise(seed) for seed in range(3)]
    palette = film_palette(frames, THEMES[theme], most)
    roles = [bytes.fromhex(color[1:]) for color in THEMES[theme].opaque_colors]
    colors = np.array([[[*role, 255] for role in roles]], np.uint8)

    found = palette[Indices(palette, (len(roles), 1)).of(colors)]

    np.testing.assert_array_equal(found, colors)
    assert len(palette) <= most
    assert (palette[-1, 3] == 0) == THEMES[theme].transparent


@pytest.mark.parametrize("seed", range(4))
def test_colours_are_counted_where_a_pixel_is_half_covered(seed: int) -> None:
    """Each as often as it is there, over several pictures."""
    frames = [noise(seed), noise(seed + 1), noise(seed)]
    if seed == 3:  # more than there are slots at first
        frames += [np.random.default_rng(9).integers(0, 256, (300, 400, 4), np.uint8)]
    found, counts = count(frames)

    pixels = np.concatenate([frame.reshape(-1, 4) for frame in frames])
    kept = pixels[pixels[:, 3] > 127, :3].astype(int)
    codes, expected = np.unique(kept @ [1 << 16, 1 << 8, 1], return_counts=True)
    np.testing.assert_array_equal(found, codes)
    np.testing.assert_array_equal(counts, expected)


def test_moments_are_mean_and_scatter() -> None:
    """Of a group, by weight; the scatter's upper triangle is nobody's."""
    rng = np.random.default_rng(1)
    colors, weights = rng.uniform(0, 255, (50, 3)), rng.uniform(1, 9, 50)
    group = rng.permutation(50)[:20]
    mean, scatter = np.empty(3), np.empty((3, 3))

    indexed.moments(colors, weights, group, mean, scatter)

    middle = np.average(colors[group], axis=0, weights=weights[group])
    off = colors[group] - middle
    np.testing.assert_allclose(mean, middle)
    np.testing.assert_allclose(scatter, np.tril(off.T @ (off * weights[group, None])), atol=1e-6)


def test_the_nearest_of_chosen_colours_are_found() -> None:
    """Whole or not, the first of those as near as each other, and how far squared."""
    rng = np.random.default_rng(2)
    colors, chosen = rng.uniform(0, 9, (60, 3)).round(), rng.uniform(0, 9, (20, 3)).round()
    which, distances = np.empty(60, np.intp), np.empty(60)

    indexed.nearest_of(colors, chosen, which, distances)

    apart = ((colors[:, None] - chosen) ** 2).sum(axis=2)
    np.testing.assert_array_equal(which, apart.argmin(axis=1))
    np.testing.assert_array_equal(distances, apart.min(axis=1))
