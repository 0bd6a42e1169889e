"""Frames that look alike are drawn once, and only those."""

import ast
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from nnanim import Comparison, Film, Scene, Timeline, acts, views
from nnanim.marks import Mark, Points
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.scene.directions import Views
from nnanim.sheet.renderer import Renderer
from nnanim.types import Frame
from nnanim.view import Panel
from tests.pictures import look
from tests.recordings import RINGS, fit_film, rings_film, thirds_film

SIZE = (320, 180)
# The untrained network is shown by the first 9 of 40 frames, the trained one by the last 12.
STANDING = Timeline(seconds=4.0, fps=10.0, hold_first=0.8, hold_last=1.2)


class Seconds:
    """A view that shows the time itself, as one of an author's own may."""

    def panels(self, film: Film) -> list[Panel]:
        """Return one panel, as wide as the film is long."""
        return [Panel("", (0.0, film.timeline.seconds), (0.0, 1.0), equal=False)]

    def marks(self, film: Film, t: float) -> list[list[Mark]]:
        """Return a point at the time."""
        del film
        return [[Points(np.array([[t, 0.5]]), size=20.0)]]


@dataclass(frozen=True)
class Bolder(views.HiddenSpace):
    """A view made of one of nnanim's own, which may ask for more than that does."""


def on(timeline: Timeline, film: Film, shown: Views | None = None) -> Film:
    """Return a film on a clock, of other views than its scene's where there are any."""
    scene = film.recording.scene
    assert isinstance(scene, Scene)
    shows = scene if shown is None else replace(scene, views=shown)
    return Film(replace(film.recording, scene=shows), timeline=timeline)


def drawn(renderer: Renderer) -> list[float]:
    """Return the times that are drawn of a whole film, its frames as those drawn alone."""
    found: list[float] = []
    alone = renderer.frame

    def noted(t: float) -> Frame:
        found.append(t)
        return alone(t)

    renderer.frame = noted  # type: ignore[method-assign]
    frames = list(renderer.frames())
    times = renderer.sheet.film.timeline.times
    assert len(frames) == len(times)
    for frame, t in zip(frames, times, strict=True):
        np.testing.assert_array_equal(frame, alone(t))
    return sorted(found)


@pytest.mark.parametrize("filmed", [rings_film, fit_film, thirds_film])
def test_a_hold_is_drawn_once(filmed: Callable[[], Film]) -> None:
    """Its other frames are that one; what moves is drawn for each frame."""
    film = on(STANDING, filmed())
    times = STANDING.times

    found = drawn(renderer_of(film, look(size=SIZE), threads=2))

    assert found == [times[0], *times[9:29]]


def test_tiles_that_have_all_ended_are_drawn_once() -> None:
    """The picture of a comparison stands still when all that it shows does."""
    scenes = [replace(RINGS, training=replace(RINGS.training, epochs=n)) for n in (2, 4)]
    film = film_of(Comparison(scenes, timeline=STANDING))

    found = drawn(renderer_of(film, look(size=SIZE)))

    assert found == [STANDING.times[0], *STANDING.times[9:29]]


def test_a_caption_that_fades_is_drawn_until_it_is_there() -> None:
    """Two holds at one state differ by what is said, and on the way from one to the other."""
    said = [acts.Hold(1.0, caption="before"), acts.Hold(1.0, caption="after")]
    film = on(Timeline(fps=20.0, acts=said), rings_film())

    found = drawn(renderer_of(film, look(size=(640, 360))))

    assert found[0] == 0.0
    assert found[1] == 1.0
    assert 3 <= len(found) <= 6


@pytest.mark.parametrize(
    "view",
    [
        Seconds(),
        Bolder(),
        views.HiddenSpace3D(layer="hidden1", orbit=30.0),
        views.HiddenSpace(layer="hidden1", basis="tour"),
    ],
    ids=["the author's own", "made of one", "a camera that turns", "a tour"],
)
def test_what_may_move_at_any_time_is_drawn_for_each_frame(view: views.HiddenSpace) -> None:
    """A hold of the training is none of theirs."""
    film = on(STANDING, rings_film(), [view])

    assert drawn(renderer_of(film, look(size=SIZE))) == STANDING.times


def test_a_camera_that_stands_is_drawn_once() -> None:
    """As any other panel."""
    film = on(STANDING, rings_film(), [views.HiddenSpace3D(layer="hidden1", orbit=0.0)])

    assert len(drawn(renderer_of(film, look(size=SIZE)))) == 21


def test_a_frame_of_a_hold_can_be_drawn_on() -> None:
    """The next one is not the same memory."""
    renderer = renderer_of(on(STANDING, rings_film()), look(size=SIZE))
    first, second = list(renderer.frames(STANDING.times[:2]))

    first[:] = 0

    np.testing.assert_array_equal(second, renderer.frame(0.0))


@pytest.mark.parametrize("threads", [1, 3])
def test_planes_of_a_hold_are_handed_on(threads: int) -> None:
    """The same memory is given again, and holds what a frame drawn alone holds."""
    film = on(STANDING, rings_film())
    renderer = renderer_of(film, look(size=SIZE), threads=threads)
    alone = renderer_of(film, look(size=SIZE), threads=1)
    given: list[tuple[int, bytes]] = [(id(yuv), yuv.tobytes()) for yuv in renderer.yuv420()]

    assert len(given) == STANDING.frames
    assert given[:9] == [given[0]] * 9
    assert given[-12:] == [given[-1]] * 12
    for t, (_, planes) in zip(STANDING.times, given, strict=True):
        (expected,) = alone.yuv420([t])
        assert planes == expected.tobytes()


def test_what_is_made_of_a_hold_is_made_once() -> None:
    """And given for each of its frames."""
    renderer = renderer_of(on(STANDING, rings_film()), look(size=SIZE))
    made: list[bytes] = []

    def note(frame: Frame) -> bytes:
        made.append(frame.tobytes())
        return made[-1]

    given = list(renderer.converted(note))

    assert len(given) == STANDING.frames
    assert len(made) == 21
    assert given == [renderer.frame(t).tobytes() for t in STANDING.times]


@pytest.mark.parametrize(
    "file", sorted(Path(views.__file__).parent.glob("*.py")), ids=lambda file: file.stem
)
def test_nnanims_own_views_ask_the_film_what_it_shows(file: Path) -> None:
    """None of them takes the time for anything else, but the basis of a tour, which is known.

    One that does is drawn for each frame if `nnanim.sheet.standing` says so.
    """
    given = [
        node
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        if "t" in [argument.arg for argument in function.args.args]
        for node in ast.walk(function)
    ]
    every = {node for node in given if isinstance(node, ast.Name) and node.id == "t"}

    asked = {
        argument
        for call in given
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        for argument in call.args
        if call.func.attr in ("moment", "shown", "depth", "matrix", "marks")
    }

    assert every <= asked
