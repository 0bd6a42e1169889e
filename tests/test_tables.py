"""Tables as programs and people write them: read right, with a word, or refused with the cure."""

import ast
import gzip
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnanim import Scene, Training, datasets, models
from nnanim.datasets.from_arrays import FromArrays
from nnanim.errors import SceneError
from nnanim.training.run import Run, prepare

Write = Callable[..., Path]

FRUIT = "wide,high,kind\n0.5,2,plum\n3,-4.25,fig\n-5e1,6,plum\n1.125,0,fig\n"
INPUTS = [[0.5, 2], [3, -4.25], [-50, 6], [1.125, 0]]
GERMAN = FRUIT.replace(",", ";").replace(".", ",")


@pytest.fixture
def table(tmp_path: Path) -> Write:
    """Write a table and return its path."""

    def write(text: str | bytes, name: str = "fruit.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def fruit(path: Path, **settings: Any) -> FromArrays:
    """Read a table whose target is the kind."""
    return datasets.from_csv(path, **{"target": "kind", **settings})


def refusal(path: Path, **settings: Any) -> str:
    """Return the one line with which a table is refused."""
    with pytest.raises(SceneError) as caught:
        fruit(path, **settings)
    line = str(caught.value)
    assert "\n" not in line
    assert path.name in line or settings
    return line


def advised(line: str) -> dict[str, Any]:
    """Return the settings that an error proposes."""
    found = re.findall(r"(\w+)=(\"[^\"]*\"|'[^']*'|\[[^\]]*\]|-?\d+|True|False)", line)
    return {name: ast.literal_eval(value) for name, value in found}


def is_fruit(dataset: FromArrays) -> bool:
    """Whether a data set is the four fruits."""
    arrays = dataset.arrays(0)
    assert arrays.inputs.tolist() == INPUTS
    assert arrays.targets.ravel().tolist() == [1, 0, 1, 0]
    return dataset.class_names == ("fig", "plum")


# -- decimals, separators, lines above the table ---------------------------------------------------


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_decimal_commas_are_found_where_commas_part_nothing(
    separator: str, table: Write, said: Callable[[], list[str]]
) -> None:
    """And said in one line."""
    assert is_fruit(fruit(table(GERMAN.replace(";", separator))))
    assert len(said()) == 1
    assert "decimal commas" in said()[0]


def test_decimal_commas_that_are_declared_are_read_without_a_word(
    table: Write, said: Callable[[], list[str]]
) -> None:
    """In quotes where commas part the cells; the test part is written as the train part is."""
    quoted = re.sub(r"[-0-9e]+,[0-9]+", r'"\g<0>"', GERMAN).replace(";", ",")
    path = table(quoted)

    assert '"0,5"' in quoted
    assert is_fruit(fruit(path, decimal=",", test=path))
    assert is_fruit(fruit(table(GERMAN), decimal=","))
    assert said() == []


def test_points_and_whole_numbers_stay_what_they_are(
    table: Write, said: Callable[[], list[str]]
) -> None:
    """Semicolons alone make no comma decimal, nor do commas in a text."""
    text = FRUIT.replace(",", ";").replace("plum", "plum, 1,5 kg")

    dataset = fruit(table(text))

    assert dataset.arrays(0).inputs.tolist() == INPUTS
    assert dataset.class_names == ("fig", "plum, 1,5 kg")
    assert said() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a;kind\n1,892.78;x\n2;y\n", "'1,892.78' has a mark between its thousands: take it out"),
        ("a;kind\n1,892;x\n2,345;y\n", "'1,892' has a comma: give decimal="),
        ("a;kind\n1.892,5;x\n2,5;y\n", "'1.892,5' has a mark between its thousands"),
        ("a;kind\n1 892,5;x\n2,5;y\n", "'1 892,5' has a mark between its thousands"),
        ('a,kind\n"1,892",x\n2,y\n', "'1,892' has a comma: give decimal="),
        ('a,kind\n"0,5",x\n2,y\n', "'0,5' has a decimal comma: give decimal="),
        ("a;b;kind\n0,5;0.5;x\n2;1;y\n", "'0,5' has a decimal comma: give decimal="),
    ],
)
def test_commas_that_may_mean_two_things_are_refused(text: str, says: str, table: Write) -> None:
    """Thousands are never taken for decimals, nor decimals for thousands."""
    assert f"line 2, column 'a': {says}" in refusal(table(text))


