"""Page: the studio's own page, which holds nothing of any scene."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from nnanim.page.page import bundled, hash_of, style_of
from nnanim.studio.door import policy
from nnanim.themes import ROLES, dark

_COLORS = {role: getattr(dark, role) for role in ROLES} | {
    f"class{k}": color for k, color in enumerate(dark.classes)
}


@cache
def page() -> tuple[bytes, str, str]:
    """Return the page, and the hashes of its script and its style."""
    script = bundled("studio", files("nnanim.studio").joinpath("player"))
    own = files("nnanim.studio").joinpath("player", "studio.css").read_text(encoding="utf-8")
    colors = ";".join(f"--{name}:{color}" for name, color in _COLORS.items())
    style = f"{style_of(_COLORS)}\n#studio{{{colors}}}\n{own}"
    text = "\n".join([
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="dark light">',
        "<title>nnanim studio</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<div id="studio">',
        '<main id="nnanim"></main>',
        '<aside class="desk" aria-label="Knobs"></aside>',
        "</div>",
        f"<script>{script}</script>",
        "</body>",
        "</html>",
        "",
    ])  # fmt: skip
    return text.encode(), hash_of(script), hash_of(style)


def page_policy(ancestors: Iterable[str] = ()) -> str:
    """Return what the page may do."""
    _, script, style = page()
    return policy(script, style, ancestors)
