"""The docs: every block of code runs, every link leads somewhere, the site builds."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from docs.scene_pages import knobs_in, write_scene_pages
from tests.browsing import AXE, chromium

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
WRITTEN = sorted(
    page
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    if not {"_build", "scenes"} & set(page.relative_to(ROOT).parts) and page.name != "scenes.md"
)
FENCE = re.compile(r"^```(\S*) ?([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# (\w+\.py)\n")  # a block's first line, that says in which file it is

# Pages whose blocks are run from top to bottom, in a folder of their own.
RUN = sorted(
    [
        *DOCS.glob("tutorials/*.md"),
        *DOCS.glob("reference/*.md"),
        DOCS / "installing.md",
        DOCS / "sweeps.md",
        DOCS / "maps.md",
    ]
)
# Blocks that other tests run, or none: by page, why.
ELSEWHERE = {
    "README.md": "tests/test_readme.py",
    "AGENTS.md": "its scene is the starter's; test_the_scene_for_programs_is_right",
    "docs/recording.md": "tests/test_readme.py",
    "docs/datasets.md": "tests/test_readme.py",
    "docs/directing.md": "test_blocks_of_guides_are_whole",
    "docs/look.md": "test_blocks_of_guides_are_whole",
    "docs/views.md": "test_blocks_of_guides_are_whole",
}
RULES = ("image-alt", "color-contrast", "heading-order", "link-name", "document-title", "label")
NO_CODE = {"", "text", "html", "{toctree}", "{image}", "{include}", "{eval-rst}"}

pytestmark = [pytest.mark.slow, pytest.mark.docs]


def called(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Give the language and the text of each block of code."""
    for language, _, text in FENCE.findall(page.read_text(encoding="utf-8")):
        if language not in NO_CODE:
            yield language, text


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which `nnanim` and `python` are those of the tests."""
    folder = tmp_path_factory.mktemp("bin")
    for name, started in (("nnanim", "-m nnanim.cli"), ("python", "")):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {started} "$@"\n')
        script.chmod(0o755)
    path = os.pathsep.join([str(folder), os.environ["PATH"]])
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PATH": path, "PYTHONPATH": paths}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", RUN, ids=called)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path, shell: dict[str, str]) -> None:
    """Its files are written, its commands and its Python run, in their order, by its text alone."""
    running: list[str] = []
    for language, text in blocks(page):
        named = FILE.match(text)
        if language == "python" and named:
            (tmp_path / named[1]).write_text(text, encoding="utf-8")
        elif language == "python":
            running.append(text)
        elif language == "console":
            commands = [line.removeprefix("$ ") for line in text.splitlines() if line[:2] == "$ "]
            assert commands, text
            run(["bash", "-ec", "\n".join(commands)], tmp_path, shell)
        else:
            pytest.fail(f"{called(page)}: a block of {language}, which nothing runs")
    if running:
        (tmp_path / "page.py").write_text("\n".join(running), encoding="utf-8")
        run([sys.executable, "page.py"], tmp_path, shell)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"


def test_every_block_of_code_is_run_somewhere() -> None:
    """A page with blocks is run here, or says where it is."""
    with_code = {called(page) for page in WRITTEN if any(blocks(page))}

    assert with_code - {called(page) for page in RUN} == set(ELSEWHERE)


@pytest.mark.parametrize("page", ["docs/directing.md", "docs/look.md", "docs/views.md"])
def test_blocks_of_guides_are_whole(page: str, tmp_path: Path, shell: dict[str, str]) -> None:
    """Each runs by itself, after the names that such a page takes for granted."""
    given = (
        "from dataclasses import dataclass\nimport numpy as np\n"
        "from nnanim import *\n"
        "from nnanim import Scene, Theme, Timeline, Training, acts, datasets, events, grids\n"
        "from nnanim import models, themes, views\n"
        "data, model = datasets.rings(n=40), models.mlp(2, 2, 1, output='sigmoid')\n"
    )
    for language, text in blocks(ROOT / page):
        assert language == "python"
        (tmp_path / "block.py").write_text(f"{given}{text}", encoding="utf-8")
        run([sys.executable, "block.py"], tmp_path, shell)


def test_the_scene_for_programs_is_right(tmp_path: Path, shell: dict[str, str]) -> None:
    """That of AGENTS.md, by the very command that it names first."""
    ((_, scene),) = blocks(ROOT / "AGENTS.md")
    (tmp_path / "rings.py").write_text(scene, encoding="utf-8")

    run(["nnanim", "check", "rings.py", "--json"], tmp_path, shell)


class Page(HTMLParser):
    """A page of the site: what it leads to, what of it can be led to, its pictures."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.unnamed: list[str] = []
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See a tag."""
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        self.links |= {given[name] for name in ("href", "src", "data") if given.get(name)}
        if tag == "img" and "alt" not in given:
            self.unnamed.append(given.get("src", ""))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site, built anew; a warning is an error."""
    built = tmp_path_factory.mktemp("site")
    command = ["-m", "sphinx", "--fail-on-warning", "-q", "-b", "html", "-d", f"{built}-trees"]
    run([sys.executable, *command, str(DOCS), str(built)], ROOT, {**os.environ})
    return built


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    """To a file that is there, and to a place in it; and every picture has words."""
    pages = {file: Page(file) for file in site.rglob("*.html") if "_static" not in file.parts}
    dead = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if target.is_dir():
                target /= "index.html"
            fragment = unquote(parts.fragment)
            known = pages.get(target)
            if not target.is_file() or (fragment and known and fragment not in known.places):
                dead.append(f"{file.relative_to(site)} → {link}")

    assert len(pages) > 80
    assert dead == []
    assert [f"{file.name}: {page.unnamed}" for file, page in pages.items() if page.unnamed] == []


