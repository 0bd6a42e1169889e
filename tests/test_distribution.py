"""What is handed on: a wheel and an sdist, what is in them, and that they work."""

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from uv import find_uv_bin

ROOT = Path(__file__).parent.parent
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a wheel and an sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel"]
    subprocess.run([*build, "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_what_is_not_python_too(built: Path) -> None:
    """What pages and galleries are made of, and the examples; no test, and nothing of a machine."""
    (wheel,) = built.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()

    tracked = subprocess.run(
        ["git", "ls-files", "nnanim"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(tracked) <= set(names)
    assert "nnanim/examples/rings_3_2.py" in names
    assert not [name for name in names if "test" in name.split("/")[0] or "__pycache__" in name]


def test_the_sdist_can_be_built_and_tested(built: Path) -> None:
    """It has the sources, the scenes, the tests and what they are run with."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    for needed in ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "CITATION.cff"):
        assert needed in names
    assert {"scenes/rings_3_2.py", "tests/conftest.py", "docs/index.md", "Makefile"} <= names


@pytest.mark.parametrize("suffix", [".whl", ".tar.gz"])
def test_what_is_installed_makes_a_film(built: Path, tmp_path: Path, suffix: str) -> None:
    """In an environment that has the libraries, and not this checkout."""
    (archive,) = built.glob(f"*{suffix}")
    home = tmp_path / "environment"
    venv.EnvBuilder(with_pip=True, system_site_packages=False).create(home)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    place = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    # The libraries as they are, after what is installed; hooks of editable installs stay out.
    (Path(place) / "zz_libraries.pth").write_text(f"{libraries}\n")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*install, "--ignore-installed", str(archive)], check=True, env=clean)

    found = subprocess.run(
        [python, "-c", "import nnanim; print(nnanim.__file__)"],
        check=True, capture_output=True, text=True, env=clean, cwd=tmp_path,
    ).stdout  # fmt: skip
    assert str(home) in found
    made = subprocess.run(
        [python, "-m", "nnanim.cli", "still", "line_tanh", "-r", "320x180", "-o", "line.png"],
        check=True, capture_output=True, text=True, env=clean, cwd=tmp_path,
    )  # fmt: skip
    assert made.stdout == "line.png\n"


def test_a_wheel_is_run_by_uvx_without_being_installed(built: Path, tmp_path: Path) -> None:
    """The command and the examples are found in it; its libraries are those that are here."""
    (wheel,) = built.glob("*.whl")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    never = [f'{Requirement(each).name}; python_version < "3"\n' for each in declared]
    (tmp_path / "never.txt").write_text("".join(never))
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    apart = {"PYTHONPATH": libraries, "UV_CACHE_DIR": str(tmp_path / "cache")}
    uvx = [find_uv_bin(), "tool", "run", "--offline", "--no-config", "--python", sys.executable]

    made = subprocess.run(
        [*uvx, "--overrides", "never.txt", "--from", str(wheel), "nnanim", "examples", "line_tanh",
         "--json"],
        check=True, capture_output=True, text=True, env=os.environ | apart, cwd=tmp_path,
    )  # fmt: skip
    assert json.loads(made.stdout)["path"] == "line_tanh.py"
    assert (tmp_path / "line_tanh.py").exists()
