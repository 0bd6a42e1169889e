"""MP4: H.264 that plays everywhere, or AV1 or HEVC; colours tagged, ready to be streamed."""

from dataclasses import dataclass
from pathlib import Path

from nnanim.errors import UsageError
from nnanim.writers.ffmpeg import BITEXACT, BT709, BT709_TAGS, Encoder
from nnanim.writers.format import Encoding, Format, Shots
from nnanim.writers.metadata import tags
from nnanim.writers.process import check_encoder
from nnanim.writers.tracks import track_inputs, turn_captions_off

_STEP = 3  # of crf, from one quality to the next


@dataclass(frozen=True)
class _Codec:
    """An encoder of ffmpeg and its arguments; their crf look alike."""

    encoder: str
    crf: float
    preset: str
    draft_preset: str
    arguments: tuple[str, ...] = ()
    searched: str = ""  # x264's parameters of how far is searched, but for drafts and lossless
    lossless: tuple[str, ...] = ()  # encoder, pixel format and arguments that lose nothing
    chromas: tuple[str, ...] = ("420", "444")


# The same bytes on any number of cores: no encoder's notes, and a fixed number of frame threads,
# for these limit how far motion is searched. Four leave a large cache to each.
_X264 = ("-threads", "4", "-bsf:v", "filter_units=remove_types=6")
# Flat grounds, thin lines and small discs gain little by what veryfast looks for: see
# benchmarks/encoder.py.
_SEARCH = "me=dia:subme=1:weightp=0:b-adapt=0:scenecut=0"
_TOGETHER = 8  # blocks of 16 pixels that x264 takes at once
_X265 = "log-level=error:info=0:frame-threads=2"
_CODECS = {
    "h264": _Codec(
        *("libx264", 17.8, "veryfast", "ultrafast"),  # by PSNR and SSIM plain veryfast at 18
        arguments=_X264,
        searched=_SEARCH,
        lossless=("libx264rgb", "rgb24", "-qp", "0", *_X264),
    ),
    "hevc": _Codec(
        *("libx265", 20, "veryfast", "ultrafast"),
        arguments=("-x265-params", _X265, "-tag:v", "hvc1"),
        lossless=("libx265", "gbrp", "-x265-params", f"{_X265}:lossless=1", "-tag:v", "hvc1"),
    ),
    "av1": _Codec("libsvtav1", 25, "8", "12", chromas=("420",)),
}


def _limits(size: tuple[int, int], fps: float, encoding: Encoding) -> None:
    del fps
    codec = _CODECS[encoding.codec or "h264"]
    if encoding.lossless and not codec.lossless:
        raise UsageError("--lossless is not to be had with --codec av1: use h264 or hevc")
    if encoding.lossless and encoding.chroma:
        raise UsageError("--lossless keeps red, green and blue as they are: leave --chroma out")
    if encoding.chroma and encoding.chroma not in codec.chromas:
        raise UsageError(f"--chroma {encoding.chroma} is not to be had with av1: use h264 or hevc")
    if (size[0] % 2 or size[1] % 2) and not encoding.lossless and encoding.chroma != "444":
        even = tuple(side + side % 2 for side in size)
        raise UsageError(
            f"mp4 holds one colour for every 2 x 2 pixels (yuv420p) and needs an even width and "
            f"height, not {size[0]}x{size[1]}: use {even[0]}x{even[1]}, --chroma 444, or another "
            "format"
        )
    check_encoder(codec.lossless[0] if encoding.lossless else codec.encoder)


def _arguments(encoding: Encoding, width: int) -> list[str]:
    codec = _CODECS[encoding.codec or "h264"]
    preset = ["-preset", codec.draft_preset if encoding.draft else codec.preset]
    if encoding.lossless:
        encoder, planes, *more = codec.lossless
        return ["-c:v", encoder, "-pix_fmt", planes, *preset, *more]
    pixels = ["-vf", BT709, "-pix_fmt", f"yuv{encoding.chroma or '420'}p"]
    crf = ["-crf", f"{codec.crf + _STEP * encoding.step:g}"]
    arguments = [*pixels, "-c:v", codec.encoder, *preset, *crf, *codec.arguments]
    if codec.searched and not encoding.draft:
        arguments += ["-x264-params", codec.searched + _steady(width)]
    return arguments


def _steady(width: int) -> str:
    """Return the parameter of x264 that keeps it from what it has not written.

    With AVX-512 it weighs the blocks of a row by what lies behind them in memory where the row is
    no multiple of eight blocks; the bytes of a film then depend on what was there before.
    """
    if -(-width // 16) % _TOGETHER == 0:
        return ""
    from nnanim.kernels.processor import features  # brings LLVM

    return ":asm=avx2" if "avx512f" in features() else ""


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    arguments = [*track_inputs(shots.tracks), *_arguments(encoding, shots.size[0])]
    arguments += [*BITEXACT, *tags(shots.provenance)]
    arguments += ["-movflags", "+faststart", "-f", "mp4"]
    pixels, frames = "rgba", shots.frames
    if shots.yuv420 is not None and not encoding.lossless and encoding.chroma != "444":
        pixels, frames = "yuv420p", shots.yuv420
        arguments = [BT709_TAGS if part == BT709 else part for part in arguments]
    with Encoder(path, shots, arguments, pixels=pixels) as encoder:
        for frame in frames():
            encoder.write(frame)
    if shots.tracks.captions and shots.tracks.drawn:
        turn_captions_off(path)


FORMAT = Format(
    *("mp4", (1920, 1080), 60.0, 12.0, _encode, _limits),
    media="video/mp4",
    alpha=False,
    choices=("codec", "chroma", "lossless"),
    qualities=tuple(f"crf {_STEP * step} higher" for step in range(7)),
)
