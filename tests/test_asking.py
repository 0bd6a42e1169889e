"""Tasks that are done elsewhere: what is asked for again, what is given up, what is refused."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from types import SimpleNamespace

import pytest

from nnanim.engines import asking, cluster
from nnanim.engines.asking import Answer, Asked, Work
from nnanim.engines.cluster import Cluster
from nnanim.engines.crew import Crew, ExecutorError, Task
from nnanim.errors import SceneError, UsageError


def twice(request: bytes, files: bytes) -> bytes:
    """Return a request twice."""
    del files
    return request * 2


class Letters(Work[bytes]):
    """Tasks that are a letter each."""

    name = "letter"

    @property
    def task(self) -> Task:
        """What is done."""
        return twice

    def request(self, number: int) -> bytes:
        """Return a letter."""
        return b"abcdefgh"[number : number + 1]

    def files(self, number: int) -> bytes:
        """Return nothing."""
        del number
        return b""

    def answer(self, number: int, content: bytes) -> Answer[bytes]:
        """Return what came."""
        if content != self.request(number) * 2:
            raise ValueError("these are other letters")
        return Answer(content, 0.5, "someone")


class Workers(Crew):
    """Workers that are known by name: `act` says what becomes of the n-th task, None hangs."""

    ahead = 3

    def __init__(self, act: Callable[[int, bytes], bytes | Exception | None]) -> None:
        self.asked = 0
        self.away = False
        self.given_up: list[str] = []
        self._act = act
        self._hanging: dict[Future[bytes], str] = {}

    def ask(self, task: Task, request: bytes, files: bytes) -> "Future[bytes]":
        """Do a task at once, or never."""
        future: Future[bytes] = Future()
        self.asked += 1
        done = self._act(self.asked, task(request, files))
        if isinstance(done, Exception):
            future.set_exception(done)
        elif done is not None:
            future.set_result(done)
        else:
            self._hanging[future] = f"worker {self.asked}"
        return future

    def running(self, futures: "Iterable[Future[bytes]]") -> "Mapping[Future[bytes], str]":
        """Return what hangs."""
        return {future: self._hanging[future] for future in futures if future in self._hanging}

    def lost(self) -> bool:
        """Return whether all is lost."""
        return self.away

    def find_again(self) -> None:
        """Come back."""
        self.away = False

    def give_up(self, future: "Future[bytes]") -> None:
        """Note who it was."""
        self.given_up.append(self._hanging.pop(future))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by ten seconds whenever it is looked at, and waits that take no time."""
    times = itertools.count(0.0, 10.0)
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=lambda: next(times)))
    monkeypatch.setattr(
        asking, "wait", lambda futures, **how: wait(futures, **{**how, "timeout": 0})
    )


def answers(crew: Workers, count: int = 6, patience: float = 60.0) -> dict[int, bytes]:
    """Return what comes of some tasks."""
    asked = Asked(crew, Letters(), patience)
    return {number: answer.value for number, answer in asked.all(range(count))}


EXPECTED = dict(enumerate([b"aa", b"bb", b"cc", b"dd", b"ee", b"ff"]))


