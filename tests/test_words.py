"""The words that nnanim writes: all of them in one table, in every language."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import (
    Comparison,
    Film,
    NnanimError,
    Recording,
    Scene,
    Training,
    acts,
    datasets,
    models,
    record,
    views,
)
from nnanim.drawing.surface import Box, Placement
from nnanim.errors import SceneError
from nnanim.marks import Mark, Text
from nnanim.recording.record import untrained
from nnanim.rendering.extras import alt_text
from nnanim.rendering.filming import film_from, sheet_of
from nnanim.rendering.subject import directed
from nnanim.scene.timeline import Timeline
from nnanim.sheet.contact_sheet import contact_sheet
from nnanim.sheet.sheet import Sheet
from nnanim.view import View, panels_of
from nnanim.words import LANGUAGES, Template, Words, places, words_from
from nnanim.words.en import WORDS
from tests.pictures import look
from tests.recordings import FIT, RINGS, Given, rings_film, thirds_scene

# Names of losses, optimisers, data and inputs, which are the same in every language.
NAMES = {"Adam", "Given", "SGD", "bce", "mse", "cross_entropy", "tanh", "x", "y", "z"}
NAMES |= {"W_", "b_", "h"}  # in formulas


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_with_the_same_places(language: str) -> None:
    """And no other word; what is counted in English may be counted, nothing else."""
    table, ones = LANGUAGES[language]

    assert list(table) == list(WORDS)
    for text, template in table.items():
        parts = template if isinstance(template, tuple) else (template,)
        assert all(places(part) == places(text) for part in parts), text
        assert all(part.strip() == part and part for part in parts), text
        assert len(parts) == 1 or isinstance(WORDS[text], tuple), text
    assert bool(ones) == any(isinstance(template, tuple) for template in table.values())


def test_english_says_the_words_themselves() -> None:
    """A word is called by what it is in English, of several where it counts."""
    assert all(text == (t[1] if isinstance(t, tuple) else t) for text, t in WORDS.items())


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 0, "0 regions"),
        ("en", 1, "1 region"),
        ("de", 1, "1 Gebiet"),
        ("fr", 0, "0 région"),
        ("fr", 2, "2 régions"),
        ("ja", 1, "1 個の領域"),
    ],
)
def test_a_number_takes_the_form_of_its_language(language: str, number: int, said: str) -> None:
    """French counts nothing as one; Japanese does not tell one from several."""
    assert words_from(language)("{n} regions", n=number) == said


def test_numbers_are_written_as_the_language_writes_them() -> None:
    """With its decimal sign, and its space before the sign of percent."""
    assert [words_from(name).number("0.95") for name in LANGUAGES] == [
        *("0.95", "0,95", "0,95", "0,95", "0.95", "0.95")
    ]
    assert [words_from(name).percent("95") for name in ("en", "de", "zh")] == [
        "95 %",
        "95 %",
        "95%",
    ]


# -- every word that is written is in the table --------------------------------------------------


def disguised(template: Template) -> Template:
    """Return a text with λ for every letter outside its places."""
    if isinstance(template, tuple):
        return str(disguised(template[0])), str(disguised(template[1]))
    parts = re.split(r"(\{[a-z]+\})", template)
    return "".join(p if p.startswith("{") else re.sub("[A-Za-z]", "λ", p) for p in parts)


DISGUISED = {text: disguised(template) for text, template in WORDS.items()}


@dataclass
class Heard:
    """Takes in every text that is drawn, as a canvas whose letters are all alike."""

    texts: list[str] = field(default_factory=list)

    def write(self, text: Text) -> None:
        """Take in a text."""
        self.texts.append(text.text)

    def draw(self, mark: Mark, place: Placement) -> None:
        """Take in a mark's text."""
        del place
        if isinstance(mark, Text):
            self.texts.append(mark.text)

    def rectangle(self, box: Box, role: str, alpha: float = 1.0) -> None:
        """Take nothing in."""

    def text_width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return so much for each letter."""
        del bold
        return 0.1 * size * len(text)


def texts_of(sheet: Sheet, times: tuple[float, ...]) -> Iterator[str]:
    """Give all texts of a sheet, of its panels also those that found no room."""
    heard: Any = Heard()
    sheet.draw_furniture(heard)
    for t in times:
        sheet.draw_marks(heard, t)
        sheet.draw_figures(heard, t)
    yield from heard.texts
    for panel in (panel for panels in sheet.panels for panel in panels):
        yield from (panel.title, panel.subtitle, panel.x_label, panel.y_label)
        yield from (label for label, *_ in panel.legend)
        yield from (panel.camera.names if panel.camera else ())
        yield panel.color_bar.label if panel.color_bar else ""


def of_space(width: int, *shown: View, **more: Any) -> Scene:
    """Return rings through a layer of that width, with the names that the data set has itself."""
    return replace(RINGS, model=models.mlp(2, width, 1, output="sigmoid"), views=[*shown], **more)


@cache
def two_outputs() -> Scene:
    """Return a regression of two outputs over two inputs."""
    points = np.random.default_rng(0).uniform(-1, 1, (60, 2))
    given = Given(points.astype(np.float32), points[:, ::-1].astype(np.float32), "regression")
    shown: list[View] = [
        views.Arrows(),
        views.OutputSpace(),
        views.Parity(),
        views.Histogram("loss"),
    ]
    return replace(FIT, dataset=given, model=models.mlp(2, 3, 2), views=shown)


def unnamed(scene: Scene, *shown: View) -> Scene:
    """Return a scene whose classes have no names, with these views."""
    data = scene.dataset.arrays(0)
    given = Given(data.inputs, data.targets, scene.dataset.task, scene.dataset.window)
    return replace(scene, dataset=given, views=[*shown])


SCENES = {
    "plane": replace(
        RINGS,
        views=[
            *(views.InputSpace(legend=True, badge=True), views.HiddenSpace(), views.Network()),
            *(views.HiddenSpace("hidden1"), views.Spectrum(), views.LayerMeasures()),
            views.Topology(),
            *(views.Landscape(side=15), views.Landscape(surface=True, side=15)),
        ],
    ),
    "units": of_space(
        4, views.Activations(), views.ActiveUnits(), views.ActiveUnits(count=False),
        views.UnitLines(), views.HiddenSpace3D(), views.HiddenTriples(), views.Loss(),
    ),
    "two layers": replace(
        RINGS, views=[views.ActiveUnits(), views.Jacobian(gradient=True), views.Loss(per="step")]
    ),
    "probability": replace(
        RINGS, views=[views.Probability(badge=True), views.Surface(), views.Histogram(),
                      views.Line1D("output"), views.Histogram("loss"), views.Weights()],
    ),
    "unnamed": unnamed(
        RINGS, views.Probability(), views.Surface(), views.Histogram(), views.Line1D("output")
    ),
    "line": replace(
        RINGS, dataset=datasets.line(n=80), model=models.mlp(1, 1, 1, output="sigmoid"),
        views=[views.Line1D(), views.HiddenSpace()],
    ),
    "curve": replace(
        FIT, model=models.mlp(1, 3, 1),
        views=[views.Fit(), views.Contributions(), views.Thresholds(), views.Parity()],
    ),
    "outputs": two_outputs(),
    "layers": replace(
        RINGS, views=[views.Depth()], timeline=Timeline(acts=[acts.Morph(seconds=4)])
    ),
    "folds": replace(
        RINGS, views=[views.Folding(color="slope")],
        model=models.mlp(2, 4, 2, 1, activation="relu", output="sigmoid"),
    ),
    "dead": of_space(2, views.HiddenSpace(), views.UnitLines(), training=replace(
        RINGS.training, batch_size=None)),
    "classes": replace(
        thirds_scene(), views=[views.Histogram(), views.UnitLines()],
        dataset=replace(thirds_scene().dataset, class_names=("1", "2", "3")),  # type: ignore[type-var]
    ),
}  # fmt: skip
SCENES["surface of numbers"] = replace(
    two_outputs(),
    dataset=replace(
        two_outputs().dataset,  # type: ignore[type-var]
        targets=two_outputs().dataset.arrays(0).targets[:, :1],
        axis_names=("x", "y", "z"),
    ),
    model=models.mlp(2, 3, 1),
    views=[views.Surface(), views.Prediction(), views.HiddenSpace()],
)


def expect_known(texts: Iterator[str]) -> None:
    """Find no letter that is not of a name or of the disguised words."""
    for text in texts:
        left = [word for word in re.findall(r"(?<![0-9])[A-Za-z_]+", text) if word not in NAMES]
        assert left == [], text


@pytest.mark.parametrize("name", SCENES)
def test_no_view_and_no_sheet_writes_a_word_that_is_not_in_the_table(name: str) -> None:
    """With other words for all of them, none is left, in the picture or in the alt text."""
    film = Film(untrained(replace(SCENES[name], words=DISGUISED)))

    sheet = sheet_of(film, look())
    end = film.timeline.seconds

    assert any("λ" in text for text in texts_of(sheet, (0.0, end)))
    expect_known(texts_of(sheet, (0.0, end)))
    # Of layers' names there, those of the model are told, which are its author's.
    alt = re.sub(r"\b(hidden\d|output)\b", "", alt_text(sheet, (0.0, end)))
    expect_known(iter([alt]))


def test_all_built_in_views_are_looked_at() -> None:
    """Each in one of the scenes at least."""
    shown = {type(view).__name__ for scene in SCENES.values() for row in scene.rows for view in row}

    assert shown == set(views.__all__)


def test_comparisons_and_contact_sheets_write_no_other_word_either() -> None:
    """Nor does a training that diverged, nor does a clock of shares."""
    scenes = [replace(RINGS, training=replace(RINGS.training, epochs=n)) for n in (2, 4)]
    comparison = Comparison(scenes, names=["1", "2"], words=DISGUISED)
    starts = [untrained(scene) for scene in comparison.to_train]
    broken = [replace(r, header=replace(r.header, diverged_at=1)) for r in starts]
    for recordings in (starts, broken):
        film = film_from(comparison, recordings, Timeline())
        sheet = sheet_of(film, look())

        expect_known(texts_of(sheet, (0.0, film.timeline.seconds)))
        expect_known(texts_of(contact_sheet(sheet, [0.0]), (0.0,)))
    alone = sheet_of(Film(replace(broken[0], scene=replace(RINGS, words=DISGUISED))), look())
    expect_known(texts_of(alone, (0.0, alone.film.timeline.seconds)))


def test_a_recording_of_activations_writes_no_other_word_either() -> None:
    """It says in its recipe that it mixes them."""
    recording = record(replace(RINGS, training=Training(epochs=1, lr=0.1, loss="bce")))
    told = {"samples": 1, "of": 1, "inputs": 2, "outputs": 1, "widths": [2], "layers": []}
    header = replace(recording.header, activations={**told, "hidden": []})
    film = Film(replace(recording, scene=replace(RINGS, words=DISGUISED)))
    film.header = replace(film.header, activations=header.activations)

    expect_known(texts_of(sheet_of(film, look()), (0.0,)))


@pytest.mark.parametrize(
    "kind", [getattr(datasets, name) for name in datasets.__all__ if "from" not in name]
)
def test_what_data_sets_are_called_is_in_the_table(kind: Any) -> None:
    """Their names and those of their classes, but for single letters and numbers."""
    names = [kind().name, *kind().class_names]

    assert [n for n in names if n not in WORDS and not re.fullmatch("[A-Z]|[0-9]", n)] == []


# -- whose words they are ------------------------------------------------------------------------


def test_a_title_and_names_of_nnanims_own_are_said_in_the_language() -> None:
    """Of a data set of nnanim's, its name and its classes."""
    header = Film(untrained(replace(RINGS, words="de"))).header

    assert header.title == "Ringe durch ein 2 → 3 → 2 → 1-Netz"
    assert header.class_names == ["innen", "außen"]


