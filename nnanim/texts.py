"""Texts that may come from anyone's file: what of them a terminal and a picture get."""

import re

_SPACES = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
# What XML, fonts and encodings have no place for: controls, halves of characters, no characters.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """Return a text without what a terminal would obey, or could not write."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def drawable(text: str) -> str:
    """Return a text in one line in which every letter has a place in pictures and in XML."""
    return _UNSEEN.sub("\ufffd", _SPACES.sub(" ", text))