def test_a_point_among_decimal_commas_is_refused(table: Write) -> None:
    """It may part thousands."""
    path = table("a;kind\n0,5;x\n2.5;y\n", "mixed.csv")

    assert "line 3, column 'a': '2.5' has a decimal point" in refusal(path, decimal=",")


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_a_line_that_names_the_separator_is_heard(line: str, table: Write) -> None:
    """As spreadsheets write it; lines are counted with it."""
    text = f"{line}\n{GERMAN}"

    assert is_fruit(fruit(table(text)))
    assert "line 3, column 'wide': 'half'" in refusal(table(text.replace("0,5", "half")))


def test_any_separator_can_be_named_or_given(table: Write) -> None:
    """One that is not looked for, too."""
    assert is_fruit(fruit(table("sep=:\n" + FRUIT.replace(",", ":"))))
    assert is_fruit(fruit(table(FRUIT.replace(",", ":")), delimiter=":"))
    for wrong in ("::", "", '"', "\n", 3):
        assert "expected one character" in refusal(table(FRUIT), delimiter=wrong)


@pytest.mark.parametrize("gap", [" ", "   ", "\t  "])
def test_blanks_may_part_cells(gap: str, table: Write, said: Callable[[], list[str]]) -> None:
    """Any run of them, at the line's start and end too; it is said."""
    text = "".join(f" {line} \n" for line in FRUIT.replace(",", gap).splitlines())

    assert is_fruit(fruit(table(text.replace("plum", '"plum"')), delimiter=" "))
    assert said() == []
    if "\t" not in gap:
        assert is_fruit(fruit(table(text)))
        assert "blanks part its cells" in said()[0]


def test_a_separator_in_a_text_does_not_mislead(table: Write) -> None:
    """What parts all lines alike, into most numbers, parts them."""
    remarks = table("id;remark;kind\n1;a, b, c;x\n2;d, e;y\n3;f;x\n")
    words = table("wide|high, in cm|kind\n0.5|2|plum\n3|-4.25|fig\n", "words.csv")

    assert fruit(remarks, inputs="id").arrays(0).inputs.ravel().tolist() == [1, 2, 3]
    assert fruit(words).axis_names == ("wide", "high, in cm")


def test_lines_parted_in_two_ways_are_refused(table: Write) -> None:
    """With what parts them."""
    line = refusal(table("wide;high;kind\n" + "1\t2\tfig\n3\t4\tplum\n"))

    assert "line 2 has 1 cell: expected 3, as in line 1" in line
    assert "parted by tabs, not by semicolons" in line


def test_comments_above_a_table_are_left_out_and_counted(table: Write) -> None:
    """An error still names the line as the file counts it."""
    above = "# measured on a Monday, by hand\n\n#\n"

    assert is_fruit(fruit(table(above + FRUIT)))
    assert "line 6, column 'wide': 'x'" in refusal(table(above + FRUIT.replace("3,", "x,")))


def test_names_in_a_comment_are_names(table: Write, said: Callable[[], list[str]]) -> None:
    """As numpy.savetxt writes them; it is said."""
    text = "# by hand\n# " + FRUIT

    assert is_fruit(fruit(table(text)))
    assert fruit(table(text)).axis_names == ("wide", "high")
    assert "named in the comment in line 2" in said()[0]


@pytest.mark.parametrize("comment", ["# half", "# a, b, c", "# a, b, c, d"])
def test_a_comment_between_rows_is_refused_with_its_line(comment: str, table: Write) -> None:
    """It might be a row: #1 and #f00 are values too."""
    line = refusal(table(FRUIT.replace("3,", f"{comment}\n3,", 1)))

    assert "line 3" in line
    assert "a comment, remove it" in line


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only\n# comments\n", "sep=;\n", "\ufeff"], ids=repr
)
def test_a_table_of_nothing_is_refused(text: str, table: Write) -> None:
    """Whatever kind of nothing."""
    assert "expected the names of the columns, then rows" in refusal(table(text))


# -- names -----------------------------------------------------------------------------------------

NAMELESS = FRUIT.split("\n", 1)[1]


@pytest.mark.parametrize("target", [3, -1, "3"])
def test_columns_without_names_are_numbered(
    target: int | str, table: Write, said: Callable[[], list[str]]
) -> None:
    """From 1, or from the last by -1; it is said."""
    dataset = fruit(table(NAMELESS), target=target)

    assert is_fruit(dataset)
    assert dataset.axis_names == ("column 1", "column 2")
    assert len(said()) == 1
    assert "names no columns, which are numbered from 1 to 3" in said()[0]


