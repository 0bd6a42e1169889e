"""Which Pythons and versions .ci/run tests with."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

pytest_plugins = ["pytester"]

if sys.platform == "win32":
    pytest.skip("these are scripts of a shell", allow_module_level=True)


def found(version: str, *folders: Path) -> "subprocess.CompletedProcess[str]":
    """Look for a Python with these folders first on PATH."""
    path = os.pathsep.join([*map(str, folders), "/usr/bin", "/bin"])
    return subprocess.run(
        [ROOT / ".ci" / "python", version],
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def shim(folder: Path, version: str, line: str) -> Path:
    """Put a Python that is a line of shell into a folder."""
    folder.mkdir()
    file = folder / f"python{version}"
    file.write_text(f"#!/bin/sh\n{line}\n")
    file.chmod(0o755)
    return folder


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    """The next on PATH is taken, and one that needs to be told its version is told."""
    broken = shim(tmp_path / "broken", VERSION, "exit 127")
    choosy = f'[ "$PYENV_VERSION" = {VERSION} ] && exec {sys.executable} "$@"'

    done = found(VERSION, broken, shim(tmp_path / "choosy", VERSION, choosy))

    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert Path(done.stdout.strip()).samefile(sys.executable)


def test_no_python_is_one_line(tmp_path: Path) -> None:
    """Whether there is none or none that runs."""
    for folders in ([], [shim(tmp_path / "broken", "3.99", "echo odd >&2; exit 127")]):
        done = found("3.99", *folders)

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "no Python 3.99 on this machine runs\n"


def test_the_lowest_versions_are_those_that_are_allowed() -> None:
    """All that nnanim depends on has a lowest version, as the Makefile reads it."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = tomllib.loads(text)["project"]["dependencies"]
    (expression,) = re.findall(
        r"sed -n '(s/.*/p)'", (ROOT / "Makefile").read_text(encoding="utf-8")
    )

    read = subprocess.run(
        ["sed", "-n", expression.replace("$$", "$"), ROOT / "pyproject.toml"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert read.stdout.splitlines()[: len(needed)] == [one.replace(">=", "==") for one in needed]


def test_what_is_tested_with_is_allowed() -> None:
    """constraints.txt names a version of all that nnanim depends on, none too old."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]
    pinned = {name.lower(): version for name, version in (line.split("==") for line in lines)}
    groups = project["dependency-groups"].values()

    for one in [*project["project"]["dependencies"], *(one for group in groups for one in group)]:
        requirement = Requirement(one)
        assert Version(pinned[requirement.name]) in requirement.specifier


LINES = (
    "== not all is tried in browsers; for that: apt-get install chromium fonts-dejavu-core\n"
    "== not all is tried in browsers; for that: apt-get install firefox-esr\n"
)


def looked_for(folder: Path, **shims: str) -> str:
    """Run .ci/browser where there is nothing but a shell and some lines of one; returns output."""
    folder.mkdir()
    for name, line in {"bash": 'exec /bin/bash "$@"', **shims}.items():
        file = folder / name.replace("_", "-")
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(0o755)
    command = ["/bin/bash", str(ROOT / ".ci" / "browser")]
    found = {"PATH": str(folder)}
    done = subprocess.run(command, env=found, capture_output=True, text=True, check=True)
    return done.stdout


def test_browsers_are_installed_where_that_can_be_done(tmp_path: Path) -> None:
    """By root, where there is apt, unless they are there; elsewhere a line each is printed."""
    root, other, apt = "echo 0", "echo 1000", 'echo "$@"'

    both = {"chromium": "", "firefox_esr": ""}
    assert looked_for(tmp_path / "a", **both, id=root, apt_get=apt) == ""
    assert looked_for(tmp_path / "b", id=other, apt_get=apt) == LINES
    assert looked_for(tmp_path / "c", id=root) == LINES
    assert looked_for(tmp_path / "d", id=root, apt_get="exit 100") == LINES
    update, *installed = looked_for(tmp_path / "e", id=root, apt_get=apt).splitlines()
    assert update == "-qq update"
    assert installed == [
        "-qq --yes --no-install-recommends install chromium fonts-dejavu-core",
        "-qq update",
        "-qq --yes --no-install-recommends install firefox-esr",
    ]


def test_all_groups_of_tests_run_in_ci() -> None:
    """Each that `make test-all` is made of, as a group of its own."""
    (groups,) = re.findall(r"^test-all: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    run = re.findall(r"^group (.*)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.M)

    assert {"test", "slow", "fuzz"} <= set(groups.split()) <= set(run)


SKIPPED = """
import pytest

@pytest.mark.skip(reason="no time")
def test_skipped(): ...

@pytest.mark.parametrize("core", [1])
def test_the_number_of_cores_does_not_show(core):
    pytest.skip("there is one")

@pytest.mark.xfail(strict=True)
def test_expected():
    raise AssertionError
"""


@pytest.mark.parametrize(
    ("ci", "expected"),
    [("true", {"skipped": 1, "xfailed": 1, "errors": 1}), ("", {"skipped": 2, "xfailed": 1})],
)
def test_nothing_but_a_few_is_skipped_in_ci(
    ci: str, expected: dict[str, int], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not run there would be missed by nobody."""
    pytester.makepyfile(SKIPPED)
    monkeypatch.setenv("CI", ci)

    done = pytester.runpytest_inprocess("-p", "tests.conftest", "-p", "no:xdist")

    done.assert_outcomes(**expected)
    assert done.ret == (1 if ci else 0)
    assert ("not allowed where CI=true" in done.stdout.str()) == bool(ci)
