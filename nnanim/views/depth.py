"""Layer after layer: how a network turns, shifts and bends space, one thing at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from nnanim import geometry
from nnanim.color import Color
from nnanim.errors import SceneError, unknown
from nnanim.film.film import Film
from nnanim.film.passage import MIRRORS, Mirror
from nnanim.film.passing import Passing, passing_of
from nnanim.film.stages import Stage, place
from nnanim.film.zoom import WIDE, standing_zoom
from nnanim.marks import Lines, Mark, Points, Text
from nnanim.network.activations import ACTIVATIONS
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel
from nnanim.views.grid_marks import face_marks, grid_marks
from nnanim.views.shared_marks import (
    data_points,
    joined_points,
    legend,
    number_bar,
)

# The panel, in half heights of the sheet's room: that room, the strip of layers to its right, the
# line of progress below.
_X, _Y = (-WIDE - 0.1, WIDE + 1.0), (-1.44, 1.2)
_LEFT, _RIGHT = -WIDE, WIDE + 0.9
_STRIP, _STRIP_TOP, _STRIP_SIZE = WIDE + 0.3, 1.15, 0.5
_NOTES, _TERMS, _PROGRESS = 1.06, -1.17, -1.33
_NAMES = {"linear": "turn and stretch", "shift": "shift", "bend": "bend", "blend": "blend"}
_FAR = 100.0  # heights of the picture: ways that are longer are not dashed
_DASH, _ALONG = 0.02, 200  # the length of a dash; points along an edge
_LETTER, _APART = 0.06, 4  # of a term: as wide as that at most, so many between two
_THUMB_POINTS, _THUMB_LINES = 300, 4  # in the strip: so many at most, every so manieth


@dataclass(frozen=True)
class Depth(Titled):
    """The data and the grid of input space on their way through the layers.

    In the act `Morph` each layer turns and stretches them, then shifts, then bends them; in all
    other acts they stand as the last layer sees them. A layer that mirrors space has two of its
    units swapped, with what reads them (`mirror` "swap"), or turns the plane over in space
    ("turn"), or folds it flat ("fold"). The picture zooms so that all of it is seen, and says by
    how much. `joined` points are joined by lines, class by class, in the order of the data.
    """

    mirror: Mirror = "swap"
    grid: bool = True
    points: bool = True
    joined: bool = False
    color: Color = None  # of the points, in place of the scene's
    shows_depth: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mirror not in MIRRORS:
            raise SceneError(unknown("mirror of Depth", self.mirror, MIRRORS))

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel; `SceneError` where there is no hidden layer."""
        film.network.expect_running()
        count = len(film.stages)
        return [
            Panel(
                film.words("Layer after layer"),
                _X,
                _Y,
                subtitle=film.words("what each does to space") if count > 1 else "",
                x_ticks=False,
                y_ticks=False,
                legend=legend(film, self.color),
                color_bar=number_bar(film, self.color) if self.points else None,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the sheet at its depth, the strip of layers and the line of progress."""
        shown, depth = film.shown(t), film.depth(t)
        stands = shown.depth is None
        passing = passing_of(film, shown.moment, self.mirror, stands=stands)
        zoom = standing_zoom(film.replay, passing.passage) if stands else passing.zoom.at(depth)
        marks = self._sheet(passing, depth, zoom)
        marks += [] if stands else self._told(passing, depth, zoom)
        return [[*marks, *_strip(passing, depth), *_progress(film, depth)]]

    def _sheet(self, passing: Passing, depth: float, zoom: float) -> list[Mark]:
        """Return the grid, the data and the boundary at a depth."""
        film, marks = passing.film, []
        if self.grid and passing.lengths:
            curves = passing.curves(depth, zoom)
            marks += grid_marks(film, curves)
        at = passing.points(depth, zoom)
        if self.joined:
            marks += joined_points(film, at, color=self.color, moment=passing.moment)
        if self.points:
            marks += data_points(film, at, color=self.color, moment=passing.moment)
        return [*marks, *_boundary(passing, depth, zoom)]

    def _told(self, passing: Passing, depth: float, zoom: float) -> list[Mark]:
        """Return what is said of the stage: its term, the zoom, the box, where the sheet began."""
        film = passing.film
        stage, share = place(film.stages, depth)
        marks: list[Mark] = []
        if 0 < (times := zoom / passing.zoom.at(0.0)) < np.inf:  # unless the training diverged
            view = film.words("view ×{factor}", factor=film.words.number(_factor(times)))
            marks.append(Text((WIDE - 0.08, _NOTES), view, "quiet", anchor="right"))
        marks += _terms(film, stage)
        if note := _note(passing, stage):
            marks.append(Text((_LEFT, _NOTES), note, "quiet"))
        if stage.kind == "bend":
            marks += _box(passing, stage, depth, zoom)
        if self.grid and passing.lengths and 0 < share < 1:
            begun = stage.layer + _begin(film, stage)
            curves = passing.curves(begun, zoom)
            outline = [line for i, line in enumerate(curves) if i in film.followed.outline]
            dashes = passing.beside(_inside(_dashed(outline)), "ghost")
            marks.append(Lines(dashes, "quiet", width=1.5, alpha=0.7))
        return marks


def _boundary(passing: Passing, depth: float, zoom: float) -> list[Mark]:
    """Return the boundary as it is carried along; in the last layer the whole line."""
    lines = passing.boundary_lines(depth, zoom)
    return [Lines(lines, "boundary", width=4.0), *_line(passing, depth, zoom)]


def _line(passing: Passing, depth: float, zoom: float) -> list[Mark]:
    film, stages = passing.film, passing.film.stages
    plane = film.hyperplane(passing.moment)
    read_out = film.network.read_out
    last = read_out is not None and film.passed[-1] == read_out.layer
    if depth < len(stages) or plane is None or not last or len(plane[0]) != 2:
        return []
    box = np.array([[-WIDE, WIDE], [-1.0, 1.0]]) / zoom
    line = geometry.clip_line(plane[0][passing.passage.order], plane[1], box)
    return [] if line is None else [Lines([line * zoom], "boundary", width=2.0)]


def _factor(times: float) -> str:
    """Return a zoom in two decimals, or as a power of ten where these are zeros."""
    if times >= 0.01:
        return f"{times:.2f}"
    digit, power = f"{times:.0e}".split("e")
    return f"{digit}e{int(power)}"


def _terms(film: Film, stage: Stage) -> list[Mark]:
    """Return the things that the layer does in a row, that of now in ink."""
    own = film.stages[stage.layer]
    texts = [f"{_term(film, each)}  {film.words(_NAMES[each.kind])}" for each in own]
    ends = np.cumsum([len(text) + _APART for text in texts], dtype=float)
    room = _RIGHT - _LEFT
    starts = np.array([0.0, *ends[:-1]]) * min(room / ends[-1], _LETTER)
    placed = sorted(  # where not all have room, that of now
        zip(starts, texts, own, strict=True), key=lambda each: each[2] != stage
    )
    return [
        Text((_LEFT + start, _TERMS), text, "ink" if each == stage else "quiet", bold=each == stage)
        for start, text, each in placed
    ]


def _term(film: Film, stage: Stage) -> str:
    """Return a stage as a formula."""
    n = stage.layer + 1
    match stage.kind:
        case "linear":
            return f"$W_{{{n}}} h$"
        case "shift":
            return f"$+\\, b_{{{n}}}$"
        case "bend":
            row = ACTIVATIONS.get(stage.function)
            return (row.name if row else "") or stage.function
        case _:
            return film.network.layer(film.passed[stage.layer]).name


def _note(passing: Passing, stage: Stage) -> str:
    """Return what is to be known of a stage beside what is seen."""
    words, step = passing.film.words, passing.passage.steps[stage]
    first = passing.passage.steps[passing.film.stages[stage.layer][0]]
    if first.swapped is not None:
        i, j = first.swapped
        return words("units {a} and {b} swapped", a=i + 1, b=j + 1)
    return words("flat once on the way") if step.folds else ""


def _begin(film: Film, stage: Stage) -> float:
    """Return at which share of its layer's way a stage begins."""
    own = film.stages[stage.layer]
    return list(own).index(stage) / len(own)


def _box(passing: Passing, stage: Stage, depth: float, zoom: float) -> list[Mark]:
    """Return the edges of the box that an activation cannot leave, of up to three units."""
    row = ACTIVATIONS.get(stage.function)
    units = passing.data[stage.after].shape[1]
    if row is None or not row.bounded or units > 3:
        return []
    corners = np.array(np.meshgrid(*[[row.low, row.high]] * units)).reshape(units, -1).T
    edges = [
        np.stack([a, b]) for i, a in enumerate(corners) for b in corners[i + 1 :]
        if np.count_nonzero(a != b) == 1
    ]  # fmt: skip
    basis = passing.passage.basis(depth)
    ends = [edge @ basis[:units] * zoom for edge in edges]
    seen = [np.linspace(begin, end, _ALONG) for begin, end in ends]
    return [Lines(passing.beside(_inside(seen), "box"), "quiet", width=1.5, alpha=0.8)]


def _inside(lines: Sequence[Floats]) -> list[Floats]:
    """Return lines without what lies beside the sheet's room."""
    room = np.array([WIDE, 1.0]) + 0.04
    inside = [np.asarray(np.abs(line) <= room).all(axis=1, keepdims=True) for line in lines]
    return [np.where(seen, line, np.nan) for seen, line in zip(inside, lines, strict=True)]


def _dashed(lines: Sequence[Floats]) -> list[Floats]:
    """Return lines (m, 2) as short dashes of one length; none of those that lead far away."""
    dashes = []
    for line in lines:
        along = np.concatenate([[0.0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
        if not along[-1] < _FAR:  # or beyond all numbers, where the training diverged
            continue
        starts = np.arange(0.0, along[-1], 2.5 * _DASH)
        for s in starts:
            at = np.linspace(s, min(s + _DASH, along[-1]), 3)
            dashes.append(np.stack([np.interp(at, along, axis) for axis in line.T], axis=1))
    return dashes


def _strip(passing: Passing, depth: float) -> list[Mark]:
    """Return small pictures of the input and of each layer, that of now marked."""
    film, count = passing.film, len(passing.film.stages) + 1
    each = min(_STRIP_SIZE, (_STRIP_TOP + 1.0) / count)
    middles = [np.array([_STRIP, _STRIP_TOP - (k + 0.5) * each]) for k in range(count)]
    places = [(k, each, middle) for k, middle in enumerate(middles)]
    thumbs = passing.once("thumbs", lambda: [_thumb(passing, *place) for place in places])
    marks: list[Mark] = [mark for thumb in thumbs for mark in thumb]
    now = min(int(depth + 1e-9), count - 1)
    for k in sorted(range(count), key=lambda k: k != now):  # where not all have room, that of now
        x, y = middles[k]
        name = film.words("input") if k == 0 else film.words("layer {n}", n=k)
        beside, short = (x + 0.5 * each + 0.05, y - 0.03), str(k) if k else ""
        role = "ink" if k == now else "quiet"
        marks.append(Text(beside, name, role, bold=k == now, short=short))
    x, y = middles[now] - np.array([0.5 * each + 0.03, 0.0])
    ends = np.array([[x, y - 0.45 * each], [x, y + 0.45 * each]])
    return [*marks, Lines([ends], "ink", width=2.5)]


def _thumb(passing: Passing, layer: int, size: float, middle: Floats) -> list[Mark]:
    """Return some of the grid, the data and the boundary as a layer gives them; 0 is the input."""
    marks: list[Mark] = []
    depth, thumb = float(layer), (layer, 0.43 * size, (float(middle[0]), float(middle[1])))
    if passing.lengths:
        curves = passing.curves(depth, 1.0, thumb)
        faces = passing.film.followed.faces
        few = [line for i, line in enumerate(curves) if i not in faces][::_THUMB_LINES]
        marks += face_marks(passing.film, curves)
        marks.append(Lines(few, "grid", width=1.0, alpha=0.6))
    at = passing.points(depth, 1.0, thumb)
    marks += [_thinned(mark) for mark in data_points(passing.film, at) if isinstance(mark, Points)]
    if passing.edge:
        lines = passing.boundary_lines(depth, 1.0, thumb)
        marks.append(Lines(lines, "boundary", width=1.5))
    return marks


def _thinned(mark: Points) -> Points:
    """Return fewer and smaller points."""
    rows = np.random.default_rng(0).permutation(len(mark.xy))[:_THUMB_POINTS]
    index = None if mark.index is None else mark.index[rows]
    values = None if mark.values is None else mark.values[rows]
    return replace(mark, xy=mark.xy[rows], index=index, values=values, size=0.5 * mark.size)


def _progress(film: Film, depth: float) -> list[Mark]:
    """Return the line of all layers, a dot each, and how far along it the sheet has come."""
    count = len(film.stages)
    x = np.linspace(_LEFT, _RIGHT, count + 1)
    at = np.interp(depth, np.arange(count + 1), x)
    dots = np.stack([x, np.full(count + 1, _PROGRESS)], axis=1)
    passed = np.array([[x[0], _PROGRESS], [at, _PROGRESS]])
    marks: list[Mark] = [Lines([dots[[0, -1]]], "hairline", width=2.0)]
    marks += [Lines([passed], "ink", width=2.5)] if depth > 0 else []
    done = dots[:, 0] <= at + 1e-9
    marks += [Points(dots[~done], "quiet", size=8.0), Points(dots[done], "ink", size=8.0)]
    return [*marks, Points(passed[1:], "ink", size=14.0)]