def test_the_site_asks_nobody_else(site: Path) -> None:
    """Neither script nor style nor picture comes from another place."""
    foreign = re.compile(
        r"""<(?:script|img|link rel="stylesheet"|iframe)[^>]* (?:src|href)="(?:https?:)?//"""
    )

    assert [
        f.name for f in site.rglob("*.html") if foreign.search(f.read_text(encoding="utf-8"))
    ] == []


def test_every_scene_has_a_page_with_its_source(site: Path) -> None:
    """And a card that leads there."""
    cards = (site / "scenes.html").read_text(encoding="utf-8")
    for file in (ROOT / "scenes").glob("[!_]*.py"):
        page = (site / "scenes" / f"{file.stem}.html").read_text(encoding="utf-8")
        assert f"nnanim render {file.stem}" in page
        assert f'href="scenes/{file.stem}.html"' in cards


@pytest.mark.pages
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_fits_its_window(site: Path, width: int, scheme: str) -> None:
    """No page is wider, its texts and headings can be read, and a keyboard reaches its links."""
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        for name in ("index", "scenes", "tutorials/first_film", "reference/commands", "views"):
            tab.goto((site / f"{name}.html").as_uri())
            wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} is {wide} pixels too wide"
            tab.keyboard.press("Tab")
            assert tab.evaluate("document.activeElement !== document.body")
            tab.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
            found = tab.evaluate(f"() => axe.run({{runOnly: {list(RULES)}}})")
            assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []


def test_what_a_scenes_function_takes_is_read_without_running_it() -> None:
    """For what its page proposes to try next."""
    assert knobs_in(ROOT / "scenes" / "rings_3_2.py") == {"faithful": False}


def test_pages_of_scenes_stay_as_they_are() -> None:
    """Written anew, none has another time: what has not changed is not built again."""
    write_scene_pages()
    first = {page: page.stat().st_mtime_ns for page in (DOCS / "scenes").glob("*.md")}
    write_scene_pages()

    assert {page: page.stat().st_mtime_ns for page in first} == first


def test_the_version_stands_the_same_everywhere() -> None:
    """In the package, in pyproject.toml and where it is cited."""
    from nnanim import __version__

    assert f'\nversion = "{__version__}"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
