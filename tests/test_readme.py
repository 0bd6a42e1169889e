"""What the README and its nearest pages show works as written."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nnanim import Film, Recording, Scene, Training, datasets, models, record, views
from nnanim.marks import Points
from nnanim.rendering.filming import film_of, renderer_of
from nnanim.scene.files import load
from tests.pictures import look

ROOT = Path(__file__).parent.parent
RECORDINGS = (ROOT / "docs" / "recording.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIALS = ROOT / "docs" / "tutorials"


def block_with(word: str, page: str = README) -> str:
    found = [
        block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if word in block
    ]
    return str(found[0])


def tutorial(name: str) -> str:
    return (TUTORIALS / f"{name}.md").read_text(encoding="utf-8")


def run(source: str, **names: Any) -> dict[str, Any]:
    exec(compile(source, "README.md", "exec"), names)
    return names


def test_the_scene_of_the_readme_loads(tmp_path: Path) -> None:
    """It is a whole scene file."""
    file = tmp_path / "rings.py"
    file.write_text(block_with("scene = Scene("), encoding="utf-8")

    scene = load(file)

    assert scene.layer == "hidden2"
    assert scene.description.startswith("Two rings")


def test_the_first_film_is_one_in_which_the_rings_come_apart() -> None:
    """That of `make demo`, and the first that is rendered where the README installs."""
    (demo,) = re.findall(r"^demo:.*\n\t@.*nnanim render (\S+)$", MAKEFILE, re.MULTILINE)
    commands = re.findall(r"^    nnanim render (\S+)", README, re.MULTILINE)[:2]

    assert commands == [Path(demo).stem] * 2
    film = film_of(load(ROOT / demo))
    assert film.score(film.epochs) > 0.99
    assert film.closed_boundary(film.epochs)


def test_the_data_set_of_the_tutorial_makes_a_picture() -> None:
    """It is written in a scene file, without touching the package."""
    stripes = run(block_with("class Stripes", tutorial("own_data")))["Stripes"]
    scene = Scene(
        dataset=stripes(n=60),
        model=models.mlp(2, 2, 1, output="sigmoid"),
        training=Training(epochs=2, loss="bce"),
        views=[views.HiddenSpace()],
    )

    film = Film(record(scene))

    assert renderer_of(film, look(size=(320, 180))).frame(1.0).shape == (180, 320, 4)


def test_the_view_of_the_tutorial_is_a_whole_scene_file(
    nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """Saved and rendered as it says, its middles lie together first and apart in the end."""
    (tmp_path / "middles.py").write_text(
        block_with("class Middles", tutorial("own_view")), encoding="utf-8"
    )

    code, out, _ = nnanim("render", "middles.py", "-q", "l", "--seconds", "1", "-o", "middles.mp4")

    assert (code, out) == (0, "middles.mp4\n")
    scene = load(tmp_path / "middles.py")
    film, (view, _) = Film(record(scene)), scene.rows[0]
    apart = []
    for t in (0.0, film.timeline.seconds):
        (marks,) = view.marks(film, t)
        dots = [mark.xy[0] for mark in marks if isinstance(mark, Points)]
        apart.append(np.hypot(*(dots[0] - dots[1])))
    assert apart[0] < 0.1
    assert apart[1] > 1


def test_own_data_of_the_page_of_data_sets_make_a_data_set() -> None:
    """The block runs as written."""
    page = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

    dataset = run(block)["dataset"]

    assert (dataset.task, dataset.class_names) == ("binary", ("far", "near"))


def test_the_recordings_page_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its blocks, and what it says of an own loop."""
    monkeypatch.chdir(tmp_path)
    module = models.mlp(2, 3, 1)()
    names: dict[str, Any] = {
        "scene": Scene(
            dataset=datasets.rings(n=40),
            model=models.mlp(2, 2, 1, output="sigmoid"),
            training=Training(epochs=2, loss="bce"),
        ),
        "torch": torch,
        "model": module,
        "x": torch.rand(64, 2),
        "y": (torch.rand(64, 1) > 0.5).float(),
        "loss_function": torch.nn.BCEWithLogitsLoss(),
        "optimizer": torch.optim.SGD(module.parameters(), 0.1),
    }
    for block in re.findall(r"```python\n(.*?)```", RECORDINGS, re.DOTALL):
        names = run(block, **names)

    assert len(names["final"]) == 4
    assert Recording.load("own.safetensors").epochs.tolist() == list(range(21))


@pytest.mark.parametrize(
    "page", [README, COMMANDS, RECORDINGS], ids=["README", "commands", "recording"]
)
def test_the_commands_of_the_pages_exist(page: str) -> None:
    """Every `nnanim …` line names a command and options that there are."""
    from click.testing import CliRunner

    from nnanim.cli import cli

    lines = re.findall(r"^    nnanim (\w+)(.*?)(?:#.*)?$", page, re.MULTILINE)
    assert len(lines) >= 5
    for command, rest in lines:
        help_text = CliRunner().invoke(cli, [command, "--help"]).output
        assert "Usage:" in help_text
        for option in re.findall(r"(?<= )--?\w+", rest):
            assert option in help_text, f"{command} {option}"


def test_the_pictures_of_the_readme_are_in_the_repository() -> None:
    """Each is a file below 10 MB, the limit of code hosts for images."""
    page = (ROOT / "docs" / "datasets.md").read_text(encoding="utf-8").replace("](../", "](")
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README + page)
    assert len(pictures) >= 4
    for picture in pictures:
        assert 1000 < (ROOT / picture).stat().st_size < 10 * 2**20, picture


def test_the_comparison_of_the_tutorial_is_one() -> None:
    """Both ways of declaring it, of functions and scenes of one's own."""
    scene = Scene(dataset=datasets.rings(n=60), model=models.mlp(2, 2, 1, output="sigmoid"))

    many = tutorial("many_trainings")
    made = run(block_with("Comparison.over", many), one=lambda **_: scene, narrow=scene, wide=scene)

    assert made["scene"].names == ("two units", "six units")
