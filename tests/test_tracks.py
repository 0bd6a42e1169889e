"""Captions and chapters in an MP4 and as WebVTT, as other programs read them."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg

from nnanim.writers import FORMATS
from nnanim.writers.format import Encoding
from nnanim.writers.metadata import film_info
from nnanim.writers.tracks import Cue, Tracks, web_vtt
from tests.test_writers import ffmpeg_says, shots

SAID = (
    Cue(0.1, 0.25, "Jetzt fällt die Linie"),
    Cue(0.3, 0.6, "a < b & c > d\n\n  --> two lines"),
)
TRACKS = Tracks(SAID, (Cue(0.0, 0.3, "Rings = 1; #\\1 \\"), Cue(0.3, 0.6, "Zweitens")))
VTT = """WEBVTT

00:00:00.100 --> 00:00:00.250
Jetzt fällt die Linie

00:00:00.300 --> 00:00:00.600
a &lt; b &amp; c &gt; d
--&gt; two lines
"""


def captions_in(path: Path) -> str:
    """Return the captions that a film holds as WebVTT, read by ffmpeg."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path)]
    command += ["-map", "0:s", "-f", "webvtt", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def chapters_in(path: Path) -> list[tuple[float, float, str]]:
    """Return begin, end and title of each chapter that a film holds."""
    pattern = r"Chapter #\S+: start ([\d.]+), end ([\d.]+)\s+Metadata:\s+title +: ([^\n]*)"
    return [(float(a), float(b), t) for a, b, t in re.findall(pattern, ffmpeg_says(path))]


def is_shown(path: Path) -> bool:
    """Return whether players show the captions of an MP4 unasked, as its boxes say."""
    content = path.read_bytes()
    head = content.rindex(b"tkhd", 0, content.index(b"sbtl"))  # "tkhd", version, flags
    return bool(content[head + 7] & 1)


def test_web_vtt_has_a_cue_for_each_caption() -> None:
    """What the format takes for marks is escaped, and no cue holds an empty line."""
    assert web_vtt(SAID) == VTT
    assert web_vtt([Cue(3599.9996, 3661.5, "late")]).splitlines()[2] == (
        "01:00:00.000 --> 01:01:01.500"
    )


def test_an_mp4_holds_captions_and_chapters(tmp_path: Path) -> None:
    """The picture and its length are the same as without them, and so are the bytes each time."""
    bare, path, again = (tmp_path / f"{name}.mp4" for name in ("bare", "told", "again"))
    told = replace(shots(), tracks=TRACKS, provenance={"title": "T", "versions": {"nnanim": "1"}})

    FORMATS["mp4"].write(bare, shots())
    for made in (path, again):
        FORMATS["mp4"].write(made, told)

    assert path.read_bytes() == again.read_bytes()
    assert chapters_in(path) == [(0.0, 0.3, "Rings = 1; #\\1 \\ "), (0.3, 0.6, "Zweitens")]
    said = captions_in(path)
    assert "00:00.100 --> 00:00.250\nJetzt fällt die Linie\n" in said
    assert "00:00.300 --> 00:00.600\na < b & c > d\n--> two lines\n" in said
    assert film_info(path)["title"] == "T"
    assert "Duration: 00:00:00.60" in ffmpeg_says(path)
    assert _pictures(path) == _pictures(bare)


def test_chapters_alone_and_captions_alone_are_held_too(tmp_path: Path) -> None:
    """With another encoder as well."""
    for name, tracks in (
        ("captions", Tracks(captions=SAID)),
        ("chapters", Tracks(chapters=TRACKS.chapters)),
    ):
        path = tmp_path / f"{name}.mp4"
        FORMATS["mp4"].write(path, replace(shots(), tracks=tracks), Encoding(codec="hevc"))

        assert len(chapters_in(path)) == 2 * bool(tracks.chapters)
        assert ("mov_text" in ffmpeg_says(path)) == bool(tracks.captions)


def test_captions_that_stand_in_the_picture_are_shown_only_where_asked_for(tmp_path: Path) -> None:
    """Players go by the flag of a track's header; nothing else of the file is another."""
    path, both = tmp_path / "one.mp4", tmp_path / "both.mp4"
    FORMATS["mp4"].write(path, replace(shots(), tracks=TRACKS))
    FORMATS["mp4"].write(both, replace(shots(), tracks=replace(TRACKS, drawn=True)))

    assert (is_shown(path), is_shown(both)) == (True, False)
    pairs = zip(path.read_bytes(), both.read_bytes(), strict=True)
    assert [(a, b) for a, b in pairs if a != b] == [(3, 2)]
    assert captions_in(both) == captions_in(path)
    assert chapters_in(both) == chapters_in(path)


def _pictures(path: Path) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path)]
    command += ["-map", "0:v", "-f", "md5", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout
