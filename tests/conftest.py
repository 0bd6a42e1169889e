"""What tests of the command line share: it runs as a user runs it, but inside this process."""

import logging
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from nnanim.cli import main
from nnanim.kernels import compilation
from nnanim.recording import record as _recorder
from nnanim.scene.files import load

# Examples are few and the same in every run, or with --hypothesis-profile=random others in each.
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=30)
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile("fixed")

_TINY = '''\
"""Two small rings."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from nnanim import Scene, Timeline, Training, acts, datasets, models, views
from nnanim.dataset import Arrays, without_test
from nnanim.view import Panel

{before}

scene = Scene(
    dataset={dataset},
    model={model},
    training=Training({training}),
    {more}
)
'''
_WIDE = '"""Rings."""\n\ndef scene(width{}):\n    return None\n'
_PARTS = {
    "before": "",
    "dataset": "datasets.rings(n=64)",
    "model": 'models.mlp(2, 2, 1, output="sigmoid")',
    "training": "epochs=2, batch_size=32",
    "more": "",
}


# What may be skipped where CI=true: all else is to run there, or it would never be missed.
_MAY_BE_SKIPPED = {
    "test_a_full_disk_leaves_the_old_film",  # only root can mount a disk, and not everywhere
    "test_the_number_of_cores_does_not_show",  # of one core nothing can be taken away
    "test_firefox_plays_a_page",
    "test_firefox_opens_a_scenes_page",  # it is not on every machine
    "test_a_device_that_is_not_there_is_refused_before_the_training",  # CUDA is there
}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a test that is skipped fail where CI=true, but for a few."""
    del call
    report = yield
    expected = hasattr(report, "wasxfail") or item.name.split("[")[0] in _MAY_BE_SKIPPED
    if report.skipped and not expected and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed where CI=true: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep recordings of each test apart, and out of the user's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def session_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of recordings for the whole run, of all its processes."""
    root = tmp_path_factory.getbasetemp()
    return (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "shared"


@pytest.fixture(autouse=True, scope="session")
def kernels_compiled() -> None:
    """Let no test hear that kernels are compiled: it depends on what ran on the machine before."""
    compilation.listener.said = True


@pytest.fixture
def shared_cache(session_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests of one run share recordings, so that each scene is trained once."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(session_cache))


@pytest.fixture
def scene_pages(session_cache: Path, shared_cache: None) -> Path:
    """Return a folder of pages of scenes for the whole run, of all its processes."""
    del shared_cache  # their recordings too
    folder = session_cache / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def scene_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a tiny scene, some of its parts replaced by other source text; returns its path."""

    def write(name: str = "tiny.py", **parts: str) -> Path:
        path = tmp_path / name
        path.write_text(_TINY.format_map(_PARTS | parts), encoding="utf-8")
        return path

    return write


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return the lines that the logger has said."""
    caplog.set_level(logging.INFO, "nnanim")
    return lambda: caplog.messages


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's recording goes."""
    return tmp_path / "run.safetensors"


@pytest.fixture
def run(tmp_path: Path, scene_file: Callable[..., Path]) -> Path:
    """A small recording, run.safetensors, of the scene in tiny.py."""
    path = tmp_path / "run.safetensors"
    _recorder.record(load(scene_file()), path)
    return path


@pytest.fixture
def nnanim(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in the test's own folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnanim", *map(str, arguments)])
        capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return code, out, err

    return run


@pytest.fixture
def refused(nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path) -> Callable[..., str]:
    """Run a command line that must be refused and leave no file; returns its one line.

    `says` are what came, what was expected and what to do, as they stand in the line.
    """

    def run(*arguments: object, code: int, says: tuple[str, ...]) -> str:
        before = {path for path in tmp_path.rglob("*") if path.is_file()}
        came, out, err = nnanim(*arguments)
        assert err.startswith("nnanim: ")
        assert err.count("\n") == 1, err
        assert err.endswith("\n")
        assert out == ""
        for part in says:
            assert part in err
        assert "SceneError" not in err
        assert came == code, err
        assert {path for path in tmp_path.rglob("*") if path.is_file()} == before
        return err

    return run


@pytest.fixture
def scene_refused(
    scene_file: Callable[..., Path], refused: Callable[..., str]
) -> Callable[[dict[str, str], tuple[str, ...]], None]:
    """Render a scene, some of its parts replaced, that must be refused.

    The line says what `says` holds and names the file, and its line that is marked `# here`.
    """

    def run(parts: dict[str, str], says: tuple[str, ...]) -> None:
        file = scene_file(**parts)
        line = refused("render", file, "-r", "128x72", "--seconds", "0.2", code=3, says=says)
        lines = file.read_text().splitlines()
        place = [f":{i}" for i, text in enumerate(lines, start=1) if "# here" in text]
        assert line.startswith(f"nnanim: {file}{''.join(place)}")

    return run


@pytest.fixture
def workplace(tmp_path: Path, scene_file: Callable[..., Path]) -> Path:
    """A folder with a scene, two with parameters, a folder of scenes, and an empty one."""
    scene_file()
    (tmp_path / "wide.py").write_text(_WIDE.format("=2"))
    (tmp_path / "needy.py").write_text(_WIDE.format(""))
    (tmp_path / "empty").mkdir()
    (tmp_path / "many").mkdir()
    scene_file("many/one.py")
    return tmp_path


@pytest.fixture
def powerless() -> Callable[[], AbstractContextManager[None]]:
    """Return what takes from root, for a while, the power to read and write everything."""

    @contextmanager
    def without_power() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return without_power


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without a window, for all tests of a file."""
    from tests.browsing import chromium

    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Firefox for all tests of a file."""
    from tests.firefox import FIREFOX, firefox

    if FIREFOX is None:
        pytest.skip("there is no Firefox on this machine")
    with firefox(tmp_path_factory.mktemp("firefox")) as found:
        yield found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small scene with a cube, with layers to pick, and with captions."""
    from nnanim import render
    from tests.recordings import TOUCHED

    file = tmp_path_factory.mktemp("page") / "page.html"
    render(TOUCHED, file, size=(1280, 720))
    return file


@pytest.fixture
def no_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the test fail at the first step of a training."""

    def train(*_: object) -> None:
        pytest.fail("the network was trained before the mistake was found")

    monkeypatch.setattr(_recorder, "train", train)
