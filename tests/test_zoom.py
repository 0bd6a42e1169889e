"""Zooms: the film that goes into a map, keyframe by keyframe."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.errors import UsageError
from nnanim.rendering.subject import look_of
from nnanim.scene.values import axis_in
from nnanim.sweeps.shown import Coloring
from nnanim.sweeps.zoom import Zoom, zoom_in
from nnanim.sweeps.zoom_film import Keyframes, ZoomFilm
from nnanim.writers.metadata import film_info
from tests.test_maps import FILE
from tests.test_sweeps import contents

X, Y = ("lr1", axis_in("log:0.01:100")), ("lr2", axis_in("lin:0:8"))
SIZE = (96, 64)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file of two rates."""
    path = tmp_path / "rates.py"
    path.write_text(FILE)
    return path


def pattern(zoom: Zoom, depth: float) -> NDArray[np.uint8]:
    """Return what a film over a smooth picture is to show so many octaves in."""
    (x0, x1), (y0, y1) = zoom.window(depth)
    across, up = np.linspace(x0, x1, SIZE[0]), np.linspace(y1, y0, SIZE[1])
    red, green = np.broadcast_arrays(255 * across, 255 * up[:, None])
    waves = 127 + 120 * np.sin(9 * (across + up[:, None]))
    return np.asarray(np.rint(np.stack([red, green, waves], axis=-1)), np.uint8)


def film_over_pattern(bare: bool = True) -> ZoomFilm:
    """Return the film of a zoom whose keyframes show a smooth picture."""
    zoom = Zoom(X, Y, (0.1, 6.5), 1 / 20)
    pictures = [pattern(zoom, depth) for depth in zoom.depths]
    return ZoomFilm(zoom, pictures, look_of(SIZE, "dark", bare), 48, 24)


@pytest.mark.parametrize("point", [(0.01, 0.0), (100.0, 8.0), (1.0, 4.0), (0.02, 7.9), (0.5, 1.2)])
def test_windows_lie_inside_one_another_and_close_in_on_the_point(
    point: tuple[float, float],
) -> None:
    """Each half as wide an octave later, none beyond the axes."""
    zoom = Zoom(X, Y, point, 1e-6)
    before = ((0.0, 1.0), (0.0, 1.0))
    for depth in np.linspace(0, zoom.octaves, 200).tolist():
        now = zoom.window(depth)
        sides = zip(now, before, (X[1].share(point[0]), Y[1].share(point[1])), strict=True)
        for (low, high), (first, last), share in sides:
            assert first - 1e-15 <= low <= share + 1e-15
            assert share - 1e-15 <= high <= last + 1e-15
            assert high - low == pytest.approx(0.5**depth)
        before = now


def test_the_point_comes_to_the_middle() -> None:
    """From wherever it is, but for the very edges."""
    zoom = Zoom(X, Y, (0.1, 6.5), 1e-6)

    assert zoom.window(0) == ((0.0, 1.0), (0.0, 1.0))
    for (low, high), share in zip(zoom.window(zoom.octaves), (0.25, 6.5 / 8), strict=True):
        assert (share - low) / (high - low) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("factor", "count"), [(0.6, 2), (0.5, 2), (0.4, 3), (1e-6, 21)])
def test_keyframes_stand_at_most_a_factor_two_apart(factor: float, count: int) -> None:
    """The last of them is where the film ends."""
    depths = Zoom(X, Y, (1, 1), factor).depths

    assert len(depths) == count
    assert np.diff(depths).max() <= 1 + 1e-9
    assert 0.5 ** depths[-1] == pytest.approx(factor)


def test_the_film_begins_and_ends_at_rest_and_never_goes_back() -> None:
    """From all of the map to the last keyframe."""
    film = film_over_pattern()
    depths = np.array([film.depth(number) for number in range(film.count)])

    assert depths[[0, 1, 2]].tolist() == [0, 0, 0]
    assert depths[-3:] == pytest.approx(np.full(3, film.zoom.octaves))
    assert (np.diff(depths) >= 0).all()
    inner = np.diff(depths)[12:-12]
    assert inner.max() == pytest.approx(inner.min())


def test_a_frame_is_where_it_says_it_is() -> None:
    """On its keyframe to the bit, between two to a few shades of what it is to show."""
    film = film_over_pattern()

    assert (film.frame(0)[..., :3] == pattern(film.zoom, 0)).all()
    last = film.frame(film.count - 1)[..., :3]
    assert (last == pattern(film.zoom, film.zoom.octaves)).all()
    for number in range(film.count):
        shown = film.frame(number)[..., :3].astype(int)
        wanted = pattern(film.zoom, film.depth(number)).astype(int)
        assert np.abs(shown - wanted).max() <= 4, number


def test_what_is_written_says_how_far_in_it_is() -> None:
    """Below on the left; a bare film has nothing on it."""
    bare, told = film_over_pattern().frame(24), film_over_pattern(bare=False).frame(24)

    changed = np.argwhere((bare != told).any(axis=-1))
    assert len(changed)
    assert changed[:, 0].min() > SIZE[1] / 2


def test_a_number_has_one_colour_in_the_whole_film() -> None:
    """Shades cover equal areas of all keyframes together."""
    first = np.linspace(-4, -1, 64, dtype=np.float32).reshape(8, 8)
    second = np.linspace(-2, 3, 64, dtype=np.float32).reshape(8, 8)
    second[0, 0] = first[3, 3]
    one, other = (p[::-1] for p in Keyframes([first, second], []).pictures(Coloring()))

    assert (one[3, 3] == other[0, 0]).all()
    assert (one[0, 0] != other[7, 7]).any()