def test_an_authors_words_are_never_translated() -> None:
    """Not even where nnanim has the same word."""
    data = RINGS.dataset.arrays(0)
    given = Given(data.inputs, data.targets, class_names=("inner", "outer"), name="Rings")
    scene = replace(RINGS, dataset=given, title="Moons", description="A line.", words="de")
    film = Film(untrained(scene))

    assert (film.header.title, film.header.description) == ("Moons", "A line.")
    assert film.header.class_names == ["inner", "outer"]
    title = Film(untrained(replace(scene, title=None))).header.title
    assert title == "Rings durch ein 2 → 3 → 2 → 1-Netz"


def test_a_recording_from_a_file_speaks_any_language(tmp_path: Path) -> None:
    """It keeps of what its title is made; one that is given later is its author's."""
    loaded = Recording.load(rings_film().recording.save(tmp_path / "run.safetensors"))

    assert loaded.header.title == "Rings through a 2 → 3 → 2 → 1 network"
    spoken = Film(loaded.with_(words="fr"))
    assert spoken.header.title == "Anneaux à travers un réseau 2 → 3 → 2 → 1"
    assert Film(spoken.recording.with_(title="Moons")).header.title == "Moons"


def test_a_comparison_speaks_the_language_that_it_or_its_first_part_has() -> None:
    """Its title joins the names of its data sets."""
    other = replace(RINGS, dataset=datasets.moons(n=60))
    parts = [RINGS, replace(other, timeline=None)]
    starts = [untrained(scene) for scene in parts]

    def titled(comparison: Comparison) -> str:
        recordings = [
            replace(start, scene=part)
            for start, part in zip(starts, comparison.to_train, strict=True)
        ]
        return film_from(comparison, recordings, Timeline()).header.title

    assert titled(Comparison(parts)) == "Rings and Moons: 2 networks compared"
    german = "Ringe und Monde: 2 Netze im Vergleich"
    assert titled(Comparison(parts, words="de")) == german
    assert titled(Comparison([replace(part, words="de") for part in parts])) == german
    assert isinstance(made := directed(Comparison(parts), words="de"), Comparison)
    assert titled(made) == german


