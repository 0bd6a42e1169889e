"""What a studio bears: tabs that read slowly, that say too much or nonsense, and many of them."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from nnanim.commands.studio import studio
from nnanim.engines.wire import Message
from nnanim.studio import tab
from nnanim.studio.door import MOST_TABS
from nnanim.studio.shown import Shown
from nnanim.studio.workers import Workers
from tests.test_studio_door import FILM, Served, serving

pytestmark = [pytest.mark.slow, pytest.mark.studio]

LONG = 60  # seconds that a slow machine may take


class Patient:
    """A worker that answers once it is asked for a film, and only with what it is made to say."""

    made: "list[Patient]" = []  # noqa: RUF012  # those that a server has taken
    content = b""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.asked: list[dict[str, Any]] = []
        self._films: asyncio.Queue[None] = asyncio.Queue()

    async def ask(self, told: dict[str, Any], shown: Shown | None = None) -> None:
        """Take what is asked for."""
        del shown
        self.asked.append(told)
        if told["do"] == "film":
            self._films.put_nowait(None)

    async def answer(self) -> Message:
        """Answer with a film for each that was asked for, without end where it is large."""
        if not self.content or self._films.qsize():
            await self._films.get()
        return Message({"told": "film", "number": len(self.asked)}, self.content or b"film")

    async def end(self) -> None:
        """Be gone."""
        self.ended.set()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A studio whose workers are patient."""

    async def take(_: Workers) -> Patient:
        Patient.made.append(Patient())
        return Patient.made[-1]

    monkeypatch.setattr(Patient, "made", [])
    with serving(tmp_path / "own.py", take) as found:
        yield found


@contextmanager
def let_in(served: Served, **more: Any) -> Iterator[ClientConnection]:
    """Give a tab that has said the token."""
    with served.tab(**more) as found:
        found.send(json.dumps({"token": served.lock.token}))
        yield found


def film(found: ClientConnection) -> bytes:
    """Return the film that a tab gets for asking."""
    found.send(json.dumps(FILM))
    answer = found.recv(timeout=LONG)
    assert isinstance(answer, bytes)
    return answer


def test_who_does_not_read_is_shown_out(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its training is freed, and others are answered meanwhile."""
    monkeypatch.setattr(tab, "_PATIENCE", 0.5)
    monkeypatch.setattr(Patient, "content", bytes(2**22))
    with let_in(served, max_queue=1) as slow:
        slow.send(json.dumps(FILM))
        slow.recv(timeout=LONG)
        assert served.ask()[0] == 200
        assert Patient.made[0].ended.wait(LONG)


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("x" * 2**21, (1009, 1006)),  # or it is gone before the page reads why
        ("no JSON", (1007,)),
        ("[" * 100_000, (1007,)),
        (b"x", (1007,)),
        (json.dumps({"token": "again"}), (1007,)),
        (json.dumps({**FILM, "file": "/etc/passwd"}), (1007,)),
        (json.dumps({**FILM, "knobs": {"x": "y" * 10_000}}), (1007,)),
        (json.dumps({**FILM, "moment": -1}), (1007,)),
        ('{"do": "film", "number": 1, "knobs": {}, "t": NaN, "moment": 0}', (1007,)),
    ],
)
def test_what_none_of_our_pages_says_closes_its_tab(
    served: Served, said: str | bytes, codes: tuple[int, ...]
) -> None:
    """Nothing of it comes to a worker, and another tab goes on."""
    with let_in(served) as other, let_in(served) as bad:
        assert film(other)
        assert film(bad)
        theirs = Patient.made[1]
        asked = list(theirs.asked)
        with suppress(ConnectionClosed):
            bad.send(said)
        with pytest.raises(ConnectionClosed):
            bad.recv(timeout=LONG)
        assert bad.close_code in codes
        assert theirs.ended.wait(LONG)
        assert theirs.asked == asked
        assert not Patient.made[0].ended.is_set()
        assert film(other)
    assert served.ask()[0] == 200


def test_there_are_sixty_four_tabs_and_no_more(served: Served) -> None:
    """One more is refused with 503; where one is closed there is room, and all are answered."""
    assert MOST_TABS == 64
    with ExitStack() as stack:
        tabs = [stack.enter_context(let_in(served)) for _ in range(MOST_TABS)]
        assert all(map(film, tabs))
        with pytest.raises(InvalidStatus) as refused:
            served.tab()
        assert refused.value.response.status_code == 503
        assert film(tabs[0])
        tabs[5].close()
        assert Patient.made[5].ended.wait(LONG)
        with let_in(served) as late:
            assert film(late)


def test_a_scene_is_watched_where_a_folder_of_an_earlier_form_of_it_is_gone(
    tmp_path: Path,
) -> None:
    """What it imported from there is moved; the scene's own file still has the film made anew."""
    (tmp_path / "old").mkdir()
    own, part = tmp_path / "own.py", tmp_path / "old" / "part.py"

    async def saved() -> list[dict[str, Any]]:
        page, hand = SimpleNamespace(send_text=AsyncMock()), Patient()
        watching: Any = tab.Tab(page, hand, Shown(own), SimpleNamespace())  # type: ignore[arg-type]
        watching._watch({own, part})
        (tmp_path / "old").rmdir()
        watching._watch({own, tmp_path / "part.py"})
        while not hand.asked and not watching._watching.done():
            own.touch()
            await asyncio.sleep(0.1)
        watching._watching.cancel()
        return hand.asked[:1]

    assert asyncio.run(asyncio.wait_for(saved(), LONG)) == [{"do": "open"}]


def test_what_is_safer_is_said_before_a_remote_studio_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The tunnel's line first, then what others can do; its address alone goes to stdout."""

    def serve(
        files: Sequence[Path],
        settings: Mapping[str, str],
        host: str,
        port: int,
        told: Callable[[str], None],
    ) -> None:
        assert (len(files), settings, host, port) == (1, {}, "0.0.0.0", 9000)
        assert len(caplog.messages) == 2
        told("the address")

    monkeypatch.setattr("nnanim.studio.serving.serve", serve)
    file = tmp_path / "own.py"
    file.write_text("scene = None")
    remote = ["--host", "0.0.0.0", "--allow-remote", "--port", "9000", "--no-open"]

    done = CliRunner().invoke(studio, [str(file), *remote])

    assert (done.exit_code, done.stdout) == (0, "the address\n")
    assert caplog.messages[0].startswith("safer: ssh -L 9000:127.0.0.1:9000 ")
    assert "token" in caplog.messages[1]
