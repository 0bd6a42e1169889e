"""Posters: the last picture of a scene's film, small, made once and kept in the user's cache."""

import os
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from nnanim import __version__
from nnanim.place import replacing
from nnanim.recording import cache
from nnanim.rendering.stills import still
from nnanim.scene.files import SceneFile
from nnanim.studio.shown import Handed
from nnanim.threads import Progress

_SIZE = (640, 360)


def poster(scene: SceneFile | Handed, progress: Progress) -> bytes:
    """Return the poster of a scene, a PNG; one is kept for each file, while its code is the same.

    What goes wrong with keeping it is no error.
    """
    place = sha256(os.fsencode(scene.path.resolve())).hexdigest()[:16]
    key = sha256(f"{__version__} {scene.sha256}".encode()).hexdigest()[:16]
    path = cache.folder().parent / "posters" / f"{place}-{key}.png"
    with suppress(OSError):
        return path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        drawn = still(scene.scene(), Path(folder) / "poster.png", size=_SIZE, progress=progress)
        content = drawn.read_bytes()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        for older in path.parent.glob(f"{place}-*.png"):
            older.unlink()
        with replacing(path) as made:
            made.write_bytes(content)
    return content
