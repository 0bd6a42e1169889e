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
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import imageio.v3 as iio
import numpy as np
import pytest
from safetensors.numpy import save
from torch import nn

import nnanim
from nnanim import Film, Recorder, Recording
from nnanim.errors import NnanimError, RecordingError, SceneError
from nnanim.recording.activations import Kept
from nnanim.views import HiddenSpace
from tests.bad_files import (
    COMMANDS,
    WEIGHTS,
    checkpoint,
    content,
    entry,
    framed,
    packed,
    sound,
    told,
    why_refused,
    with_text,
)

Header = dict[str, Any]
Nnanim = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]


PLACE = {**os.environ, "PYTHONPATH": str(Path(nnanim.__file__).parents[1])}


# -- other files -----------------------------------------------------------------------------------


def archive() -> bytes:
    """Return a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("nnanim.json", "{}")
    return buffer.getvalue()


FOREIGN: dict[str, Callable[[], bytes]] = {
    "empty": bytes,
    "one byte": lambda: b"{",
    "text": lambda: b"a recording, honestly\n" * 9,
    "JSON": lambda: json.dumps(told()).encode(),
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


@pytest.mark.parametrize(("place", "kind"), [("gone.safetensors", "no file"), (".", "a folder")])
def test_what_is_no_file_is_refused(place: str, kind: str, tmp_path: Path) -> None:
    """Nothing there, or a folder."""
    with pytest.raises(RecordingError, match=f"is {kind}: expected a recording"):
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


# -- on the command line ---------------------------------------------------------------------------


BAD: dict[str, Callable[[], bytes]] = {
    **{kind: FOREIGN[kind] for kind in ("empty", "PNG", ".pt")},
    "cut off": lambda: packed(*content(sound()))[:-1],
    "a checkpoint": lambda: save(WEIGHTS),
    "newer": lambda: packed({"format": 3}, WEIGHTS),
    "NaN in its header": lambda: packed(with_text("NaN"), content(sound())[1]),
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


@pytest.mark.parametrize("kept", ["parameters", "activations"])
def test_names_of_layers_are_escaped_in_an_error(kept: Kept, path: Path) -> None:
    """In Python too, where a traceback ends on a terminal."""
    odd = "a\x1b[2J\u202e\nb"
    layers = {"0": nn.Linear(2, 3), odd: nn.Tanh(), "2": nn.Linear(3, 1)}
    x = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    with Recorder(
        path, nn.Sequential(OrderedDict(layers)), (x, np.arange(20) % 2),
        loss="bce_with_logits", record=kept,
    ) as recorder:  # fmt: skip
        recorder.snapshot(loss=1.0)
    recording = Recording.load(path)
    film, lost = Film(recording), replace(recording.header, layer="hidden9")

    with pytest.raises(SceneError) as error:
        HiddenSpace("hidden9").panels(film)
    with pytest.raises(NnanimError) as other:
        Film(replace(recording, header=lost))

    for line in map(str, (error.value, other.value)):
        assert "unknown layer 'hidden9': expected " in line
        assert r"a\x1b[2J\u202e\nb" in line
        assert line.isprintable()


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
    assert "title       \\x1b]0;gone\\x07\\x1b[2J \\u202e\\x9b31m key 0\n" in told  # in one line
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
