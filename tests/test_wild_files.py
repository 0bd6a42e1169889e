"""Thousands of made-up tables and archives: read right or refused in one line, soon and in bounds.

Each of them is also looked at for what a wrong guess would do: a table that was written by a
program is read as it was meant, or not at all.
"""

import csv
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnanim import datasets
from nnanim.dataset_checks import checked_arrays
from nnanim.datasets.from_arrays import FromArrays
from nnanim.errors import SceneError

resource = pytest.importorskip("resource")  # of Unix
pytestmark = [pytest.mark.slow, pytest.mark.fuzz]

_SECONDS = 5.0  # of the processor, for one file
_MEGABYTES = 200  # beside three times the file
_ROOM = 8 * 2**30  # bytes of addresses; torch and its threads take a part of them

many = settings(
    max_examples=1_500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def peak() -> int:
    """Return the largest memory of this process since it was last asked, in bytes; 0 unknown."""
    try:
        status = Path("/proc/self/status").read_text()
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * int(line.split()[1])


@contextmanager
def in_bounds(path: Path) -> Iterator[None]:
    """See that reading a file takes no long time and no large memory, and ends before all of it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_ROOM, hard))
    peak()
    memory, begin = peak(), time.process_time()
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    assert time.process_time() - begin < _SECONDS
    assert peak() - memory <= 3 * path.stat().st_size + _MEGABYTES * 2**20


def sound_or_refused(read: Callable[..., Any], path: Path, **more: Any) -> None:
    """See that a file gives data that can be trained on, or one line that names it."""
    with in_bounds(path):
        try:
            dataset = read(path, **more)
        except SceneError as error:
            line, cause = str(error), error.__cause__
            assert "\n" not in line
            assert len(line) < 3_000
            if isinstance(cause, MemoryError):
                pytest.fail("the memory was all used")
            return
        arrays = checked_arrays(dataset, 0)
    assert np.isfinite(arrays.inputs).all()
    assert len(dataset.window) == arrays.inputs.shape[1]


# -- tables that a program has written -------------------------------------------------------------

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1"]
ABOVE = ["", "# by hand\n", "# a, b; c\n\n# x\n"]
LABELS = ["plum", "fig", "rosa Grapefruit", "süß", "a,b", "c;d", 'say "hi"', "x|y", "e\tf"]
NUMBERS = st.one_of(
    st.integers(-2_000, 2_000).map(float),
    st.floats(-1e4, 1e4).map(lambda value: round(value, 3)),
    st.floats(-1e4, 1e4).map(lambda value: round(value, 1)),
)


@st.composite
def written(draw: st.DrawFn) -> dict[str, Any]:
    """Draw numbers, labels and a way to write them down."""
    rows, width = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    numbers = draw(st.lists(st.lists(NUMBERS, min_size=width, max_size=width),
                            min_size=rows, max_size=rows))  # fmt: skip
    kinds = draw(st.lists(st.sampled_from(LABELS), min_size=2, max_size=3, unique=True))
    labels = [kinds[i % len(kinds)] for i in range(rows)]
    return {
        "numbers": numbers,
        "labels": labels,
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|", " "])),
        "decimal": draw(st.sampled_from([".", ".", ","])),
        "thousands": draw(st.sampled_from(["", "", "", ","])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        "named": draw(st.booleans()),
        "separator line": draw(st.booleans()),
        "above": draw(st.sampled_from(ABOVE)),
        "end": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "encoding": draw(st.sampled_from(ENCODINGS)),
        "trailing": draw(st.sampled_from(["", "", "\n", "\n\n"])),
    }


def cell(number: float, way: dict[str, Any]) -> str:
    """Write a number down."""
    text = f"{number:,.3f}" if way["thousands"] else repr(number)
    text = text.rstrip("0").rstrip(".") if way["thousands"] else text.removesuffix(".0")
    return text if way["decimal"] == "." else text.replace(".", ",")


def table(way: dict[str, Any]) -> bytes:
    """Return the file that a program writes that way."""
    buffer = io.StringIO()
    writer = csv.writer(
        buffer, delimiter=way["delimiter"], quoting=way["quoting"], lineterminator="\n"
    )
    if way["named"]:
        writer.writerow([*(f"größe {i}" for i in range(len(way["numbers"][0]))), "kind"])
    for row, label in zip(way["numbers"], way["labels"], strict=True):
        writer.writerow([*(cell(number, way) for number in row), label])
    line = f"sep={way['delimiter']}\n" if way["separator line"] else ""
    text = f"{line}{way['above']}{buffer.getvalue()}{way['trailing']}"
    end, encoding = str(way["end"]), str(way["encoding"])
    return text.replace("\n", end).encode(encoding)


def read_or_refused(path: Path, **how: Any) -> FromArrays | None:
    """Return the data set in a table; None where it is refused."""
    try:
        return datasets.from_csv(path, **how)
    except SceneError:
        return None


@many
@given(way=written())
def test_what_a_program_wrote_is_read_as_it_was_meant_or_refused(
    way: dict[str, Any], tmp_path: Path
) -> None:
    """Whatever parts its cells, and its numbers; without a hint, but where columns have no names.

    What everyone writes is read: points in numbers, no mark between thousands, Unicode.
    """
    assume(not (way["thousands"] and way["decimal"] == ","))
    tabbed = way["delimiter"] == " " and "e\tf" in way["labels"]  # a tab is a blank
    assume(not (tabbed and (way["thousands"] or way["decimal"] == ",")))
    path = tmp_path / "table.csv"
    path.write_bytes(table(way))
    plain = way["decimal"] == "." and not way["thousands"] and way["encoding"] != "latin-1"
    plain = plain and not tabbed

    with in_bounds(path):
        dataset = read_or_refused(path, target="kind" if way["named"] else -1)
    if dataset is None:
        assert not plain
        return

    arrays = dataset.arrays(0)
    np.testing.assert_array_equal(arrays.inputs, np.array(way["numbers"], np.float32))
    names = sorted(set(way["labels"]))
    places = [names.index(label) for label in way["labels"]]
    assert arrays.targets.ravel().tolist() == places
    assert dataset.class_names == tuple(" ".join(name.split()) for name in names)


# -- tables that nobody would write ----------------------------------------------------------------

CELLS = st.sampled_from(
    ["1", "2.5", "-3", "a", "b", "", "nan", "NA", '"', '""', '"x', 'y"', "1,5", "1.234,5", "1,234",
     " ", "é", "0", "x y", "1e999", "1_0", "#", "# c", "-", "+", "inf", "sep=;", "\0", "1" * 400,
     "１２", "0x1F", "true", "2026-01-01", "12:30", "5 kg", "50%", "$3", "\ufeff", "\u2028"]
)  # fmt: skip
SEPARATORS = st.sampled_from([",", ";", "\t", "|", " ", "  ", ", ", ":", ""])
SETTINGS = st.fixed_dictionaries(
    {"target": st.sampled_from(["y", "kind", 1, 2, -1, "3", ["x", "y"], [1, 2], 0, 99, "", None])},
    optional={
        "inputs": st.sampled_from(["x", 1, ["x"], [1, 2], [], -2]),
        "task": st.sampled_from(["binary", "classes", "regression", "none at all"]),
        "missing": st.sampled_from(["drop", "refuse", "keep"]),
        "encoding": st.sampled_from(["utf-8", "latin-1", "utf-16", "utf-16-le", "cp037", "utf-7",
                                     "punycode", "idna", "unicode_escape", "undefined"]),
        "delimiter": st.sampled_from([",", ";", " ", ":", "a", "#", "1", ".", "\0", "é"]),
        "decimal": st.sampled_from([".", ",", ";"]),
        "header": st.booleans(),
        "standardize": st.booleans(),
        "test_share": st.sampled_from([0.0, 0.5, 0.99]),
        "axis_names": st.sampled_from([["p"], ["p", "q"], "pq", []]),
    },
)  # fmt: skip


@st.composite
def odd_tables(draw: st.DrawFn) -> bytes:
    """Draw rows of odd cells, with and without names, in some encoding, then damage them."""
    separator = draw(SEPARATORS)
    lines = draw(st.lists(st.lists(CELLS, max_size=5).map(separator.join), max_size=12))
    head = draw(st.sampled_from([[], [f"x{separator}y"], [f"x{separator}y{separator}kind"]]))
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join([*head, *lines])
    text *= draw(st.sampled_from([1, 1, 1, 3, 200]))
    content = text.encode(draw(st.sampled_from(ENCODINGS[:4])))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(content)))
        new = draw(st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b"\n", b"\xff\xfe"])))
        content = content[:at] + new + content[at + draw(st.integers(0, 3)) :]
    return content


@many
@given(content=st.one_of(odd_tables(), st.binary(max_size=400)), how=SETTINGS)
def test_any_table_is_read_or_refused_in_one_line(
    content: bytes, how: dict[str, Any], tmp_path: Path
) -> None:
    """With any settings, known or not."""
    path = tmp_path / "table.csv"
    path.write_bytes(content)

    sound_or_refused(datasets.from_csv, path, **how)


LONG: dict[str, Callable[[], bytes]] = {
    "a line of one cell": lambda: b"a" * 3_000_000,
    "a line of separators": lambda: b"," * 1_000_000,
    "a line of quotes": lambda: b'"' * 1_000_000,
    "a quote that never ends": lambda: b'x,y\n"' + b"1,a\n" * 500_000,
    "many columns": lambda: b"\n".join([b",".join(b"%d" % i for i in range(100_000))] * 5),
    "many columns of one name": lambda: b"x," * 200_000 + b"y\n" + b"1," * 200_000 + b"a\n",
    "many rows": lambda: b"x,y\n" + b"1,a\n2,b\n" * 200_000,
    "many labels": lambda: b"x,y\n" + b"".join(b"1,l%d\n" % i for i in range(300_000)),
    "many numbers": lambda: b"x,y\n" + b"".join(b"1,%d.5\n" % i for i in range(300_000)),
    "many blank lines": lambda: b"\n" * 2_000_000,
    "many comments": lambda: b"# a, b\n" * 500_000,
    "many gaps": lambda: b"x,y\n" + b",a\n1,\n" * 200_000 + b"1,a\n2,b\n",
    "many commas": lambda: b"x;y\n" + b"1,5;a\n2,5;b\n" * 100_000,
    "zeros": lambda: bytes(3_000_000),
    "wide and short": lambda: b"\n".join([b"1;" * 100_000] * 10),
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("missing", ["refuse", "drop"])
def test_a_long_table_takes_time_and_memory_in_proportion(
    kind: str, missing: str, tmp_path: Path
) -> None:
    """Whatever it is long in."""
    path = tmp_path / "long.csv"
    path.write_bytes(LONG[kind]())

    sound_or_refused(datasets.from_csv, path, target="y", missing=missing)
    sound_or_refused(datasets.from_csv, path, target=-1, header=False, missing=missing)


# -- archives --------------------------------------------------------------------------------------

KINDS = ["?", "i1", "u8", ">i4", "f2", "f4", "<f8", "c16", "U0", "U3", "S0", "S5", "M8[s]", "V0",
         "V4", "O"]  # fmt: skip
SHAPES = st.one_of(
    st.tuples(st.integers(0, 30)),
    st.tuples(st.integers(0, 30), st.integers(0, 4)),
    st.sampled_from([(), (10**9, 2), (2**62, 2**62), (0, 10**12), (30, 0), (1, 1, 1), (10**7,)]),
)


def described(kind: str, shape: tuple[int, ...], body: bytes, version: int = 1) -> bytes:
    """Return an array's bytes: a header, true or not, and what follows it."""
    buffer = io.BytesIO()
    header = {"descr": kind, "fortran_order": len(body) % 2 == 1, "shape": shape}
    write = (np.lib.format.write_array_header_1_0, np.lib.format.write_array_header_2_0)
    write[min(version, 2) - 1](buffer, header)
    content = buffer.getvalue()
    return content[:6] + bytes([version]) + content[7:] + body


def true_array(kind: str, shape: tuple[int, ...]) -> bytes:
    """Return an array of numbers or texts as numpy writes it."""
    count = int(np.prod(shape, dtype=float)) if np.prod(shape, dtype=float) < 10_000 else 0
    values: NDArray[Any] = np.arange(count) % 7 % 3
    try:
        values = values.astype(kind).reshape(shape if count else (0,))
    except (TypeError, ValueError):
        values = values.astype(np.int8)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values)
    return buffer.getvalue()


