"""Who is let into the studio, what its page may ask for, and what its answers hold."""

import json
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from nnanim.studio import door, tab
from nnanim.studio.app import studio_app
from nnanim.studio.asked import MalformedError, checked
from nnanim.studio.door import Lock
from nnanim.studio.serving import server_of
from nnanim.studio.shown import Shown
from nnanim.studio.workers import Workers

FILM = {"do": "film", "number": 1, "knobs": {"width": 3}, "t": 0.0, "moment": 0.0}
PAINTING = {"kept": True, "without": [3], "points": [[0.5, -1, 1]]}
HAND = {"moment": 1.5, "weights": [["hidden1.0", 0, 1, 0.5]]}


class Idle:
    """A worker that answers nothing."""

    async def ask(self, told: dict[str, Any], shown: Shown | None = None) -> None:
        """Take what is asked for."""

    async def answer(self) -> None:
        """Be gone."""

    async def end(self) -> None:
        """Be gone."""


@dataclass
class Served:
    """A studio that is served, and how it is asked."""

    port: int
    lock: Lock

    @property
    def host(self) -> str:
        """What its page calls it."""
        return f"127.0.0.1:{self.port}"

    def ask(
        self, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and text of an answer."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.putrequest(method, path, skip_host="host" in headers, skip_accept_encoding=True)
            for name, value in headers.items():
                line.putheader(name, value)
            if body:
                line.putheader("content-length", str(len(body)))
            line.endheaders(body or None)
            answer = line.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read().decode()
        finally:
            line.close()

    def tab(self, **more: Any) -> ClientConnection:
        """Return a tab, whose page is ours if nothing else is said."""
        given = {"origin": f"http://{self.host}", "open_timeout": 10, "max_size": None, **more}
        found: ClientConnection = connect(f"ws://{self.host}/tab", **given)
        return found


@contextmanager
def serving(scene: Path, take: Callable[[Workers], Awaitable[Any]]) -> Iterator[Served]:
    """Give the studio of a scene whose workers are what `take` gives."""
    listener = socket.create_server(("127.0.0.1", 0))
    lock = Lock(listener.getsockname()[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workers, "prepare", lambda _: None)
        patch.setattr(Workers, "take", take)
        server = server_of(studio_app({scene.stem: Shown(scene)}, lock))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Served(lock.port, lock)
        finally:
            server.should_exit = True
            thread.join(10)
            listener.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The studio of a scene, with workers that answer nothing."""

    async def take(_: Workers) -> Idle:
        return Idle()

    scene = tmp_path_factory.mktemp("scenes") / "secret_rings.py"
    scene.write_text("scene = None")
    with pytest.MonkeyPatch.context() as patch, serving(scene, take) as found:
        patch.setattr(tab, "_HASTE", 0.5)
        yield found


def closing(tab: ClientConnection) -> int:
    """Return the code by which a tab is closed, nothing having been told in it."""
    with pytest.raises(ConnectionClosed):
        tab.recv(timeout=20)
    return tab.close_code or 0


def test_the_page_holds_nothing_of_the_scene(served: Served) -> None:
    """Who has no token gets the page, and that knows neither the scene nor the token."""
    status, headers, text = served.ask()

    assert status == 200
    assert "studio" in text
    for secret in ("secret_rings", served.lock.token):
        assert secret not in text + str(headers)


@pytest.mark.parametrize("path", ["/", "/made/x", "/nowhere"])
def test_no_answer_is_kept_or_told_of(served: Served, path: str) -> None:
    """No cache keeps it, no other page learns from where its reader came."""
    _, headers, _ = served.ask(path)

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


def test_the_page_may_ask_its_studio_alone(served: Served) -> None:
    """Its policy names its own script and style by their hashes, and no other place."""
    policy = served.ask()[1]["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src 'self'; " in policy
    assert policy.endswith("frame-ancestors 'none'")
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "user@127.0.0.1:PORT"),
        *("127.0.0.1.evil.example:PORT", "127.0.0.1:PORT/x", "127.0.0.2:PORT", "127.0.0.1:port"),
        *("localhost.:PORT", "[::1", "127.0.0.1:PORT#", "127.0.0.1:PORT?"),
    ],
)
def test_another_host_is_refused(host: str) -> None:
    """A name that was made to lead here is none of ours."""
    assert not Lock(8737).is_host(host.replace("PORT", "8737"))


def test_hosts_and_origins_are_looked_at(served: Served) -> None:
    """This machine's own are let in; others, and two at once, are not."""
    port = served.port
    for host in (served.host, f"localhost:{port}", f"[::1]:{port}"):
        assert served.ask(host=host)[0] == 200
    assert served.ask(host=f"evil.example:{port}")[0] == 403
    assert served.ask(origin="http://evil.example")[0] == 403
    assert served.ask(origin=f"http://{served.host}")[0] == 200


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "https://127.0.0.1:PORT", "null", "", "http://127.0.0.1:1"),
        *("http://127.0.0.1:PORT.evil.example", "http://evil@127.0.0.1:PORT"),
        *("file://127.0.0.1:PORT", "http://127.0.0.1:PORT/x"),
    ],
)
def test_another_origin_is_refused(origin: str) -> None:
    """A page of another place is none of ours."""
    assert not Lock(8737).is_origin(origin.replace("PORT", "8737"))


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
def test_a_tab_of_another_origin_is_refused(served: Served, origin: Any) -> None:
    """Nor one of none: every browser says where a page comes from."""
    with pytest.raises(InvalidStatus) as refused:
        served.tab(origin=origin)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "first",
    [
        *('{"token": "wrong"}', '{"token": ""}', '{"token": null}', '{"token": 1}', "{}", "[]"),
        *("", "no JSON", json.dumps(FILM), '{"token": "\\ud800"}', "[" * 100_000, "NaN", b"x"),
    ],
)
def test_who_does_not_say_the_token_is_shown_out(served: Served, first: str | bytes) -> None:
    """Whatever comes first in place of the token closes the tab, and nothing is told."""
    with served.tab() as tab:
        tab.send(first)
        assert closing(tab) == 1008
    assert served.ask()[0] == 200


