"""Writers: one file a format, one line here."""

from nnanim.writers import gif, mp4

FORMATS = {kind.name: kind for kind in (mp4.FORMAT, gif.FORMAT)}

__all__ = ["FORMATS"]