def test_columns_without_names_are_named_in_the_scene(
    table: Write, said: Callable[[], list[str]]
) -> None:
    """The axes by axis_names; header=False says that it is so, and nothing more is said."""
    path = table(NAMELESS)
    measured = fruit(path, target=2, inputs=1, header=False)

    assert measured.axis_names == ("column 1", "column 2")
    assert fruit(path, target=3, header=False, axis_names=["w", "h"]).axis_names == ("w", "h")
    assert fruit(path, target=2, inputs=1, header=False, axis_names="wh").axis_names == ("w", "h")
    assert is_fruit(fruit(path, target=3, header=False, test=path))
    assert said() == []


def test_columns_with_names_may_be_numbered_too(table: Write) -> None:
    """A second table has them by the same names, in whatever order."""
    other = table("kind,high,wide\nfig,8,7\n", "other.csv")

    dataset = fruit(table(FRUIT), target=3, inputs=[1, 2], test=other)

    assert dataset.axis_names == ("wide", "high")
    assert dataset.arrays(0).test_inputs.tolist() == [[7, 8]]


def test_a_name_asked_of_a_table_without_names_is_refused(table: Write) -> None:
    """With the number to give instead."""
    line = refusal(table(NAMELESS))

    assert "line 1 holds no names of columns, as '0.5' is a number" in line
    assert is_fruit(fruit(table(NAMELESS), target=advised(line)["target"]))


@pytest.mark.parametrize("settings", [{}, {"target": 1}, {"inputs": [1], "target": "same"}])
def test_names_without_end_are_told_in_a_short_line(settings: dict[str, Any], table: Write) -> None:
    """Without what a terminal would obey."""
    path = table(("\x8e" * 3000 + ",same,same\n1,2,x\n3,4,y\n").encode())

    line = refusal(path, **settings)

    assert len(line.removeprefix(str(path))) < 700
    assert line.isprintable()


def test_errors_number_columns_without_names(table: Write) -> None:
    """As the file does, from 1."""
    line = refusal(table(NAMELESS.replace("6", "six")), target=3)

    assert "line 3, column 2: 'six' is not a number" in line


def test_names_that_are_numbers_are_told_apart_from_a_row(table: Write) -> None:
    """By a name that is asked for; where nothing tells, it is asked."""
    years = table("2019,2020,kind\n1,2,a\n3,4,b\n")
    frame = table("0,1,2\n1.5,2,a\n3,4,b\n", "frame.csv")

    line = refusal(frame, target="2")

    assert fruit(years).axis_names == ("2019", "2020")
    assert "header=True, or the first row, header=False" in line
    assert fruit(frame, target="2", header=True).axis_names == ("0", "1")
    assert fruit(frame, target=3, header=True).arrays(0).inputs.shape == (2, 2)
    rows = fruit(frame, target=2, inputs=1, header=False, task="regression")
    assert rows.arrays(0).inputs.shape == (3, 1)
    assert "expected True" in refusal(frame, header="no")


@pytest.mark.parametrize("number", [0, 4, -4, 10**12])
def test_a_number_of_no_column_is_refused(number: int, table: Write) -> None:
    """With those that there are."""
    assert "expected a number from 1 to 3, or -1" in refusal(table(FRUIT), target=number)


def test_names_of_several_lines_are_read_as_one(table: Write) -> None:
    """They can be asked for either way, and an error stays in one line."""
    path = table('"wide\nin  cm",kind\n1,fig\n2,plum\n')

    assert fruit(path).axis_names == ("wide in cm",)
    assert fruit(path, inputs="wide\nin  cm").axis_names == ("wide in cm",)
    assert "expected wide in cm | kind" in refusal(path, target="nowhere")


# -- encodings -------------------------------------------------------------------------------------

UMLAUTS = "größe;sorte\n0,5;süß\n1,5;herb\n"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_what_is_not_utf_8_is_refused_by_name(encoding: str, table: Write) -> None:
    """With how it would read, and what to give; that works."""
    text = UMLAUTS if encoding == "latin-1" else UMLAUTS.replace("herb", "„herb“")
    path = table(text.encode(encoding))

    line = refusal(path, target="sorte")
    dataset = fruit(path, target="sorte", encoding="latin-1")

    assert "line 1: byte 0xf6 is not UTF-8" in line
    assert "'größe'" in line
    assert ("Latin-1" if encoding == "latin-1" else "Windows-1252") in line
    assert fruit(path, target="sorte", **advised(line)).axis_names == ("größe",)
    assert dataset.arrays(0).inputs.ravel().tolist() == [0.5, 1.5]