def test_single_words_take_the_place_of_a_languages_own() -> None:
    """The others stay those of the language, English if none is named."""
    own = words_from({"Input space": "Feature plane", "{n} regions": ("{n} part", "{n} parts")})
    german = words_from({"language": "de", "Input space": "Merkmalsebene"})

    assert (own("Input space"), own("{n} regions", n=1)) == ("Feature plane", "1 part")
    assert own("Output space") == "Output space"
    assert (german("Input space"), german("Output space")) == ("Merkmalsebene", "Ausgaberaum")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("dee", "unknown language of words 'dee': .* did you mean 'de'"),
        ({"Input spaces": "x"}, "no 'Input spaces': .* did you mean 'Input space'"),
        ({"input space": "x"}, "no 'input space': .* did you mean 'Input space'"),
        ({"epoch {n}": "round"}, r"'epoch \{n\}': 'round': expected a text with \{n\}"),
        ({"epoch {n}": "{n} {m}"}, r"expected a text with \{n\}"),
        ({"Fit": "{0}"}, r"'Fit': '\{0\}': expected a text with nothing in braces"),
        ({"Fit": 3}, "'Fit': 3: expected a text with nothing in braces"),
        ({"Fit": ("a", "b")}, "'Fit': .* expected a text with nothing in braces"),
        ({"{n} regions": 1}, "or a pair of them, of one and of several"),
        ({3: "x"}, "nnanim writes no 3"),
        ({"language": 3}, "language=3"),
        ({"language": "xx"}, "unknown language"),
        (3, "words=3: expected a language"),
        (["de"], "expected a language"),
    ],
)
def test_words_that_are_none_are_refused_in_one_line(given: Any, message: str) -> None:
    """With the nearest, when the scene is declared, before anything is trained."""
    for declare in (
        lambda: replace(RINGS, words=given),
        lambda: Comparison([RINGS, RINGS], words=given),
        lambda: rings_film().recording.with_(words=given),
    ):
        with pytest.raises(SceneError, match=message) as refused:
            declare()
        assert "\n" not in str(refused.value)


