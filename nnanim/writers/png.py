"""PNG: a folder of numbered pictures, for whatever takes no film."""

from pathlib import Path

from nnanim.place import FRAME_NAME
from nnanim.writers.ffmpeg import BITEXACT, Encoder
from nnanim.writers.format import Encoding, Format, Shots
from nnanim.writers.metadata import is_png, write_in_png


def _encode(path: Path, shots: Shots, encoding: Encoding) -> None:
    pixels = "rgba" if shots.theme.transparent else "rgb24"
    haste = ["-compression_level", "1"] if encoding.draft else []
    arguments = ["-c:v", "png", "-pix_fmt", pixels, *haste, *BITEXACT, "-f", "image2"]
    pattern = Path(str(path.absolute()).replace("%", "%%")) / f"{FRAME_NAME}.png"

    def pictures(_: Path) -> int:
        return sum(is_png(picture.read_bytes()) for picture in path.iterdir())

    with Encoder(pattern, shots, arguments, pictures) as encoder:
        for frame in shots.frames():
            encoder.write(frame)
    for picture in path.iterdir():
        write_in_png(picture, shots.provenance)


FORMAT = Format("png", (1920, 1080), 60.0, 12.0, _encode, encoder="png", folder=True)
