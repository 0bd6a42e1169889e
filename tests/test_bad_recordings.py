"""A file that is no recording, or not a whole one, or means harm, is one clear line.

The line names the file and says what is wrong with it; nothing is run, and memory stays within what
the file itself takes.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save

import nnanim
from nnanim import Film, Recording, datasets, models, record
from nnanim.errors import NnanimError, RecordingError
from nnanim.recording.info import facts_of, told_of
from nnanim.recording.recording import tensors_of
from tests.recordings import RINGS, thirds_scene

Header = dict[str, Any]
Tensors = dict[str, NDArray[Any]]
Nnanim = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]

PLACE = {**os.environ, "PYTHONPATH": str(Path(nnanim.__file__).parents[1])}


@cache
def sound() -> Recording:
    """Return a recording that fits into some 4,000 bytes."""
    training = replace(RINGS.training, epochs=2, batch_size=5)
    return record(replace(RINGS, dataset=datasets.rings(n=10), training=training))


@cache
def of_classes() -> Recording:
    """Return a recording whose targets are labels."""
    scene = thirds_scene()
    return record(replace(scene, training=replace(scene.training, epochs=1)))


def content(recording: Recording) -> tuple[Header, Tensors]:
    """Return copies of a recording's header and arrays, to be spoilt."""
    header = json.loads(json.dumps(recording.header.as_json()))
    return header, {name: np.array(array) for name, array in tensors_of(recording).items()}


