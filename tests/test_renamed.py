"""What has been renamed: old names are still taken, and no more than that."""

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nnanim import (
    Comparison,
    NnanimError,
    Recorder,
    Recording,
    Scene,
    Training,
    datasets,
    models,
    record,
)


def scene(**given: Any) -> Scene:
    """Return a small scene."""
    return Scene(dataset=datasets.rings(n=20), model=MODEL, **given)


MODEL, QUICK = models.mlp(2, 2, 1), Training(epochs=1)


def test_what_was_renamed_is_still_taken_by_its_old_name() -> None:
    """A caption was a scene's description, captions were a comparison's names."""
    old: Any = scene(caption="One.")
    parts: dict[str, Any] = {"captions": ["a", "b"], "caption": "Two."}
    beside: Any = Comparison([old, old], **parts)

    assert old == scene(description="One.")
    assert old.caption == "One."
    assert beside == Comparison([old, old], ["a", "b"], description="Two.")
    assert (beside.captions, beside.caption) == (("a", "b"), "Two.")


def test_old_names_are_no_fields() -> None:
    """So one thing has one name where it is looked up or replaced, whichever it was given by."""
    old = scene(caption="One.")

    assert list(inspect.signature(Scene).parameters) == [field.name for field in fields(Scene)]
    assert not {"caption", "captions"} & {*dir(old), *dir(Comparison([old, old]))}
    assert "description" in dir(old)
    assert replace(old, name="mine").description == "One."
    assert replace(old, description="Two.").description == "Two."


@pytest.mark.parametrize(
    "given",
    [
        lambda both: scene(**both),
        lambda both: replace(*[scene()], caption=both["caption"]),
        lambda both: Comparison([scene(), scene()], **both),
        lambda both: record(replace(scene(), training=QUICK)).with_(**both),
    ],
)
def test_one_thing_by_both_its_names_is_refused(given: Callable[[dict[str, str]], object]) -> None:
    """Nobody knows which is meant."""
    with pytest.raises(NnanimError, match="description= and caption= are both given"):
        given({"caption": "One.", "description": "One."})


def test_recordings_take_the_old_name_and_keep_it_in_their_files(tmp_path: Path) -> None:
    """Older files have no other, and programs that read them know no other."""
    path, old = tmp_path / "run.safetensors", {"caption": "One."}
    with Recorder(path, torch.nn.Linear(2, 1), np.eye(2), **old) as recorder:  # type: ignore[arg-type]
        recorder.snapshot()
    recording = Recording.load(path)

    assert (recording.header.description, recording.header["caption"]) == ("One.", "One.")
    assert "description" not in recording.header
    again: dict[str, Any] = {"caption": "Two."}
    assert recording.with_(**again) == recording.with_(description="Two.")
