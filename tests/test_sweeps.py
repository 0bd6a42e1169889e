"""Sweeps: many trainings of a scene, kept in blocks, told by a table and a picture."""

import csv
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Scene, Training, datasets, models
from nnanim.errors import SceneError, UsageError
from nnanim.network.modules import state_of
from nnanim.recording.record import record
from nnanim.sweeps.block import Block
from nnanim.sweeps.folder import Folder
from nnanim.sweeps.phase import Phase
from nnanim.sweeps.picture import phase_picture
from nnanim.sweeps.plan import Plan
from nnanim.sweeps.sweep import planned, sweep, swept
from nnanim.sweeps.trials import trials_in
from nnanim.sweeps.variants import variants_of

FILE = '''"""How wide? Rings."""
from typing import Annotated
from nnanim import Range, Scene, Training, datasets, models


def scene(width: Annotated[int, Range(1, 8)] = 3, lr: float = 0.1, seed: int = 0):
    return Scene(
        dataset=datasets.rings(40, noise=0.05),
        model=models.mlp(2, width, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=6, lr=lr, batch_size=8, optimizer="adam", loss="bce", seed=seed),
    )
'''
GRID = {"width": range(1, 4), "lr": [0.01, 0.3], "seed": range(2)}


def rings(width: int = 3, lr: float = 0.1, seed: int = 0) -> Scene:
    """Return a small scene."""
    if width == 7:
        raise ValueError("seven is right out")
    return Scene(
        dataset=datasets.rings(40, noise=0.05),
        model=models.mlp(2, width, 1, activation="tanh", output="sigmoid"),
        training=Training(epochs=6, lr=lr, batch_size=8, optimizer="adam", loss="bce", seed=seed),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scene file with three parameters."""
    path = tmp_path / "rings.py"
    path.write_text(FILE)
    return path


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of five variants."""
    monkeypatch.setattr(Plan, "size", 5)


def backwards(make: Callable[[Any], Any], items: Iterable[Any]) -> Iterable[Any]:
    """Make the last thing first, and give them in their order."""
    made = {item: make(item) for item in reversed(list(items))}
    return [made[item] for item in sorted(made)]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_combination_is_a_row_the_last_setting_fastest() -> None:
    """What is told of it is what its own training comes to."""
    made = sweep(rings, GRID)

    assert len(made) == len(made.table) == 12
    assert [(row["width"], row["lr"], row["seed"]) for row in made.table[:5]] == [
        (1, 0.01, 0), (1, 0.01, 1), (1, 0.3, 0), (1, 0.3, 1), (2, 0.01, 0)
    ]  # fmt: skip
    recording = made.recording(7)
    assert recording == record(rings(2, 0.3, 1))
    row, kept = made.table[7], made.kept(7)
    assert (row["variant"], row["epochs"], row["loss_name"]) == (7, 6.0, "bce")
    assert row["error"] is None
    for name, array in recording.states.items():
        assert np.array_equal(kept[name], array[-1])
    assert kept["loss"] == pytest.approx(recording.batch_loss.reshape(6, 5).mean(axis=1))


@pytest.mark.slow
def test_a_success_is_a_score_of_so_much(file: Path) -> None:
    """It is told with the first epoch that it was reached in."""
    for row in sweep(file, {"lr": [0.3, 0.001], "seed": range(4)}, success=0.7).table:
        assert row["success"] == (row["score"] >= 0.7)
        if row["success_epoch"] is not None:
            assert 0 <= row["success_epoch"] <= 6
        else:
            assert not row["success"]


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
def test_the_hash_is_one_whoever_trains_in_whatever_order(file: Path, tmp_path: Path) -> None:
    """In threads or one after another, forwards or backwards, from a function or a file."""
    there = sweep(file, GRID, tmp_path / "a")
    one = sweep(file, GRID, tmp_path / "b", map=map)
    other = sweep(file, GRID, tmp_path / "c", map=backwards)
    function = sweep(rings, GRID)

    assert there.plan.blocks == 3
    assert there.hash == one.hash == other.hash == function.hash
    assert contents(tmp_path / "a") == contents(tmp_path / "b") == contents(tmp_path / "c")
    assert sweep(file, {**GRID, "seed": range(1, 3)}).hash != there.hash


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
def test_a_sweep_that_was_cut_off_goes_on_to_the_same_bytes(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there is not trained again; a block that is damaged, or of another plan, is."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    made = sweep(file, GRID, whole)
    shutil.copytree(whole, cut)
    (cut / "blocks" / "000001.safetensors").unlink()
    damaged = cut / "blocks" / "000002.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-3] + b"abc")
    trained: list[int] = []
    block = Plan.block

    def noted(plan: Plan, number: int) -> Block:
        trained.append(number)
        return block(plan, number)

    monkeypatch.setattr(Plan, "block", noted)

    again = sweep(file, GRID, cut, map=map)

    assert trained == [1, 2]
    assert contents(cut) == contents(whole)
    assert (again.hash, again.table) == (made.hash, made.table)
    assert list(again.table[0]) == list(made.table[0])


@pytest.mark.slow
@pytest.mark.usefixtures("small_blocks")
def test_an_interrupted_sweep_keeps_the_blocks_that_are_done(file: Path, tmp_path: Path) -> None:
    """And only whole ones."""

    def told(stage: str, done: int, total: int) -> None:
        assert (stage, total) == ("variants", 12)
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(file, GRID, tmp_path / "a", map=map, progress=told)

    plan = planned(file, GRID)
    there = [Folder(tmp_path / "a", plan).block(number) is not None for number in range(3)]
    assert there == [True, True, False]


def test_another_sweep_is_not_overwritten(file: Path, tmp_path: Path) -> None:
    """Nor is a folder of other things; what to do is said."""
    sweep(file, {"width": [1, 2]}, tmp_path / "a")
    with pytest.raises(UsageError, match="holds another sweep"):
        sweep(file, {"width": [1, 3]}, tmp_path / "a")
    with pytest.raises(UsageError, match="is no sweep and not empty"):
        sweep(file, {"width": [1, 2]}, tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        sweep(file, {"width": [1, 2]}, file)


def test_a_variant_that_fails_is_a_row_with_its_message() -> None:
    """The rest goes on; where all fail it is an error."""
    made = sweep(rings, {"width": [2, 7, 3], "lr": [0.1]})

    assert [row["error"] for row in made.table] == [
        None, "the variant failed: ValueError: seven is right out", None
    ]  # fmt: skip
    assert made.table[1]["loss"] is None
    with pytest.raises(SceneError, match="all 2 variants fail, the first by: the variant failed"):
        sweep(rings, {"width": [7], "seed": [0, 1]})


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"widht": [1]}, "did you mean 'width'?"),
        ({"width": [1, 9]}, "width=9: expected a whole number from 1 to 8"),
        ({"training.lr": ["0.1", "x"]}, "training.lr=x: expected a number"),
        ({"width": []}, "at least one value"),
        ({"width": range(10**9)}, "1,000,000,000 trainings"),
        ({"width": range(10**9)}, "as --sample 500"),
    ],
)
def test_what_cannot_be_swept_is_refused_before_the_first_training(
    values: dict[str, Any], told: str, file: Path
) -> None:
    """Every value of every setting is looked at."""
    with pytest.raises(UsageError) as error:
        sweep(file, values)

    assert told in str(error.value)


