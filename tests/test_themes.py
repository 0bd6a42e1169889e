"""A theme is a value: a scene's own colours the whole sheet, in every format, or is refused."""

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
from matplotlib.colors import CSS4_COLORS
from PIL import Image

from nnanim import (
    Comparison,
    Film,
    Scene,
    Theme,
    Training,
    datasets,
    models,
    record,
    render,
    themes,
    views,
)
from nnanim.css import NAMES, css_rgba
from nnanim.dataset import advise
from nnanim.drawing.color_maps import color_map
from nnanim.drawing.colors import color_table
from nnanim.errors import SceneError, UsageError
from nnanim.marks import COLORS, Lines, Mark, Polygons, class_shape
from nnanim.rendering.stills import contact, still
from nnanim.rendering.subject import look_for
from nnanim.themes import LEAST_CONTRAST, ROLES, THEMES
from nnanim.types import Floats
from nnanim.view import Panel, View
from nnanim.views.shared_marks import unit_role
from nnanim.writers.palette import film_palette
from tests.recordings import RINGS

Refused = Callable[..., str]
SceneFile = Callable[..., Path]

SEPIA = Theme(
    name="sepia",
    ground="#F4ECD8",
    panel="#FBF6EA",
    ink="#3B2F2F",
    quiet="#8A7B66",
    hairline="#DCCFB4",
    grid="#C2B396",
    boundary="#1F1410",
    classes=("#A0522D", "#2F6F6F"),
)
SCENE = Scene(
    dataset=datasets.rings(n=200, noise=0.02),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=2),
    theme=SEPIA,
)
SIZE = (320, 180)
GROUND, CLASSES = (0xF4, 0xEC, 0xD8), [(0xA0, 0x52, 0x2D), (0x2F, 0x6F, 0x6F)]


