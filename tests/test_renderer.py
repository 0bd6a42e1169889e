"""A picture depends on the sheet and on t alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import sleep

import numpy as np
import pytest

from nnanim import Film
from nnanim.drawing.surface import Box, Placement
from nnanim.errors import UsageError
from nnanim.marks import Mark
from nnanim.rendering.filming import renderer_of
from nnanim.sheet.renderer import Renderer
from nnanim.sheet.sheet import Sheet
from nnanim.themes import THEMES
from nnanim.types import Frame
from nnanim.view import Panel
from tests.pictures import converted, look
from tests.recordings import fit_film, rings_film, thirds_film

SIZE = (320, 180)
TIMES = (0.0, 0.6, 1.1, 1.7, 2.3, 3.9)

FILMS: list[Callable[[], Film]] = [rings_film, fit_film, thirds_film]


@cache
def alone(filmed: Callable[[], Film], t: float) -> bytes:
    """Return the bytes of a picture that nothing was drawn before."""
    return renderer_of(filmed(), look(size=SIZE)).frame(t).tobytes()


@pytest.mark.parametrize("filmed", FILMS)
@pytest.mark.parametrize(
    "times",
    [TIMES, TIMES[::-1], [t for t in TIMES for _ in range(2)]],
    ids=["in order", "backwards", "twice"],
)
def test_a_frame_is_the_same_in_any_order(filmed: Callable[[], Film], times: list[float]) -> None:
    """What was drawn before leaves no trace."""
    renderer = renderer_of(filmed(), look(size=SIZE))

    frames = [renderer.frame(t).tobytes() for t in times]

    assert frames == [alone(filmed, t) for t in times]


@pytest.mark.parametrize("filmed", FILMS)
def test_a_frame_is_the_same_on_any_thread(filmed: Callable[[], Film]) -> None:
    """Four threads draw frames of one renderer, of a film that nothing has asked before."""
    renderer = renderer_of(Film(filmed().recording), look(size=SIZE))
    times = TIMES * 3

    with ThreadPoolExecutor(4) as pool:
        frames = list(pool.map(lambda t: renderer.frame(t).tobytes(), times))

    assert frames == [alone(filmed, t) for t in times]


def test_frames_are_the_film_in_order() -> None:
    """Each frame is the picture at its own time, as many as the timeline has."""
    film = rings_film()
    renderer = renderer_of(film, look(size=(160, 90)))

    frames = list(renderer.frames())

    assert len(frames) == film.timeline.frames == 40
    for i in (0, 13, 39):
        np.testing.assert_array_equal(frames[i], renderer.frame(i / 10))


@pytest.mark.parametrize("kind", ["frames", "yuv420"])
def test_a_film_is_the_same_on_any_number_of_threads(kind: str) -> None:
    """1, 2 and 4 threads give the same bytes in the same order, of a film nobody has asked."""
    films = []
    for threads in (1, 2, 4):
        film = Film(rings_film().recording)
        renderer = renderer_of(film, look(size=(160, 90)), threads=threads)
        films.append([picture.tobytes() for picture in getattr(renderer, kind)()])

    assert len(films[0]) == 40
    assert films[0] == films[1] == films[2]


def test_yuv420_is_that_of_the_frames() -> None:
    """Each is its frame converted, at any times and in any order."""
    renderer = renderer_of(rings_film(), look(size=SIZE), threads=3)
    times = [3.9, 0.0, 1.1, 1.1, 2.3, 0.6]

    for frame, given, t in zip(renderer.frames(times), renderer.yuv420(times), times, strict=True):
        np.testing.assert_array_equal(frame, renderer.frame(t))
        np.testing.assert_array_equal(given, converted(frame))


def test_what_is_made_of_frames_is_made_of_each_in_order() -> None:
    """On as many threads as draw, of the frame's own pixels."""
    renderer = renderer_of(rings_film(), look(size=SIZE), threads=3)
    times = [3.9, 0.0, 1.1, 1.1, 2.3, 0.6]

    for given, t in zip(renderer.converted(bytes, times), times, strict=True):
        assert given == renderer.frame(t).tobytes()


def moving(film: Film) -> list[float]:
    """Return the times of the frames from the end of the first hold to the last one's begin."""
    first, last = film.acts[0], film.acts[-1]
    return [t for t in film.timeline.times if first.end <= t < last.begin]


def test_few_frames_are_made_ahead() -> None:
    """Whoever takes them slowly does not have them pile up."""
    renderer = renderer_of(rings_film(), look(size=(160, 90)), threads=2)
    drawn: list[float] = []

    def note(t: float) -> Frame:
        drawn.append(t)
        return np.zeros((90, 160, 4), np.uint8)

    renderer.frame = note  # type: ignore[method-assign]
    frames = renderer.frames(moving(renderer.sheet.film))
    for _ in range(3):
        next(frames)
    sleep(0.05)

    assert 3 <= len(drawn) <= 8
    frames.close()  # type: ignore[attr-defined]
    sleep(0.05)
    assert len(drawn) <= 8


