"""The studio of a scene that a notebook has made: in a frame of its page, until its kernel ends."""

import json
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from nnanim import Comparison, Scene, Training, datasets, models, open_studio
from nnanim.errors import SceneError, UsageError
from nnanim.studio import opening
from nnanim.studio.opening import origins
from nnanim.studio.shown import handed_over
from nnanim.studio.writing import written
from tests.studios import LONG, whole
from tests.waiting import comes

SCENE = Scene(
    dataset=datasets.rings(n=64),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=3, batch_size=32, loss="bce"),
)
CELLS = (
    '''\
from torch import nn

from nnanim import Scene, Training, datasets, open_studio

def own(width):
    """A network that no file makes."""
    return nn.Sequential(nn.Linear(2, width), nn.Tanh(), nn.Linear(width, 1), nn.Sigmoid())

def rings(width: int = 2, lr: float = 0.03):
    """Two rings."""
    return Scene(
        dataset=datasets.rings(n=200),
        model=lambda: own(width),
        training=Training(epochs=5, batch_size=32, lr=lr),
        title=f"Width {width}",
    )''',
    "open_studio(rings)",
    "rings(3).studio()",
)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a studio has been given to serve, which nothing does here."""
    scenes: dict[str, Any] = {}
    served = scenes, "http://127.0.0.1:9000/#token=secret"
    monkeypatch.setattr(opening, "_server", lambda _: served)
    return scenes


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What a notebook shows whose first cell runs."""
    shown: list[dict[str, str]] = []
    ipython, displaying = ModuleType("IPython"), ModuleType("IPython.display")
    shell = SimpleNamespace(kernel=True, execution_count=1)
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    displaying.display = lambda bundle, **_: shown.append(bundle)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", displaying)
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    return shown


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes what a notebook's server tells of itself, whose page is at a `url`."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("JPY_PARENT_PID", "12")

    def tell(url: str) -> None:
        (tmp_path / "jpserver-12.json").write_text(json.dumps({"url": url, "token": "theirs"}))

    return tell


@pytest.mark.usefixtures("given")
def test_a_script_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would end before anybody has seen its studio."""
    monkeypatch.delattr(sys, "ps1", raising=False)

    with pytest.raises(UsageError, match="nnanim studio FILE"):
        SCENE.studio()


def test_at_a_prompt_the_browser_opens(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    """At the scene's own address; the token is in what is returned, not in how that looks."""
    opened: list[str] = []
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    monkeypatch.setattr("webbrowser.open", opened.append)

    studio = SCENE.studio()

    (key,) = given
    assert opened == [studio.address] == [f"http://127.0.0.1:9000/#token=secret&scene={key}"]
    assert repr(studio) == "Studio(http://127.0.0.1:9000)"