def corner(picture: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(map(int, picture[0, 0, :3]))


def fills(path: Path) -> set[str]:
    """Return the colours that anything in an SVG is filled or drawn with."""
    styles = " ".join(node.get("style", "") for node in ET.parse(path).iter())
    return {word.rstrip(";").upper() for word in styles.split() if word.startswith("#")}


def test_a_film_has_the_scenes_own_theme(tmp_path: Path) -> None:
    """An MP4 as near as its colours go, a GIF exactly, its classes too."""
    for name in ("a.mp4", "a.gif"):
        render(SCENE, tmp_path / name, size=SIZE, fps=10, seconds=0.2)

    film = iio.imread(tmp_path / "a.mp4")[0]
    assert np.abs(np.subtract(corner(film), GROUND)).max() <= 3
    with Image.open(tmp_path / "a.gif") as picture:
        shown = np.asarray(picture.convert("RGB"))
    assert corner(shown) == GROUND
    colors = {tuple(map(int, color)) for color in np.unique(shown.reshape(-1, 3), axis=0)}
    assert {GROUND, *CLASSES} <= colors


def test_a_still_has_the_scenes_own_theme(tmp_path: Path) -> None:
    """In pixels and in vectors, and as a contact sheet."""
    still(SCENE, tmp_path / "a.png", size=SIZE)
    still(SCENE, tmp_path / "a.svg", size=SIZE)
    contact(SCENE, tmp_path / "b.png", [0, 2], size=SIZE)

    assert corner(iio.imread(tmp_path / "a.png")) == GROUND
    assert corner(iio.imread(tmp_path / "b.png")) == GROUND
    assert {SEPIA.ground, SEPIA.panel, SEPIA.ink, *SEPIA.classes} <= fills(tmp_path / "a.svg")
    assert not fills(tmp_path / "a.svg") & {themes.dark.ground, themes.dark.panel, themes.dark.ink}


def test_a_comparison_has_a_theme_of_its_own_or_that_of_its_first_scene(tmp_path: Path) -> None:
    """As with a theme's name."""
    others = [replace(SCENE, theme="paper"), SCENE]

    still(Comparison(others), tmp_path / "a.png", size=SIZE)
    still(Comparison(others[::-1]), tmp_path / "b.png", size=SIZE)
    still(Comparison(others, theme=SEPIA), tmp_path / "c.png", size=SIZE)

    found = [corner(iio.imread(tmp_path / name)) for name in ("a.png", "b.png", "c.png")]
    assert found == [(255, 255, 255), GROUND, GROUND]


def test_a_theme_that_is_asked_for_goes_before_the_scenes(tmp_path: Path) -> None:
    """By `render`, by `still` and by a film's `frame`; it is a value there too."""
    night = SEPIA.replace(name="night", ground="#101830")
    film = Film(record(SCENE))

    render(SCENE, tmp_path / "a.gif", size=SIZE, fps=10, seconds=0.1, theme=night)
    still(SCENE, tmp_path / "a.png", size=SIZE, theme=night)

    with Image.open(tmp_path / "a.gif") as picture:
        assert corner(np.asarray(picture.convert("RGB"))) == (0x10, 0x18, 0x30)
    assert corner(iio.imread(tmp_path / "a.png")) == (0x10, 0x18, 0x30)
    assert corner(film.frame(0.0, SIZE)) == GROUND
    assert corner(film.frame(0.0, SIZE, theme=night)) == (0x10, 0x18, 0x30)
    assert corner(film.frame(0.0, SIZE, theme="light")) == (255, 255, 255)


def test_a_transparent_theme_of_ones_own_is_transparent(tmp_path: Path) -> None:
    """Where the format can; a refusal calls it by its name."""
    clear = SEPIA.replace(name="clear", transparent=True)

    render(SCENE, tmp_path / "a.webp", size=SIZE, fps=10, seconds=0.1, theme=clear)

    with Image.open(tmp_path / "a.webp") as picture:
        assert np.asarray(picture.convert("RGBA"))[0, 0, 3] == 0
    with pytest.raises(UsageError, match="transparent as the theme 'clear' is"):
        render(SCENE, tmp_path / "a.mp4", size=SIZE, theme=clear)


def test_a_replaced_theme_is_another() -> None:
    """What is not named stays; the built-in ones stay as they are."""
    before = themes.light

    made = themes.light.replace(name="mine", ink="#112233")

    assert (made.name, made.ink, made.ground) == ("mine", "#112233", before.ground)
    assert themes.light == before
    assert made != before


def test_themes_by_name_are_the_values_of_the_page() -> None:
    """`themes.transparent_light` is "transparent-light"."""
    assert {name: getattr(themes, name.replace("-", "_")) for name in THEMES} == dict(THEMES)
    assert {name: theme.name for name, theme in THEMES.items()} == {name: name for name in THEMES}


@pytest.mark.parametrize("count", [1, 40, 400])
def test_a_theme_may_have_any_number_of_classes(count: int) -> None:
    """A palette keeps its colours, its ground first, and room for those of the frames."""
    classes = [f"#{7 * i % 256:02x}{i % 256:02x}{i // 256:02x}" for i in range(count)]
    theme = SEPIA.replace(classes=classes)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (64, 64, 4), dtype=np.uint8) | np.array([0, 0, 0, 255], np.uint8)

    for colors in (256, 40):
        palette = film_palette([noise], theme, colors)
        assert len(palette) == colors
        assert tuple(map(int, palette[0, :3])) == GROUND

    assert theme.color(f"class{count}") == classes[0].upper()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a name that is none": ({"ink": "blak"}, "Theme(ink='blak'): expected a colour, as '#F5A524'"),
    "five digits": ({"grid": "#FFFFF"}, "Theme(grid='#FFFFF'): expected a colour"),
    "no digits": ({"ground": "#GGGGGG"}, "Theme(ground='#GGGGGG'): expected a colour"),
    "numbers": ({"panel": (1, 2, 3)}, "Theme(panel=(1, 2, 3)): expected a colour"),
    "a class's name": ({"classes": ("#A0522D", "rad")}, "'rad'): expected a colour"),
    "a veil": ({"ink": "#00000080"}, "Theme(ink='#00000080') lets through what lies behind"),
    "no classes": ({"classes": ()}, "Theme(classes=()): expected the colours of the classes"),
    "one colour for classes": ({"classes": "#A0522D"}, "Theme(classes='#A0522D'): expected"),
    "no font": ({"font": 3}, "Theme(font=3): expected a family of this system, as 'DejaVu Sans'"),
    "no name": ({"name": ""}, "Theme(name=''): expected a name"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.usefixtures("no_training")
def test_a_wrong_theme_is_refused(name: str, scene_file: SceneFile, refused: Refused) -> None:
    """In one line that says where, whether it is made anew or of another."""
    changes, says = WRONG[name]
    with pytest.raises(SceneError) as caught:
        SEPIA.replace(**changes)
    assert says in str(caught.value)

    text = f"theme=themes.dark.replace(**{changes!r}),"
    file = scene_file(before="from nnanim import themes", more=text)
    refused("still", file, code=3, says=("tiny.py:", says))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("themes.dark.replace(inc='#000000')", "unknown part of a theme 'inc': expected name"),
        ("Theme(name='mine', ground='#000000')", "missing 7 required positional arguments"),
        ("Theme", "expected a name, dark | light | paper | transparent | transparent-light, or T"),
        ("themes", "expected a name, dark | light"),
        ("3", "theme=3: expected a name, dark | light"),
        ("None", "theme=None: expected a name, dark | light"),
        ("'sepia'", "unknown theme 'sepia': expected dark | light"),
    ],
)
@pytest.mark.usefixtures("no_training")
def test_what_is_no_theme_is_refused(
    given: str, says: str, scene_file: SceneFile, refused: Refused
) -> None:
    """In one line, of a scene as of a comparison; there, None is the first scene's."""
    before = "from nnanim import Comparison, Theme, themes"
    refused("still", scene_file(before=before, more=f"theme={given},"), code=3, says=(says,))

    if given != "None":
        path = scene_file(before=before)
        one = path.read_text().replace("scene = Scene(", "one = Scene(")
        path.write_text(f"{one}\nscene = Comparison([one] * 2, theme={given})\n")
        refused("still", path, code=3, says=(says,))


