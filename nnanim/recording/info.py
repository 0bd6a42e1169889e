"""Info: what a recording is, in plain words and as plain JSON, and how to make it again."""

import math
import shlex
from pathlib import Path
from typing import Any

from nnanim.recording.header import Header
from nnanim.recording.recording import Recording
from nnanim.scene.training import TELLING, Training


def facts_of(recording: Recording, path: Path) -> dict[str, Any]:
    """Return what a recording holds and where it comes from, as plain JSON."""
    header, last_loss = recording.header, float(recording.batch_loss[-1])
    shapes = {name: list(array.shape[1:]) for name, array in recording.states.items()}
    kept = header.activations
    return {
        "path": str(path),
        "bytes": path.stat().st_size if path.is_file() else None,
        "snapshots": len(recording),
        "epochs": float(recording.epochs[-1]),
        "steps": int(recording.steps[-1]),
        "samples": len(recording.data.inputs),
        "test_samples": len(recording.data.test_inputs),
        "inputs": recording.data.inputs[0].size,
        "parameters": {} if kept else shapes,
        **({"activations": {n or "output": s for n, s in shapes.items()}} if kept else {}),
        "last_loss": last_loss if math.isfinite(last_loss) else None,
        "unfinished": header.unfinished,
        "again": again(header),
        "header": header.as_json(),
    }


def again(header: Header) -> str | None:
    """Return the command that makes a recording again; None where no scene file is known."""
    source = header.source or {}
    if not isinstance(source.get("file"), str):
        return None
    words = ["nnanim", "record", source["file"]]
    words += ["--seed", str(header.seed)] if header.seed is not None else []
    settings = source.get("settings")
    for name, value in settings.items() if isinstance(settings, dict) else ():
        words += ["--set", f"{name}={value}"]
    return shlex.join(words)


def told_of(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the same as (what, text), a line each, for a reader."""
    header = Header.from_json(Path(facts["path"]), facts["header"])
    shapes = [
        f"{name} {'×'.join(map(str, shape)) or '1'}" for name, shape in facts["parameters"].items()
    ]
    test = f", {facts['test_samples']:,} for the test" if facts["test_samples"] else ""
    size = f"{facts['bytes']:,} bytes" if facts["bytes"] is not None else "in blocks"
    state = " (unfinished: --resume goes on)" if facts["unfinished"] else ""
    lines = [
        ("recording", f"{facts['path']}, {size}{state}"),
        ("title", " ".join(header.title.split())),
        ("description", header.description),
        ("data", f"{facts['samples']:,} samples of {facts['inputs']} inputs{test}"),
        ("task", ", ".join([header.task, *header.class_names])),
        (
            "states",
            f"{facts['snapshots']:,} over {facts['epochs']:g} epochs, {facts['steps']:,} steps",
        ),
        ("layer", header.layer),
        ("tensors", ", ".join(shapes)),
        ("activations", _activations(header)),
        ("training", _settings(header.training)),
        ("seed", str(header.seed)),
        ("trainer", _trainer(header)),
        ("ended", _ending(header)),
        ("versions", ", ".join(f"{k} {v}" for k, v in header.versions.items())),
        ("key", header.key),
        ("again", facts["again"] or ""),
    ]
    return [(what, text) for what, text in lines if text]


def _activations(header: Header) -> str:
    """Return of what they are kept, where they are in place of parameters."""
    told = header.activations
    if told is None:
        return ""
    units = [f"{layer['name']} {layer['units']}" for layer in told["layers"]]
    units.append(f"output {told['outputs']}")
    return (
        f"{', '.join(units)} for {told['samples']:,} of {told['of']:,} samples, mixed between "
        "snapshots; no parameters"
    )


def told_of_film(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what a film's file tells of itself as (what, text), a line each."""
    return [(what, _plain(value)) for what, value in facts.items() if value]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry}" for name, entry in value.items())
    return str(value)


def _settings(training: dict[str, Any]) -> str:
    """Return the settings that are not the defaults, and the few that always tell."""
    defaults = Training().described()
    told = {k: v for k, v in training.items() if k in TELLING or v != defaults.get(k)}
    return ", ".join(f"{name}={value!r}" for name, value in told.items() if name != "seed")


def _trainer(header: Header) -> str:
    because = header.eager_because
    return f"{header.trainer}{f', as {because}' if because else ''}"


def _ending(header: Header) -> str:
    """Return how the training ended, where it did not just run through."""
    parts = []
    if header.diverged_at is not None:
        parts.append(f"diverged in epoch {header.diverged_at}")
    if header.stopped is not None:
        parts.append(f"stopped at epoch {header.stopped}")
    if header.kept:
        epoch, score = header.kept[-1].get("epoch"), header.kept[-1].get("score")
        parts.append(f"on the state of epoch {epoch}, score {score}")
    if header.attempts:
        scores = [entry.get("score") for entry in header.attempts]
        parts.append(f"attempt {header.attempt} of scores {scores}")
    return "; ".join(parts)
