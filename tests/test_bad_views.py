"""A view of one's own that is none, or raises, is one clear line."""

from collections.abc import Callable

import pytest

SceneRefused = Callable[[dict[str, str], tuple[str, ...]], None]


VIEW = """
@dataclass(frozen=True)
class Mine:
    def panels(self, film):
        {panels}

    def marks(self, film, t):
        {marks}
"""
MARKS = "from nnanim.camera import Camera; from nnanim.marks import Bars, Lines, Points"


def view(panels: str = 'return [Panel("Mine", (0, 1), (0, 1))]', marks: str = "return [[]]") -> str:
    """Return the source of a view."""
    return VIEW.format(panels=panels, marks=marks)


# What of the tiny scene is replaced by what, and what the line says: what came, what was
# expected, what to do. "# here" marks the line that the message has to name.
VIEWS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a view's unknown layer": (
        {"more": 'views=[views.HiddenSpace(layer="hidden7")],'},
        ("unknown layer 'hidden7'", "expected hidden1.0 | ", "did you mean 'hidden1'?"),
    ),
    "a view's unknown units": (
        {"more": "views=[views.HiddenSpace(units=(0, 5))],"},
        ("units=(0, 5)", "'hidden1' has units 0 to 1"),
    ),
    "a view of other data": (
        {"more": "views=[views.Fit()],"},
        ("2 inputs and the task binary", "Fit shows regression", "use InputSpace, HiddenSpace or"),
    ),
    "an image that is no file": (
        {"more": "grid=grids.Texture('nowhere.png'),", "before": "from nnanim import grids"},
        ("grids.Texture('nowhere.png')", "no file, looked for /", "the working directory"),
    ),
    "an image that is a folder": (
        {"more": "grid=grids.Texture('.'),", "before": "from nnanim import grids"},
        ("grids.Texture('.')", "no file, looked for /"),
    ),
    "an image that is none": (
        {"more": "grid=grids.Texture(__file__),", "before": "from nnanim import grids"},
        ("grids.Texture(", "no image that can be read", "expected a PNG or JPEG"),
    ),
    "curves of classes that lie on none": (
        {
            "dataset": "datasets.xor(n=64)",
            "more": "grid=grids.Curves(),",
            "before": "from nnanim import grids",
        },
        ("grids.Curves() of Xor", "expected a data set with curves(points)", "or grids.Square()"),
    ),
    "a folding of what is smooth": (
        {"more": "views=[views.Folding()],"},
        ("Folding", "is Tanh", "expected Linear, BatchNorm1d and", "use Jacobian"),
    ),
    "a measure of a layer that is no vector": (
        {
            "dataset": "datasets.rings(n=64)",
            "model": "lambda: nn.Sequential(nn.Unflatten(1, (1, 2)), nn.Conv1d(1, 3, 1), "
            "nn.Flatten(), nn.Linear(6, 1), nn.Sigmoid())",
            "before": "from torch import nn",
            "more": "timeline=Timeline(seconds=1, pauses={'probe 0.9 in 1': 'Parted'}),",
        },
        (
            "layer '1' gives (3, 3, 2) for 3 samples",
            "expected a row of units",
            "pick one, as Layer('1', time=-1)",
        ),
    ),
    "a view that is none": (
        {"more": "views=[3],"},
        ("views hold 3", "expected views, as views.HiddenSpace()", "marks(film, t)"),
    ),
    "views that are no list": (
        {"more": "views=views.InputSpace(),"},
        ("views=InputSpace(", "expected a list", "[views.HiddenSpace()]"),
    ),
    "views without a view": (
        {"more": "views=[[]],"},
        ("views=[[]] hold no view", "leave views out"),
    ),
    "views and rows mixed": (
        {"more": "views=[[views.InputSpace()], views.InputSpace()],"},
        ("mixes views and rows", "expected a list of views", "rows that are lists"),
    ),
    "rows and views mixed": (
        {"more": "views=[views.InputSpace(), views.Row([views.InputSpace()])],"},
        ("mixes views and rows", "expected a list of views", "Row([…], height=2)"),
    ),
    "a row of no height": (
        {"more": "views=[views.Row([views.InputSpace()], height=0)],  # here"},
        ("Row(height=0)", "expected a number above 0", "height=2"),
    ),
    "a row of less than no height": (
        {"more": "views=[views.Row([views.InputSpace()], height=-1.5)],  # here"},
        ("Row(height=-1.5)", "expected a number above 0", "height=2"),
    ),
    "a row of one view that is no list": (
        {"more": "views=[views.Row(views.InputSpace())],  # here"},
        ("Row(InputSpace(", "expected a list of views", "Row([views.HiddenSpace()], height=2)"),
    ),
    "a view whose panels raise": (
        {"before": view(panels="return [1 / 0]  # here"), "more": "views=[Mine()],"},
        (", in Mine.panels: the view Mine failed: ZeroDivisionError: division by zero",),
    ),
    "a view whose marks raise": (
        {"before": view(marks="return [film.nothing]  # here"), "more": "views=[Mine()],"},
        (", in Mine.marks: the view Mine failed: AttributeError: ", "'nothing'"),
    ),
    "a view without a list of marks": (
        {"before": view(marks="return None"), "more": "views=[Mine()],"},
        ("marks(film, t) of the view Mine returns NoneType at 0 s", "expected a list of marks"),
    ),
    "a view with marks for other panels": (
        {"before": view(marks="return []"), "more": "views=[Mine()],"},
        ("the view Mine has 1 panels but marks for 0", "expected marks(film, t) to return one"),
    ),
    "a view with marks that are none": (
        {"before": view(marks="return [['disc']]"), "more": "views=[Mine()],"},
        ("the view Mine holds str as a mark", "expected one of nnanim.marks", 'Points(xy, "ink")'),
    ),
    "a view with marks in space but no camera": (
        {
            "before": view(marks=f"{MARKS}; return [[Lines([]), Points(np.zeros((9, 3)))]]"),
            "more": "views=[Mine()],",
        },
        ("Points of 3 coordinates in the panel 'Mine'", "expected 2, or Panel(…, camera=Camera("),
    ),
    "a view with a camera but marks in a plane": (
        {
            "before": view(
                f'{MARKS}; return [Panel("Mine", (-2, 2), (-2, 2), camera=Camera())]',
                f"{MARKS}; return [[Bars(np.zeros(2), np.ones(2))]]",
            ),
            "more": "views=[Mine()],",
        },
        ("Bars of 2 coordinates in the panel 'Mine'", "expected 3, as the panel has a camera"),
    ),
    "a view with a panel that is none": (
        {"before": view(panels="return ['left']"), "more": "views=[Mine()],"},
        ("the view Mine holds str as a panel", "expected Panel(title, x, y) of nnanim.view"),
    ),
}


@pytest.mark.usefixtures("no_training")
@pytest.mark.parametrize("name", VIEWS)
def test_a_wrong_view_is_refused_before_the_training(
    name: str, scene_refused: SceneRefused
) -> None:
    """The line names the file, and the file's own line where that is to blame."""
    scene_refused(*VIEWS[name])


LATE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a view that raises later": (
        {
            "before": view(marks="assert t < 0.1, t  # here\n        return [[]]"),
            "more": "views=[Mine()],",
        },
        (", in Mine.marks: AssertionError: 0.1",),
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_what_goes_wrong_late_is_one_line_too(name: str, scene_refused: SceneRefused) -> None:
    """The line of the scene is named, and no half film is left."""
    scene_refused(*LATE[name])
