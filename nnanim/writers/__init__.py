"""Writers: one file a format, one line here."""

from nnanim.writers import apng, gif, mov, mp4, png, webm, webp

FORMATS = {
    kind.name: kind
    for kind in (
        mp4.FORMAT,
        gif.FORMAT,
        webm.FORMAT,
        mov.FORMAT,
        webp.FORMAT,
        apng.FORMAT,
        png.FORMAT,
    )
}

__all__ = ["FORMATS"]
