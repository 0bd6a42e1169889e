"""What tests of the command line share: it runs as a user runs it, but inside this process."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nnanim.cli import main

_TINY = '''\
"""Two small rings."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from nnanim import Scene, Timeline, Training, datasets, models, views
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
_PARTS = {
    "before": "",
    "dataset": "datasets.rings(n=64)",
    "model": 'models.mlp(2, 2, 1, output="sigmoid")',
    "training": "epochs=2, batch_size=32",
    "more": "",
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep recordings of each test apart, and out of the user's own folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def scene_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a tiny scene, some of its parts replaced by other source text; returns its path."""

    def write(name: str = "tiny.py", **parts: str) -> Path:
        path = tmp_path / name
        path.write_text(_TINY.format_map(_PARTS | parts), encoding="utf-8")
        return path

    return write


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