def test_a_huge_message_closes_the_tab(served: Served) -> None:
    """It is not even read to its end; the studio goes on."""
    with served.tab() as tab:
        with suppress(ConnectionClosed):
            tab.send("x" * 2**22)
        assert closing(tab) in (1009, 1006)  # or it is gone before the page reads why
    assert served.ask()[0] == 200


def test_who_says_nothing_is_shown_out(served: Served) -> None:
    """Before long."""
    with served.tab() as tab:
        assert closing(tab) == 1008


def test_the_token_lets_in(served: Served) -> None:
    """What is told then is of the scene; here its worker has gone, which is said."""
    with served.tab() as tab:
        tab.send(json.dumps({"token": served.lock.token}))

        assert json.loads(tab.recv(timeout=20))["told"] == "error"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_taken_but_by_a_tab(served: Served, method: str) -> None:
    """Other methods are refused, and so are bodies."""
    assert served.ask(method=method)[0] == 405
    assert served.ask(body=b"x")[0] == 413


def test_no_path_leads_to_a_file(served: Served) -> None:
    """Only what the studio has written is fetched, by a key that it made."""
    for path in (
        *("/..%2fsecret_rings.py", "/made/..%2fsecret_rings.py", "/made/..%2f..%2fetc%2fpasswd"),
        *("/made/../secret_rings.py", "/made/%2e%2e%2fsecret_rings.py", "/secret_rings.py"),
        *("/made//etc/passwd", "/made/%00", "/made/" + "x" * 5000),
    ):
        status, _, text = served.ask(path)
        assert status == 404
        assert "scene" not in text


