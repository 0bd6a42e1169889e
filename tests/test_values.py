"""Several values of a setting, as they are written where no shell needs quotes."""

import pytest

from nnanim.errors import UsageError
from nnanim.scene.values import axis_in, values_in


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,2,3", ["1", "2", "3"]),
        ("tanh, relu", ["tanh", "relu"]),
        ("(2,2),[3,3]", ["(2,2)", "[3,3]"]),
        ("'a,b',c", ["'a,b'", "c"]),
        ("", [""]),
        ("1..4", [1, 2, 3, 4]),
        ("-1..1,9", [-1, 0, 1, "9"]),
        ("lin:0:1:3", ["0", "0.5", "1"]),
        ("lin:1:7:7", ["1", "2", "3", "4", "5", "6", "7"]),
        ("log:1e-3:10:5", ["1e-3", "0.01", "0.1", "1", "10"]),
        ("log:1e-3:3:3", ["1e-3", "0.0547723", "3"]),
        ("1.5..2", ["1.5..2"]),
        ("line:up", ["line:up"]),
    ],
)
def test_commas_part_values_but_for_those_in_brackets(text: str, values: list[object]) -> None:
    """Or in quotes; `..` counts, lin: and log: space both ends and what lies between."""
    assert list(values_in(text)) == values


def test_a_long_count_takes_no_room() -> None:
    """It is written down by nobody before somebody asks."""
    assert len(values_in("0..999999999")) == 10**9


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("8..1", "expected the lower number first, as 1..8"),
        ("lin:0:1", "expected how many, as lin:0:1:15"),
        ("lin:0:1:x", "expected how many, from 2 to 1,000,000, not 'x'"),
        ("lin:0:1:1", "expected how many, from 2"),
        ("lin:0:1:99999999", "expected how many, from 2"),
        ("lin:1:0:3", "the lower one first"),
        ("lin:a:b:3", "expected two numbers"),
        ("log:0:1:3", "expected numbers above 0; or use lin:"),
        ("log:1:inf:3", "expected two numbers"),
    ],
)
def test_a_list_that_is_none_is_refused(text: str, told: str) -> None:
    """In a line that says how it is written."""
    with pytest.raises(UsageError) as error:
        values_in(text)

    assert told in str(error.value)


def test_an_axis_leaves_the_number_out() -> None:
    """It has a number at every share of the way, both ends exactly."""
    axis = axis_in("log:1e-2:1e4")

    assert (axis.at(0), axis.at(1)) == (1e-2, 1e4)
    assert axis.at(0.5) == pytest.approx(10)
    assert axis_in("lin:-1:1").at(0.5) == 0
    with pytest.raises(UsageError, match="expected an axis"):
        axis_in("log:1e-2:1e4:3")
    with pytest.raises(UsageError, match="expected an axis"):
        axis_in("1..8")
