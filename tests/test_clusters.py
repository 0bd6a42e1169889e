"""Sweeps and maps trained by a cluster: a scheduler of Dask, its workers, what befalls them."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clusters import LONGEST, cluster_in
from tests.test_maps import FILE
from tests.test_sweeps import contents
from tests.waiting import comes

# The commands in processes of their own, with small blocks, so that there are many.
PROGRAM = """
from nnanim.cli import main
from nnanim.sweeps.mapped import MapPlan
from nnanim.sweeps.plan import Plan

Plan.size, MapPlan.size = 2, 160
main()
"""
SWEEP = ("sweep", "rates.py", "--set", "lr1=log:0.01:1:6", "--set", "lr2=0.1,0.3,1", "-o", "out")
MAP = (
    *("map", "rates.py", "--x", "lr1=log:0.01:1e4", "--y", "lr2=log:0.01:1e4"),
    *("-r", "40x30", "-o", "map.png"),
)
SOUGHT = (*SWEEP, "--event", "plateau")
COMMANDS = pytest.mark.parametrize("command", [SOUGHT, MAP], ids=["sweep", "map"])

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sweeps,
    pytest.mark.timeout(6 * LONGEST),
    pytest.mark.skipif(sys.platform == "win32", reason="processes are killed by a signal"),
]


def begun(folder: Path, *arguments: object) -> "subprocess.Popen[str]":
    """Begin a command in a folder that holds the scene."""
    folder.mkdir(exist_ok=True)
    (folder / "rates.py").write_text(FILE)
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(running: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for a command; return its code and what it said."""
    _, said = running.communicate(timeout=LONGEST)
    return running.returncode, said


def expected(folder: Path, *command: str) -> dict[str, bytes]:
    """Return the files that a command leaves that trains here."""
    code, said = ended(begun(folder, *command))
    assert code == 0, said
    return contents(folder)


def kept(folder: Path) -> int:
    """Return how many blocks there are."""
    return sum(1 for _ in folder.glob("*/blocks/*.safetensors"))