def test_an_error_in_a_frame_reaches_the_caller() -> None:
    """It is not lost on the thread where it happened."""

    class Late:
        def panels(self, film: Film) -> list[Panel]:
            del film
            return [Panel("late", (0, 1), (0, 1))]

        def marks(self, film: Film, t: float) -> list[list[Mark]]:
            del film
            if t > 1:
                raise RuntimeError("after a second")
            return [[]]

    sheet = Sheet(rings_film(), [[Late()]], look((160, 90)))
    frames = Renderer(sheet, threads=2).frames()

    with pytest.raises(RuntimeError, match="after a second"):
        list(frames)


def test_no_threads_are_an_error() -> None:
    """It says what came and what is expected."""
    with pytest.raises(UsageError, match="threads=0: expected at least 1"):
        renderer_of(rings_film(), threads=0)


def test_a_frame_can_be_kept() -> None:
    """The next picture is not drawn into the last."""
    renderer = renderer_of(rings_film(), look(size=SIZE))
    first = renderer.frame(0.0)
    kept = first.copy()

    renderer.frame(3.9)

    np.testing.assert_array_equal(first, kept)


def changing(renderer: Renderer) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return which pixels (height, width) are not the same in all frames."""
    frames = np.stack([renderer.frame(t) for t in TIMES])
    return np.asarray((frames != frames[0]).any(axis=(0, 3)))


@pytest.mark.parametrize("filmed", FILMS)
def test_only_panels_strip_and_digits_change(filmed: Callable[[], Film]) -> None:
    """No title, tick or margin moves while the film runs."""
    renderer = renderer_of(filmed(), look(size=(640, 360)))
    layout = renderer.sheet.layout
    assert layout.strip is not None
    still = np.ones((360, 640), bool)
    for box in (*layout.panels, layout.strip):
        still[box.top : box.bottom, box.left : box.right] = False
    still[: layout.title + 2, layout.right - 60 : layout.right + 1] = False  # the epoch
    still[layout.hairline + 2 :, : layout.right] = False  # the figures; no recipe at this size

    changes = changing(renderer)

    assert not (changes & still).any()
    for box in layout.panels:
        assert changes[box.top : box.bottom, box.left : box.right].any()


def test_on_a_bare_sheet_only_panels_change() -> None:
    """There is no strip and there are no digits."""
    renderer = renderer_of(rings_film(), look(size=SIZE, bare=True))
    panels = np.zeros((180, 320), bool)
    for box in renderer.sheet.layout.panels:
        panels[box.top : box.bottom, box.left : box.right] = True

    changes = changing(renderer)

    assert changes.any()
    assert not (changes & ~panels).any()


def colors(frame: Frame) -> set[str]:
    """Return all colours of a picture as #RRGGBB."""
    return {
        f"#{r:02X}{g:02X}{b:02X}" for r, g, b in np.unique(frame[..., :3].reshape(-1, 3), axis=0)
    }


@pytest.mark.parametrize("theme", THEMES)
def test_the_themes_colors_appear_exactly(theme: str) -> None:
    """Ground, panel, decision line and every class of a legend are what the theme says."""
    films = thirds_film(), fit_film()

    frames = [renderer_of(film, look(size=(960, 540), theme=theme)).frame(3.9) for film in films]

    shown = set().union(*(colors(frame) for frame in frames))
    roles = ["ground", "panel", "boundary", "hairline", "class0", "class1", "class2"]
    wanted = {THEMES[theme].color(role).upper() for role in roles}
    if THEMES[theme].transparent:  # what is empty has no colour
        wanted -= {THEMES[theme].ground, THEMES[theme].panel}
    assert wanted <= shown


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [(320, 180), (200, 200), (180, 320)], ids=["16:9", "1:1", "9:16"])
def test_every_theme_draws_at_every_shape(theme: str, size: tuple[int, int]) -> None:
    """The picture has its size, and something is on it."""
    frame = renderer_of(rings_film(), look(size=size, theme=theme)).frame(3.9)

    assert frame.shape == (size[1], size[0], 4)
    assert frame.dtype == np.uint8
    assert len(colors(frame)) > 20
    clear = THEMES[theme].transparent
    assert frame[0, 0, 3] == (0 if clear else 255)
    assert frame[..., 3].max() == 255


def test_a_theme_changes_colors_and_nothing_else() -> None:
    """The same sheet in dark and in light has its panels at the same places."""
    dark, light = (renderer_of(rings_film(), look(size=SIZE, theme=t)) for t in ("dark", "light"))

    assert dark.sheet.layout == light.sheet.layout
    assert (dark.frame(1.0) != light.frame(1.0)).any()


def test_a_point_lies_where_its_coordinates_say() -> None:
    """The lower left corner of a panel is its least x and y."""
    place = Placement(Box(10, 20, 100, 50), (-1.0, 1.0), (0.0, 5.0))

    pixels = place.pixels(np.array([[-1.0, 0.0], [1.0, 5.0], [0.0, 2.5]]))

    np.testing.assert_allclose(pixels, [[10, 70], [110, 20], [60, 45]])
