"""A studio as its user has it, for tests: a process, a browser, a scene's file that is edited."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from nnanim.rendering.filming import film_of, renderer_of
from nnanim.rendering.pages import PAGE
from nnanim.rendering.subject import Subject, look_for, timeline_for
from tests.pictures import decibels

SCENE = '''"""Two rings."""

from typing import Literal

from nnanim import Scene, Training, datasets, models


def scene(width: int = 2, lr: float = 0.03, activation: Literal["tanh", "relu"] = "tanh") -> Scene:
    return Scene(
        dataset=datasets.rings(n=300, noise=0.04),
        model=models.mlp(2, width, 2, 1, activation=activation, output="sigmoid"),
        training=Training(epochs=20, batch_size=32, lr=lr, loss="mse", seed=3),
        layer="hidden2",
    )
'''
SLOW = '''"""A training that takes hours."""

from nnanim import Scene, Training, datasets, models

scene = Scene(
    dataset=datasets.rings(n=20_000),
    model=models.mlp(2, 64, 64, 1, output="sigmoid"),
    training=Training(epochs=100_000, batch_size=8, lr=0.001, trainer="eager"),
)
'''
LONG = 90_000  # milliseconds that a slow machine may take


@dataclass
class Running:
    """A studio that runs, and the scene's file that it shows."""

    process: "subprocess.Popen[str]"
    address: str
    file: Path

    @property
    def token(self) -> str:
        """What its address holds."""
        return self.address.partition("#token=")[2]

    @contextmanager
    def tab(self) -> Iterator[ClientConnection]:
        """Give a tab that has been let in."""
        host = self.address.removeprefix("http://").partition("/")[0]
        with connect(f"ws://{host}/tab", origin=Origin(f"http://{host}"), max_size=None) as found:
            found.send(json.dumps({"token": self.token}))
            yield found

    def workers(self) -> list[int]:
        """Return the processes that it has started and that run."""
        return [
            int(stat.parent.name)
            for stat in Path("/proc").glob("[0-9]*/stat")
            if (told := told_of(stat)) and told[1] == str(self.process.pid) and told[0] != "Z"
        ]


@contextmanager
def started(file: Path, place: str = "", settings: Sequence[str] = ()) -> Iterator[Running]:
    """Give a studio of a scene's file with `settings`, or of a `place` beside it."""
    command = [sys.executable, "-m", "nnanim.cli", "studio", place or file.name]
    command += [word for setting in settings for word in ("--set", setting)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--no-open"], cwd=file.parent, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Running(process, process.stdout.readline().strip(), file)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def studio(
    folder: Path, text: str = SCENE, place: str = "", settings: Sequence[str] = ()
) -> Iterator[Running]:
    """Give a studio of a scene in a folder with `settings`, or of a `place` there."""
    file = folder / "own.py"
    file.write_text(text)
    with started(file, place, settings) as found:
        yield found


def told_of(stat: Path) -> list[str]:
    """Return what Linux tells of a process after its name: state, parent …; [] if it is gone."""
    try:
        return stat.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def alive(process: int) -> bool:
    """Return whether a process runs."""
    return told_of(Path(f"/proc/{process}/stat"))[:1] not in ([], ["Z"])


def until(tab: ClientConnection, what: str) -> dict[str, Any]:
    """Return the next thing of a kind that is told in a tab."""
    while True:
        message = tab.recv(timeout=120)
        told: dict[str, Any] = {} if isinstance(message, bytes) else json.loads(message)
        if told.get("told") == what:
            return told


@contextmanager
def page(browser: Any, running: Running, **more: Any) -> Iterator[Any]:
    """Give the studio's page with the whole of its film."""
    size = {"width": 1580, "height": 900}  # of which the picture has 1280 by 720
    context = browser.new_context(viewport=size, reduced_motion="reduce", **more)
    errors: list[str] = []
    try:
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda told: errors.extend([told.text] * (told.type == "error")))
        tab.goto(running.address)
        whole(tab)
        yield tab
        assert errors == []
    finally:
        context.close()


def whole(tab: Any, number: int = 1) -> None:
    """Wait for the whole of the film that was asked for as that one."""
    tab.wait_for_selector(
        f"#nnanim[data-stage=whole][data-filmed='{number}']", state="attached", timeout=LONG
    )


def trained(tab: Any, timeout: int = LONG) -> None:
    """Wait for the whole of the film that was asked for last."""
    tab.wait_for_function(
        "() => { const { stage, asked, filmed } = document.querySelector('#nnanim').dataset;"
        " return stage === 'whole' && asked === filmed }",
        timeout=timeout,
    )


def picture(tab: Any) -> tuple[NDArray[np.float64], list[list[int]]]:
    """Return the picture (height, width, 3) that is shown, and the boxes of its panels."""
    shot, before = tab.locator(".stage").screenshot(), b""
    end = time.monotonic() + LONG / 1000
    while shot != before and time.monotonic() < end:  # it was drawn with fewer points for haste
        tab.wait_for_timeout(300)
        shot, before = tab.locator(".stage").screenshot(), shot
    boxes = tab.evaluate(
        "() => Array.from(document.querySelectorAll('.pad')).map((pad) => {"
        " const a = pad.getBoundingClientRect();"
        " const b = document.querySelector('.stage').getBoundingClientRect();"
        " return [a.left - b.left, a.top - b.top, a.width, a.height].map(Math.round) })"
    )
    return np.asarray(iio.imread(shot, extension=".png"))[..., :3].astype(float), boxes


def expect_same(shown: NDArray[np.float64], boxes: list[list[int]], subject: Subject) -> None:
    """Fail unless each panel is within 35 dB of the last frame that a render of it would have."""
    clock, look = timeline_for(subject, PAGE, None, None), look_for(subject, PAGE.size, None, False)
    drawn = renderer_of(film_of(subject, clock, cache=False), look).frame(clock.times[-1])[..., :3]
    assert shown.shape == drawn.shape
    assert boxes
    for left, top, wide, high in boxes:
        part = slice(top, top + high), slice(left, left + wide)
        assert decibels(shown[part], drawn[part]) >= 35
        assert len(np.unique(shown[part].reshape(-1, 3), axis=0)) > 20
