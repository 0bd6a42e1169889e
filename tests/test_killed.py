"""Sweeps and maps that are killed at any moment go on to the same bytes."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_maps import FILE
from tests.test_sweeps import contents

# The commands in processes of their own, with small blocks, so that there are many. Such a process
# kills itself where it is to keep its n-th block: before that is written, or after.
PROGRAM = """
import os
import signal
import sys
from itertools import count

from nnanim import threads
from nnanim.cli import main
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.mapped import MapPlan
from nnanim.sweeps.plan import Plan

last, number, keep = int(sys.argv.pop(1)), count(1), Folder.keep


def kept(folder, block):
    reached = next(number) == last
    if reached and last % 2 == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    keep(folder, block)
    if reached:
        os.kill(os.getpid(), signal.SIGKILL)


threads.cores = lambda: 1  # so that no other block is kept meanwhile
Folder.keep, Plan.size, MapPlan.size = kept, 2, 16
main()
"""
SWEEP = ("sweep", "rates.py", "--set", "lr1=log:0.01:1:6", "--set", "lr2=0.1,0.3,1", "-o")
MAP = ("map", "rates.py", "--x", "lr1=log:0.01:1e4", "--y", "lr2=log:0.01:1e4", "-r", "40x30", "-o")
KILLED = (1, 2, 3)  # at which block of those that lack
NEVER = 0
LONGEST = 240  # seconds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sweeps,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by a signal"),
]


def ended(folder: Path, last: int, *arguments: str) -> int:
    """Run a command in a folder that holds the scene, up to its `last` block; return its code."""
    folder.mkdir(exist_ok=True)
    (folder / "rates.py").write_text(FILE)
    command = [sys.executable, "-c", PROGRAM, str(last), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=LONGEST).returncode


@pytest.mark.parametrize(
    ("arguments", "output", "made"),
    [(SWEEP, "out", "out"), (MAP, "map.png", "map.map")],
    ids=["sweep", "map"],
)
def test_what_was_killed_three_times_goes_on_to_the_same_bytes(
    arguments: tuple[str, ...], output: str, made: str, tmp_path: Path
) -> None:
    """By SIGKILL, which nobody can answer: blocks, tables and pictures."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert ended(whole, NEVER, *arguments, output) == 0
    expected = contents(whole)
    assert len(list((whole / made / "blocks").iterdir())) > sum(KILLED)

    for last in KILLED:
        assert ended(cut, last, *arguments, output) == -signal.SIGKILL
    assert len(list((cut / made / "blocks").iterdir())) == 1 + 1 + 3
    assert ended(cut, NEVER, *arguments, output) == 0

    assert contents(cut) == expected
