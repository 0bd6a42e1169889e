"""Fonts: every letter from one that has it, or said to have none; formulas between dollars."""

import logging
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontEntry, fontManager

from nnanim import Scene, Timeline, themes, views
from nnanim.drawing import fonts
from nnanim.drawing.fonts import family_of, font_for, tell_of_lacks
from nnanim.drawing.formulas import expect_settable, runs_of
from nnanim.drawing.typesetter import glyphs_of, width
from nnanim.errors import SceneError
from nnanim.rendering.stills import still
from nnanim.words import ja
from tests.recordings import RINGS

JAPANESE = Path(__file__).parent / "fonts" / "TestGothic.otf"
PRIVATE = "\ue123"  # a letter that no font has
SIZE = (640, 360)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what fonts lack and which of them were added, before a test and after it."""
    monkeypatch.setattr(fonts, "_lacking", set())
    monkeypatch.setattr(fonts, "_told", set())
    # Only what matplotlib brings with it, and what a test adds: not what this machine has, too.
    monkeypatch.setattr("matplotlib.font_manager.findSystemFonts", list)
    entries = list(fontManager.ttflist)
    bundled = [entry for entry in entries if "matplotlib" in entry.fname]
    _forget(bundled)
    yield
    _forget(entries)


def _forget(entries: list[FontEntry]) -> None:
    fontManager.ttflist = list(entries)
    fontManager._findfont_cached.cache_clear()  # type: ignore[attr-defined]
    for cached in (fonts.family_of, fonts._letters, fonts._covering):
        cached.cache_clear()


def masks(text: str, family: str = "DejaVu Sans") -> list[np.ndarray]:
    """Return what is drawn of a text, piece by piece."""
    return [glyph.mask for glyph in glyphs_of(text, family, 40.0, False)]


def test_a_font_is_found_by_its_name_however_it_is_written() -> None:
    """As CSS finds it."""
    assert family_of("dejavu sans") == "DejaVu Sans"
    assert family_of("serif") == "serif"


def test_a_font_that_is_not_installed_names_near_ones() -> None:
    """In one line."""
    with pytest.raises(SceneError, match=r"'DejaVu Sanz' is not installed.*near are DejaVu Sans"):
        family_of("DejaVu Sanz")


@pytest.mark.parametrize("content", [None, b"", b"no font at all"])
def test_a_file_that_is_no_font_is_refused(content: bytes | None, tmp_path: Path) -> None:
    """As is one that is not there."""
    path = tmp_path / "mine.otf"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SceneError, match=r"font '.*mine\.otf': .*expected a \.ttf or \.otf file"):
        family_of(str(path))


def test_a_font_is_taken_from_a_file() -> None:
    """It is then found by the name of its family."""
    assert family_of(str(JAPANESE)) == "Test Gothic"
    font, text = font_for("Test Gothic", 20.0, False, "学習")

    assert (font.get_family(), text) == (["Test Gothic"], "学習")


def test_letters_that_the_font_lacks_come_from_one_that_has_them() -> None:
    """The others stay those of the font itself."""
    plain = masks("loss ")[0]
    family_of(str(JAPANESE))
    font, text = font_for("DejaVu Sans", 20.0, False, "loss 学習")

    assert (font.get_family(), text) == (["DejaVu Sans", "Test Gothic"], "loss 学習")
    assert np.array_equal(masks("loss ")[0], plain)
    assert font_for("DejaVu Sans", 20.0, False, "loss")[0].get_family() == ["DejaVu Sans"]


def test_what_no_font_has_is_told_once_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Never as a warning of Python's; what has no shape of its own is left out in silence."""
    with warnings.catch_warnings(), caplog.at_level(logging.INFO):
        warnings.simplefilter("error")
        unseen = font_for("DejaVu Sans", 20.0, False, "a\ufe0fb")[1]
        for _ in range(2):
            drawn = glyphs_of(f"a{PRIVATE}b 学", "DejaVu Sans", 20.0, False)
            tell_of_lacks()

    assert unseen in ("ab", "a\ufe0fb")
    assert drawn
    (line,) = caplog.messages
    assert line.startswith(f"no font of this system has 学 (U+5B66) {PRIVATE} (U+E123): drawn as �")


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_still_in_japanese_has_every_letter(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the font in a file as the theme's, and with one that has the letters."""
    scene = replace(RINGS, words="ja", training=replace(RINGS.training, epochs=1))
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        for theme in (themes.dark.replace(font=str(JAPANESE)), themes.dark):
            path = still(scene, tmp_path / f"a.{kind}", theme=theme, size=SIZE, cache=False)

    assert path.stat().st_size > 1_000
    assert caplog.records == []
    if kind == "svg":
        texts = "".join("".join(node.itertext()) for node in ET.parse(path).iter())
        assert "エポック" in texts


def test_the_font_of_the_tests_has_every_word_of_japanese() -> None:
    """And stands for a font of that script, which this machine may not have."""
    family_of(str(JAPANESE))
    words = "".join(word for word in ja.WORDS.values() if isinstance(word, str))

    assert {c for c in words if ord(c) not in fonts._letters("Test Gothic", False)} == set()
    assert JAPANESE.stat().st_size < 150_000
    assert "SIL OPEN FONT LICENSE" in (JAPANESE.parent / "OFL.txt").read_text()


@pytest.mark.usefixtures("no_training")
def test_a_font_that_is_none_is_refused_before_the_training(tmp_path: Path) -> None:
    """A scene's own theme, and one that is asked for."""
    theme = themes.dark.replace(font="Nonesuch")
    for scene, given in ((replace(RINGS, theme=theme), None), (RINGS, theme)):
        with pytest.raises(SceneError, match="font 'Nonesuch' is not installed"):
            still(scene, tmp_path / "a.png", theme=given, size=SIZE, cache=False)


# -- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("plain", [("plain", False)]),
        ("", [("", False)]),
        ("$x_1$", [("$x_1$", True)]),
        (r"a $\alpha_i$ b", [("a ", False), (r"$\alpha_i$", True), (" b", False)]),
        ("$a$$b$", [("$a$", True), ("$b$", True)]),
        ("price in $", [("price in $", False)]),
        (r"\$5 or \$6", [("$5 or $6", False)]),
        (r"\$5, $x$", [("$5, ", False), ("$x$", True)]),
    ],
)
def test_what_stands_between_two_dollars_is_a_formula(
    text: str, runs: list[tuple[str, bool]]
) -> None:
    r"""And `\$` is a dollar."""
    assert list(runs_of(text)) == runs


