"""What is compiled is kept on the disk, whole or not at all, wherever that can be written."""

import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from numba import config
from numba.core.caching import CompileResultCacheImpl

import nnanim
from nnanim.kernels import keeping
from nnanim.kernels.compilation import compiled
from nnanim.kernels.keeping import Kept, sources, temporary
from nnanim.kernels.train import train_block

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "garbage": lambda content: b"\x80\x05." + bytes(range(256)) * (len(content) // 256),
    "a flipped bit": lambda content: (
        content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 4])
        + content[len(content) // 2 + 1 :]
    ),
    "without its digest": lambda content: content[:-32],
}  # fmt: skip


@pytest.fixture
def kept_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Return a function that gives a new kernel of the same source, kept in the test's folder."""
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(Kept, "_told", set())
    source = tmp_path / "doubling.py"
    source.write_text("def doubled(x):\n    return 2 * x\n")

    def kernel() -> Any:
        spec = importlib.util.spec_from_file_location("doubling", source)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return compiled(module.doubled)

    return kernel


def compiles(kernel: Any, x: int = 21) -> bool:
    """Call a kernel and return whether it had to be compiled."""
    assert kernel(x) == 2 * x
    return bool(kernel.stats.cache_misses)


def test_what_is_compiled_is_used_again(kept_here: Callable[[], Any]) -> None:
    """By the next program."""
    assert [compiles(kept_here()) for _ in range(3)] == [True, False, False]


ALONE = """
import sys

import numpy as np
from numba import njit

from nnanim.kernels.forward import forward

table, starts, found = np.array([[0, 1, 1, 0, -1, 0]]), np.zeros(1, int), np.empty(1, "f4")
two, none = np.full(1, 2, "f4"), np.zeros(1, "f4")
forward(np.ones((1, 1), "f4"), table, np.zeros((1, 2)), two, none, starts, found)
before = "numba.np.arrayobj" in sys.modules


@njit
def sums(x):
    return np.full(3, x).sum()


print(found[0], before, sum(forward.stats.cache_misses.values()), sums(2.0))
"""


@pytest.mark.slow
def test_what_was_compiled_is_used_without_what_compiles(tmp_path: Path) -> None:
    """That takes half a second; where something is compiled later, it is there."""
    place = {**os.environ, "PYTHONPATH": str(Path(nnanim.__file__).parents[1]),
             "NUMBA_CACHE_DIR": str(tmp_path)}  # fmt: skip
    run = partial(subprocess.run, [sys.executable, "-c", ALONE], env=place, check=True, text=True)

    run(capture_output=True)
    again = run(capture_output=True)

    assert again.stdout == "2.0 False 0 6.0\n"


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_a_damaged_file_is_made_again(
    kind: str,
    how: str,
    kept_here: Callable[[], Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In one line, and the next program finds it whole."""
    caplog.set_level(logging.INFO, logger="nnanim")
    kept_here()(21)
    (file,) = tmp_path.rglob(f"*.{kind}")
    file.write_bytes(DAMAGE[how](file.read_bytes()))

    assert [compiles(kept_here()) for _ in range(2)] == [True, False]
    assert caplog.messages.count("a compiled kernel was damaged and is made again") == 1


def test_a_full_disk_keeps_nothing(
    kept_here: Callable[[], Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The kernel works all the same."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    caplog.set_level(logging.INFO, logger="nnanim")
    monkeypatch.setattr(os, "replace", full)

    assert [compiles(kept_here()) for _ in range(2)] == [True, True]
    assert "compiled kernels cannot be kept: No space left on device" in caplog.messages
    assert not [file for file in tmp_path.rglob("*") if file.suffix in (".nbi", ".nbc")]


def test_all_kernels_are_compiled_anew_when_the_source_of_one_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """numba itself looks at the file of the function alone."""
    for file in Path(keeping.__file__).parent.glob("*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    kernel: Any = train_block
    stamp = kernel._cache._cache_file._source_stamp
    monkeypatch.setattr(keeping, "__file__", str(tmp_path / "keeping.py"))
    again = sources.__wrapped__

    assert stamp == again()
    (tmp_path / "lanes.py").write_text("LANES = 8\n")
    assert stamp != again()


def test_a_folder_of_somebody_else_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others may write would run as this user."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    make: Callable[[], Any] = temporary.__wrapped__
    first, again = make(), make()
    assert first == again

    first.chmod(0o777)
    opened = make()
    shutil.rmtree(first)
    first.symlink_to(tmp_path)
    linked = make()

    assert len({first, opened, linked}) == 3
    assert all(place.stat().st_mode & 0o777 == 0o700 for place in (opened, linked))


def test_nothing_is_kept_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even a temporary folder is there."""
    monkeypatch.setattr(CompileResultCacheImpl, "_locator_classes", [])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setattr(keeping, "temporary", temporary.__wrapped__)

    assert compiles(compiled(lambda x: 2 * x))


_PROGRAM = """
import logging, sys
import numpy as np
from nnanim.kernels.shuffle import Shuffle
logging.basicConfig(level=logging.INFO, format="%(message)s")
orders = np.empty((1, 5), np.int64)
Shuffle(0, 5).deal(orders)
print(sorted(orders[0].tolist()))
"""


def test_where_neither_package_nor_home_can_be_written_a_temporary_folder_serves(
    tmp_path: Path,
) -> None:
    """It is said when kernels are compiled, once; the next program finds them there."""
    package = tmp_path / "site" / "nnanim"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(nnanim.__file__).parent, package, ignore=ignored)
    (package / "kernels" / "__pycache__").touch()  # where a folder cannot be made, even by root
    places = {"HOME": os.devnull, "XDG_CACHE_HOME": f"{os.devnull}/cache", "TMPDIR": str(tmp_path)}
    environment = {**os.environ, **places, "PYTHONPATH": str(package.parent)}
    environment.pop("NUMBA_CACHE_DIR", None)
    runs = [
        subprocess.run(
            [sys.executable, "-B", "-c", _PROGRAM],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        for _ in range(2)
    ]

    assert [run.stdout for run in runs] == ["[0, 1, 2, 3, 4]\n"] * 2
    kept = tmp_path / f"nnanim-{os.getuid()}"
    assert runs[0].stderr.startswith(f"compiling kernels, kept in {kept}, as neither nnanim's")
    assert "NUMBA_CACHE_DIR names one that lasts" in runs[0].stderr
    assert runs[0].stderr.count("\n") == 1
    assert runs[1].stderr == ""


FAMILY = """
import logging

logging.basicConfig(level=logging.INFO, format="%(message)s")
import numpy as np
{}
"""
FAMILIES = [
    "from nnanim.kernels.walks import asunder; asunder(np.zeros((3, 2)))",
    "from nnanim.kernels.walks import chosen; chosen(np.zeros((3, 3)), np.zeros(2), 1.0)",
]


@pytest.mark.slow
def test_compilation_is_said_by_the_first_of_many_programs_alone(tmp_path: Path) -> None:
    """The next ones that compile others of the kernels say nothing of it."""
    place = {**os.environ, "PYTHONPATH": str(Path(nnanim.__file__).parents[1]),
             "NUMBA_CACHE_DIR": str(tmp_path)}  # fmt: skip

    said = [
        subprocess.run(
            [sys.executable, "-c", FAMILY.format(family)],
            env=place,
            check=True,
            text=True,
            capture_output=True,
        ).stderr
        for family in FAMILIES
    ]

    assert said[0].startswith("compiling kernels, once after installation")
    assert said[0].count("\n") == 1
    assert said[1] == ""
