"""Memory that arrays leave for the next."""

import numpy as np

from nnanim.film.spare import Spare


def test_memory_serves_again_when_nobody_looks_at_it() -> None:
    """Also a part of an array looks at it; a smaller array is content with the larger's."""
    spare = Spare()
    first = spare.floats(4, 5)
    first[:] = 1.0
    part, place = first[2:], first.ctypes.data

    del first
    other = spare.floats(4, 5)
    assert other.ctypes.data != place
    np.testing.assert_array_equal(part, np.ones((2, 5)))

    del part
    again = spare.floats(2, 3)
    assert again.ctypes.data == place
    assert again.shape == (2, 3)
    assert again.dtype == np.float32


def test_of_what_is_given_back_the_largest_is_kept() -> None:
    """However many arrays there were at a time; a larger array than that has memory of its own."""
    spare = Spare()
    arrays = [spare.floats(1, size) for size in (10, 30, 20)]
    places = [array.ctypes.data for array in arrays]

    while arrays:
        del arrays[0]

    kept = spare.floats(1, 30)
    assert kept.ctypes.data == places[1]
    assert spare.floats(50, 50).shape == (50, 50)