@pytest.mark.parametrize(
    "text", ["$x_$", r"$\frac$", "$$", r"$\nonesuch$", "$" + "x" * 500 + "$", "$" + "{" * 200 + "$"]
)
def test_a_formula_that_cannot_be_set_is_refused_in_one_line(text: str) -> None:
    """With what to write for a dollar."""
    with pytest.raises(SceneError, match=r"formula.*\\\$ for a dollar") as refused:
        expect_settable(text)

    assert "\n" not in str(refused.value)
    assert list(runs_of(text)) == [(text, False)]  # of anyone's words, the letters themselves


def test_a_formula_is_drawn_in_films_as_in_stills() -> None:
    """Not as its letters; its room is that of what is seen."""
    (formula,) = masks(r"$\sqrt{\frac{a}{b}}$")

    assert formula.shape[0] > 40
    assert width(r"$x_1$", "DejaVu Sans", 40.0) < width("x_1", "DejaVu Sans", 40.0)
    assert len(masks("w $x$ 12")) == 5


def test_formulas_are_set_on_many_threads_at_once() -> None:
    """matplotlib's grammar is one for all; each thread meets formulas that no other has."""

    def widths(i: int) -> list[int]:
        return [width(f"$a_{{{i}}} + b_{{{k}}}$", "DejaVu Sans", 20.0) for k in range(12)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(widths, range(8)))

    assert found == [widths(i) for i in range(8)]


def test_titles_captions_and_axes_take_formulas(tmp_path: Path) -> None:
    """In pixels and in vectors; one that cannot be set is refused before the training."""
    scene: Scene = replace(
        RINGS, title=r"$\sigma(W x + b)$ for \$5", training=replace(RINGS.training, epochs=1)
    )
    for kind in ("png", "svg"):
        path = still(scene, tmp_path / f"a.{kind}", size=SIZE, cache=False)

    texts = [e for e in ET.parse(path).iter() if e.tag.endswith("text")]
    drawn = "".join("".join(text.itertext()) for text in texts)
    assert "σ" in drawn
    assert r"\sigma" not in drawn
    assert "for $5" in drawn
    named = replace(RINGS.dataset, class_names=("$x_$", "b"))  # type: ignore[type-var]
    for wrong in (
        replace(scene, title="$x_$"),
        replace(scene, timeline=Timeline(pauses={"accuracy 1.0": "$x_$"})),
        replace(scene, dataset=named, views=[views.InputSpace(legend=True)]),
    ):
        with pytest.raises(SceneError, match="cannot be set"):
            still(wrong, tmp_path / "b.png", size=SIZE, cache=False)