def packed(header: Header | str, tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the file of a header, as JSON or as any text, and arrays."""
    text = header if isinstance(header, str) else json.dumps(header)
    return save({name: np.asarray(a, order="C") for name, a in tensors.items()}, {"nnanim": text})


def framed(table: object, rest: bytes = b"", length: int | None = None) -> bytes:
    """Return a file of safetensors with this table of tensors, and a length that may lie."""
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + rest


def entry(**changed: object) -> dict[str, object]:
    """Return a table of one tensor of two numbers, and the header of a sound recording."""
    tensor = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changed}
    return {"__metadata__": {"nnanim": json.dumps(sound().header.as_json())}, "steps": tensor}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's file goes."""
    return tmp_path / "run.safetensors"


def why_refused(path: Path, content: bytes) -> str:
    """Return what is said of a file of that content: one line that names it."""
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        Recording.load(path)
    said = str(caught.value)
    assert said.startswith(f"{path} ")
    assert "\n" not in said
    return said.removeprefix(f"{path} ")


# -- other files -----------------------------------------------------------------------------------


def checkpoint() -> bytes:
    """Return what `torch.save` makes of weights."""
    buffer = io.BytesIO()
    torch.save(models.mlp(2, 1)().state_dict(), buffer)
    return buffer.getvalue()


def archive() -> bytes:
    """Return a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("nnanim.json", "{}")
    return buffer.getvalue()


WEIGHTS = {"0.weight": np.ones((3, 2), np.float32)}
FOREIGN: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "one byte": lambda: b"{",
    "text": lambda: b"a recording, honestly\n" * 9,
    "JSON": lambda: json.dumps(sound().header.as_json()).encode(),
    "PNG": lambda: iio.imwrite("<bytes>", np.zeros((9, 9, 3), np.uint8), extension=".png"),
    "zip": archive,
    ".pt": checkpoint,
    "zeros": lambda: bytes(4096),
    "a scene": lambda: Path(__file__).read_bytes(),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_another_kind_of_file_is_refused(kind: str, path: Path) -> None:
    """Whatever its name."""
    said = why_refused(path, FOREIGN[kind]())

    assert said.startswith("is not a recording, or not a whole one: ")


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_a_checkpoint_is_told_from_a_recording(metadata: dict[str, str] | None, path: Path) -> None:
    """It is safetensors too; the line says what makes a recording of some."""
    said = why_refused(path, save(WEIGHTS, metadata))

    assert said.startswith("holds tensors but is not a recording of nnanim")
    assert "`nnanim record --checkpoints`" in said


def test_a_checkpoint_of_types_that_numpy_has_not_is_one_too(path: Path) -> None:
    """bfloat16, say."""
    table = {"w": {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}}

    assert why_refused(path, framed(table, bytes(8))).startswith("holds tensors but is not")


@pytest.mark.parametrize("place", ["gone.safetensors", "."])
def test_what_is_no_file_is_refused(place: str, tmp_path: Path) -> None:
    """Nothing there, or a folder."""
    with pytest.raises(RecordingError, match="is no file: expected a recording"):
        Recording.load(tmp_path / place)


def test_a_file_that_may_not_be_read_is_refused(path: Path, powerless: Callable[[], Any]) -> None:
    """With the system's own words."""
    sound().save(path)
    path.chmod(0)

    with powerless(), pytest.raises(RecordingError, match=r"cannot be read: Permission denied"):
        Recording.load(path)


# -- not whole -------------------------------------------------------------------------------------


def test_a_file_cut_off_anywhere_is_refused(path: Path) -> None:
    """At every byte."""
    path.write_bytes(packed(*content(sound())))

    for length in reversed(range(path.stat().st_size)):
        os.truncate(path, length)
        with pytest.raises(RecordingError) as caught:
            Recording.load(path)
        assert str(caught.value).startswith(f"{path} is not a recording, or not a whole one: ")


def test_bytes_too_many_are_refused(path: Path) -> None:
    """The tensors cover the file to its end."""
    assert "not fully covered" in why_refused(path, packed(*content(sound())) + b"\0")


LIES: dict[str, tuple[bytes, str]] = {
    "a header beyond the end": (framed(entry(), bytes(8), length=10**6), "header length"),
    "a header of terabytes": (framed(entry(), bytes(8), length=2**42), "too large"),
    "a header of all memory": (framed(entry(), bytes(8), length=2**64 - 1), "too large"),
    "a header of no length": (framed(entry(), bytes(8), length=0), ""),
    "a header cut short": (framed(entry(), bytes(8), length=50), ""),
    "a tensor beyond the end": (framed(entry(data_offsets=[8, 16]), bytes(8)), "offset"),
    "a tensor of terabytes": (
        framed(entry(shape=[2**40], data_offsets=[0, 2**42]), bytes(8)), "not fully covered",
    ),
    "a tensor before its start": (framed(entry(data_offsets=[-8, 0]), bytes(8)), "-8"),
    "a tensor that ends before it starts": (framed(entry(data_offsets=[8, 0]), bytes(8)), "offset"),
    "a hole": (framed(entry(data_offsets=[8, 16]), bytes(16)), "offset"),
    "one offset": (framed(entry(data_offsets=[0]), bytes(8)), "length 1"),
    "two tensors at one place": (
        framed({**entry(), "epochs": entry()["steps"]}, bytes(8)), "offset",
    ),
    "a shape larger than its bytes": (framed(entry(shape=[3]), bytes(8)), "shape"),
    "a shape smaller than its bytes": (framed(entry(shape=[1]), bytes(8)), "shape"),
    "a negative shape": (framed(entry(shape=[-2]), bytes(8)), "-2"),
    "a shape of fractions": (framed(entry(shape=[2.0]), bytes(8)), "floating point"),
    "a shape of text": (framed(entry(shape="2"), bytes(8)), "string"),
    "a huge product": (framed(entry(shape=[2**40, 2**40]), bytes(8)), "overflow"),
    "a product that comes round to 2": (
        framed(entry(shape=[2**63 + 1, 2]), bytes(8)), "overflow",
    ),
    "none of very many": (framed(entry(shape=[0, 2**63], data_offsets=[0, 0])), "dimension"),
    "none of too many": (
        framed(entry(shape=[0, 2**62, 2**62], data_offsets=[0, 0])), "too big",
    ),
    "many dimensions": (
        framed(entry(shape=[1] * 64 + [2]), bytes(8)), "maximum supported dimension",
    ),
    "an unknown type": (framed(entry(dtype="F33"), bytes(8)), "F33"),
    "a type that numpy has not": (framed(entry(dtype="BF16", shape=[4]), bytes(8)), "BF16"),
    "a type that is a number": (framed(entry(dtype=32), bytes(8)), "32"),
    "no entry": (framed({**entry(), "epochs": None}, bytes(8)), "null"),
    "a table that is a list": (framed([entry()], bytes(8)), "sequence"),
    "a table without end": (framed(b'{"a":' * 5000), "recursion"),
    "a header that is no text": (framed({"__metadata__": {"nnanim": {}}}), "expected a string"),
    "bytes that are no text": (framed(b'{"\xff":1}'), "UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_sizes_that_lie_are_refused(name: str, path: Path) -> None:
    """Each is looked at before anything is taken by it."""
    lying, says = LIES[name]

    said = why_refused(path, lying)

    assert said.startswith("is not a recording, or not a whole one: ")
    assert says in said


HUNGRY = """
import resource, sys
from pathlib import Path
from nnanim import Recording
from nnanim.errors import RecordingError

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

good, *others = map(Path, sys.argv[1:])
len(Recording.load(good))
for other in others:
    before = most()
    try:
        Recording.load(other)
    except RecordingError:
        pass
    else:
        sys.exit(f"{other} was opened")
    print(most() - before, other.stat().st_size)
"""


def test_memory_is_bounded_by_the_files_size(tmp_path: Path) -> None:
    """Whatever it claims; JSON takes some forty times its text in Python."""
    sound().save(tmp_path / "sound.safetensors")
    header, tensors = content(sound())
    text = json.dumps({**header, "more": "@"}).replace('"@"', f"[{'[],' * 500_000}[]]")
    files = {
        **{name: lying for name, (lying, _) in LIES.items()},
        "lists": packed(text, {**tensors, "steps": tensors["steps"][::-1]}),
    }
    for i, spoilt in enumerate(files.values()):
        (tmp_path / f"{i}.safetensors").write_bytes(spoilt)

    done = subprocess.run(
        [sys.executable, "-c", HUNGRY, "sound.safetensors"]
        + [f"{i}.safetensors" for i in range(len(files))],
        cwd=tmp_path,
        env=PLACE,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    for line in done.stdout.splitlines():
        grown, size = map(int, line.split())
        assert grown < 8e6 + 60 * size
    assert len(done.stdout.splitlines()) == len(files)


# -- the header ------------------------------------------------------------------------------------


def with_text(value: str) -> str:
    """Return a sound header's JSON with one more field of any text."""
    return json.dumps({**sound().header, "more": "@"}).replace('"@"', value)


TEXTS: dict[str, tuple[str, str]] = {
    "no JSON": ("{'format': 1}", "its header is wrong: Expecting property name"),
    "nothing": ("", "its header is wrong: Expecting value"),
    "a list": ("[]", "its header is no object of JSON"),
    "null": ("null", "its header is no object of JSON"),
    "NaN": (with_text("NaN"), "its header is wrong: NaN is no number"),
    "infinity": (with_text("Infinity"), "Infinity is no number"),
    "minus infinity": (with_text("-Infinity"), "-Infinity is no number"),
    "beyond a double": (with_text("1e999"), "1e999 is no number"),
    "far beyond a double": (with_text("[-1e99999]"), "-1e99999 is no number"),
    "a long whole number": (with_text("1" + "0" * 400), "10000000000000000000… has 401 digits"),
    "a very long whole number": (with_text("9" * 10_000), "has 10000 digits"),
    "half a character": (with_text('"\\ud800"'), "surrogates not allowed"),
    "half a character in a name": (with_text('{"\\udfff": 1}'), "surrogates not allowed"),
    "nested": (with_text("[" * 40 + "]" * 40), "nested more than 32 deep"),
    "nested deeper": (with_text("[" * 500 + "]" * 500), "nested more than 32 deep"),
    "nested without end": (with_text("[" * 200_000), "recursion"),
    "objects without end": (with_text('{"a":' * 200_000), "recursion"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_header_that_is_no_sound_json_is_refused(name: str, path: Path) -> None:
    """Neither numbers that are none nor a nesting that nothing can follow come in."""
    text, says = TEXTS[name]

    assert says in why_refused(path, packed(text, content(sound())[1]))


def test_a_newer_format_is_named(path: Path) -> None:
    """With the version that made it, and what to do; it need not be like ours at all."""
    text = {"format": 7, "versions": {"nnanim": "3.1"}}

    assert why_refused(path, packed(text, WEIGHTS)) == (
        "has the recording format 7, made by nnanim 3.1: this nnanim reads up to 1; "
        "install a newer one"
    )


@pytest.mark.parametrize("number", [None, 0, -1, 1.0, True, "1", [1]])
def test_a_format_that_is_no_number_is_refused(number: object, path: Path) -> None:
    """It is what says how to read the rest."""
    header, tensors = content(sound())

    said = why_refused(path, packed({**header, "format": number}, tensors))

    assert said == "is not a recording: its header has no format number"


TEXT: list[object] = [None, 1, ["a"], {}]
NAMES: list[object] = [None, "ab", [1], [["a"]], {}]
WHOLE: list[object] = [0, -1, 1.5, "1", True, [], 2**63]
WRONG: dict[str, list[object]] = {
    "name": TEXT,
    "title": TEXT,
    "caption": TEXT,
    "task": [None, "rings", "", ["binary"], {}],
    "window": [
        None, [], "ab", [[0, 1]], [[0, 1], [0]], [[0, 1], [0, 1, 2]], [[0, 1], [1, 0]],
        [[0, 1], [0, 0]], [[0, 1], ["0", "1"]], [[0, 1], [0, 1e300]], [[0, 1], [0, 1e-300]],
        [[0, 1], None], [[0, 1], [0, 1], [0, 1]], {"x": [0, 1]},
    ],
    "class_names": NAMES,
    "axis_names": NAMES,
    "layer": TEXT,
    "layers": ["hidden1", {}, [None], ["hidden1"], [[]], 1],
    "training": [
        None, [], "mse", {}, {"loss": None}, {"loss": ["mse"]}, {"loss": "mse", "lr": "0.1"},
        {"loss": "mse", "lr": None}, {"loss": "mse", "optimizer": ["sgd"]},
    ],
    "seed": [-1, 0.5, "1", True, [], 2**63],
    "batch_size": WHOLE,
    "steps_per_epoch": [*WHOLE, None],
    "diverged_at": WHOLE,
    "versions": [None, [], "1.0"],
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_field_of_the_header_must_be_there(name: str, path: Path) -> None:
    """The line says which is not."""
    header, tensors = content(sound())
    del header[name]

    said = why_refused(path, packed(header, tensors))

    assert said == f"is not a recording: its header says {name} = nothing"


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG.items() for v in values])
def test_each_field_of_the_header_must_be_of_its_kind(name: str, value: object, path: Path) -> None:
    """The line says what came, cut where it is long."""
    header, tensors = content(sound())

    said = why_refused(path, packed({**header, name: value}, tensors))

    assert said.startswith("is not a recording: its ")
    assert name in said


# -- the arrays ------------------------------------------------------------------------------------


def spoilt(name: str, change: Callable[[NDArray[Any]], NDArray[Any]]) -> bytes:
    """Return a sound file with one array changed."""
    header, tensors = content(sound())
    return packed(header, {**tensors, name: change(tensors[name])})


def set_to(value: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what sets the last number of an array."""

    def change(array: NDArray[Any]) -> NDArray[Any]:
        array.reshape(-1)[-1] = value
        return array

    return change


PARTS = ("inputs", "targets", "test_inputs", "test_targets")
ARRAYS = ("steps", "batch_loss", *(f"data/{part}" for part in PARTS))


@pytest.mark.parametrize("name", ARRAYS)
def test_each_array_must_be_there(name: str, path: Path) -> None:
    """The line says which is not."""
    header, tensors = content(sound())
    del tensors[name]

    assert why_refused(path, packed(header, tensors)) == (
        f"is not a recording: it has no array {name!r}"
    )


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kind", ["f2", "i4", "?"])
def test_each_array_must_be_of_its_type(name: str, kind: str, path: Path) -> None:
    """And of its number of dimensions; the line says what came."""
    said = why_refused(path, spoilt(name, lambda array: array.astype(kind)))
    flat = why_refused(path, spoilt(name, lambda array: array[None]))

    assert said.startswith(f"is not a recording: its array {name!r} is {np.dtype(kind)} of shape")
    assert flat.startswith(f"is not a recording: its array {name!r} is ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", [f"data/{part}" for part in PARTS] + ["state/hidden1.0.weight"])
def test_numbers_that_are_none_are_refused(name: str, value: float, path: Path) -> None:
    """In data and in states."""
    said = why_refused(path, spoilt(name, set_to(value)))

    assert said == f"is not a recording: {name!r} holds NaN or infinity"


STEPS: dict[str, list[int]] = {
    "falling": [0, 1, 3, 2, 4],
    "standing": [0, 1, 2, 2, 4],
    "below 0": [-1, 1, 2, 3, 4],
    "beyond the losses": [0, 1, 2, 3, 5],
    "far beyond": [0, 1, 2, 3, 2**62],
    "round to below 0": [0, 1, 2, 2**63 - 1, -(2**63)],
}


@pytest.mark.parametrize("name", STEPS)
def test_steps_must_rise_within_the_training(name: str, path: Path) -> None:
    """From the start of the training to, at most, its last loss."""
    said = why_refused(path, spoilt("steps", lambda _: np.array(STEPS[name])))

    assert said.removeprefix("is not a recording: ") in (
        "its steps do not rise",
        "it has more steps than losses",
    )


@pytest.mark.parametrize("times", [[0, 1, 1, 2, 3], [0, 2, 1, 3, 4], [-1, 0, 1, 2, 3]])
def test_epochs_must_rise_too(times: list[float], path: Path) -> None:
    """Where a file gives them."""
    header, tensors = content(sound())
    tensors["epochs"] = np.array(times, np.float64)

    assert why_refused(path, packed(header, tensors)).endswith("its epochs do not rise")


@pytest.mark.parametrize(
    "change",
    [
        {"steps": np.arange(4)},
        {"steps": np.zeros(0, np.int64)},
        {"epochs": np.arange(4.0)},
        {"state/hidden1.0.bias": np.zeros((4, 3), np.float32)},
        {"state/more": np.zeros((0, 2**20), np.float32)},
        {"state/more": np.float32(1.0)},
    ],
)
def test_every_array_has_as_many_snapshots(change: Tensors, path: Path) -> None:
    """One number for each state."""
    header, tensors = content(sound())

    said = why_refused(path, packed(header, {**tensors, **change}))

    assert said.removeprefix("is not a recording: ") in (
        "its arrays differ in the number of snapshots",
        "it holds no state",
    )


def test_without_a_state_it_is_none(path: Path) -> None:
    """Arrays of other names do not count."""
    header, tensors = content(sound())
    rest = {name: array for name, array in tensors.items() if not name.startswith("state/")}

    said = why_refused(path, packed(header, {**rest, "hidden1.0.bias": tensors["steps"]}))

    assert said == "is not a recording: it holds no state"


DATA: dict[str, tuple[Tensors, str]] = {
    "no data": (
        {"data/inputs": np.zeros((0, 2), "f4"), "data/targets": np.zeros((0, 1), "f4")},
        "it holds no data",
    ),
    "fewer targets": ({"data/targets": np.zeros((9, 1), "f4")}, "targets differ in number"),
    "more test targets": (
        {"data/test_targets": np.zeros((9, 1), "f4")}, "targets differ in number",
    ),
    "one input": ({"data/inputs": np.zeros((10, 1), "f4")}, "inputs and window differ in width"),
    "three test inputs": (
        {"data/test_inputs": np.zeros((2, 3), "f4"), "data/test_targets": np.zeros((2, 1), "f4")},
        "parts differ in width",
    ),
    "two test targets": (
        {"data/test_inputs": np.zeros((2, 2), "f4"), "data/test_targets": np.zeros((2, 2), "f4")},
        "parts differ in width",
    ),
    "targets of no width": ({"data/targets": np.zeros((10, 0), "f4")}, "have no width"),
}  # fmt: skip


@pytest.mark.parametrize("name", DATA)
def test_data_must_fit_each_other(name: str, path: Path) -> None:
    """Inputs, targets and window."""
    change, says = DATA[name]
    header, tensors = content(sound())

    assert says in why_refused(path, packed(header, {**tensors, **change}))


def test_labels_count_from_zero(path: Path) -> None:
    """Those of classes are whole numbers."""
    header, tensors = content(of_classes())
    tensors["data/targets"][0] = -1

    assert why_refused(path, packed(header, tensors)).endswith("its labels do not count from 0")


# -- what does not fit its model -------------------------------------------------------------------


def table(*rows: dict[str, object], layers: slice = slice(None)) -> Header:
    """Return a sound header with some of its layers, and more."""
    header = sound().header.as_json()
    return {**header, "layers": [*header["layers"][layers], *rows]}


def in_place_of_the_first(**changed: object) -> Header:
    """Return a sound header with its first layer changed."""
    header = sound().header.as_json()
    return {**header, "layers": [{**header["layers"][0], **changed}, *header["layers"][1:]]}


def more(name: object, kind: object = "Tanh", **options: object) -> Header:
    """Return a sound header with one more layer."""
    return table({"name": name, "kind": kind, **options})


TABLES: dict[str, tuple[Header, str]] = {
    "an unknown kind": (more("a", "Dropout"), "layer 'a' of kind 'Dropout' is not known"),
    "a kind that is code": (more("a", "os.system"), "of kind 'os.system' is not known"),
    "a kind that is a list": (more("a", ["Tanh"]), "of kind ['Tanh'] is not known"),
    "no kind": (table({"name": "a"}), "of kind None is not known"),
    "no name": (table({"kind": "Tanh"}), "a layer '': not a name for one"),
    "an empty name": (more("a..b"), "a layer '': not a name for one"),
    "a name of torch's": (more("forward"), "a layer 'forward': not a name for one"),
    "a name of Python's": (more("__class__"), "a layer '__class__': not a name for one"),
    "in a name of torch's": (more("training.0"), "a layer 'training': not a name for one"),
    "out of the folder": (more("../../a"), "a layer '': not a name for one"),
    "nested": (more(".".join("a" * 65)), "nested more than 64 deep"),
    "nested without end": (more("a." * 100_000 + "b"), "nested more than 64 deep"),
    "twice the same": (more("hidden1.0"), "two layers 'hidden1.0'"),
    "a group's name": (more("hidden1"), "two layers 'hidden1'"),
    "in a layer": (more("hidden1.0.0"), "layer '0' holds other layers"),
    "no tensors": (more("a", "Linear"), "lacks a tensor 'a.weight' of 2 dimensions"),
    "no statistics": (
        more("a", "BatchNorm1d", eps=1.0, momentum=0.1), "lacks a tensor 'a.running_mean'",
    ),
    "the tensors of another": (
        in_place_of_the_first(kind="BatchNorm1d", eps=1.0, momentum=0.1), "lacks a tensor",
    ),
    "no options": (more("a", "LeakyReLU"), "has options {'negative_slope': None}"),
    "options that are text": (
        more("a", "LeakyReLU", negative_slope="0"), "has options {'negative_slope': '0'}",
    ),
    "options that are lists": (
        more("a", "Softplus", beta=[1], threshold=1), "has options {'beta': [1], 'threshold': 1}",
    ),
    "too few": (
        table(layers=slice(0, -2)),
        "'output.0.bias' is real numbers of shape (1,) in the recording but missing in the model",
    ),
    "none": (table(layers=slice(0, 0)), "but missing in the model"),
    "in another order": (
        table(layers=slice(None, None, -1)), "mat1 and mat2 shapes cannot be multiplied",
    ),
    "a layer looked at that is not there": (
        {**sound().header, "layer": "hiden2"},
        "looks at an unknown layer 'hiden2': expected hidden1.0 | ",
    ),
    "no table": (
        {**sound().header, "layers": None}, "does not hold its model, which is no stack",
    ),
    "labels for numbers": (
        {**sound().header, "training": {**sound().header.training, "loss": "bce"}, "layer": "x"},
        "unknown layer 'x'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_layers_that_lies_is_refused(name: str, path: Path) -> None:
    """One line; no layer is made but of the kinds and sizes that the file can hold."""
    header, says = TABLES[name]
    path.write_bytes(packed(header, content(sound())[1]))

    with pytest.raises(NnanimError) as caught:
        Film(Recording.load(path))

    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def film_refused(path: Path, header: Header, tensors: Tensors) -> str:
    """Return why a file that can be opened cannot be filmed."""
    path.write_bytes(packed(header, tensors))
    with pytest.raises(RecordingError) as caught:
        Film(Recording.load(path))
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"state/hidden1.0.weight": np.zeros((5, 3, 4), "f4")}, "mat1 and mat2"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 0), "f4")}, "'hidden1.0.weight'"),
        ({"state/hidden1.0.weight": np.zeros((5, 6), "f4")}, "'hidden1.0.weight'"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "f8")}, "is float64: expected float32"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "f2")}, "is float16: expected float32"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "i8")}, "is whole numbers of shape (3, 2)"),
        ({"state/hidden1.0.weight": np.zeros((5, 3, 2), "?")}, "is whole numbers of shape (3, 2)"),
        ({"state/hidden1.0.bias": np.zeros((5, 4), "f4")}, "'hidden1.0.bias' is real numbers"),
        ({"state/more": np.zeros((5, 4), "f4")}, "'more' is real numbers of shape (4,)"),
        ({"state/": np.zeros((5, 4), "f4")}, "'' is real numbers of shape (4,)"),
        ({"state/../../more": np.zeros((5, 4), "f4")}, "'../../more' is real numbers"),
    ],
)
def test_states_that_do_not_fit_the_table_are_refused(
    change: Tensors, says: str, path: Path
) -> None:
    """Their names, shapes and types are those of the module."""
    header, tensors = content(sound())
    path.write_bytes(packed(header, {**tensors, **change}))

    with pytest.raises(NnanimError) as caught:
        Film(Recording.load(path))

    assert says in str(caught.value)


@pytest.mark.parametrize("label", [3, 2**40, 2**63 - 1])
def test_labels_beyond_the_outputs_are_refused(label: int, path: Path) -> None:
    """A colour for each class up to there would fill the memory."""
    header, tensors = content(of_classes())
    tensors["data/targets"][0] = label

    assert "do not fit 3 outputs" in film_refused(path, header, tensors)


@pytest.mark.parametrize(
    ("loss", "targets"),
    [("bce", np.full((10, 1), 5, "f4")), ("mse", np.zeros((10, 3), "f4"))],
)
def test_targets_that_do_not_suit_loss_and_outputs_are_refused(
    loss: str, targets: NDArray[Any], path: Path
) -> None:
    """Torch would complain, or broadcast, in the middle of the film."""
    header, tensors = content(sound())
    header["training"]["loss"] = loss
    tensors["data/targets"] = targets
    tensors["data/test_targets"] = np.zeros((0, 1), "f4")
    tensors["data/test_inputs"] = np.zeros((0, 2), "f4")

    assert f"and the loss '{loss}'" in film_refused(path, header, tensors)


def test_labels_do_not_suit_the_losses_of_numbers(path: Path) -> None:
    """Only cross entropy takes them."""
    header, tensors = content(of_classes())
    header["training"]["loss"] = "mse"

    assert "and the loss 'mse'" in film_refused(path, header, tensors)


# -- on the command line ---------------------------------------------------------------------------

COMMANDS: dict[str, tuple[str, ...]] = {
    "info": ("info", "run.safetensors"),
    "info --json": ("info", "run.safetensors", "--json"),
    "render": ("render", "run.safetensors", "-o", "a.gif", "-r", "128x72", "--seconds", "0.2"),
    "still": ("still", "run.safetensors", "-o", "a.png", "-r", "128x72"),
    "export": ("export", "run.safetensors", "-o", "a.npz"),
}
BAD: dict[str, Callable[[], bytes]] = {
    **{kind: FOREIGN[kind] for kind in ("empty", "PNG", ".pt")},
    "cut off": lambda: packed(*content(sound()))[:-1],
    "a checkpoint": lambda: save(WEIGHTS),
    "newer": lambda: packed({"format": 2}, WEIGHTS),
    "NaN in its header": lambda: packed(TEXTS["NaN"][0], content(sound())[1]),
    "lying": lambda: LIES["a tensor of terabytes"][0],
    "two lines": lambda: framed(b'{"a\nb": 1}'),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", BAD)
def test_every_command_refuses_by_one_line(
    kind: str, command: str, path: Path, refused: Refused
) -> None:
    """The exit code is 3, and there is no file."""
    path.write_bytes(BAD[kind]())

    refused(*COMMANDS[command], code=3, says=("run.safetensors",))


@pytest.mark.parametrize("command", ["render", "still", "export"])
@pytest.mark.parametrize(
    "name",
    ["in another order", "a name of torch's", "too few", "a layer looked at that is not there"],
)
def test_a_sound_file_that_cannot_be_drawn_is_one_line_too(
    name: str, command: str, path: Path, refused: Refused
) -> None:
    """It names the file."""
    header, says = TABLES[name]
    path.write_bytes(packed(header, content(sound())[1]))

    line = refused(*COMMANDS[command], code=3, says=(says,))

    assert line.startswith("nnanim: run.safetensors: ")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_recording_that_is_not_there_is_one_line(command: str, refused: Refused) -> None:
    """It names the file once."""
    line = refused(*COMMANDS[command], code=3, says=("expected a recording, .safetensors",))

    assert line.count("run.safetensors") == 1


@pytest.mark.parametrize("suffix", [".pt", ".npz", ""])
def test_a_recording_is_known_by_its_name(suffix: str, path: Path, refused: Refused) -> None:
    """`export` takes nothing else; `info` takes films besides."""
    sound().save(path)
    path.rename(path.with_suffix(suffix))

    refused("export", f"run{suffix}", code=2, says=("expected a .safetensors file",))
    refused("info", f"run{suffix}", code=2, says=("is not a film of nnanim",))


def test_what_a_terminal_obeys_is_not_passed_on(path: Path, nnanim: Nnanim) -> None:
    """A title may hold anything."""
    header, tensors = content(sound())
    odd = "\x1b]0;gone\x07\x1b[2J \u202e\x9b31m\nkey  0"
    names = {"a\x1b[31m": 1}
    spoken = {**header, "title": odd, "class_names": [odd], "versions": {odd: odd}, "key": names}
    path.write_bytes(packed({**spoken, "source": {"file": odd, "settings": {odd: odd}}}, tensors))

    code, told, _ = nnanim("info", path)
    as_json = nnanim("info", path, "--json")[1]
    path.write_bytes(packed({**header, "layer": odd * 9000}, tensors))
    _, _, err = nnanim("export", path, "-o", "a.npz")

    assert code == 0
    assert r"title      \x1b]0;gone\x07\x1b[2J \u202e\x9b31m\nkey  0" in told
    assert json.loads(as_json)["header"]["title"] == odd
    assert all(c.isprintable() for c in told.replace("\n", ""))
    assert as_json.isascii()
    assert err.count("\n") == 1
    assert err[:-1].isprintable()
    assert len(err) < 2100


@pytest.mark.parametrize(
    "odd",
    [
        {"attempts": ["a", None, {"score": None}], "attempt": {}},
        {"kept": {"epoch": []}, "stopped": "never"},
        {"source": {"file": "a.py", "settings": ["a"]}, "seed": None},
        {"source": {"file": 3}, "trainer": None, "eager_because": []},
        {"key": None, "versions": {"a": {}}},
    ],
)
def test_what_only_info_tells_may_be_anything(odd: Header, path: Path, nnanim: Nnanim) -> None:
    """It is told as it comes."""
    header, tensors = content(sound())
    path.write_bytes(packed({**header, **odd}, tensors))

    for option in ((), ("--json",)):
        code, out, err = nnanim("info", path, *option)
        assert (code, err) == (0, "")
        assert out


# -- by chance -------------------------------------------------------------------------------------

CHANCE = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(CHANCE, max_examples=400)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_any_byte_changed_is_a_recording_or_a_line(
    changes: list[tuple[float, int]], path: Path
) -> None:
    """Never another exception."""
    whole = bytearray(packed(*content(sound())))
    for share, byte in changes:
        whole[int(share * (len(whole) - 1))] = byte
    path.write_bytes(whole)

    try:
        found = Recording.load(path)
    except RecordingError as error:
        said = str(error)
    else:
        said = f"{path} is one, of {len(found.state(-1))} tensors"
        assert json.dumps(facts_of(found, path), allow_nan=False)
        assert told_of(facts_of(found, path))

    assert said.startswith(f"{path} ")


VALUES: tuple[object, ...] = (
    None, True, 0, 1, -1, 2, 10**18, 0.5, 1e-300, 1e300, "", "a", "mse", "bce", "cross_entropy",
    "classes", "regression", "hidden1", "output.0", "Tanh", [], {}, [0, 1], [[-1, 1], [0, 3]],
)  # fmt: skip


def scaled(factor: float) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what multiplies an array and keeps its type."""
    return lambda array: (array * np.float64(factor)).astype(array.dtype)


def typed(kind: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Return what changes an array's type."""
    return lambda array: array.astype(kind)


WAYS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    **{f"times {by:g}": scaled(by) for by in (0, -1, 1e-30, 1e10, 1e20, 1e30)},
    "cut": lambda a: a[:-1],
    "empty": lambda a: a[:0],
    "doubled": lambda a: np.concatenate([a, a]),
    "flat": lambda a: a.reshape(-1),
    **{f"as {kind}": typed(kind) for kind in ("f8", "f2", "i8", "?")},
}


@st.composite
def odd_headers(draw: st.DrawFn, header: Header) -> Header:
    """Draw a header that in some place holds what it should not, or nothing."""
    node: Any = header
    key: Any = draw(st.sampled_from(sorted(node)))
    while isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 3)):
        node = node[key]
        key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
    node[key] = draw(st.sampled_from(VALUES))
    if draw(st.integers(0, 3)) == 0:
        del node[key]
    return header


@st.composite
def odd_recordings(draw: st.DrawFn) -> bytes:
    """Draw a file that is well-formed, and in some places not what it should be."""
    header, tensors = content(draw(st.sampled_from([sound(), of_classes()])))
    for _ in range(draw(st.integers(0, 3))):
        header = draw(odd_headers(header))
    for name in draw(st.lists(st.sampled_from(sorted(tensors)), max_size=2, unique=True)):
        with np.errstate(all="ignore"):
            tensors[name] = WAYS[draw(st.sampled_from(sorted(WAYS)))](tensors[name])
    return packed(header, tensors)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numbers near the end of all numbers
@settings(CHANCE, max_examples=50)
@given(odd=odd_recordings())
def test_any_odd_file_is_a_picture_or_a_line(odd: bytes, path: Path) -> None:
    """Never another exception, up to the frame."""
    path.write_bytes(odd)

    try:
        shape = Film(Recording.load(path)).frame(6.0, (160, 90)).shape
    except NnanimError as error:
        said = str(error)
    else:
        said = f"a picture of {shape}"

    assert said.count("\n") == 0
