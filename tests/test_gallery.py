"""A gallery: scenes as a site, of which only what has changed is made anew."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

Nnanim = Callable[..., tuple[int, str, str]]
SCENE = '''\
"""{caption}"""

from nnanim import Scene, Timeline, Training, datasets, models, views

scene = Scene(
    dataset=datasets.rings(n=40),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=2, batch_size=20, loss="bce"),
    timeline=Timeline(seconds=0.5, fps=4),
    views=[views.HiddenSpace()],
)
'''
pytestmark = pytest.mark.slow


@pytest.fixture
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of two scenes."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "scenes"
    folder.mkdir()
    (folder / "a.py").write_text(SCENE.format(caption="Two rings."))
    (folder / "b.py").write_text(SCENE.format(caption="<script>alert(1)</script> & 'rings'"))
    return folder


class Links(HTMLParser):
    """What a sheet leads to and shows."""

    def __init__(self, sheet: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(sheet.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See a tag."""
        self.tags.append(tag)
        self.found += [value for name, value in attrs if name in ("href", "src") and value]


def times(site: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in site.iterdir()}


def test_each_scene_has_a_card_a_film_its_source_and_its_command(
    nnanim: Nnanim, scenes: Path
) -> None:
    """And what leads from one to the other is there."""
    code, out, _ = nnanim("gallery", str(scenes), "-o", "site")

    site = scenes.parent / "site"
    front, film = (site / name for name in ("index.html", "a.html"))
    assert (code, out) == (0, "site/index.html\n")
    for sheet in (front, film, site / "b.html"):
        assert [link for link in Links(sheet).found if not (site / link).is_file()] == []
    assert {"a.html", "a.png", "b.html"} <= set(Links(front).found)
    assert {"a.film.html", "b.html", "index.html"} <= set(Links(film).found)
    source = re.sub(r"<[^>]*>", "", film.read_text(encoding="utf-8"))
    assert "nnanim render a.py" in source
    assert "datasets.rings(n=40)" in source
    assert re.findall(r'<img [^>]*alt="([^"]{20,})"', front.read_text(encoding="utf-8"))


def test_what_scenes_say_stays_text(nnanim: Nnanim, scenes: Path) -> None:
    """No sheet has a script, and none may run."""
    nnanim("gallery", str(scenes), "-o", "site")

    for name in ("index.html", "b.html"):
        sheet = scenes.parent / "site" / name
        assert "script" not in Links(sheet).tags
        text = sheet.read_text(encoding="utf-8")
        assert "script-src 'none'" in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in text


def test_only_what_has_changed_is_made_anew(nnanim: Nnanim, scenes: Path) -> None:
    """Nothing is written where nothing changed; else the one scene, and what names it."""
    nnanim("gallery", str(scenes), "-o", "site")
    site = scenes.parent / "site"
    first = times(site)

    nnanim("gallery", str(scenes), "-o", "site")
    assert times(site) == first

    (scenes / "a.py").write_text(SCENE.format(caption="Two rings.").replace("n=40", "n=44"))
    nnanim("gallery", str(scenes), "-o", "site")
    second = times(site)
    changed = {name for name in first if second[name] != first[name]}
    assert {"a.film.html", "a.html", "gallery.json"} <= changed
    assert not {"b.film.html", "b.png", "b.html", "gallery.css"} & changed


def test_what_is_of_no_scene_any_more_goes(nnanim: Nnanim, scenes: Path) -> None:
    """And nothing else does, whatever the list of a site says."""
    nnanim("gallery", str(scenes), "-o", "site")
    site = scenes.parent / "site"
    (site / "notes.txt").write_text("mine")
    (scenes.parent / "out.html").write_text("mine")
    listed = json.loads((site / "gallery.json").read_text(encoding="utf-8"))
    (site / "gallery.json").write_text(json.dumps([*listed, {**listed[0], "name": "../out"}]))
    (scenes / "b.py").unlink()

    code, _, _ = nnanim("gallery", str(scenes), "-o", "site")

    assert code == 0
    assert not list(site.glob("b.*"))
    assert (site / "notes.txt").is_file()
    assert (scenes.parent / "out.html").is_file()


def test_one_scene_that_is_wrong_leaves_the_others(nnanim: Nnanim, scenes: Path) -> None:
    """It is told at the end, by the code of a scene's mistake."""
    (scenes / "c.py").write_text("scene = 3\n")

    code, out, err = nnanim("gallery", str(scenes), "-o", "site")

    assert (code, out) == (3, "site/index.html\n")
    assert err.splitlines()[-1].startswith(f"nnanim: {scenes / 'c.py'}")
    assert (scenes.parent / "site" / "b.film.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("scenes", "-o", "scenes/a.py"), 2, "is a file: name a folder"),
        (("scenes", "-o", "no/site"), 5, "folder no does not exist"),
        (("scenes/a.py", "more/a.py", "-o", "site"), 2, "expected files of different names"),
        (("nothing", "-o", "site"), 2, "no scene file 'nothing'"),
    ],
)
def test_what_cannot_be_a_site_is_one_line(
    nnanim: Nnanim, scenes: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Before anything is trained."""
    (scenes.parent / "more").mkdir()
    (scenes.parent / "more" / "a.py").write_text(SCENE.format(caption="More."))

    came, out, err = nnanim("gallery", *arguments)

    assert (came, out) == (code, "")
    assert said in err