def test_a_sample_is_drawn_from_the_grid_and_keeps_its_order() -> None:
    """However large that is; the same seed draws the same."""
    grid = {"width": range(10**9), "seed": range(10**6)}

    drawn = variants_of(grid, sample=50, seed=1)

    assert len(drawn) == 50
    places = [(v["width"], v["seed"]) for v in (drawn[i] for i in range(50))]
    assert places == sorted(places)
    assert drawn.chosen == variants_of(grid, sample=50, seed=1).chosen
    assert drawn.chosen != variants_of(grid, sample=50, seed=2).chosen
    assert len(variants_of({"a": [1, 2]}, sample=50)) == 2


def test_trials_are_settings_that_go_together(tmp_path: Path) -> None:
    """As Optuna exports them; with a grid, each is trained at every point of it."""
    table = tmp_path / "trials.csv"
    table.write_text("number,value,params_width,params_lr\n0,0.9,2,0.1\n1,0.8,3,0.3\n")
    trials = trials_in(table, tuple)
    assert trials == [{"width": "2", "lr": "0.1"}, {"width": "3", "lr": "0.3"}]

    made = sweep(rings, {"seed": range(2)}, trials=trials)

    assert [(row["width"], row["lr"], row["seed"]) for row in made.table] == [
        (2, 0.1, 0), (2, 0.1, 1), (3, 0.3, 0), (3, 0.3, 1)
    ]  # fmt: skip
    table.write_text("width,lr\n2,0.1\n3\n")
    with pytest.raises(UsageError, match="line 3: expected 2 cells"):
        trials_in(table, tuple)
    table.write_text("number,params_width,params_lr\n0,2,0.1\n1,,0.3\n")
    with pytest.raises(UsageError, match="line 3: width is empty: expected a value in each line"):
        trials_in(table, tuple)
    with pytest.raises(UsageError, match="width is set by --set and by the trials"):
        sweep(rings, {"width": [1]}, trials=trials)


