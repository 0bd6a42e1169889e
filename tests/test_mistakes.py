"""A mistake in IPython: the user's own lines and what to do, not the way through the package."""

import shlex
import sys
from pathlib import Path

import pytest

from nnanim import NnanimError
from nnanim.errors import UsageError, expect_installed


def mistaken(tmp_path: Path, source: str) -> list[str]:
    """Return the lines that IPython shows of the mistake that a file of the user's own makes."""
    file = tmp_path / "cell.py"
    file.write_text(source, encoding="utf-8")
    with pytest.raises(NnanimError) as caught:
        exec(compile(source, str(file), "exec"), {})
    # What stands before them is the test's own line.
    return [line for line in caught.value._render_traceback_() if "test_mistakes.py" not in line]


def test_a_mistake_is_shown_with_the_users_own_line(tmp_path: Path) -> None:
    """Not with the way through the package."""
    lines = mistaken(tmp_path, "from nnanim import Training\n\nTraining(\n  optimizer='adm')\n")

    assert lines == [
        f"{tmp_path / 'cell.py'}, line 3: Training(",
        "SceneError: unknown optimizer 'adm': expected sgd | adam | adamw; did you mean 'adam'?",
    ]


def test_a_mistake_in_the_users_own_function_is_shown_too(tmp_path: Path) -> None:
    """The line that called the package, and the one that it came to in the end."""
    source = (
        "from dataclasses import replace\n"
        "from tests.recordings import RINGS as SCENE\n"
        "from nnanim import record\n"
        "def model():\n"
        "    return 1 / 0\n"
        "record(replace(SCENE, model=model))\n"
    )

    called, inner, message = mistaken(tmp_path, source)

    assert called.endswith("cell.py, line 6: record(replace(SCENE, model=model))")
    assert inner.endswith("cell.py, line 5: return 1 / 0")
    assert message == "SceneError: the model failed: ZeroDivisionError: division by zero"


def test_a_package_that_is_not_installed_is_named_with_what_brings_it() -> None:
    """For this Python; those that are here are not."""
    with pytest.raises(UsageError) as caught:
        expect_installed("the studio", "click", "no_such_package", "nor_this")

    cure = shlex.join([sys.executable, "-m", "pip", "install", "no_such_package", "nor_this"])
    assert str(caught.value) == (
        f"the studio needs no_such_package, nor_this, not installed here: {cure}"
    )
    expect_installed("the studio", "click")