MEMBERS = st.one_of(
    st.builds(true_array, st.sampled_from(KINDS[:10]), SHAPES),
    st.builds(described, st.sampled_from(KINDS), SHAPES, st.binary(max_size=64), st.integers(1, 4)),
    st.builds(described, st.just("<f8"), SHAPES, st.just(bytes(480))),
    st.binary(max_size=200),
    st.text(max_size=99).map(
        lambda text: b"\x93NUMPY\x01\x00" + len(text.encode()).to_bytes(2, "little") + text.encode()
    ),
)
PACKINGS = st.sampled_from(
    [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """Draw an archive of arrays, true and untrue, then damage it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", draw(PACKINGS)) as archive:
        for name in draw(st.sampled_from([["x", "y"], ["x", "y", "x_test", "y_test"], ["x"]])):
            archive.writestr(f"{name}.npy", draw(MEMBERS))
    content = buffer.getvalue()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 4]))):
        at = draw(st.integers(0, len(content) - 1))
        content = content[:at] + draw(st.binary(min_size=1, max_size=2)) + content[at + 1 :]
    return content[: draw(st.sampled_from([None, None, None, len(content) // 2, 40]))]


@many
@given(
    content=st.one_of(archives(), st.binary(max_size=200)),
    test=st.sampled_from([None, ("x_test", "y_test"), ("x", "y")]),
    task=st.sampled_from([None, "classes", "regression"]),
    standardize=st.booleans(),
)
def test_any_archive_is_read_or_refused_in_one_line(
    content: bytes, test: Any, task: Any, standardize: bool, tmp_path: Path
) -> None:
    """Whatever its arrays say of themselves."""
    path = tmp_path / "arrays.npz"
    path.write_bytes(content)

    sound_or_refused(datasets.from_npz, path, test=test, task=task, standardize=standardize)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("kind", ["u1", "f8", "U1", "?", "S9"])
@pytest.mark.parametrize("rows", [10**5, 10**6, 4 * 10**6])
def test_well_packed_arrays_take_memory_in_bounds(
    packing: int, kind: str, rows: int, tmp_path: Path
) -> None:
    """Just below the bound as far above it."""
    path = tmp_path / "packed.npz"
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, shape in (("x", (rows, 2)), ("y", (rows,))):
            dtype = np.dtype(kind if name == "y" or kind not in ("U1", "S9") else "u1")
            head = described(dtype.str, shape, b"")
            with archive.open(f"{name}.npy", "w") as member:
                member.write(head)
                left = rows * shape[-1] * dtype.itemsize if name == "x" else rows * dtype.itemsize
                while left:
                    member.write(bytes(min(left, 2**20)))
                    left -= min(left, 2**20)

    sound_or_refused(datasets.from_npz, path)
    sound_or_refused(datasets.from_npz, path, task="regression")