def test_too_many_tabs_are_told_to_wait(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound a tab is refused with 503, and once one has closed there is room again."""
    monkeypatch.setattr(door, "MOST_TABS", 1)
    with served.tab() as first:
        with pytest.raises(InvalidStatus) as refused:
            served.tab()
        assert refused.value.response.status_code == 503
        assert closing(first) == 1008
    with served.tab():
        pass


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"do": "open"},
        {"do": "quit"},
        {"do": ["film"]},
        {**FILM, "file": "/etc/passwd"},
        {**FILM, "number": -1},
        {**FILM, "number": True},
        {**FILM, "number": 1.5},
        {**FILM, "t": -1},
        {**FILM, "t": "0"},
        {**FILM, "knobs": [1]},
        {**FILM, "knobs": {"width": None}},
        {**FILM, "knobs": {"width": {"a": 1}}},
        {**FILM, "knobs": {"width": "x" * 5000}},
        {**FILM, "knobs": {"x" * 5000: 1}},
        {**FILM, "knobs": {str(k): 1 for k in range(500)}},
        {**FILM, "knobs": {"width": 1e308}},
        {**FILM, "painting": None},
        {**FILM, "painting": {**PAINTING, "file": "x.csv"}},
        {**FILM, "painting": {**PAINTING, "kept": 1}},
        {**FILM, "painting": {**PAINTING, "without": [-1]}},
        {**FILM, "painting": {**PAINTING, "without": [1.5]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, 0]]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, 0, 1e7]]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, "0", 0]]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, True, 0]]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, 1e999, 0]]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, float("nan"), 0]]}},
        {**FILM, "painting": {**PAINTING, "points": [[0, 0, 0]] * 2001}},
        {"do": "stop", "painting": PAINTING},
        {**FILM, "held": 1},
        {**FILM, "hands": [{"moment": 1}]},
        {**FILM, "hands": [{**HAND, "moment": -1}]},
        {**FILM, "hands": [HAND] * 9},
        {**FILM, "hands": [{**HAND, "weights": [["hidden1.0", 0, 1]]}]},
        {**FILM, "hands": [{**HAND, "weights": [["hidden1.0", 0, -1, 0.5]]}]},
        {**FILM, "hands": [{**HAND, "weights": [["hidden1.0", 0, 1, 1e999]]}]},
        {**FILM, "hands": [{**HAND, "weights": [["x" * 5000, 0, 1, 0.5]]}]},
        {**FILM, "hands": [{**HAND, "weights": [["hidden1.0", 0, 1, 0.5]] * 201}]},
        {"do": "write", "kind": 1, "knobs": {}, "share": 1},
        {"do": "write", "kind": "film", "knobs": {}, "share": 1, "path": "x.mp4"},
        {"do": "stop", "now": True},
    ],
)
def test_what_no_page_of_ours_says_is_malformed(said: dict[str, Any]) -> None:
    """Unknown wishes, names of files, and values that no knob has."""
    with pytest.raises(MalformedError):
        checked(said)


def test_what_a_page_says_is_taken() -> None:
    """A film, an end to it, something written down."""
    painted = {**FILM, "painting": PAINTING, "hands": [HAND], "held": True}
    for said in (
        FILM,
        painted,
        {"do": "stop"},
        {"do": "write", "kind": "film", "knobs": {}, "share": 1},
    ):
        assert checked(said) == said


def test_a_remote_studio_knows_numbers_and_its_own_names() -> None:
    """Where others may come in, a name that is not this machine's is still refused."""
    lock = Lock(8737, names=frozenset({"mine"}), remote=True)

    assert lock.is_host("mine:8737")
    assert lock.is_host("192.168.1.2:8737")
    assert not lock.is_host("evil.example:8737")


def test_tokens_are_long_and_no_two_are_one() -> None:
    """They have 256 bits by chance, and are not shown where a lock is."""
    one, other = Lock(8737), Lock(8737)

    assert len(one.token) >= 43
    assert one.token != other.token
    assert one.token not in repr(one)
