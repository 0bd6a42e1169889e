"""Recordings: made, told of, exported, kept."""

import json
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnanim.commands.options import MODEL, SEED, SETTINGS
from nnanim.commands.terminal import output_path, report, say, scene_or_recording, work_on
from nnanim.errors import UsageError
from nnanim.texts import printable

if TYPE_CHECKING:
    from nnanim.recording.recording import Recording


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The recording.  [default: renders/<scene>.safetensors]")  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with a recording that was cut off.")
@SEED
@SETTINGS
@click.option("--checkpoints", metavar="PATTERN",
              help="Instead of a training, its checkpoints, as 'run/*.safetensors'.")  # fmt: skip
@click.option("--model", metavar="FILE.py:FUNCTION", help="What builds the checkpoints' network.")
@click.option("--data", metavar="FILE",
              help="Their data: FILE.csv:TARGET, FILE.npz or FILE.py:NAME.")  # fmt: skip
@click.option("--loss", metavar="NAME", help="The loss they were trained by, as bce_with_logits.")
@click.option("--outputs", metavar="MEANING",
              help="What the network's outputs mean: logits, probabilities, log_probabilities, "
              "values or signs; left out, the network's end and the loss tell.")  # fmt: skip
@click.option(
    "--head",
    metavar="PLACE",
    help="Which of several outputs is the network's answer, an index or a key.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def record(
    scene: Path | None,
    output: Path | None,
    resume: bool,
    seed: int | None,
    settings: tuple[str, ...],
    checkpoints: str | None,
    model: str | None,
    data: str | None,
    loss: str | None,
    outputs: str | None,
    head: str | None,
    as_json: bool,
) -> None:
    """Train a scene, or read checkpoints, and keep the training as data."""
    if (scene is None) == (checkpoints is None):
        raise UsageError(
            "expected a scene to train, or --checkpoints 'run/*.safetensors' --model FILE.py:make"
        )
    if checkpoints is not None:
        counted = head is not None and re.fullmatch(r"-?\d{1,9}", head)
        place = int(head) if counted else head  # type: ignore[arg-type]
        meant = {"loss": loss, "outputs": outputs, "head": place}
        path, recording = _record_checkpoints(checkpoints, model, data, output, meant)
    else:
        assert scene is not None
        if any(option is not None for option in (model, data, loss, outputs, head)):
            raise UsageError(
                "--model, --data, --loss, --outputs and --head are for --checkpoints: a scene has "
                "its own"
            )
        path, recording = _record_scene(scene, output, resume, settings, seed)
    facts = {"snapshots": len(recording), "epochs": float(recording.epochs[-1])}
    report(path, facts, False, as_json)


def _record_scene(
    scene: Path, output: Path | None, resume: bool, settings: tuple[str, ...], seed: int | None
) -> "tuple[Path, Recording]":
    from nnanim.recording.record import record as record_scene
    from nnanim.scene.files import is_recording
    from nnanim.scene.finding import scene_file
    from nnanim.scene.scene import Scene

    if scene.is_dir() or is_recording(scene):
        raise UsageError(f"{scene} is no scene file: record takes one, as scenes/rings_2_2.py")
    file = scene_file(scene)
    path = output_path(f"{file.stem}.safetensors", output)
    with work_on(file) as progress:
        declared = scene_or_recording(file, settings, seed, None)
        if not isinstance(declared, Scene):
            raise UsageError(f"{file} is a comparison: record its scenes one by one")
        return path, record_scene(declared, path, resume=resume, progress=progress)


def _record_checkpoints(
    pattern: str,
    model: str | None,
    data: str | None,
    output: Path | None,
    meant: dict[str, int | str | None],
) -> "tuple[Path, Recording]":
    from nnanim.adapters.checkpoints import record_checkpoints
    from nnanim.commands.subjects import data_at
    from nnanim.scene.files import function_at

    if model is None:
        raise UsageError("--checkpoints needs --model FILE.py:make, what builds their network")
    path = output_path("checkpoints.safetensors", output)
    with redirect_stdout(sys.stderr):
        given = None if data is None else data_at(data)
        return path, record_checkpoints(pattern, function_at(model), path, given, **meant)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--topology", is_flag=True,
              help="With --json, the Betti numbers of each class by layer and epoch too; needs "
              "nnanim[topology].")  # fmt: skip
def info(file: Path, as_json: bool, topology: bool) -> None:
    """Tell what a recording or a film is, and how to make it again."""
    from nnanim.commands.subjects import recording_at
    from nnanim.recording.info import facts_of, told_of, told_of_film
    from nnanim.scene.files import is_recording

    recorded = is_recording(file)
    if topology and not (as_json and recorded):
        raise UsageError("--topology is told of a recording, and with --json")
    recording = recording_at(file) if recorded else None
    facts = _told_by_film(file) if recording is None else facts_of(recording, file)
    if as_json:
        if recording is not None:
            facts["measures"] = _measured(recording)
        if recording is not None and topology:
            facts["topology"] = _topology(recording)
        say(json.dumps(facts, indent=2))
        return
    for what, text in told_of(facts) if recorded else told_of_film(facts):
        say(f"{printable(what):<11} {printable(text)}")


def _measured(recording: "Recording") -> dict[str, Any] | None:
    """Return the measures of a recording's layers; None where it has no network of its own."""
    from nnanim.errors import NnanimError
    from nnanim.film.film import Film
    from nnanim.film.measures import measures_of

    try:
        film = Film(recording)
    except NnanimError:
        return None
    return measures_of(film.recorded, film.decision).as_json()


def _topology(recording: "Recording") -> dict[str, Any]:
    """Return the Betti numbers of a recording's classes; `NnanimError` where there are none."""
    from nnanim.film.film import Film
    from nnanim.film.topology import topology_of

    film = Film(recording)
    return topology_of(film.recorded, film.decision).as_json()


def _told_by_film(file: Path) -> dict[str, Any]:
    from nnanim.writers.metadata import film_info  # heavier than a recording needs

    return film_info(file)


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option("--layer", help="Whose outputs; the recording's own layer if left out.")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="The arrays, .npz.  [default: renders/<recording>.npz]")  # fmt: skip
@MODEL
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def export(
    recording: Path, layer: str | None, output: Path | None, model: str | None, as_json: bool
) -> None:
    """Write what a layer makes of the data and the grid, epoch by epoch, as numpy arrays."""
    from nnanim.commands.subjects import recording_at
    from nnanim.film.export import export as write_arrays
    from nnanim.film.film import Film

    path = output_path(f"{recording.stem}.npz", output)
    with work_on(recording) as progress:
        film = Film(recording_at(recording, model))
        write_arrays(film, layer, path, progress=progress)
    report(path, {"layer": layer or film.layer}, False, as_json)


@click.command()
@click.option("--clear", is_flag=True, help="Remove all kept recordings.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def cache(clear: bool, as_json: bool) -> None:
    """Tell where finished recordings are kept for the next render, and how much they take."""
    from nnanim.recording import cache as kept

    if clear:
        click.echo(f"nnanim: {kept.clear()} recordings removed", err=True)
    files = kept.contents()
    taken = sum(file.stat().st_size for file in files)
    facts = {
        "path": str(kept.folder()), "recordings": len(files), "bytes": taken, "limit": kept.LIMIT
    }  # fmt: skip
    if as_json:
        say(json.dumps(facts))
        return
    say(str(facts["path"]))
    click.echo(f"{len(files)} recordings, {taken / 1e6:.1f} of {kept.LIMIT / 1e6:.0f} MB", err=True)