def test_every_role_is_a_colour_of_its_own_name() -> None:
    """What marks call it is what a theme calls it."""
    assert [SEPIA.color(role) for role in ROLES] == [getattr(SEPIA, role) for role in ROLES]
    assert SEPIA.rgba("ground", 0.5) == (0xF4 / 255, 0xEC / 255, 0xD8 / 255, 0.5)
    assert (SEPIA.color("class1"), SEPIA.color("class2")) == SEPIA.classes[::-1]


# -- colours as CSS writes them ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "rgba"),
    [
        ("navy", (0, 0, 128, 255)),
        ("RebeccaPurple", (102, 51, 153, 255)),
        ("#f80", (255, 136, 0, 255)),
        ("#F808", (255, 136, 0, 136)),
        ("#F5A524", (245, 165, 36, 255)),
        ("#F5A52480", (245, 165, 36, 128)),
        ("rgb(0, 114, 178)", (0, 114, 178, 255)),
        ("rgb(0 114 178 / 50%)", (0, 114, 178, 127.5)),
        ("rgba(100%, 0%, 0%, .5)", (255, 0, 0, 127.5)),
        ("hsl(120 100% 25%)", (0, 127.5, 0, 255)),
        ("hsl(0deg, 0%, 50%)", (127.5, 127.5, 127.5, 255)),
        ("transparent", (0, 0, 0, 0)),
    ],
)
def test_a_colour_is_read_as_css_writes_it(written: str, rgba: tuple[float, ...]) -> None:
    """By name, in digits or as a function."""
    found = css_rgba(written)

    assert found is not None
    assert np.allclose(np.array(found) * 255, rgba)


@pytest.mark.parametrize(
    "written", ["", "nav y", "#12345", "rgb(1, 2)", "rgb(a b c)", "hsl(50% 1% 1%)", "url(x)", "#"]
)
def test_what_is_no_colour_of_css_is_none(written: str) -> None:
    """Nothing is guessed."""
    assert css_rgba(written) is None


def test_the_names_of_css_are_matplotlibs() -> None:
    """All 148, with the same colours."""
    theirs = {name: str(color).upper() for name, color in CSS4_COLORS.items()}
    assert theirs == NAMES
    assert len(NAMES) == 148


def test_a_theme_is_made_of_any_colours_of_css() -> None:
    """It holds them in digits."""
    made = themes.light.replace(ink="navy", classes=("rgb(213 94 0)", "#07b"))

    assert (made.ink, made.classes) == ("#000080", ("#D55E00", "#0077BB"))


@dataclass(frozen=True)
class Marked:
    """A view whose marks have colours of CSS."""

    color: str

    def panels(self, film: Any) -> list[Panel]:
        """Return one panel, whose legend names a colour too."""
        del film
        return [Panel("Mine", (0, 1), (0, 1), legend=(("teal", "teal"),))]

    def marks(self, film: Any, t: float) -> list[list[Mark]]:
        """Return a square."""
        del film, t
        square = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]])
        return [[Polygons([square], self.color)]]


def test_a_mark_has_any_colour_of_css_and_a_gif_has_it_exactly(tmp_path: Path) -> None:
    """In vectors too."""
    scene = replace(SCENE, views=[Marked("rebeccapurple")])
    render(scene, tmp_path / "a.gif", size=SIZE, fps=10, seconds=0.2)
    still(scene, tmp_path / "a.svg", size=SIZE)

    with Image.open(tmp_path / "a.gif") as picture:
        shown = np.asarray(picture.convert("RGB"))
    colors = {tuple(map(int, color)) for color in np.unique(shown.reshape(-1, 3), axis=0)}
    assert {(102, 51, 153), (0, 128, 128)} <= colors
    assert "#663399" in fills(tmp_path / "a.svg")


