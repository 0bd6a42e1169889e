"""The same film as other tools make it touchable: a Plotly animation, Bokeh with a slider.

Both show what the page's two panels show, but for the tints: all points by class, the grid and the
boundary in input space, and as the last hidden layer sees them.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from nnanim.film.film import Film
from nnanim.types import Floats

COLORS = ("#e69f00", "#56b4e9")
_GAP = np.full((1, 2), np.nan, np.float32)


@dataclass(frozen=True, eq=False)
class Shown:
    """What a panel shows at a moment: points (n, 2) by class, grid and boundary as one line."""

    classes: list[Floats]
    grid: Floats
    boundary: Floats

    @classmethod
    def of(cls, film: Film, layer: str | None, moment: float) -> "Shown":
        """Return what a layer, or the input, shows."""
        points = film.data.inputs if layer is None else film.points(layer, moment)
        grid = film.grid_lines if layer is None else film.grid(layer, moment)
        return cls(
            [_plain(points[film.labels == k]) for k in (0, 1)],
            _joined(grid),
            _joined(film.boundary(moment, layer)),
        )


def _plain(points: Floats) -> Floats:
    return np.asarray(points, np.float32)[:, :2]


def _joined(lines: list[Floats]) -> Floats:
    """Return lines as one that is parted where it is no number."""
    parts = chain.from_iterable((_plain(line), _GAP) for line in lines)
    return np.concatenate([_GAP, *parts])


def moments(film: Film, frames: int) -> list[float]:
    """Return the moments of so many frames, evenly in the film's time."""
    return [film.moment(t) for t in np.linspace(0, film.timeline.seconds, frames).tolist()]


def plotly_page(film: Film, frames: int) -> bytes:
    """Return an animation of Plotly with a slider, its library in the file."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    def traces(shown: Shown) -> list[Any]:
        lines = ((shown.grid, "#777777", 1), (shown.boundary, "#ffffff", 3))
        return [
            *(go.Scattergl(x=at[:, 0], y=at[:, 1], mode="markers", marker={"color": c, "size": 4})
              for at, c in zip(shown.classes, COLORS, strict=True)),
            *(go.Scattergl(x=at[:, 0], y=at[:, 1], mode="lines", line={"color": c, "width": w})
              for at, c, w in lines),
        ]  # fmt: skip

    every = moments(film, frames)
    figure = make_subplots(1, 2)
    for column, layer in ((1, None), (2, film.layer)):
        for trace in traces(Shown.of(film, layer, 0.0)):
            figure.add_trace(trace, row=1, col=column)
    # What stands in input space is not sent again, but its boundary.
    figure.frames = [
        go.Frame(
            name=str(k),
            data=[traces(Shown.of(film, None, now))[3], *traces(Shown.of(film, film.layer, now))],
            traces=[3, 4, 5, 6, 7],
        )
        for k, now in enumerate(every)
    ]
    how = {"frame": {"duration": 0, "redraw": False}, "mode": "immediate"}
    steps = [{"args": [[str(k)], how], "method": "animate"} for k in range(frames)]
    figure.update_layout(template="plotly_dark", showlegend=False, sliders=[{"steps": steps}])
    return str(figure.to_html(include_plotlyjs=True, full_html=True)).encode()


def bokeh_page(film: Film, frames: int) -> bytes:
    """Return a page of Bokeh whose slider puts each frame's arrays in place, its library inside."""
    from bokeh.embed import file_html
    from bokeh.layouts import column, row
    from bokeh.models import ColumnDataSource, CustomJS
    from bokeh.models.widgets.sliders import Slider
    from bokeh.plotting import figure
    from bokeh.resources import INLINE

    every = moments(film, frames)
    sources, kept, plots = [], [], []
    for layer in (None, film.layer):
        shown = [Shown.of(film, layer, now) for now in every]
        plot = figure(width=560, height=560)
        for k, color in enumerate(COLORS):
            course = [each.classes[k] for each in shown[: 1 if layer is None else None]]
            sources.append(_source(ColumnDataSource, course[0]))
            kept.append(_course(ColumnDataSource, course))
            plot.scatter("x", "y", source=sources[-1], size=4, color=color)
        for name, color, width in (("grid", "#777777", 1), ("boundary", "#000000", 3)):
            still = layer is None and name == "grid"
            course = [getattr(each, name) for each in shown[: 1 if still else None]]
            sources.append(_source(ColumnDataSource, course[0]))
            kept.append(_course(ColumnDataSource, course))
            plot.line("x", "y", source=sources[-1], color=color, line_width=width)
        plots.append(plot)
    slider = Slider(start=0, end=frames - 1, value=0, step=1, title="frame", name="frame")
    code = """
        sources.forEach((source, i) => {
          const { x, y } = kept[i].data;
          if (x.length > 1) source.data = { x: x[slider.value], y: y[slider.value] };
        });
    """
    told = CustomJS(args={"sources": sources, "kept": kept, "slider": slider}, code=code)
    slider.js_on_change("value", told)
    return str(file_html(column(row(*plots), slider), INLINE, "film")).encode()


def _source(kind: Any, at: Floats) -> Any:
    return kind({"x": at[:, 0], "y": at[:, 1]})


def _course(kind: Any, course: list[Floats]) -> Any:
    return kind({"x": [at[:, 0] for at in course], "y": [at[:, 1] for at in course]})
