"""Films and stills of a scene in every format; as a program, the digests of those of two scenes.

On whatever Python it runs, with the same libraries it prints the same.
"""

import hashlib
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from nnanim.recording import fingerprint
from nnanim.recording.record import record
from nnanim.rendering.films import make_films
from nnanim.rendering.requests import Request
from nnanim.rendering.stills import contact, still
from nnanim.scene.files import load
from nnanim.writers import FORMATS

SCENES = Path(__file__).parent.parent / "scenes"
SIZE = (128, 72)


def make_all(scene: Path) -> None:
    """Train a scene and write its films, stills and contact sheets where we are."""
    recording = record(load(scene))
    asked = [Request(Path(f"film.{n}"), size=SIZE, fps=10, seconds=1, extras=True) for n in FORMATS]
    make_films(recording, asked)
    for kind in ("png", "svg", "pdf"):
        still(recording, f"still.{kind}", size=SIZE)
        contact(recording, f"sheet.{kind}", [0, 2], size=SIZE)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of all files of a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def main() -> None:
    """Print a line for each film and still."""
    # Films tell which build of torch they were made with, whose numbers are the same.
    installed = fingerprint.version_of
    fingerprint.version_of = cache(lambda package: installed(package).partition("+")[0])
    for name in ("rings_3_2", "polynomial_6"):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            make_all(SCENES / f"{name}.py")
            for path in sorted(Path(folder).iterdir()):
                sys.stdout.write(f"{digest(path)}  {name} {path.name}\n")
            os.chdir(SCENES)


if __name__ == "__main__":
    main()
