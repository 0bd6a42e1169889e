"""What a film tells of where it came from."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from nnanim.errors import UsageError
from nnanim.themes import THEMES
from nnanim.writers import FORMATS
from nnanim.writers.format import Shots
from nnanim.writers.metadata import film_info

TOLD = {
    "title": 'Rings → "2"; a=b \\ # <c> & é',
    "caption": "Line one\nand a ünïcode line" * 20,
    "scene": "ab" * 32,
    "seed": 7,
    "versions": {"nnanim": "0.1.0"},
}


def film(name: str, folder: Path, still: bool = False) -> Path:
    frames = [np.full((64, 80, 4), 255 - (0 if still else 60 * i), np.uint8) for i in range(3)]
    for frame in frames:
        frame[..., 3] = 255
    theme = THEMES["light"]
    plan = Shots((80, 64), 20, 3, theme, lambda: iter(frames), lambda n: frames[:n], TOLD)
    path = folder / f"film.{name}"
    FORMATS[name].write(path, plan)
    return path


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("still", [False, True], ids=["moving", "still"])
def test_what_was_written_is_read_back(name: str, still: bool, tmp_path: Path) -> None:
    """Every format keeps all of it, whatever its characters."""
    assert film_info(film(name, tmp_path, still)) == TOLD


@pytest.mark.parametrize("name", ["mp4", "mov", "webm"])
def test_players_see_the_title(name: str, tmp_path: Path) -> None:
    """It is in the tag where players look for it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(film(name, tmp_path))]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stderr

    assert re.search(rf"title +: {re.escape(str(TOLD['title']))}\n", said)


READERS: dict[str, Callable[[Image.Image], str]] = {
    "gif": lambda picture: picture.info["comment"].decode(),
    "apng": lambda picture: str(picture.info["Comment"]),
    "png": lambda picture: str(picture.info["Comment"]),
}


@pytest.mark.parametrize("name", READERS)
def test_other_programs_read_the_comment(name: str, tmp_path: Path) -> None:
    """It is a comment as the format has it, and the pictures are still read."""
    path = film(name, tmp_path)

    with Image.open(path / "frame_00001.png" if path.is_dir() else path) as picture:
        picture.load()
        assert json.loads(READERS[name](picture)) == TOLD


@pytest.mark.parametrize("still", [False, True], ids=["moving", "still"])
def test_a_webp_holds_xmp(still: bool, tmp_path: Path) -> None:
    """Other programs find it, and the title in it, and still read the pictures."""
    with Image.open(film("webp", tmp_path, still)) as picture:
        picture.load()
        xmp = picture.info["xmp"].decode()
        assert picture.size == (80, 64)
        assert getattr(picture, "n_frames", 1) == (1 if still else 3)

    assert "&lt;c&gt; &amp; é" in xmp


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"no film at all" * 9]
)
def test_what_tells_nothing_is_refused(content: bytes, tmp_path: Path) -> None:
    """In one line, whatever is in the file."""
    path = tmp_path / "a.film"
    path.write_bytes(content)

    with pytest.raises(UsageError, match="is not a film of nnanim"):
        film_info(path)


@pytest.mark.parametrize("name", ["missing.mp4", "empty"])
def test_what_is_not_there_is_refused(name: str, tmp_path: Path) -> None:
    """A folder without pictures too."""
    (tmp_path / "empty").mkdir()

    with pytest.raises(UsageError, match="no film"):
        film_info(tmp_path / name)