@pytest.mark.usefixtures("given")
def test_a_notebook_here_shows_a_frame(cells: list[dict[str, str]], server: Any) -> None:
    """Where its server and its browser are on this machine."""
    server("http://localhost:8888/tree")

    studio = SCENE.studio()

    (shown,) = cells
    assert f'<iframe src="{studio.address.replace("&", "&amp;")}"' in shown["text/html"]
    assert shown["text/plain"] == repr(studio)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://localhost:8888/", ("http://localhost:8888", "http://127.0.0.1:8888")),
        ("https://127.0.0.1:9/x/", ("https://localhost:9", "https://127.0.0.1:9")),
        ("http://hub.example.org:8888/", ()),
        ("http://localhost:8888.evil.org/", ()),
        ("http://localhost.evil.org:8888/", ()),
        ("file:///localhost", ()),
    ],
)
@pytest.mark.usefixtures("cells")
def test_the_origins_of_a_notebook_are_those_of_its_own_server(
    url: str, found: tuple[str, ...], server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under both names of this machine; over SSH the browser is at another, and none is known."""
    server(url)

    assert origins() == found
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert origins() == ()


@pytest.mark.usefixtures("given")
def test_where_no_frame_can_be_it_is_said_how(cells: list[dict[str, str]], server: Any) -> None:
    """A link, and the tunnel that a browser elsewhere needs."""
    server("http://hub.example.org/")

    SCENE.studio()

    (shown,) = cells
    assert "<iframe" not in shown["text/html"]
    assert "<code>ssh -L 9000:127.0.0.1:9000 " in shown["text/html"]
    assert "`ssh -L 9000:127.0.0.1:9000 " in shown["text/plain"]
    assert 'href="http://127.0.0.1:9000/#token=secret&amp;scene=' in shown["text/html"]


@pytest.mark.usefixtures("given", "cells")
def test_colab_is_told_what_it_has_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))

    with pytest.raises(UsageError, match=r"nnanim studio FILE.* scene.show\(\)"):
        SCENE.studio()


@pytest.mark.usefixtures("cells")
def test_a_scene_a_comparison_a_function_and_a_file_are_opened(
    given: dict[str, Any], tmp_path: Path
) -> None:
    """Each under a name of its own, once; anything else is refused."""
    file = tmp_path / "own.py"
    file.write_text("scene = None\n")

    def own(seed: int = 0) -> Scene:
        return SCENE.with_seed(seed)

    for scene in (SCENE, Comparison([SCENE, SCENE.with_seed(1)]), own, file, str(file)):
        open_studio(scene)

    assert len(given) == 4
    with pytest.raises(UsageError, match="a studio of a int: expected a Scene"):
        open_studio(3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="own2"):
        open_studio(tmp_path / "own2.py")


def test_what_cannot_be_taken_along_is_named() -> None:
    """In one line, whatever pickle says of it."""
    lock = threading.Lock()

    def own(seed: int = 0) -> Scene:
        with lock:
            return SCENE.with_seed(seed)

    with pytest.raises(SceneError, match="cannot be handed to the studio: TypeError"):
        handed_over(own)


def test_a_scene_that_was_handed_over_is_written_down_as_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its call for a cell, and painted points with the line that loads them; no scene file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])

    def own(seed: int = 0) -> Scene:
        """Whatever the seed."""
        return SCENE.with_seed(seed)

    alone, made = handed_over(SCENE).opened(), handed_over(own).opened()

    def told(scene: Any, kind: str, **knobs: Any) -> str:
        asked = {"kind": kind, "knobs": knobs, "share": 1.0}
        return written(asked, scene, lambda *_: None)["text"]

    assert told(made, "command", seed=4) == "own(seed=4)"
    assert told(made, "command") == "own()"
    lr = {"training.lr": 0.5}
    assert told(made, "command", seed=4, **lr) == 'with_values(own(seed=4), {"training.lr": 0.5})'
    assert told(alone, "command", **lr) == 'with_values(scene, {"training.lr": 0.5})'
    assert made.scene().description == "Whatever the seed."
    with pytest.raises(UsageError, match="no file: Command"):
        told(made, "scene")
    line = told(made, "points").removeprefix("dataset=").removesuffix(",")
    loaded = eval(line, {"datasets": datasets}).arrays(0)
    np.testing.assert_array_equal(loaded.inputs, SCENE.dataset.arrays(0).inputs)
    assert (tmp_path / "own_1.csv").is_file()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Give the address of a folder that is served as a notebook's page is."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def running(folder: Path, page: str) -> Iterator[list[Any]]:
    """Give what stands below each cell of a notebook at a page's origin, while its kernel runs."""
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    (folder / f"jpserver-{os.getpid()}.json").write_text(json.dumps({"url": f"{page}/"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
        patch.delenv("SSH_CONNECTION", raising=False)
        client = NotebookClient(
            notebook,
            timeout=240,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )
        with client.setup_kernel():
            for number, cell in enumerate(cells):
                client.execute_cell(cell, number)
            yield [cell.outputs for cell in notebook.cells]


@pytest.mark.slow
@pytest.mark.studio
@pytest.mark.filterwarnings("default")  # what the tools of notebooks warn of is not ours
def test_a_notebook_has_its_studios_until_its_kernel_ends(browser: Any, tmp_path: Path) -> None:
    """Of a function with its knobs, of a scene; in frames of its own page, in none of another's."""
    pages = tmp_path / "pages"
    pages.mkdir()
    with served(pages) as page, served(pages) as other:
        with running(tmp_path, page) as outputs:
            (first, told), (second, _) = outputs[1:]
            assert told.data["text/plain"].startswith("Studio(http://127.0.0.1:")
            shown = first.data["text/html"] + second.data["text/html"]
            (pages / "notebook.html").write_text(f"<!doctype html>{shown}")
            ports = {urlsplit(link).port for link in re.findall(r'src="([^"]+)"', shown)}
            assert len(ports) == 1
            tab = browser.new_page(viewport={"width": 1200, "height": 1600})
            tab.goto(f"{page}/notebook.html")
            rings, scene = tab.frames[1:]
            whole(rings)
            whole(scene)
            rings.get_by_label("width", exact=True).press("ArrowRight")
            whole(rings, 2)
            for frame in (rings, scene):
                assert frame.locator("#nnanim h1").inner_text() == "Width 3"
            assert scene.get_by_label("training lr", exact=True).is_visible()
            assert scene.get_by_label("width", exact=True).count() == 0
            rings.get_by_role("button", name="Still", exact=True).click()
            rings.locator(".written a").wait_for(timeout=LONG)
            assert (tmp_path / "rings_1.png").read_bytes().startswith(b"\x89PNG")
            foreign = browser.new_page()
            foreign.goto(f"{other}/notebook.html")
            assert all("127.0.0.1" not in frame.url for frame in foreign.frames[1:])
            foreign.close()
        assert comes(lambda: not any(map(listens, ports)))
        tab.close()


def listens(port: int) -> bool:
    """Return whether something listens at a port."""
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0
