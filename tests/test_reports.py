"""Reports: `check`, `describe` and `doctor` say what is right, what is seen, what is amiss."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nnanim.doctor import findings

Nnanim = Callable[..., tuple[int, str, str]]
SCENE = '''\
"""Two small rings."""

from nnanim import Scene, Timeline, Training, acts, datasets, models, views

scene = Scene(
    dataset=datasets.rings(n=64),
    model=models.mlp(2, 2, 1, output="sigmoid"),
    training=Training(epochs=4, batch_size=32, loss="bce"),
    timeline=Timeline(
        acts=[acts.Hold(1, caption="Nothing yet", chapter="Start"), acts.Train(to=3, seconds=2)]
    ),
    views=[views.HiddenSpace()],
)
'''


@pytest.fixture(autouse=True)
def scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder of three scenes: one is right, one has no such layer, one is no Python."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "scenes"
    folder.mkdir()
    (folder / "a.py").write_text(SCENE)
    (folder / "b.py").write_text(SCENE.replace("HiddenSpace()", 'HiddenSpace("hidden7")'))
    (folder / "c.py").write_text(SCENE.replace("scene = Scene(", "scene = Scene(("))


def test_a_right_scene_is_named_and_not_trained(nnanim: Nnanim) -> None:
    """Its path is the whole result."""
    code, out, err = nnanim("check", "scenes/a.py")

    assert (code, out, err) == (0, "scenes/a.py\n", "")


def test_all_that_is_wrong_in_a_folder_is_told_at_once(
    nnanim: Nnanim, caplog: pytest.LogCaptureFixture
) -> None:
    """A line for each scene that is not right, and the code of a scene's mistake."""
    code, out, err = nnanim("check", "scenes")

    assert (code, out) == (3, "scenes/a.py\n")
    (layer,) = caplog.messages
    assert layer.startswith("scenes/b.py: unknown layer 'hidden7'")
    assert err.startswith("nnanim: scenes/c.py:5: ")


def test_what_is_wrong_is_data_with_its_line(nnanim: Nnanim) -> None:
    """With --json, which is what a program that writes scenes reads."""
    code, out, _ = nnanim("check", "scenes", "--json")

    right, layer, syntax = json.loads(out)
    assert code == 3
    assert right == {"path": "scenes/a.py", "ok": True, "line": None, "message": None}
    assert not layer["ok"]
    assert "expected hidden1" in layer["message"]
    assert (syntax["ok"], syntax["line"]) == (False, 5)


@pytest.mark.parametrize(
    ("option", "code"), [(("--layer", "hidden9"), 3), (("--views", "Depth"), 2), (("-r", "9x9"), 2)]
)
def test_what_a_film_is_asked_for_is_checked_too(
    nnanim: Nnanim, option: tuple[str, ...], code: int
) -> None:
    """A layer, views, a size that `render` would refuse, in its words and with its code."""
    checked = nnanim("check", "scenes/a.py", *option)
    rendered = nnanim("render", "scenes/a.py", *option, "-o", "a.mp4")

    assert checked == rendered
    assert checked[0] == code


def test_a_command_that_means_nothing_is_no_fault_of_the_scene(nnanim: Nnanim) -> None:
    """As a setting that the scene has not."""
    code, out, err = nnanim("check", "scenes/a.py", "--set", "width=3")

    assert (code, out) == (2, "")
    assert "width" in err


def test_a_description_says_what_is_seen_and_when(nnanim: Nnanim) -> None:
    """The panels, the acts with their epochs and captions, and how the training ends."""
    code, out, _ = nnanim("describe", "scenes/a.py", "--json")

    told = json.loads(out)
    hold, train = told["acts"]
    assert code == 0
    assert (told["layers"], told["epochs"]) == (["hidden1"], 4)
    assert (hold["act"], hold["caption"], hold["from"], hold["to"]) == ("Hold", "Nothing yet", 0, 0)
    assert (train["begin"], train["to"]) == (1, 3)
    assert [panel["view"] for panel in told["panels"]] == ["HiddenSpace"]
    assert told["results"][0]["loss_name"] == "bce"
    assert all(event["seconds"] is None or event["epoch"] <= 3 for event in told["events"])


def test_a_description_tells_of_the_film_as_it_is_asked_for(nnanim: Nnanim) -> None:
    """The options of `render` that say what is seen, and in which words."""
    asked = ("--words", "de", "--views", "InputSpace()", "--lecture")
    code, out, _ = nnanim("describe", "scenes/a.py", *asked, "--json")

    told = json.loads(out)
    assert code == 0
    assert [panel["view"] for panel in told["panels"]] == ["InputSpace"]
    assert told["panels"][0]["title"].startswith("Eingaberaum")


def test_a_description_can_be_read(nnanim: Nnanim) -> None:
    """A line each, and what has happened that no act shows is told as such."""
    code, out, _ = nnanim("describe", "scenes/a.py")

    assert code == 0
    assert "act    0 s, Hold, epoch 0, chapter Start: Nothing yet\n" in out
    assert "act    1 s, Train, epoch 0 to 3\n" in out


@pytest.mark.slow
def test_a_doctor_finds_a_machine_that_does_to_be_well(nnanim: Nnanim) -> None:
    """All packages, ffmpeg with each format, folders that can be written; no user is named."""
    code, out, err = nnanim("doctor", "--json")

    found = {each["what"]: each for each in json.loads(out)}
    assert (code, err) == (0, "")
    assert found["torch"]["found"]
    assert "mp4 (h264)" in found["formats"]["found"]
    assert found["ffmpeg"]["found"].startswith("ffmpeg version")
    assert str(Path.home()) not in out or Path.home() == Path("/")


@pytest.mark.slow
def test_a_doctor_says_what_is_amiss_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ffmpeg that does not start, and so no format that it writes."""
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", os.devnull)
    monkeypatch.chdir(tmp_path)

    amiss = {each.what: each.amiss for each in findings() if each.amiss}

    assert "ffmpeg" in amiss
    assert "format mp4 (h264)" in amiss