def test_the_line_of_a_byte_that_is_not_utf_8_is_the_files(table: Write) -> None:
    """In a file of many pieces, with any ends of lines."""
    for end in ("\n", "\r\n", "\r"):
        rows = end.join(["größe;sorte", *["0.5;herb"] * 30_000, "1.5;"])
        path = table(rows.encode() + "süß".encode("latin-1"))

        assert "line 30002: byte 0xfc is not UTF-8: as Latin-1 it reads 'süß'" in refusal(
            path, target="sorte"
        )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_mark_and_refused_without(
    encoding: str, table: Write, said: Callable[[], list[str]]
) -> None:
    """It is named; what the refusal advises works."""
    marked = table(("\ufeff" + UMLAUTS).encode(encoding))
    assert fruit(marked, target="sorte").class_names == ("herb", "süß")
    assert "it is UTF-16" in said()[0]

    bare = table(UMLAUTS.encode(encoding), "bare.csv")
    line = refusal(bare, target="sorte")
    assert fruit(bare, target="sorte", **advised(line)).class_names == ("herb", "süß")


@pytest.mark.parametrize("encoding", ["latin-0", "rot13", "hex", "", 8, "utf\08"])
def test_an_encoding_that_is_none_is_refused(encoding: Any, table: Write) -> None:
    """With some that there are."""
    assert "expected one that Python knows" in refusal(table(FRUIT), encoding=encoding)