def test_a_zoom_is_told_from_what_float64_cannot_tell() -> None:
    """Neighbours of the last keyframe have to differ; what is enough is said, and is."""
    with pytest.raises(UsageError, match="the same to float64; expected at least") as caught:
        Zoom(X, Y, (1.0, 1.0), 1e-15).planned("none.py", SIZE)

    enough = float(str(caught.value).rsplit(" ", 1)[1])
    with pytest.raises(Exception, match=r"none\.py"):
        Zoom(X, Y, (1.0, 1.0), 1.1 * enough).planned("none.py", SIZE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,2", "expected a point and a factor, X,Y,FACTOR"),
        ("a,b,c", "expected a point and a factor, X,Y,FACTOR"),
        ("200,1,0.1", "lr1=200: expected a value on its axis, from 0.01 to 100"),
        ("1,-1,0.1", "lr2=-1: expected a value on its axis, from 0 to 8"),
        ("nan,1,0.1", "expected a value on its axis"),
        ("1,1,1", "factor of 1: expected the share of the axes"),
        ("1,1,0", "factor of 0: expected the share of the axes"),
        ("1,1,nan", "factor of nan: expected the share of the axes"),
    ],
)
def test_what_is_no_zoom_is_refused(text: str, said: str) -> None:
    """In one line that says what to do."""
    with pytest.raises(UsageError) as caught:
        zoom_in(text, X, Y)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "a.png", "--zoom", "1,1,0.1"), "--zoom makes a film, .mp4, .gif"),
        (("-o", "a.mp4"), "--zoom X,Y,1e-6 films it"),
        (("-o", "a.gif", "--zoom", "1,1,0.1", "--pixel", "1,1"), "--pixel is of a map"),
        (("-o", "a.gif", "--zoom", "1,1,0.1", "--fps", "60"), "use one of 50"),
        (("-o", "a.gif", "--zoom", "1,1,0.1", "--seconds", "0"), "seconds=0.0"),
        (("-o", "a.mp4", "--zoom", "1,1,0.1", "-r", "65x65"), "use 66x66"),
        (("-o", "a.mp4", "--zoom", "1,1,0.1", "-r", "2x2"), "cannot be drawn"),
        (("-o", "a.png", "--seconds", "2"), "--seconds is of a film, which --zoom makes"),
        (("-o", "a.mp4", "--zoom", "1,1,2"), "a factor of 2"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_written(
    file: Path, arguments: tuple[str, ...], said: str, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """Exit code 2, before anything is trained."""
    axes = "--x", "lr1=log:0.01:100", "--y", "lr2=log:0.01:100"
    code, out, err = nnanim("map", file, *axes, *arguments)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_the_command_makes_the_film_and_goes_on_where_it_was_cut_off(
    file: Path, kind: str, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """To the same bytes; the file tells where it came from, and another zoom is not mixed in."""
    path = file.parent / f"map.{kind}"
    axes = "--x", "lr1=log:0.01:1000", "--y", "lr2=log:0.01:1000", "-r", "64x64"

    def made(zoom: str = "3,20,0.01") -> tuple[int, str, str]:
        return nnanim("map", file, *axes, "-o", path, "--zoom", zoom, "--seconds", "0.4")

    code, out, _ = made()
    assert (code, out.strip()) == (0, str(path))
    film, folder = path.read_bytes(), path.with_suffix(".zoom")
    trained = contents(folder)
    told = film_info(path)
    assert told["zoom"] == [3, 20, 0.01]
    assert told["pixels"] == [64, 64]

    shutil.rmtree(folder / "07")
    (next((folder / "03" / "blocks").iterdir())).unlink()
    path.unlink()
    assert made()[0] == 0
    assert path.read_bytes() == film
    assert contents(folder) == trained

    code, _, err = made("4,20,0.01")
    assert (code, err.count("\n")) == (2, 1)
    assert "holds another map" in err
    assert contents(folder) == trained


@pytest.mark.slow
def test_keyframes_are_float64_from_where_neighbours_are_near(file: Path) -> None:
    """Float32 before that."""
    plans = Zoom(("lr1", axis_in("log:0.1:10")), ("lr2", axis_in("log:0.1:10")), (1, 1), 1e-5)
    kinds: list[Any] = [plan.dtype for plan in plans.planned(file, (64, 64))]

    assert kinds == sorted(kinds, key=lambda kind: np.dtype(kind).itemsize)
    assert set(kinds) == {np.float32, np.float64}


@pytest.mark.slow
def test_a_film_that_ends_away_from_the_border_says_where_that_is(
    file: Path, nnanim: Callable[..., tuple[int, str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    """In one line, with the zoom that goes there: its film ends on it, and says nothing."""
    axes = "--x", "lr1=log:0.01:1000", "--y", "lr2=log:0.01:1000", "-r", "64x64", "--seconds", "0.2"
    assert nnanim("map", file, *axes, "-o", "a.gif", "--zoom", "0.02,0.02,0.1")[0] == 0
    said = re.search(r"has no border, .*: try --zoom ([0-9.e,-]+)", caplog.text)
    assert said is not None

    caplog.clear()
    asked = said[1].rpartition(",")[0] + ",0.25"
    assert nnanim("map", file, *axes, "-o", "b.gif", "--zoom", asked)[0] == 0
    assert "has no border" not in caplog.text
