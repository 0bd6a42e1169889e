"""Stills and contact sheets: pixels, or vectors with real text."""

import re
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import pytest

from nnanim.errors import UsageError
from nnanim.marks import Points
from nnanim.rendering.filming import renderer_of
from nnanim.rendering.stills import contact, still
from nnanim.sheet.contact_sheet import contact_sheet
from nnanim.sheet.sheet import Sheet
from nnanim.views import HiddenSpace, HiddenSpace3D, InputSpace
from nnanim.writers.metadata import film_info
from tests.pictures import look
from tests.recordings import fit_film, rings_film

SMALL = (320, 180)


def text_of(svg: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg.read_text(encoding="utf-8"))


def test_an_svg_holds_real_text_and_vector_marks(tmp_path: Path) -> None:
    """Every label as it reads, every point and line as a path."""
    film = rings_film()

    still(film.recording, tmp_path / "a.svg", epoch=8, size=(1280, 720))

    texts = text_of(tmp_path / "a.svg")
    assert film.header.title in texts
    assert {"Input space", "Hidden layer 2", "epoch", "8.0", "−1", "0", "1"} <= set(texts)
    content = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert content.count("<use ") >= 2 * len(film.data.inputs)
    assert "Verdana, sans-serif" in content
    assert "white-space:pre" in content


def test_a_pdf_holds_real_text(tmp_path: Path) -> None:
    """Its font is embedded, and it is one page of the size of the sheet."""
    still(rings_film().recording, tmp_path / "a.pdf", size=SMALL)

    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"DejaVuSans" in content
    assert b"/MediaBox [ 0 0 320 180 ]" in content


@pytest.mark.parametrize(
    ("film", "kind"),
    [
        *((film, kind) for film in (rings_film, fit_film) for kind in ("svg", "png")),
        (fit_film, "pdf"),
        pytest.param(rings_film, "pdf", marks=pytest.mark.slow),
    ],
)
def test_a_still_has_no_date_and_is_the_same_each_time(
    kind: str, film: type[object], tmp_path: Path
) -> None:
    """Byte for byte."""
    recording = film().recording  # type: ignore[attr-defined]
    for name in ("one", "two"):
        still(recording, tmp_path / f"{name}.{kind}", epoch=1, size=SMALL)

    one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b"CreationDate" not in one
    assert b"<dc:date>" not in one


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_a_still_tells_where_it_came_from(kind: str, tmp_path: Path) -> None:
    """Title, seed and versions are in the file."""
    header = rings_film().header

    still(rings_film().recording, tmp_path / f"a.{kind}", size=SMALL)

    told = film_info(tmp_path / f"a.{kind}")
    assert (told["title"], told["seed"]) == (header.title, header.seed)
    assert told["versions"] == header.versions


def test_a_transparent_svg_has_no_ground(tmp_path: Path) -> None:
    """What is painted first is invisible."""
    still(rings_film().recording, tmp_path / "a.svg", size=SMALL, theme="transparent")

    content = (tmp_path / "a.svg").read_text(encoding="utf-8")
    first = content[content.index("<path") :][:200]
    assert "opacity: 0" in first


@pytest.mark.parametrize("name", ["a.jpg", "a.eps", "a"])
def test_another_kind_of_still_is_refused(name: str, tmp_path: Path) -> None:
    """With those there are."""
    with pytest.raises(UsageError, match=r"a \.png, \.svg or \.pdf"):
        still(rings_film().recording, tmp_path / name, size=SMALL)


def test_a_contact_sheet_shows_each_view_at_each_epoch() -> None:
    """The marks of a panel are those of the film at that epoch, which is named over its column."""
    film, views = rings_film(), (InputSpace(), HiddenSpace())

    sheet = contact_sheet(Sheet(film, [views], look((960, 540), "light", bare=True)), [0, 2.5, 8])

    panels = [panel for row in sheet.panels for panel in row]
    names = ["epoch 0", "epoch 2.5", "epoch 8"]
    assert [panel.title for panel in panels] == [*names, *["Hidden layer 2"] * 3]
    stands = sheet.layout.stands
    assert [stand.named for stand in stands] == [True] * 3 + [False] * 3
    heads = [stand.head and stand.head.title for stand in stands]
    assert heads == ["Input space", None, None, "Hidden layer 2", None, None]
    for i in range(3):
        assert stands[i].box.left == stands[3 + i].box.left
    for i, epoch in enumerate((0, 2.5, 8)):
        shown = sheet.views[3 + i].marks(film, t=99.0)
        expected = views[1].marks(film, film.time_at(epoch))
        points = [
            [mark.xy for mark in marks[0] if isinstance(mark, Points)]
            for marks in (shown, expected)
        ]
        assert len(points[0]) > 0
        for one, other in zip(*points, strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_cameras_of_a_contact_sheet_stand_where_they_did_in_the_film() -> None:
    """Each panel sees its epoch from there, whatever the time."""
    film, view = rings_film(), HiddenSpace3D("hidden1", orbit=80.0)
    (own,) = view.panels(film)
    assert own.camera is not None

    sheet = contact_sheet(Sheet(film, [[view]], look((960, 540), bare=True)), [0, 2.5, 8])

    for (panel,), epoch in zip(sheet.panels, (0, 2.5, 8), strict=True):
        share = film.time_at(epoch) / film.timeline.seconds
        assert panel.camera == own.camera.at(share)
        assert panel.camera.at(0.0) == panel.camera.at(1.0)
    assert len({panel.camera for (panel,) in sheet.panels}) == 3


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_contact_sheet_is_written(kind: str, tmp_path: Path) -> None:
    """In pixels or in vectors."""
    contact(rings_film().recording, tmp_path / f"a.{kind}", [0, 8], size=SMALL)

    if kind == "png":
        assert iio.imread(tmp_path / "a.png").shape == (180, 320, 3)
    elif kind == "svg":
        texts = text_of(tmp_path / "a.svg")
        assert texts.count("epoch 8") == 1
        assert rings_film().header.title in " ".join(texts)  # in two lines, in so small a picture
    assert film_info(tmp_path / f"a.{kind}")["seed"] == 1


@pytest.mark.parametrize(
    ("epochs", "message"),
    [([], "needs epochs"), ([0, 9], "epoch=9: expected an epoch of the training, from 0 to 8")],
)
def test_epochs_that_are_not_there_are_refused(
    epochs: list[float], message: str, tmp_path: Path
) -> None:
    """As in a still."""
    with pytest.raises(UsageError, match=message):
        contact(rings_film().recording, tmp_path / "a.png", epochs, size=SMALL)


def test_a_vector_still_shows_what_the_pixels_show(tmp_path: Path) -> None:
    """Each text of the SVG stands where the renderer of pixels would write it."""
    film = rings_film()
    sheet = renderer_of(film, look(size=(1280, 720))).sheet

    still(film.recording, tmp_path / "a.svg", at=0.0, size=(1280, 720))

    content = (tmp_path / "a.svg").read_text(encoding="utf-8")
    title = re.escape(film.header.title)
    found = re.search(rf'translate\((\d+) (\d+)\)">{title}<', content)
    assert found is not None
    assert (int(found[1]), int(found[2])) == (sheet.layout.left, sheet.layout.title)