@pytest.mark.parametrize(
    "table",
    [
        "Name,State,Notes,Runtime,lr,width,loss\nsun,finished,-,3,0.1,2,0.3\nsea,crashed,,9,0.3,3,\n",
        '"Name","config.lr","config.width"\n"sun","0.1","2"\n"sea","0.3","3"\n',
        ",summary,config,name\n0,{'loss': 3},\"{'lr': 0.1, 'width': 2, 'host': 'a'}\",sun\n"
        "1,{},\"{'lr': 0.3, 'width': 3}\",sea\n",
    ],
)
def test_of_a_table_of_runs_counts_what_the_scene_can_be_set_by(
    table: str, tmp_path: Path, said: Callable[[], list[str]]
) -> None:
    """Of W&B's page, its columns' marks, or its API's configuration; the rest is said."""
    path = tmp_path / "runs.csv"
    path.write_text(table)

    trials = trials_in(path, lambda: ["width", "lr", "seed"])

    assert [{k: float(v) for k, v in each.items()} for each in trials] == [
        {"lr": 0.1, "width": 2}, {"lr": 0.3, "width": 3}
    ]  # fmt: skip
    if "config." not in table:
        (line,) = said()
        assert "sets lr, width; left out: " in line
        with pytest.raises(UsageError, match="no column that the scene can be set by: expected n"):
            trials_in(path, lambda: ["n"])


def test_a_configuration_that_is_none_is_named_by_its_line(tmp_path: Path) -> None:
    """And one that lacks what the others set."""
    path = tmp_path / "runs.csv"
    path.write_text("name,config\na,{'lr': 0.1}\nb,what\n")
    with pytest.raises(UsageError, match="line 3: config is 'what': expected settings as"):
        trials_in(path, lambda: ["lr"])
    path.write_text("name,config\na,{}\nb,{'lr': 0.1}\n")
    with pytest.raises(UsageError, match="line 2: lr is empty"):
        trials_in(path, lambda: ["lr"])


def test_values_are_any_iterable_or_a_text_of_the_command_line() -> None:
    """What is neither is refused."""
    listed = {"width": "1..2", "lr": (value for value in (0.1, 0.3))}
    assert list(planned(rings, listed).variants) == [
        {"width": w, "lr": lr} for w in (1, 2) for lr in (0.1, 0.3)
    ]
    with pytest.raises(UsageError, match=r"width=3: expected its values, as width=\[3\]"):
        planned(rings, {"width": 3})  # type: ignore[dict-item]


def test_a_sweep_says_in_some_lines_what_it_is() -> None:
    """And not all that it holds."""
    made = sweep(rings, {"width": [1, 2], "seed": [0, 1]})

    lines = repr(made).splitlines()
    assert lines[0] == "Sweep: 4 trainings over width, seed"
    assert len(lines) == 4
    assert "0 diverge, 0 fail" in lines[1]


