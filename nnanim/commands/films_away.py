"""Films that are made elsewhere: what travels of each, and what comes back."""

import hashlib
import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from nnanim.commands.engines import cluster
from nnanim.commands.filmed import filmed
from nnanim.commands.options import Asked
from nnanim.commands.terminal import output_path, work_on
from nnanim.engines.asking import Answer, Work
from nnanim.engines.asking import Asked as Tasks
from nnanim.engines.crew import Task
from nnanim.engines.machine import expect_software, software
from nnanim.engines.travel import opened, packed, packed_files, unpacked
from nnanim.errors import UsageError
from nnanim.place import make_folder, replacing
from nnanim.scene.files import is_recording

if TYPE_CHECKING:
    from nnanim.rendering.video import Video

FORMAT = 1

Facts = dict[str, Any]  # of a film, as they are reported


@dataclass(frozen=True)
class Films(Work[dict[str, Any]]):
    """The films of scenes as work that is done elsewhere: those of a scene are one task."""

    scenes: Sequence[Path]
    names: Sequence[str | None]  # of the films of each; None is that of the scene
    asked: Asked
    how: dict[str, Any]

    name = "film"

    @property
    def task(self) -> Task:
        """What makes the films of a scene."""
        return run_films

    def request(self, number: int) -> bytes:
        """Return the request of a scene's films."""
        header = {
            "format": FORMAT,
            "versions": software(),
            "scene": self.scenes[number].name,
            "names": self.names,
            "asked": asdict(self.asked),
            "how": self.how,
        }
        return packed({}, header)

    def files(self, number: int) -> bytes:
        """Return the files of a scene."""
        return packed_files(self.scenes[number])

    def answer(self, number: int, content: bytes) -> Answer[dict[str, Any]]:
        """Return what was made: the facts of each film, and the bytes of each file."""
        header, tensors = unpacked(content)
        if header["of"] != hashlib.sha256(self.request(number)).hexdigest():
            raise ValueError("its answer is that of another film")
        files = {name: array.tobytes() for name, array in tensors.items()}
        made = {"films": header["films"], "files": files}
        return Answer(made, float(header["seconds"]), str(header["by"]))


def run_films(request: bytes, files: bytes) -> bytes:
    """Make the films that a request asks for, of a scene among files, and return them as bytes.

    It runs the scene's code. Raises `NnanimError` for what is no such request, or of other versions
    than are here, and where a film cannot be made.
    """
    start = time.perf_counter()
    header, _ = unpacked(request)
    if header.get("format") != FORMAT or "names" not in header:
        raise UsageError("the request is none of films")
    expect_software(header["versions"])
    scene = opened(str(header["scene"]), files)
    with TemporaryDirectory(prefix="nnanim-") as folder:
        places = [Path(folder) / f"{i}" for i in range(len(header["names"]))]

        def paths(name: str) -> list[Path]:
            for place in places:
                place.mkdir()
            named = zip(places, header["names"], strict=True)
            return [place / Path(given or name).name for place, given in named]

        videos = filmed(scene.file.path, _asked(header["asked"]), _how(header["how"]), paths)
        made = {
            path.relative_to(folder).as_posix(): np.frombuffer(path.read_bytes(), np.uint8)
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file()
        }
        films = [_told(video, Path(folder)) for video in videos]
    answer = {
        "of": hashlib.sha256(request).hexdigest(),
        "films": films,
        "by": f"{platform.node()}, process {os.getpid()}",
        "seconds": time.perf_counter() - start,
    }
    return packed(made, answer)


def films_from(
    scheduler: str,
    patience: float,
    scenes: Sequence[Path],
    outputs: Sequence[Path | None],
    asked: Asked,
    how: dict[str, Any],
    many: bool,
) -> list[tuple[Path, Facts]]:
    """Have the films of scenes made by a scheduler's workers, write them as they come, return them.

    `many` says whether they are those of a folder.
    """
    _check(scenes, asked, how)
    if many:
        for output in outputs:
            output_path("", output, many)
    names = [None if o is None or o.is_dir() else o.name for o in outputs]
    films = Films(scenes, names, asked, how)
    made: list[tuple[Path, Facts]] = []
    with work_on(scenes[0].parent) as progress, cluster(scheduler, patience) as workers:
        tasks = Tasks(workers, films, patience)
        for done, (_, answer) in enumerate(tasks.all(range(len(scenes))), start=1):
            made += _written(answer.value, outputs, many)
            if progress is not None:
                progress(f"films, {tasks.running} running", done, len(scenes))
    return made


def _written(
    made: dict[str, Any], outputs: Sequence[Path | None], many: bool
) -> Iterator[tuple[Path, Facts]]:
    """Write the files that were made, each to where its film is to be, and give the films."""
    folders = [output_path("film", output, many).parent for output in outputs]
    for name, content in made["files"].items():
        number, _, rest = name.partition("/")
        if ".." in Path(rest).parts or Path(rest).is_absolute():
            raise UsageError(f"what was made holds a file {rest!r:.80}, in no folder of it")
        path = folders[int(number)] / rest
        if path.parent != folders[int(number)]:
            make_folder(path.parent)
        with replacing(path) as place:
            place.write_bytes(content)
    for film in made["films"]:
        number, _, rest = str(film.pop("path")).partition("/")
        yield folders[int(number)] / rest, film


def _check(scenes: Sequence[Path], asked: Asked, how: dict[str, Any]) -> None:
    """Raise `UsageError` for what does not travel."""
    from nnanim.writers import FORMATS

    recording = next((scene for scene in scenes if is_recording(scene)), None)
    if recording is not None or asked.model is not None:
        raise UsageError(f"--scheduler films scenes; {recording or '--model'} does not travel")
    if asked.directions["like"] is not None:
        raise UsageError(
            "--scheduler films scenes as they are: --like names a file that stays here"
        )
    if how["kind"] in FORMATS and FORMATS[how["kind"]].folder:
        raise UsageError(f"--scheduler makes films in one file: {how['kind']} is a folder of them")


def _asked(told: dict[str, Any]) -> Asked:
    return Asked(**{**told, "settings": tuple(told["settings"]), "opened": False})


def _how(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "size": told["size"] and tuple(told["size"])}


def _told(video: "Video", folder: Path) -> Facts:
    width, height = video.size
    path = video.path.relative_to(folder).as_posix()
    return {
        "path": path,
        "width": width,
        "height": height,
        "frames": video.frames,
        "fps": video.fps,
    }
