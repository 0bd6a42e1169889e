"""Opening: a studio of a scene that a notebook has made, in a frame below its cell.

scene.studio()              # in a notebook, or at a prompt
nnanim.open_studio(rings)   # of a function: its keywords are knobs
"""

import hashlib
import html
import inspect
import json
import os
import socket
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nnanim.errors import UsageError
from nnanim.rendering import notebook
from nnanim.scene.comparison import Comparison
from nnanim.scene.finding import scene_file
from nnanim.scene.scene import Scene
from nnanim.studio.needs import expect_extra

Given = Scene | Comparison | Callable[..., Any] | str | Path

_HEIGHT = 760  # pixels of the frame
_NAMES = ("localhost", "127.0.0.1")  # by which a browser may know this machine


@dataclass(frozen=True, repr=False)
class Studio:
    """A studio that is open: its `address`, which lets in whoever has it."""

    address: str

    def __repr__(self) -> str:
        return f"Studio({self.address.partition('/#')[0]})"


def open_studio(scene: Given) -> Studio:
    """Open the studio of a scene, a comparison, a function of one, or the file of either.

    In a notebook on this machine it stands in a frame below the cell; in one elsewhere it is said
    how to come to it; at a prompt the browser opens it. It ends with the program that opened it.
    Raises `UsageError` in a script, which would end at once, in Colab, and where what it needs is
    not installed; `SceneError` for a scene that cannot be handed to another process.
    """
    cell = notebook.cell()
    if cell is None and notebook.shell() is None and not hasattr(sys, "ps1"):
        raise UsageError(
            "a script ends before its studio is seen: run `nnanim studio FILE` with the scene's "
            "file, or open the studio in a notebook"
        )
    expect_extra()
    if "google.colab" in sys.modules:
        raise UsageError(
            "Colab runs on a machine that your browser does not reach: put the scene into a file "
            "of your own machine and run `nnanim studio FILE` there; scene.show() shows its page "
            "here"
        )
    found = _opened(scene)
    if cell is None:
        webbrowser.open(found.address)
    else:
        notebook.Place().show(_bundle(found))
    return found


def _opened(scene: Given) -> Studio:
    from nnanim.studio.shown import Shown, handed_over

    if isinstance(scene, str | Path):
        shown = Shown(scene_file(Path(scene)).resolve())
    elif isinstance(scene, Scene | Comparison) or inspect.isfunction(scene):
        shown = handed_over(scene)
    else:
        raise UsageError(
            f"a studio of a {type(scene).__name__}: expected a Scene, a Comparison, a function "
            "that returns one, or the path of its file"
        )
    key = hashlib.sha256(os.fsencode(shown.path) + shown.content).hexdigest()[:16]
    scenes, address = _server(os.getpid())
    scenes[key] = shown
    return Studio(f"{address}&scene={key}")


@cache
def _server(process: int) -> tuple[dict[str, Any], str]:
    """Return the scenes of the one studio that this process serves, and its address."""
    from nnanim.studio.serving import serve_aside

    del process  # a copy of one that serves, serves nothing itself
    scenes: dict[str, Any] = {}
    return scenes, serve_aside(scenes, origins())


def origins() -> tuple[str, ...]:
    """Return the origins of the notebook's pages, if its server and browser are on this machine.

    None are known where a browser elsewhere may show them: through a hub, in an editor, over SSH.
    """
    if "SSH_CONNECTION" in os.environ or notebook.cell() is None:
        return ()
    from jupyter_core.paths import jupyter_runtime_dir

    for process in (os.environ.get("JPY_PARENT_PID", ""), str(os.getppid())):
        with suppress(OSError, ValueError, KeyError, AttributeError, TypeError):
            text = Path(jupyter_runtime_dir(), f"jpserver-{process}.json").read_text("utf-8")
            told = urlsplit(str(json.loads(text)["url"]))
            if told.hostname in _NAMES and told.scheme in ("http", "https"):
                return tuple(f"{told.scheme}://{name}:{told.port}" for name in _NAMES)
    return ()


def _bundle(studio: Studio) -> dict[str, Any]:
    """Return for a notebook the frame of a studio, or how to come to it."""
    address = html.escape(studio.address)
    link = f'<a href="{address}" target="_blank" rel="noopener">'
    if origins():
        frame = (
            f'<iframe src="{address}" title="nnanim studio" allowfullscreen '
            f'style="border:0;width:100%;height:{_HEIGHT}px"></iframe>'
        )
        shown = f"{frame}<p>{link}Open the studio in a tab</a>: it ends with this kernel.</p>"
        return {"text/html": shown, "text/plain": repr(studio)}
    port = urlsplit(studio.address).port
    tunnel = f"ssh -L {port}:127.0.0.1:{port} {html.escape(socket.gethostname())}"
    told = (
        f"{link}Open the studio in a tab</a>: it ends with this kernel. Where your browser is on "
        f"another machine than the kernel, run <code>{tunnel}</code> there first; "
        "<code>scene.show()</code> shows its page here."
    )
    return {"text/html": f"<p>{told}</p>", "text/plain": f"{_plain(told)} {studio.address}"}


def _plain(told: str) -> str:
    """Return the text of a little HTML."""
    for mark in ("<code>", "</code>"):
        told = told.replace(mark, "`")
    while "<" in told:
        before, _, after = told.partition("<")
        told = before + after.partition(">")[2]
    return html.unescape(told)
