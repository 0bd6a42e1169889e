"""Tracks: what is said in a film, and where its chapters begin, beside its frames."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nnanim.writers.containers import Source, along, boxes

_ENABLED = 1  # of the flags in a track's header


@dataclass(frozen=True)
class Cue:
    """A text that holds from `begin` to `end`, in seconds of the file."""

    begin: float
    end: float
    text: str


@dataclass(frozen=True)
class Tracks:
    """The captions of a film and its chapters, each in the order of their times.

    `drawn` says that the captions stand in the picture, too.
    """

    captions: tuple[Cue, ...] = ()
    chapters: tuple[Cue, ...] = ()
    drawn: bool = False


def web_vtt(cues: Sequence[Cue]) -> str:
    """Return cues as a WebVTT file, which players and pages read."""
    parts = ["WEBVTT\n"]
    for cue in cues:
        lines = (line.strip() for line in cue.text.splitlines())
        text = "\n".join(line for line in lines if line)  # an empty line would end the cue
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{_clock(cue.begin)} --> {_clock(cue.end)}\n{text}\n")
    return "\n".join(parts)


def track_inputs(tracks: Tracks) -> list[str]:
    """Return ffmpeg's arguments that read the tracks as inputs after its first, and take them all.

    They are given as they are: no file lies on a disk meanwhile.
    """
    inputs, taken = [], ["-map", "0:v"]
    if tracks.captions:
        inputs += ["-f", "webvtt", "-i", _as_input(web_vtt(tracks.captions))]
        taken += ["-map", "1:s", "-c:s", "mov_text"]
    if tracks.chapters:
        number = 2 if tracks.captions else 1
        inputs += ["-f", "ffmetadata", "-i", _as_input(_metadata(tracks.chapters))]
        taken += ["-map_chapters", str(number)]
    return [*inputs, *taken] if inputs else []


def turn_captions_off(path: Path) -> None:
    """Let players of an MP4 show its track of captions only where they are asked to.

    ffmpeg marks the first track of a kind as one that is shown, whatever its disposition.
    """
    with path.open("r+b") as file:
        source = Source(file)
        for track in along(source, source.whole, boxes, b"moov", b"trak"):
            handler = next(along(source, track, boxes, b"mdia", b"hdlr"))
            if source.read(handler.start + 8, handler.start + 12) != b"sbtl":
                continue
            flags = next(along(source, track, boxes, b"tkhd")).start + 3
            shown = source.number(flags, 1)
            file.seek(flags)
            file.write(bytes([shown & ~_ENABLED]))


def _clock(seconds: float) -> str:
    """Return a time as 00:01:02.345."""
    milliseconds = round(1000 * seconds)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _metadata(chapters: Sequence[Cue]) -> str:
    """Return chapters as ffmpeg's own metadata file."""
    parts = [";FFMETADATA1"]
    for cue in chapters:
        title = re.sub(r"([=;#\\])", r"\\\1", " ".join(cue.text.split()))
        title += " " * title.endswith("\\")  # at the end of a line, it would join the next
        times = [f"START={round(1000 * cue.begin)}", f"END={round(1000 * cue.end)}"]
        parts += ["[CHAPTER]", "TIMEBASE=1/1000", *times, f"title={title}"]
    return "\n".join([*parts, ""])


def _as_input(text: str) -> str:
    return f"data:text/plain;base64,{base64.b64encode(text.encode()).decode()}"