def test_a_block_has_as_many_variants_wherever_it_is_cut(file: Path) -> None:
    """It follows from the work that a training is, not from how fast it was."""
    sizes = {planned(file, {**GRID, "training.epochs": [n]}).size for n in (6, 600, 60_000)}

    assert len(sizes) == 3
    assert min(sizes) >= 1
    assert max(sizes) <= 200


def test_a_phase_counts_successes_by_two_settings() -> None:
    """All others are taken together; the interval is Wilson's."""
    made = sweep(rings, GRID, success=0.6)
    phase = made.phase("width", "lr")

    assert (phase.xs, phase.ys) == ((1, 2, 3), (0.01, 0.3))
    assert (phase.counts == 2).all()
    assert phase.successes.sum() == sum(row["success"] for row in made.table)
    assert made.axes() == ("width", "lr")
    with pytest.raises(UsageError, match=r"did you mean 'width'\?"):
        made.phase("widht", "lr")

    eight = Phase("x", "y", (1,), (1,), np.array([[8]]), np.array([[7]]), 0.9, "accuracy")
    assert eight.interval[:, 0, 0] == pytest.approx([0.5291, 0.9776], abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_phase_picture_is_the_same_bytes_again(kind: str, tmp_path: Path) -> None:
    """In each format; an SVG has its figures as text."""
    counts = np.array([[4, 4], [4, 0]])
    phase = Phase("width", "lr", (1, 2), (0.1, 0.3), counts, counts // 2, 0.95, "accuracy")

    made = [phase_picture(phase, tmp_path / f"{n}.{kind}", "Rings") for n in "ab"]

    assert made[0].read_bytes() == made[1].read_bytes()
    if kind == "svg":
        text = made[0].read_text(encoding="utf-8")
        assert all(part in text for part in ("50 %", "15–85", "of 4 trainings a cell"))


def test_a_phase_of_too_many_cells_is_refused(tmp_path: Path) -> None:
    """They would be thinner than a line."""
    counts = np.ones((2, 300), np.int64)
    phase = Phase("a", "b", tuple(range(300)), (1, 2), counts, counts, 0.95, "accuracy")
    with pytest.raises(UsageError, match="have no room"):
        phase_picture(phase, tmp_path / "a.png", "Rings")
    with pytest.raises(UsageError, match=r"\.png, \.svg or \.pdf"):
        phase_picture(phase, tmp_path / "a.gif", "Rings")


@pytest.mark.slow
def test_the_command_writes_table_and_picture(
    file: Path, nnanim: Callable[..., tuple[int, str, str]]
) -> None:
    """Their paths go to stdout; JSON tells the hash, which is that of the Python call."""
    asked = ("--set", "width=1..2", "--set", "lr=log:0.01:1:3", "--set", "seed=0..1", "-o", "a")

    code, out, _ = nnanim("sweep", file, *asked)
    assert code == 0
    names = ("results.csv", "results.json", "phase.png", "phase.svg", "phase.html")
    assert out.split() == [f"a/{name}" for name in names]
    lines = Path("a/results.csv").read_text().splitlines()
    assert len(lines) == 13
    assert lines[0].startswith("variant,width,lr,seed,epochs,loss_name,loss,score_name,score,")

    told = json.loads(nnanim("sweep", file, *asked, "--json")[1])
    same = sweep(file, {"width": range(1, 3), "lr": [0.01, 0.1, 1], "seed": range(2)})
    assert (told["variants"], told["failed"], told["hash"]) == (12, 0, same.hash)


@pytest.mark.slow
def test_blocks_trained_one_by_one_are_gathered(
    file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As by a queue's array of jobs; a block that lacks is named."""
    monkeypatch.setattr(Plan, "size", 2)
    asked = ("--set", "width=1..3", "--set", "seed=0..1", "-o", "a")
    assert nnanim("sweep", file, *asked, "--blocks", "1-9")[:2] == (0, "a\n")

    code, _, err = nnanim("sweep", file, *asked, "--gather")
    assert code == 2
    assert "1 of 3 blocks are not in a: 0; train them by --blocks 0-0" in err

    assert nnanim("sweep", file, *asked, "--blocks", "0")[0] == 0
    told = json.loads(nnanim("sweep", file, *asked, "--gather", "--json")[1])
    assert told["hash"] == sweep(file, {"width": range(1, 4), "seed": range(2)}).hash


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--set", "width=1,9"), 2, "from 1 to 8"),
        (("--set", "width=1..2", "--success", "2"), 2, "a success of 2: expected a score of up to"),
        (("--set", "width=1..2", "--success", "nan"), 2, "a success of nan: expected"),
        (("--set", "width=1..2", "--table", "txt"), 2, "a table is a .csv, .json or .parquet"),
        (("--set", "training.lr.hidden1=0.1"), 2, "it must first set lr={"),
        (("--set", "width=1..2", "--blocks", "7"), 2, "there are 1, 0 to 0"),
        (("--set", "width=1..2", "--blocks", "x"), 2, "as --blocks 0-99"),
        (("--set", "width=1..2", "--trials", "no.csv"), 2, "no file 'no.csv'"),
        (("--set", "training.epochs=0"), 3, "the only variant fails by: "),
    ],
)
def test_a_mistake_is_one_line_and_its_code(
    arguments: tuple[str, ...],
    code: int,
    told: str,
    file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
) -> None:
    """2 for the command, 3 where every variant fails."""
    came, out, err = nnanim("sweep", file, *arguments, "-o", "a")

    assert (came, out, err.count("\n")) == (code, "", 1)
    assert told in err


def test_what_is_kept_is_enough_to_go_on_with() -> None:
    """The parameters of a variant have the names and shapes of its module's."""
    made = sweep(rings, {"width": [2]})

    shapes = {name: array.shape for name, array in state_of(rings(2).model()).items()}
    assert {n: a.shape for n, a in made.kept(0).items() if n != "loss"} == shapes
    assert swept(made.plan).hash == made.hash


def test_a_folder_that_cannot_be_made_is_told(
    nnanim: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    """In one line, where it stands, before the first training."""
    (tmp_path / "file").touch()

    code, out, err = nnanim("sweep", "rings", "--set", "width=1..2", "-o", "file/sweep")

    assert (code, out) == (5, "")
    assert "cannot make the folder file/sweep/blocks" in err
    assert err.rstrip().endswith("say where by -o")


def test_a_rate_of_one_layer_is_set_where_the_scene_says_it_by_layer() -> None:
    """As the refusal advises where it has one rate for all."""
    with pytest.raises(UsageError, match=r'lr=\{"hidden1": 0.1, "output": 0.1\}'):
        planned(rings, {"training.lr.hidden1": [0.3]})

    training = Training(epochs=6, batch_size=8, lr={"hidden1": 0.1, "output": 0.1})
    plan = planned(replace(rings(), training=training), {"training.lr.hidden1": [0.3]})
    assert plan.make(plan.variants[0]).training.lr == {"hidden1": 0.3, "output": 0.1}


@pytest.mark.slow
def test_the_table_is_parquet_where_pyarrow_is_there(
    file: Path,
    nnanim: Callable[..., tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It holds what the CSV does, numbers as numbers; without it, one line says what to install."""
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    asked = ("--set", "width=1..2", "--set", "model.activation=tanh,relu", "-o", "a")
    kinds = ("--table", "csv", "--table", "parquet")
    code, out, err = nnanim("sweep", file, *asked, *kinds)

    assert code == 0, err
    assert out.split()[:2] == ["a/results.csv", "a/results.parquet"]
    rows = parquet.read_table("a/results.parquet").to_pylist()
    with Path("a/results.csv").open(newline="") as lines:
        told = list(csv.DictReader(lines))
    assert len(rows) == len(told) == 4
    for row, text in zip(rows, told, strict=True):
        assert {name: "" if v is None else str(v) for name, v in row.items()} == text
    assert {type(row["width"]) for row in rows} == {int}
    assert {type(row["loss"]) for row in rows} == {float}

    monkeypatch.setattr("nnanim.errors.find_spec", dict[str, None]().get)
    code, _, err = nnanim("sweep", file, *asked, "--table", "parquet")
    assert (code, err.count("\n")) == (2, 1)
    assert "needs pyarrow, not installed here" in err