@pytest.mark.usefixtures("clock")
def test_a_worker_that_hangs_is_given_up_and_its_task_done_by_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is named, with how long it did not answer."""
    crew = Workers(lambda n, done: None if n == 2 else done)

    assert answers(crew) == EXPECTED
    assert crew.given_up == ["worker 2"]
    assert caplog.messages == ["letter 1: worker 2 has not answered for 60 s, and is given up"]


@pytest.mark.usefixtures("clock")
def test_what_hangs_wherever_it_is_done_ends_it() -> None:
    """After three workers."""
    crew = Workers(lambda _, done: None if done == b"bb" else done)

    with pytest.raises(SceneError, match="letter 1 failed 3 times, the last by: worker 8 has not"):
        answers(crew)
    assert len(crew.given_up) == 3


def test_a_task_is_given_up_after_ten_times_the_median_at_least_a_minute() -> None:
    """Half a second is the median here."""
    asked = Asked(Workers(lambda _, done: done), Letters(), 60.0)
    list(asked.all(range(3)))
    assert asked.limit == 60.0
    asked = Asked(Workers(lambda _, done: done), Letters(), 1.0)
    list(asked.all(range(3)))
    assert asked.limit == 5.0


def test_what_fails_or_is_damaged_is_asked_for_again() -> None:
    """Up to three times; what was refused with reason is not."""
    wrong: dict[int, bytes | Exception] = {2: ConnectionError("gone"), 4: b"zz", 5: b""}
    crew = Workers(lambda n, done: wrong.get(n, done))
    assert answers(crew) == EXPECTED
    assert crew.asked == 6 + 3

    with pytest.raises(SceneError, match="letter 0 failed 3 times, the last by: ConnectionError"):
        answers(Workers(lambda _, __: ConnectionError("gone")))
    refused = Workers(lambda _, __: UsageError("here is torch 1.0"))
    with pytest.raises(SceneError, match=r"letter 0 is refused .*: here is torch 1\.0"):
        answers(refused)
    assert refused.asked == 3


def test_what_was_lost_is_asked_for_again_as_often_as_it_is() -> None:
    """Four times here: it is no failure of a task."""
    crew = Workers(lambda _, done: done)

    def lost(n: int, done: bytes) -> bytes | Exception:
        crew.away = n <= 12
        return ConnectionError("lost") if crew.away else done

    crew._act = lost
    assert answers(crew) == EXPECTED
    assert crew.asked == 12 + 6


def test_what_was_done_is_given_though_no_more_is_taken() -> None:
    """Then the error passes."""
    crew = Workers(lambda _, done: done)
    ask = crew.ask

    def closed(task: Task, request: bytes, files: bytes) -> "Future[bytes]":
        if crew.asked == 2:
            raise ExecutorError("closed")
        return ask(task, request, files)

    crew.ask = closed  # type: ignore[method-assign]
    came: list[bytes] = []
    with pytest.raises(ExecutorError, match="closed"):
        came.extend(answer.value for _, answer in Asked(crew, Letters()).all(range(6)))
    assert came == [b"aa", b"bb"]


class Deaf(Cluster):
    """A scheduler that answers nothing more once it is reached."""

    def _connect(self, seconds: float) -> None:
        del seconds
        self._silent = None

    def _answer(self, question: str) -> None:
        del question


def test_a_scheduler_that_was_not_asked_for_long_is_not_lost_by_one_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its patience begins with the first question without an answer."""
    now = [0.0]
    monkeypatch.setattr(cluster, "expect_installed", lambda *_: None)  # no scheduler is reached
    monkeypatch.setattr(cluster, "time", SimpleNamespace(monotonic=lambda: now[0]))
    deaf = Deaf("tcp://127.0.0.1:8786", patience=60.0)
    now[0] = 300.0
    assert deaf.running([]) == {}
    now[0] = 361.0
    with pytest.raises(ExecutorError, match="has not answered for 60 s"):
        deaf.running([])


@pytest.mark.parametrize(
    "address", ["host:8786", "tcp://host", "http://host:80", "tcp://:8786", "tcp://h:x", "", "tcp"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Before anything is imported for it."""
    with pytest.raises(UsageError, match="expected the address of a Dask scheduler, as tcp://"):
        Cluster(address)


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("tcp://127.0.0.1:8786", False),
        ("tcp://[::1]:8786", False),
        ("tcp://localhost:8786", False),
        ("tls://192.0.2.1:8786", False),
        ("tcp://192.0.2.1:8786", True),
        ("tcp://cluster.example:8786", True),
    ],
)
def test_who_can_be_overheard_is_told_so(
    address: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Beyond this machine, unless it is encrypted."""
    cluster._check(address)

    assert ["whoever reaches it runs code as you" in line for line in caplog.messages] == (
        [True] * warned
    )


def test_without_dask_a_scheduler_is_one_line_that_says_how_to_install_it(
    nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of it is imported for anything else."""
    monkeypatch.setattr("nnanim.errors.find_spec", lambda _: None)
    (tmp_path / "rings.py").write_text(
        "from nnanim import Scene, Training, datasets, models\n"
        "scene = Scene(dataset=datasets.rings(40), training=Training(epochs=1), "
        "model=models.mlp(2, 2, 1, output='sigmoid'))\n"
    )
    where = ("-o", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1")

    code, out, err = nnanim("sweep", tmp_path / "rings.py", "--set", "training.lr=0.1,1", *where)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--scheduler needs distributed, not installed here: " in err
    assert err.rstrip().endswith("-m pip install distributed")


@pytest.mark.parametrize("share", ["2", "101%", "-1%", "x", "1 in 3", ""])
def test_a_share_that_is_none_is_refused(
    share: str, nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """It is at most all."""
    code, _, err = nnanim("sweep", "rings", "--set", "width=1,2", "-o", tmp_path / "out",
                          "--verify", share)  # fmt: skip

    assert code == 2
    assert "expected a share, as 1% or 0.01, at most 100%" in err
    assert err.count("\n") <= 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--like", "rings_2_2.py"), "--like names a file that stays here"),
        (("--model", "nets.py:make"), "--model does not travel"),
        (("--format", "png"), "films in one file: png is a folder"),
    ],
)
def test_what_of_a_film_does_not_travel_is_refused(
    options: tuple[str, ...],
    said: str,
    nnanim: Callable[..., tuple[int, str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before a scheduler is looked for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rings.py").write_text("scene = None\n")

    code, out, err = nnanim("render", "rings.py", "--scheduler", "tcp://127.0.0.1:1", *options)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
