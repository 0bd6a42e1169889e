"""Examples: the scenes of this repository, wherever nnanim is used."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from nnanim.scene import finding
from nnanim.scene.files import load

ROOT = Path(__file__).parents[1]
SCENES = sorted(file.stem for file in (ROOT / "scenes").glob("[!_]*.py"))
Nnanim = Callable[..., tuple[int, str, str]]
SMALL = ("-r", "128x72")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene_file: Callable[..., Path]) -> Path:
    """A folder of two examples, one of which imports what lies beside it."""
    folder = tmp_path / "shelf"
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "__init__.py").touch()
    (folder / "parts" / "rates.py").write_text("LR = 0.5\n")
    (folder / "widths.py").write_text("from parts.rates import LR\n\nWIDTH = 3\n")
    scene_file("shelf/alone.py")
    scene_file(
        "shelf/helped.py", before="from widths import LR, WIDTH", training="epochs=1, lr=LR",
        model="models.mlp(2, WIDTH, 1)", dataset="datasets.rings(n=64)",
    )  # fmt: skip
    monkeypatch.setattr(finding, "_EXAMPLES", (folder,))
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, nnanim: Nnanim, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the command line runs."""
    del nnanim  # which has changed the folder before
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.usefixtures("elsewhere")
def test_all_scenes_are_listed_with_their_descriptions(nnanim: Nnanim) -> None:
    """From anywhere, as `list` does it."""
    code, out, err = nnanim("examples")

    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == SCENES
    assert all(len(line.split()) > 3 for line in out.splitlines())
    _, told, _ = nnanim("examples", "--json")
    assert [entry["name"] for entry in json.loads(told)] == SCENES


@pytest.mark.usefixtures("shelf")
def test_an_example_is_copied_with_what_it_imports(
    nnanim: Nnanim, elsewhere: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The copy is a scene as it stands; the next step is said."""
    assert nnanim("examples", "helped") == (0, "helped.py\n", "")

    assert caplog.messages == ["next: nnanim render helped.py"]
    copies = sorted(str(p.relative_to(elsewhere)) for p in elsewhere.rglob("*.py"))
    assert copies == ["helped.py", "parts/__init__.py", "parts/rates.py", "widths.py"]
    assert load(elsewhere / "helped.py").training.lr == 0.5
    assert nnanim("examples", "alone", "helped")[:2] == (0, "alone.py\nhelped.py\n")


@pytest.mark.parametrize("changed", ["helped.py", "widths.py"])
@pytest.mark.usefixtures("shelf")
def test_what_has_been_changed_is_never_written_over(
    changed: str, nnanim: Nnanim, elsewhere: Path
) -> None:
    """Neither the scene nor a module beside it; then nothing is copied."""
    (elsewhere / changed).write_text("mine\n")

    code, out, err = nnanim("examples", "helped")

    assert (code, out) == (2, "")
    assert f"{changed} exists already" in err
    assert [file.read_text() for file in elsewhere.rglob("*.py")] == ["mine\n"]


@pytest.mark.parametrize("name", ["helped", "helped.py"])
@pytest.mark.usefixtures("shelf")
def test_an_example_is_taken_where_there_is_no_file_of_its_name(
    name: str, nnanim: Nnanim, elsewhere: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By every command that takes a scene; that it was is said."""
    said = "no file helped.py is here: the example of that name is taken"

    for command, made in (
        (("still", name, *SMALL), "renders/helped.png"),
        (("render", name, *SMALL, "--seconds", "0.1"), "renders/helped.mp4"),
        (("record", name), "renders/helped.safetensors"),
        (("sheet", name, "--epochs", "0,1", *SMALL), "renders/helped.sheet.png"),
        (("compare", name, "alone", "-o", "two.gif", *SMALL, "--seconds", "0.1"), "two.gif"),
    ):
        caplog.clear()
        assert nnanim(*command) == (0, f"{made}\n", "")
        assert len([message for message in caplog.messages if message.startswith(said)]) == 1
        assert (elsewhere / made).is_file()


@pytest.mark.usefixtures("shelf")
def test_ones_own_file_goes_before_an_example(
    nnanim: Nnanim, elsewhere: Path, scene_file: Callable[..., Path]
) -> None:
    """By its name with and without the suffix; nothing need be said then."""
    shutil.move(scene_file(), elsewhere / "alone.py")

    for name in ("alone", "alone.py"):
        assert nnanim("still", name, *SMALL) == (0, "renders/alone.png\n", "")
    code, _, err = nnanim("still", "elsewhere/alone.py")
    assert code == 2
    assert "no scene file 'elsewhere/alone.py'; did you mean the example 'alone'?" in err


@pytest.mark.usefixtures("shelf", "elsewhere")
def test_a_name_that_is_none_is_answered_with_the_nearest(nnanim: Nnanim) -> None:
    """Where one is near; and with what lists them."""
    for command in ("render", "examples"):
        code, _, err = nnanim(command, "alon")
        assert code == 2
        assert "did you mean the example 'alone'? `nnanim" in err
        assert "`nnanim examples` lists" in err
    assert "no scene file 'xyz': `nnanim new xyz` writes one" in nnanim("render", "xyz")[2]


@pytest.mark.slow
def test_the_wheel_holds_all_scenes_as_examples(tmp_path: Path) -> None:
    """It lists and finds them in an empty folder, and has nothing else of the repository."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    empty = tmp_path / "empty"
    empty.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "HOME": str(empty)}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "nnanim.cli", *arguments]
        told = subprocess.run(command, cwd=empty, env=environment, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        return told.stdout

    assert {name.split("/")[0] for name in names} == {"nnanim", f"{wheel.stem[:12]}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]
    assert [line.split()[0] for line in run("examples").splitlines()] == SCENES
    assert run("examples", "rings_3_2") == "rings_3_2.py\n"
    assert run("still", "rings_2_2", "--epoch", "0", *SMALL) == "renders/rings_2_2.png\n"
