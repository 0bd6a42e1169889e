"""Said: what a page's player says beside the film, in the film's language."""

from nnanim.words import Words

# What the player calls it, and the words for it; {n} and {number} are put in there.
_SAID = {
    "play": "Play",
    "pause": "Pause",
    "speed": "speed",
    "theme": "Other colours",
    "save": "Save the picture",
    "saved": "Saved, unless this frame bars downloads",
    "training": "training",
    "epoch": "epoch {n}",
    "layer": "layer",
    "unit": "unit {n}",
    "class": "class {n}",
    "prediction": "prediction",
    "percent": "{number} %",
    "decimal": ".",
    "point": "Enter for a point and the next, Escape to let it go",
    "turn": "drag or use arrow keys to turn, double-click to reset",
    "depth": "depth",
    "filmed": "As deep as the film",
    "input": "input",
    "linear": "turn and stretch",
    "shift": "shift",
    "bend": "bend",
}


def said_in(words: Words) -> dict[str, str]:
    """Return what the player says, in these words."""
    return {name: words(text, n="{n}", number="{number}") for name, text in _SAID.items()}