def test_a_recording_from_anyone_may_say_anything_of_its_title(tmp_path: Path) -> None:
    """What cannot be said again is left out: its title stays as it is written."""
    whole = rings_film().recording
    ours = whole.header.ours["title"]
    spoilt: tuple[Any, ...] = (
        *({"title": 3}, {"title": {"text": "epoch {n}"}}, {"class_names": "yes"}, [], "de"),
        *({"title": {**ours, "data": "Rings"}}, {"title": {**ours, "network": [2]}}),
        {"title": {name: part for name, part in ours.items() if name != "network"}},
    )
    for bad in spoilt:
        path = replace(whole, header=replace(whole.header, ours=bad)).save(
            tmp_path / "run.safetensors"
        )

        header = Film(Recording.load(path).with_(words="de")).header

        assert header.title == whole.header.title


def test_words_are_a_field_of_what_can_be_drawn() -> None:
    """In all that a film is made of."""
    for kind in (Scene, Comparison):
        assert "words" in {each.name for each in fields(kind)}
    assert issubclass(SceneError, NnanimError)
    assert isinstance(rings_film().words, Words)


# -- what an author says instead -----------------------------------------------------------------


@pytest.mark.parametrize("name", views.__all__)
def test_any_view_takes_a_title_and_a_subtitle(name: str) -> None:
    """In place of its own; a view of several panels takes one for each."""
    scene, view = next(
        (scene, view)
        for scene in SCENES.values()
        for row in scene.rows
        for view in row
        if type(view).__name__ == name
    )
    film = Film(untrained(scene))
    own = panels_of(view, film)
    titles = tuple(f"Mine {i}" for i, _ in enumerate(own))

    told: Any = replace(view, title=titles, subtitle=["s"] * len(own))  # type: ignore[type-var]

    assert [panel.title for panel in panels_of(told, film)] == list(titles)
    assert {panel.subtitle for panel in panels_of(told, film)} == {"s"}
    with pytest.raises(SceneError, match=f"{name}.title=.*expected a title for each"):
        panels_of(replace(told, title=(*titles, "x")), film)
    with pytest.raises(SceneError, match=rf"{name}\(subtitle=3"):
        replace(told, subtitle=3)


