"""The studio as its user has it: a process, a browser, a scene's file that is edited."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnanim.engines.wire import Message, read_message
from nnanim.scene.files import declared
from tests.hands import epoch_in
from tests.studios import (
    LONG,
    SCENE,
    SLOW,
    Running,
    expect_same,
    page,
    picture,
    studio,
    until,
    whole,
)
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.studio]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A studio for the tests that leave it as it was."""
    with studio(tmp_path_factory.mktemp("scenes")) as found:
        yield found


def test_a_picture_after_a_knob_is_that_of_its_scene(browser: Any, running: Running) -> None:
    """At the end of the film its panels are within 35 dB of those that a render would have."""
    with page(browser, running) as tab:
        tab.locator(".scrubber").press("End")
        tab.get_by_label("width", exact=True).press("ArrowRight")
        whole(tab, 2)
        shot, boxes = picture(tab)
    expect_same(shot, boxes, declared(running.file, {"width": "3"}))


def test_every_knob_can_be_turned(browser: Any, running: Running) -> None:
    """By arrow keys, by a list, and back by a double click; each shows its value."""
    with page(browser, running) as tab:
        width = tab.get_by_label("width", exact=True)
        width.press("ArrowRight")
        whole(tab, 2)
        assert tab.locator(".knob.whole .value").first.inner_text() == "3"
        assert "3" in tab.locator("#nnanim h1").inner_text()
        tab.get_by_label("lr", exact=True).press("ArrowRight")
        tab.locator(".knob.choice select").first.select_option("relu")
        whole(tab, 4)
        tab.locator(".knob.whole .name").first.dblclick()
        whole(tab, 5)
        assert tab.locator(".knob.whole .value").first.inner_text() == "2"


POWERS = '''"""Two rings, deep or not."""

from typing import Annotated

from nnanim import Range, Scene, Training, datasets, models


def scene(deep: bool = False, lr: Annotated[float, Range(1e-3, 1, log=True)] = 0.1) -> Scene:
    return Scene(
        dataset=datasets.rings(n=60),
        model=models.mlp(*((2, 2, 2, 1) if deep else (2, 2, 1)), output="sigmoid"),
        training=Training(epochs=2, batch_size=20, lr=lr, loss="bce"),
    )
'''


def test_a_switch_is_turned_and_a_scale_of_powers(browser: Any, tmp_path: Path) -> None:
    """What is true or not by the space bar; a range that the scene declares from end to end."""
    with studio(tmp_path, POWERS) as running, page(browser, running) as tab:
        tab.get_by_label("deep", exact=True).press(" ")
        whole(tab, 2)
        assert "2 → 2 → 2 → 1" in tab.locator("#nnanim h1").inner_text()
        rate = tab.get_by_label("lr", exact=True)
        for number, (key, value) in enumerate([("Home", "0.001"), ("End", "1")], start=3):
            rate.press(key)
            whole(tab, number)
            assert tab.locator(".knob.number .value").first.inner_text() == value