@COMMANDS
def test_a_cluster_trains_the_same_bytes_though_a_worker_is_killed(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """In mid-run, with a block in hand; every block is compared with what is trained here."""
    whole = expected(tmp_path / "here", *command)
    with cluster_in(tmp_path / "cluster") as cluster:
        cluster.say("hold")
        there = tmp_path / "there"
        at = ("--scheduler", cluster.address, "--verify", "100%")
        running = begun(there, *command, *at)
        assert comes(lambda: len(cluster.begun()) == 2, LONGEST)
        cluster.kill(cluster.workers[0].pid)
        cluster.unsay("hold")

        code, said = ended(running)

    assert code == 0, said
    assert contents(there) == whole


@COMMANDS
def test_a_scheduler_that_is_restarted_is_found_again(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """By the same run, to the same bytes."""
    whole = expected(tmp_path / "here", *command)
    with cluster_in(tmp_path / "cluster") as cluster:
        cluster.say("hold")
        there = tmp_path / "there"
        running = begun(there, *command, "--scheduler", cluster.address)
        assert comes(lambda: len(cluster.begun()) == 2, LONGEST)
        cluster.stop_scheduler()
        cluster.unsay("hold")
        cluster.start()

        code, said = ended(running)

    assert code == 0, said
    assert f"{cluster.address} is lost: waiting 60 s for it" in said
    assert contents(there) == whole


def test_a_scheduler_that_stays_away_is_one_line_and_the_same_command_goes_on(
    tmp_path: Path,
) -> None:
    """What was finished is kept, and nothing else."""
    whole = expected(tmp_path / "here", *SWEEP)
    there = tmp_path / "there"
    with cluster_in(tmp_path / "cluster") as cluster:
        cluster.say("hold-block-8")
        # What is trained here, too, would load kernels while a block is held.
        running = begun(there, *SWEEP, "--scheduler", cluster.address, "--verify", "0")
        assert comes(lambda: kept(there) == 8, LONGEST)
        cluster.stop_scheduler()
        code, said = ended(running)

        assert code == 3
        told = [line for line in said.splitlines() if "is lost" not in line]
        assert len(told) == 1
        assert "has not answered for 60 s: what was finished is kept" in told[0]
        assert kept(there) == 8
        cluster.unsay("hold-block-8")
        cluster.start()
        code, said = ended(begun(there, *SWEEP, "--scheduler", cluster.address))

    assert code == 0, said
    assert contents(there) == whole


def test_ctrl_c_leaves_the_blocks_that_are_finished(tmp_path: Path) -> None:
    """And the same command trains the rest here, to the same bytes."""
    whole = expected(tmp_path / "here", *SWEEP)
    there = tmp_path / "there"
    with cluster_in(tmp_path / "cluster") as cluster:
        cluster.say("hold-block-8")
        at = ("--scheduler", cluster.address, "--patience", "600")
        running = begun(there, *SWEEP, *at)
        assert comes(lambda: kept(there) == 8, LONGEST)
        running.send_signal(signal.SIGINT)

        code, said = ended(running)
        assert (code, said.strip()) == (130, "nnanim: interrupted")
    assert kept(there) == 8
    assert ended(begun(there, *SWEEP))[0] == 0
    assert contents(there) == whole


def test_a_worker_that_lies_is_named_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    """What it answers is whole, and wrong; without it the same command goes on."""
    whole = expected(tmp_path / "here", *SWEEP)
    there = tmp_path / "there"
    with cluster_in(tmp_path / "cluster") as cluster:
        liar = cluster.workers[0].pid
        at = ("--scheduler", cluster.address, "--verify", "100%")
        cluster.say(f"lies-{liar}")
        cluster.say("hold")
        running = begun(there, *SWEEP, *at)
        assert comes(lambda: len(cluster.begun()) == 2, LONGEST)
        cluster.unsay("hold")
        code, said = ended(running)

        assert (code, said.count("\n")) == (3, 1)
        assert "was answered otherwise than it is trained here" in said
        assert f"process {liar}: that computes wrongly" in said
        cluster.kill(liar)
        code, said = ended(begun(there, *SWEEP, *at))

    assert code == 0, said
    assert contents(there) == whole


def test_a_worker_that_hangs_is_given_up_and_named(tmp_path: Path) -> None:
    """What it holds is done by another, to the same bytes."""
    whole = expected(tmp_path / "here", *SWEEP)
    with cluster_in(tmp_path / "cluster") as cluster:
        cluster.say("hold")
        at = ("--scheduler", cluster.address, "--verify", "0")
        running = begun(tmp_path / "there", *SWEEP, *at)
        assert comes(lambda: len(cluster.begun()) == 2, LONGEST)
        cluster.say(f"hold-{cluster.workers[0].pid}")
        cluster.unsay("hold")

        code, said = ended(running)

    assert code == 0, said
    assert re.search(r"block \d: tcp://127.0.0.1:\d+ has not answered for 60 s, and is given", said)
    assert contents(tmp_path / "there") == whole


def test_a_cluster_films_a_folder_to_the_same_bytes(tmp_path: Path) -> None:
    """A film is a task; what lies beside it comes along."""
    how = ("-q", "l", "--seconds", "0.5", "--extras", "--no-cache")
    for name in ("scenes", "here", "there"):
        (tmp_path / name).mkdir()
    for name, rate in (("fast", "1.0"), ("slow", "0.1")):
        text = FILE.replace("lr1: float = 1.0", f"lr1: float = {rate}")
        (tmp_path / "scenes" / f"{name}.py").write_text(text)
    with cluster_in(tmp_path / "cluster") as cluster:
        at = ("--scheduler", cluster.address, "--patience", "600")
        running = begun(tmp_path, "render", "scenes", *how, "-o", "there", *at)
        out, said = running.communicate(timeout=LONGEST)
    assert running.returncode == 0, said
    assert sorted(out.split()) == ["there/fast.mp4", "there/slow.mp4"]

    assert ended(begun(tmp_path, "render", "scenes", *how, "-o", "here"))[0] == 0
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert len(contents(tmp_path / "there")) == 2 * 5
