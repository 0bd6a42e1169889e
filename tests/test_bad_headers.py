"""A recording whose header is no header of one is one clear line that says what is wrong."""

from pathlib import Path

import pytest

from tests.bad_files import WEIGHTS, content, packed, sound, why_refused, with_text

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
        "has the recording format 7, made by nnanim 3.1: this nnanim reads up to 3; "
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
        None, "ab", [[0, 1]], [[0, 1], [0]], [[0, 1], [0, 1, 2]], [[0, 1], [1, 0]],
        [[0, 1], [0, 0]], [[0, 1], ["0", "1"]], [[0, 1], [0, 1e300]], [[0, 1], [0, 1e-300]],
        [[0, 1], None], [[0, 1], [0, 1], [0, 1]], {"x": [0, 1]},
    ],
    "class_names": NAMES,
    "axis_names": NAMES,
    "layer": TEXT,
    "layers": ["hidden1", {}, [None], ["hidden1"], [[]], 1],
    "training": [None, [], "mse", {}, {"loss": None}, {"loss": ["mse"]}],
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