def test_a_page_holds_no_more_after_many_films(browser: Any, running: Running) -> None:
    """What went with films that were shown before: no element, nothing that listens, no array."""

    def held(tab: Any) -> list[int]:
        reach = tab.context.new_cdp_session(tab)
        reach.send("HeapProfiler.collectGarbage")
        counted = reach.send("Memory.getDOMCounters")
        arrays = reach.send("Runtime.getHeapUsage")["backingStorageSize"]
        reach.detach()
        return [counted["nodes"], counted["jsEventListeners"], arrays // 2**20]

    with page(browser, running) as tab:
        width, before = tab.get_by_label("width", exact=True), [0]
        for number in range(2, 12):
            width.press("ArrowLeft" if number % 2 else "ArrowRight")
            whole(tab, number)
            if number == 5:
                before = held(tab)
        assert comes(lambda: all(now <= then for now, then in zip(held(tab), before, strict=True)))


def test_the_moment_stays_where_it_was(browser: Any, running: Running) -> None:
    """Another training is shown at the same epoch, and a layer that was picked stays picked."""
    with page(browser, running) as tab:
        tab.locator(".scrubber").click()
        assert comes(lambda: 0 < epoch_in(tab) < 20)  # with the next picture
        before = epoch_in(tab)
        tab.get_by_label("width", exact=True).press("ArrowRight")
        whole(tab, 2)
        tab.wait_for_timeout(200)
        assert abs(epoch_in(tab) - before) < 0.1


def test_a_mistake_is_told_and_mended(browser: Any, tmp_path: Path) -> None:
    """With file and line, while the last good film stays; what is saved next is shown."""
    with studio(tmp_path) as running, page(browser, running) as tab:
        tab.get_by_label("lr", exact=True).press("ArrowRight")
        whole(tab, 2)
        title = tab.locator("#nnanim h1").inner_text()
        running.file.write_text(SCENE.replace("width, 2, 1", "width, 1 / 0, 1"))
        fault = tab.locator(".desk > .fault", has_text="own.py")
        fault.wait_for(timeout=LONG)
        tab.wait_for_function("() => document.querySelector('.state').textContent === ''")
        assert tab.locator(".knob .fault", has_text="own.py").count() == 0
        assert "own.py:11" in fault.inner_text()
        assert "ZeroDivisionError" in fault.inner_text()
        assert tab.locator("#nnanim h1").inner_text() == title
        running.file.write_text(SCENE.replace("n=300", "n=200").replace("width, 2, 1", "4, 2, 1"))
        tab.wait_for_function(
            "() => document.querySelector('#nnanim h1').textContent.includes('4')", timeout=LONG
        )
        assert tab.locator(".desk > .fault").inner_text() == ""


def test_runs_are_kept_to_compare(browser: Any, running: Running) -> None:
    """Up to four; each in a row with its knobs, and let go again."""
    with page(browser, running) as tab:
        bare, _ = picture(tab)
        for _ in range(4):
            tab.get_by_text("Keep this run").click()
        assert tab.locator(".ghost").count() == 4
        heads = tab.locator(".kept th").all_inner_texts()
        assert [head for head in heads if head] == ["width", "lr", "activation"]
        assert tab.locator(".ghost").first.inner_text().split() == ["2", "0.03", "tanh", "×"]
        assert tab.get_by_text("Keep this run").is_disabled()
        assert comes(lambda: (picture(tab)[0] != bare).any())
        kept, (inputs, hidden) = picture(tab)
        other = (kept != bare).any(axis=2)
        assert share(other, inputs) < 0.02  # of a grid that is the same in all, nothing
        assert 0 < share(other, hidden) < 0.08  # its outline
        for _ in range(4):
            tab.locator(".ghost button").first.click()
        assert tab.locator(".ghost").count() == 0
        assert comes(lambda: (picture(tab)[0] != kept).any())
        assert tab.get_by_text("Keep this run").is_enabled()


def share(changed: NDArray[np.bool_], box: list[int]) -> float:
    """Return how much of a box of a picture has changed."""
    left, top, wide, high = box
    return float(changed[top : top + high, left : left + wide].mean())


def test_what_was_found_is_written_down(browser: Any, tmp_path: Path) -> None:
    """A film, a still, a page, a scene beside the scene's file, and the command; none replaced.

    What is drawn waits for what is being drawn, all else is written at once.
    """
    (tmp_path / "own_1.png").symlink_to(tmp_path / "elsewhere.png")
    with studio(tmp_path) as running, page(browser, running) as tab:
        tab.get_by_label("width", exact=True).press("ArrowRight")
        whole(tab, 2)
        tab.get_by_role("button", name="Film", exact=True).click()
        tab.locator(".written progress").first.wait_for(timeout=LONG)  # meanwhile, knobs go on
        tab.get_by_label("width", exact=True).press("ArrowLeft")
        whole(tab, 3)
        tab.get_by_label("width", exact=True).press("ArrowRight")
        whole(tab, 4)
        tab.locator(".written a:has-text('.mp4')").wait_for(timeout=LONG)
        for name in ("Film", "Still", "Page", "Scene"):
            tab.get_by_role("button", name=name, exact=True).click()
        assert tab.get_by_role("button", name="Page", exact=True).is_disabled()
        tab.locator(".written a:has-text('own_1.py')").wait_for(timeout=LONG)
        assert tab.locator(".written a").count() == 2
        tab.get_by_role("button", name="Command").click()
        tab.locator(".written code").wait_for(timeout=LONG)
        assert tab.locator(".written code").inner_text() == "nnanim render own.py --set width=3"
        for made in ("own_2.mp4", "own_2.png", "own_1.html"):
            tab.locator(f".written a:has-text('{made}')").wait_for(timeout=LONG)
        assert tab.locator(".written li").count() == 6
        assert tab.locator(".writing button:disabled").count() == 0
        for link in tab.locator(".written a").all():
            assert tab.request.get(link.evaluate("(link) => link.href")).status == 200
    assert not (tmp_path / "elsewhere.png").exists()
    assert (tmp_path / "own_1.mp4").read_bytes()[4:8] == b"ftyp"
    assert (tmp_path / "own_2.png").read_bytes().startswith(b"\x89PNG")
    assert "width: int = 3" in (tmp_path / "own_1.py").read_text()
    assert declared(tmp_path / "own_1.py").source is not None
    assert running.file.read_text() == SCENE


def test_a_long_training_grows_and_is_stopped(tmp_path: Path) -> None:
    """Its film comes as far as it is, again and again, until it is told to stop."""
    with studio(tmp_path, SLOW.replace("n=20_000", "n=400")) as running, running.tab() as tab:
        tab.send(json.dumps({"do": "film", "number": 1, "knobs": {}, "t": 0, "moment": 0}))
        stages: list[str] = []
        while len(stages) < 2:
            message = tab.recv(timeout=90)
            if isinstance(message, bytes):
                (head,) = np.frombuffer(message[:4], "<u4")
                stages.append(json.loads(message[8 : 8 + int(head)])["stage"])
        tab.send(json.dumps({"do": "stop"}))
        until(tab, "given up")
    assert stages == ["growing", "growing"]


def test_a_comparison_opens(tmp_path: Path) -> None:
    """Its networks side by side, with what can be set of both."""
    text = SCENE.replace("import Scene,", "import Comparison, Scene,")
    text = (
        text.replace("def scene(", "def rings(") + "\n\nscene = Comparison([rings(2), rings(3)])\n"
    )
    with studio(tmp_path, text) as running, running.tab() as tab:
        knobs = {each["name"] for each in until(tab, "knobs")["knobs"]}
        tab.send(json.dumps({"do": "film", "number": 1, "knobs": {}, "t": 0, "moment": 0}))
        stage = ""
        while stage != "whole":
            message = tab.recv(timeout=240)
            if isinstance(message, bytes):
                (head,) = np.frombuffer(message[:4], "<u4")
                told = json.loads(message[8 : 8 + int(head)])
                stage = told["stage"]
    assert len(told["contents"]["pages"][0]["networks"]) == 2
    assert any("training.lr" in name for name in knobs)


def test_values_do_not_become_code(tmp_path: Path) -> None:
    """What a tab says that a knob is, is read as a literal or refused; the studio goes on."""
    trap = tmp_path / "trap"
    bad = f"__import__('pathlib').Path({str(trap)!r}).touch()"
    with studio(tmp_path) as running, running.tab() as tab:
        asked = [
            {"width": bad}, {"activation": bad}, {bad: 1}, {"__class__": 1}, {"lr": "1e999"},
            {"training.lr": bad}, {"training.__class__": "int"}, {"width": 2.5},
        ]  # fmt: skip
        for number, knobs in enumerate(asked, 1):
            tab.send(
                json.dumps({"do": "film", "number": number, "knobs": knobs, "t": 0, "moment": 0})
            )
            told = until(tab, "error")
            assert told["number"] == number
            assert "own.py" in told["text"]
        tab.send(json.dumps({"do": "film", "number": 99, "knobs": {}, "t": 0, "moment": 0}))
        while not isinstance(tab.recv(timeout=90), bytes):
            pass
    assert not trap.exists()


def test_it_opens_at_the_values_that_are_set(browser: Any, tmp_path: Path) -> None:
    """As a map tells of a pixel: its picture is that training's, and so is what is written."""
    settings = {"lr": "0.1", "training.epochs": "7", "width": "3"}
    asked = [f"{name}={value}" for name, value in settings.items()]
    with studio(tmp_path, settings=asked) as running, page(browser, running) as tab:
        assert tab.get_by_label("lr", exact=True).get_attribute("aria-valuetext") == "0.1"
        tab.locator(".scrubber").press("End")
        shot, boxes = picture(tab)
        tab.get_by_label("width", exact=True).press("ArrowLeft")
        whole(tab, 2)
        tab.get_by_role("button", name="Command").click()
        tab.locator(".written code").wait_for(timeout=LONG)
        command = tab.locator(".written code").inner_text()
    expect_same(shot, boxes, declared(running.file, settings))
    assert command == ("nnanim render own.py --set lr=0.1 --set training.epochs=7 --set width=2")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--set", "widht=3"], "did you mean 'width'"),
        (["--set", "width=many"], "expected a whole number"),
        (["--set", "width"], "KEY=VALUE"),
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--host", "example.org"], "--allow-remote"),
        (["--port", "99999"], "--port"),
    ],
)
def test_what_cannot_be_served_is_one_line(tmp_path: Path, options: list[str], told: str) -> None:
    """With exit code 2, before anything is loaded."""
    (tmp_path / "own.py").write_text(SCENE)
    done = subprocess.run(
        [sys.executable, "-m", "nnanim.cli", "studio", "own.py", "--no-open", *options],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


def test_a_port_that_is_taken_is_told_with_another(tmp_path: Path) -> None:
    """In one line, with exit code 2."""
    with studio(tmp_path) as running:
        port = running.address.split(":")[2].partition("/")[0]
        done = subprocess.run(
            [sys.executable, "-m", "nnanim.cli", "studio", "own.py", "--no-open", "--port", port],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"port {port} is taken by " in done.stderr
    assert f"process {running.process.pid}" in done.stderr or sys.platform != "linux"
    assert "--port" in done.stderr.partition("taken")[2]


def test_a_worker_answers_in_a_pipe(tmp_path: Path) -> None:
    """What a scene prints is no answer, and with the pipe's end the worker ends."""
    file = tmp_path / "own.py"
    file.write_text(f"print('loud' * 1000)\n{SCENE[SCENE.index('from typing') :]}")
    with subprocess.Popen(
        [sys.executable, "-m", "nnanim.studio.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as worker:  # fmt: skip
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(Message({"do": "open", "file": str(file)}).packed())
        worker.stdin.flush()
        told = [read_message(worker.stdout) for _ in range(2)]
        worker.stdin.close()
        assert worker.wait(20) == 0
    assert [each and each.told["told"] for each in told] == ["scene", "knobs"]


def test_a_value_that_the_scene_refuses_is_told_beside_its_knob(
    browser: Any, tmp_path: Path
) -> None:
    """The film stays, and the next value is shown."""
    refusing = "    if width == 3:\n        raise ValueError('odd')\n    return"
    text = SCENE.replace("    return", refusing)
    with studio(tmp_path, text) as running, page(browser, running) as tab:
        title = tab.locator("#nnanim h1").inner_text()
        width = tab.get_by_label("width", exact=True)
        width.press("ArrowRight")
        fault = tab.locator(".knob.whole .fault", has_text="odd").first
        fault.wait_for(timeout=LONG)
        assert "ValueError: odd" in fault.inner_text()
        assert tab.locator(".desk > .fault").inner_text() == ""
        assert tab.locator("#nnanim h1").inner_text() == title
        width.press("ArrowRight")
        whole(tab, 3)
        assert "4" in tab.locator("#nnanim h1").inner_text()
        assert tab.locator(".knob.whole .fault", has_text="odd").count() == 0


def test_a_scene_without_keywords_opens(browser: Any, tmp_path: Path) -> None:
    """What it declares stands under "More", open."""
    start, body = SCENE[: SCENE.index("def scene")], SCENE[SCENE.index("    return ") :]
    one = start + body.replace("    return ", "one = ").replace("width, ", "2, ")
    one = one.replace("lr=lr", "lr=0.03").replace("=activation", "='tanh'")
    with studio(tmp_path, f"{one}\nscene = one\n") as running, page(browser, running) as tab:
        assert tab.get_by_label("training lr", exact=True).is_visible()


def test_a_saved_value_is_what_is_shown(browser: Any, tmp_path: Path) -> None:
    """A knob whose default is another in a file that was saved shows that, as does the film."""
    with studio(tmp_path) as running, page(browser, running) as tab:
        tab.get_by_label("width", exact=True).press("ArrowRight")
        whole(tab, 2)
        running.file.write_text(SCENE.replace("width: int = 2", "width: int = 5"))
        whole(tab, 3)
        assert tab.locator(".knob.whole .value").first.inner_text() == "5"
        assert "5" in tab.locator("#nnanim h1").inner_text()


def test_a_browser_without_canvas_is_told(browser: Any, running: Running) -> None:
    """In one line, and nothing is asked of the studio."""
    context = browser.new_context()
    tab = context.new_page()
    tab.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    tab.goto(running.address)
    assert "canvas" in tab.locator(".desk .fault").inner_text()
    assert tab.locator(".desk h2").count() == 0
    context.close()


def test_the_scenes_of_a_folder_are_seen_and_opened(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has a poster, made once, or says what is wrong with it; a click opens it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    (scenes / "broken.py").write_text("scene = 1 / 0\n")
    (scenes / "wide.py").write_text(SCENE.replace("width: int = 2", "width: int = 4"))
    errors: list[str] = []
    with studio(scenes, SCENE, place=".") as running:
        for look in range(2):
            context = browser.new_context(reduced_motion="reduce")
            tab = context.new_page()
            tab.on("console", lambda told: errors.extend([told.text] * (told.type == "error")))
            tab.goto(running.address)
            tab.locator(".card", has_text="broken.py:1").wait_for(timeout=LONG)
            tab.wait_for_function(
                "() => [...document.querySelectorAll('.card img')].filter((img) => "
                "img.complete && img.naturalWidth === 640).length === 2",
                timeout=LONG,
            )
            posters = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("posters/*")}
            assert len(posters) == 2
            if look == 0:
                made = posters
                context.close()
        assert posters == made
        tab.get_by_text("wide", exact=True).click()
        whole(tab)
        assert "4" in tab.locator("#nnanim h1").inner_text()
        assert tab.locator(".desk h2").inner_text() == "wide"
        tab.go_back()
        tab.locator(".card").first.wait_for(timeout=LONG)
        context.close()
    assert errors == []
