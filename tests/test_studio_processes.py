"""The studio's processes: who trains for whom, and what is left when a tab or all of it ends."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from nnanim.studio.workers import _PATIENCE
from tests.studios import SLOW, alive, studio, until
from tests.waiting import comes

pytestmark = [pytest.mark.slow, pytest.mark.studio]

FILM = {"do": "film", "number": 1, "knobs": {}, "t": 0, "moment": 0}


def ask(tab: ClientConnection, **more: Any) -> None:
    """Ask for a film."""
    tab.send(json.dumps({**FILM, **more}))


def test_a_closed_tab_frees_its_training(tmp_path: Path) -> None:
    """A training of hours ends within seconds of its tab; another tab goes on meanwhile."""
    with studio(tmp_path, SLOW) as running:
        with running.tab() as first:
            ask(first)
            until(first, "progress")
            assert len(running.workers()) == 1
        assert comes(lambda: not running.workers())
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(30) == 130


def test_an_interruption_ends_everything(tmp_path: Path) -> None:
    """With 130, in the midst of a training, leaving no process and no file."""
    with studio(tmp_path, SLOW) as running, running.tab() as tab:
        ask(tab)
        until(tab, "progress")
        workers = running.workers()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(30) == 130
        assert workers
        assert comes(lambda: not any(map(alive, workers)))
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["own.py"]


def test_a_worker_has_less_than_two_seconds_to_end() -> None:
    """Then it is killed."""
    assert _PATIENCE < 2


def test_two_tabs_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Each gets the films that it asked for, and goes on when the other is gone or in error."""
    with studio(tmp_path) as running, running.tab() as stays:
        with running.tab() as goes:
            ask(stays, number=1, knobs={"width": 3})
            ask(goes, number=11, knobs={"width": 4})
            assert films(stays, 1) == {"2 → 3 → 2 → 1"}
            assert films(goes, 11) == {"2 → 4 → 2 → 1"}
            ask(goes, number=12, knobs={"width": 0.5})
            ask(stays, number=2, knobs={"width": 5})
            assert until(goes, "error")["number"] == 12
            assert films(stays, 2) == {"2 → 5 → 2 → 1"}
            ask(goes, number=13, knobs={"width": 1})
        ask(stays, number=3, knobs={"width": 1})
        assert films(stays, 3) == {"2 → 1 → 2 → 1"}


def films(tab: ClientConnection, number: int) -> set[str]:
    """Return the networks in the titles of films until the whole of a number; others are none."""
    found = set()
    while True:
        message = tab.recv(timeout=240)
        if not isinstance(message, bytes):
            continue
        told = json.loads(message[8 : 8 + int.from_bytes(message[:4], "little")])
        assert told["number"] == number
        found.add(told["contents"]["pages"][0]["title"].split("a ")[1].removesuffix(" network"))
        if told["stage"] == "whole":
            return found


def test_names_do_not_leave_the_folder(tmp_path: Path) -> None:
    """What is to be written is one of a few words; nothing else makes a file anywhere."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    with studio(folder) as running, running.tab() as tab:
        for kind in ("film/../../evil", str(tmp_path / "evil"), "page\0"):
            tab.send(json.dumps({"do": "write", "kind": kind, "knobs": {}, "share": 1}))
            assert "expected film" in until(tab, "refused")["text"]
        found = {path.name for path in tmp_path.rglob("*") if path.suffix != ".pyc"}
    assert found - {"__pycache__"} == {"scenes", "own.py"}


def test_an_interruption_takes_back_what_is_half_written(tmp_path: Path) -> None:
    """A film that is being made when Ctrl-C comes leaves nothing in the folder."""
    with studio(tmp_path, SLOW) as running, running.tab() as tab:
        tab.send(json.dumps({"do": "write", "kind": "film", "knobs": {}, "share": 1}))
        until(tab, "writing")
        assert (tmp_path / "own_1.mp4").exists()
        workers = running.workers()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(60) == 130
        assert comes(lambda: not any(map(alive, workers)))
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == ["own.py"]