@pytest.mark.usefixtures("no_training")
def test_a_mark_of_a_colour_that_is_none_is_refused_before_the_training(tmp_path: Path) -> None:
    """With the nearest, and the roles that there are."""
    with pytest.raises(
        SceneError, match=r"unknown colour 'rebecapurple': expected a role.*did you"
    ):
        still(replace(SCENE, views=[Marked("rebecapurple")]), tmp_path / "a.png", cache=False)


def test_colours_that_are_hard_to_see_are_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Those of a theme of one's own, and those that views name; nnanim's own are known."""
    advise.cache_clear()
    faint = themes.light.replace(name="faint", ink="#AAAAAA", classes=("#FFEE88", "#0072B2"))
    scene = replace(SCENE, views=[Marked("lightyellow")], theme=faint)
    for _ in range(2):
        still(scene, tmp_path / "a.png", size=SIZE, cache=False)
    for name in THEMES:
        still(SCENE, tmp_path / "b.png", size=SIZE, theme=name)

    assert caplog.messages == [
        "the theme 'faint' has the ground #FFFFFF: ink (2.3 : 1), class0 (1.2 : 1) are hard to see "
        "on it, below 3 : 1",
        "the theme 'faint' has the ground #FFFFFF: lightyellow (1.0 : 1) is hard to see on it, "
        "below 3 : 1",
    ]


@pytest.mark.parametrize("text", [0.5, 0, -1.4, 9, float("nan"), "large", True, None])
def test_texts_of_no_such_size_are_refused(text: Any) -> None:
    """They are never smaller than usual."""
    with pytest.raises(SceneError, match=r"Theme\(text=.*from 1 to 3, as 1.4 for a lecture"):
        themes.light.replace(text=text)


def test_for_a_lecture_texts_are_larger() -> None:
    """Whatever the theme says of them."""
    usual, told = (look_for(RINGS, (1920, 1080), "light", False, lecture=k) for k in (False, True))

    assert (usual.scale.small, usual.scale.figures) == (24, 30)
    assert (told.scale.small, told.scale.figures) == (34, 42)
    assert told.scale.stroke == usual.scale.stroke


# -- colours that can be told apart --------------------------------------------------------------

# How linear red, green and blue are seen without one kind of cone (Machado 2009, severity 1).
SIGHTS = {
    "all three": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
COLORED = [theme for theme in THEMES.values() if theme.name != "paper"]


def lab(theme: Theme, roles: list[str], sight: str = "all three") -> Floats:
    """Return L*, a* and b* (n, 3) under D65 of colours as they are seen."""
    rgb = np.array([theme.rgba(role)[:3] for role in roles])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ SIGHTS[sight].T, 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    )  # fmt: skip
    xyz = linear @ to_xyz.T / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    pairs = 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])
    return np.stack([116 * f[:, 1] - 16, *pairs], axis=1)


def ciede2000(one: Floats, other: Floats) -> float:
    """Return how far two colours (3,) of CIELAB are apart."""
    chroma = (np.hypot(*one[1:]) + np.hypot(*other[1:])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    c1, c2 = (np.hypot(stretch * color[1], color[2]) for color in (one, other))
    h1, h2 = (np.degrees(np.arctan2(color[2], stretch * color[1])) % 360 for color in (one, other))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 > 0 else 0.0
    hue = np.radians((h1 + turn / 2) % 360 if c1 * c2 > 0 else h1 + h2)
    light, chroma = (one[0] + other[0]) / 2, (c1 + c2) / 2
    terms = zip((-0.17, 0.24, 0.32, -0.20), (1, 2, 3, 4), (-30, 0, 6, -63), strict=True)
    t = 1 + sum(a * np.cos(k * hue + np.radians(shift)) for a, k, shift in terms)
    by_light = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    d_light = (other[0] - one[0]) / by_light
    d_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    tilt = np.radians(60) * np.exp(-(((np.degrees(hue) - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(tilt)
    return float(np.sqrt(d_light**2 + d_chroma**2 + d_hue**2 + rotation * d_chroma * d_hue))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.4900, -0.0010), (50, -2.4900, 0.0011), 7.2195),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distances_are_those_that_ciede2000_was_published_with(
    one: tuple[float, ...], other: tuple[float, ...], apart: float
) -> None:
    """By Sharma, Wu and Dalal, 2005."""
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(apart, abs=1e-4)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", COLORED, ids=lambda theme: theme.name)
def test_all_classes_can_be_told_apart_without_red_or_green(theme: Theme, sight: str) -> None:
    """Each two of the twelve, and each from the boundary."""
    roles = [*(f"class{k}" for k in range(COLORS)), "boundary"]
    seen = lab(theme, roles, sight)

    apart = {
        (roles[i], roles[j]): ciede2000(seen[i], seen[j])
        for i in range(len(roles))
        for j in range(i)
    }

    assert {pair: far for pair, far in apart.items() if far < 11} == {}


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_all_classes_stand_out_from_the_ground_and_differ_in_lightness(theme: Theme) -> None:
    """3 : 1, in every theme."""
    roles = [f"class{k}" for k in range(COLORS)]

    assert len(theme.classes) == COLORS
    assert min(theme.contrast(role) for role in roles) >= LEAST_CONTRAST
    assert lab(theme, roles)[:, 0].std() >= 8


def test_on_paper_classes_have_a_grey_or_a_shape_of_their_own() -> None:
    """Four greys, each far from the next; many points as few."""
    greys = [themes.paper.color(f"class{k}") for k in range(COLORS)]
    lights = sorted({lab(themes.paper, [grey])[0, 0] for grey in greys})

    assert all(grey[1:3] == grey[3:5] == grey[5:7] for grey in greys)
    assert len(lights) == 4
    for low, high in itertools.pairwise(lights):
        assert ciede2000(np.array([low, 0, 0]), np.array([high, 0, 0])) >= 11
    for few in (True, False):
        looks = {(grey, class_shape(k, few=few)) for k, grey in enumerate(greys)}
        assert len(looks) == COLORS


def test_units_have_ten_colours_none_of_them_the_first_two_classes() -> None:
    """The eleventh begins anew."""
    roles = [unit_role(unit) for unit in range(11)]

    assert len(set(roles)) == 10
    assert not {"class0", "class1"} & set(roles)
    for theme in COLORED:
        colors = {theme.color(role) for role in roles}
        assert len(colors) == 10
        assert not colors & {theme.color("class0"), theme.color("class1")}


# -- maps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["viridis", "magma", "twilight"])
def test_paper_draws_the_maps_of_views_in_their_greys(name: str) -> None:
    """As light as they are: what rises in light goes on rising."""
    found, colors = (color_table(name, theme, color_map) for theme in (themes.paper, themes.light))

    assert (found[:, :1] == found[:, 1:3]).all()
    assert not (colors[:, :1] == colors[:, 1:3]).all()
    linear = np.where(colors <= 10, colors / 255 / 12.92, ((colors / 255 + 0.055) / 1.055) ** 2.4)
    grey = np.where(found <= 10, found / 255 / 12.92, ((found / 255 + 0.055) / 1.055) ** 2.4)
    light = linear[:, :3] @ [0.2126, 0.7152, 0.0722]
    np.testing.assert_allclose(grey[:, 0], light, atol=0.005)
    np.testing.assert_array_equal(found[:, 3], colors[:, 3])


def test_a_film_on_paper_is_grey_with_its_colour_bar_and_its_page(tmp_path: Path) -> None:
    """A printer in black and white loses nothing of it."""
    scene = replace(RINGS, views=[views.Activations("hidden1")], theme="paper")

    picture = Film(record(scene)).frame(0.5, (640, 360)).astype(int)
    render(scene, tmp_path / "paper.html")
    page = (tmp_path / "paper.html").read_text(encoding="utf-8")

    assert np.ptp(picture[..., :3], axis=2).max() <= 2
    stops = re.findall(r'stop-color="#(..)(..)(..)"', page)
    assert stops
    assert all(red == green == blue for red, green, blue in stops)


@pytest.mark.parametrize(
    "view",
    [views.Activations("hidden1"), views.Landscape(), views.Landscape(surface=True)],
    ids=["activations", "landscape", "surface"],
)
@pytest.mark.parametrize("theme", [themes.dark, themes.light, themes.paper])
def test_what_is_drawn_over_a_map_has_an_edge_that_no_colour_of_it_hides(
    view: View, theme: Theme
) -> None:
    """Between the boundary and its edge there is contrast, whatever lies below."""
    film = Film(record(replace(RINGS, views=[view])))

    marks = view.marks(film, film.timeline.seconds)[0]
    lines = [mark for mark in marks if isinstance(mark, Lines)]
    at = next(i for i, mark in enumerate(lines) if mark.color == "boundary")

    assert lines[at - 1].color == "ground"
    assert lines[at - 1].paths is lines[at].paths
    assert lines[at - 1].width >= lines[at].width + 2
    assert theme.contrast("boundary") >= 7