def test_a_wrong_encoding_is_refused_with_the_line(table: Write) -> None:
    """As one that was found."""
    line = refusal(table(FRUIT + "1,2,süß\n"), encoding="ascii")

    assert "line 6: byte 0xc3 is not ASCII" in line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04rest", "Excel's own .xlsx"),
        (gzip.compress(FRUIT.encode(), mtime=0), "packed by gzip"),
        (b"PAR1rest", "a Parquet file"),
        (b"\x93NUMPY\x01\x00", "from_arrays"),
        (bytes(100), "zero bytes"),
    ],
)
def test_files_that_are_no_text_are_named(content: bytes, says: str, table: Write) -> None:
    """Rather than their first odd byte."""
    assert says in refusal(table(content))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """Nor is a folder read."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)

    assert "is a pipe or a device" in refusal(pipe)
    assert "is a folder" in refusal(tmp_path)


# -- cells -----------------------------------------------------------------------------------------


def test_rows_without_a_value_are_refused_or_left_out_by_number(
    table: Write, said: Callable[[], list[str]]
) -> None:
    """In the columns that are used; the lines are said."""
    extra = "".join(f"{gap},1,fig\n" for gap in ["", "NA", "nan", " ", "#N/A", "?", "-"])
    path = table(FRUIT + extra + "1,1,\n")

    line = refusal(path)
    dataset = fruit(path, **advised(line))

    assert "line 6, column 'wide': the cell is empty" in line
    assert is_fruit(dataset)
    assert [entry.split(": ", 1)[1] for entry in said()] == [
        "8 of 12 rows are left out, for want of values: lines 6, 7, 8, 9, 10 …"
    ]
    assert len(fruit(path, inputs="high", missing="drop").arrays(0).inputs) == 11


def test_rows_are_left_out_of_the_test_part_too(
    table: Write, said: Callable[[], list[str]]
) -> None:
    """And counted apart; where none is left, it is refused."""
    test = table("wide,high,kind\n1,2,fig\n,3,fig\n", "test.csv")
    empty = table("wide,high,kind\n,3,fig\n", "empty.csv")

    dataset = fruit(table(FRUIT), test=test, missing="drop")

    assert dataset.arrays(0).test_inputs.tolist() == [[1, 2]]
    assert "test.csv: 1 of 2 rows are left out, for want of values: line 3" in said()[0]
    assert "empty.csv: no row with values" in refusal(table(FRUIT), test=empty, missing="drop")
    assert "unknown missing 'keep'" in refusal(table(FRUIT), missing="keep")


@pytest.mark.parametrize("word", ["NA", "nan", "NULL", "n/a"])
def test_a_label_that_may_be_no_value_is_asked_about(word: str, table: Write) -> None:
    """It is left out, or it is a label."""
    path = table(FRUIT + f"1,1,{word}\n")

    line = refusal(path)

    assert f"line 6, column 'kind': {word!r} stands for no value" in line
    assert is_fruit(fruit(path, missing=advised(line)["missing"]))
    assert word in fruit(path, task=advised(line)["task"]).class_names


def test_signs_are_labels_among_texts_and_gaps_among_numbers(table: Write) -> None:
    """A minus beside a plus is a class; beside numbers it is nothing."""
    signs = table("a,kind\n1,+\n2,-\n3,+\n")
    numbers = table("a,kind\n1,0\n2,-\n3,1\n4,0\n", "numbers.csv")

    assert fruit(signs).class_names == ("+", "-")
    assert fruit(signs, missing="drop").class_names == ("+", "-")
    assert "line 3, column 'kind': '-' stands for no value" in refusal(numbers)
    assert fruit(numbers, missing="drop").class_names == ("0", "1")


def test_whole_numbers_with_a_point_are_what_the_loss_takes_them_for(table: Write) -> None:
    """Labels or measured values: what fails names the other; 0.0 and 1.0 alone are labels."""
    path = table("a,kind\n" + "".join(f"{i},{i % 3}.0\n" for i in range(9)))
    two = table("a,kind\n" + "".join(f"{i},{i % 2}.0\n" for i in range(9)), "two.csv")

    def run(outputs: int, loss: str, **settings: Any) -> Run:
        end = "sigmoid" if loss == "bce" else "identity"
        model = models.mlp(1, 2, outputs, output=end)
        return prepare(
            Scene(dataset=fruit(path, **settings), model=model, training=Training(loss=loss))
        )

    assert run(3, "cross_entropy").task == "classes"
    assert run(1, "mse").task == "regression"
    with pytest.raises(SceneError, match=r'\(task="classes" reads them as labels\)'):
        run(1, "bce")
    assert run(3, "cross_entropy", task="classes").dataset.class_names == ("0", "1", "2")
    assert fruit(path, task="regression").task == "regression"
    assert fruit(two).class_names == ("0", "1")


def test_many_or_broken_numbers_are_measured(table: Write) -> None:
    """However many there are; a slip among them is named."""
    rows = [f"{i},{i / 3}\n" for i in range(70_000)]

    assert fruit(table("a,kind\n" + "".join(rows))).task == "regression"
    assert fruit(table("a,kind\n" + "".join(f"{i},{i}.0\n" for i in range(99)))).task == (
        "regression"
    )
    rows[60_000] = "1,one\n"
    assert "line 60002, column 'kind': 'one' is not a number" in refusal(
        table("a,kind\n" + "".join(rows))
    )


def test_more_labels_than_any_network_has_outputs_are_refused(table: Write) -> None:
    """Before they fill the memory."""
    path = table("a,kind\n" + "".join(f"{i},row {i}\n" for i in range(70_000)))

    assert "more than 65,536 different values" in refusal(path)


def test_empty_cells_at_the_end_of_lines_are_no_columns(table: Write) -> None:
    """As spreadsheets leave them, with rows of separators alone; a value there is refused."""
    text = FRUIT.replace("\n", ",,\n") + ",,,,\n"

    assert is_fruit(fruit(table(text)))
    assert is_fruit(fruit(table(NAMELESS.replace("\n", ",,\n")), target=3))
    assert "line 3 has 5 cells: expected 3" in refusal(table(text.replace("fig,", "fig,7", 1)))


def test_a_table_of_very_many_columns_is_read_at_once(table: Write) -> None:
    """Time grows with the file alone; so does it for a name that is not there."""
    names = ",".join(f"c{i}" for i in range(100_000))
    path = table(f"{names}\n" + ",".join(["1"] * 100_000) + "\n" + ",".join(["2"] * 100_000))

    begin = time.monotonic()
    dataset = fruit(path, target="c99999", task="regression")
    line = refusal(path, target="nowhere")

    assert time.monotonic() - begin < 30  # it took hours
    assert dataset.arrays(0).inputs.shape == (2, 99_999)
    assert len(line) < 2000


def test_numbers_survive_to_the_bit(table: Write) -> None:
    """With a decimal comma as with a point, over many batches."""
    values = np.random.default_rng(0).normal(size=(40_000, 2))
    rows = [f"{a!r};{b!r};{'ab'[i % 2]}" for i, (a, b) in enumerate(values.tolist())]
    text = "\n".join(["x;y;kind", *rows])

    for written in (text, text.replace(".", ",")):
        found = fruit(table(written)).arrays(0).inputs
        np.testing.assert_array_equal(found, values.astype(np.float32))