@pytest.mark.parametrize(
    "kind", [getattr(datasets, name) for name in datasets.__all__ if "from" not in name]
)
def test_any_data_set_takes_names_of_its_classes_and_axes(kind: Any) -> None:
    """As many as it has; they are their author's, in any language."""
    usual = kind()
    axes = [f"axis {i}" for i, _ in enumerate(usual.axis_names)]
    made = kind(axis_names=axes)
    assert made.axis_names == tuple(axes)
    with pytest.raises(SceneError, match=f"axis_names=.*expected {len(axes)} texts"):
        kind(axis_names=[*axes, "more"])
    if usual.class_names:
        names = tuple(f"kind {i}" for i, _ in enumerate(usual.class_names))
        assert kind(class_names=names).class_names == names
        with pytest.raises(SceneError, match=f"class_names=.*expected {len(names)} texts"):
            kind(class_names=(*names, 3))


def test_names_that_are_given_are_not_translated() -> None:
    """Nor are the others kept in English for it."""
    dataset = datasets.rings(n=80, class_names=("outer", "inner"), axis_names=("east", "north"))
    header = Film(untrained(replace(RINGS, dataset=dataset, words="de"))).header

    assert header.class_names == ["outer", "inner"]
    assert header.axis_names == ["east", "north"]
    assert header.title.startswith("Ringe durch")


def test_blobs_are_named_anew_where_there_are_more() -> None:
    """Of a copy with other classes, unless names were given."""
    assert replace(datasets.blobs(classes=3), classes=4).class_names == ("0", "1", "2", "3")
