"""How Sphinx builds the site: `make docs`."""

import re
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))  # of this clone

from docs.scene_pages import write_scene_pages  # noqa: E402
from nnanim import __version__  # noqa: E402

project = "nnanim"
author = "The nnanim developers"
copyright = "2026, The nnanim developers"  # noqa: A001  # Sphinx's
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_click"]
exclude_patterns = ["_build"]

# Docstrings are plain text with `names` in it.
default_role = "code"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"

myst_enable_extensions = ["html_image", "colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"nnanim {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_extra_path = ["_build/extra"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0550ae", "color-brand-content": "#0550ae"},
    "dark_css_variables": {"color-brand-primary": "#79b8ff", "color-brand-content": "#79b8ff"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

(DOCS / html_extra_path[0]).mkdir(parents=True, exist_ok=True)  # films, where some were made
write_scene_pages()


def setup(app: Sphinx) -> None:
    """Let docstrings be read as what they are."""
    app.connect("source-read", _led_to_pages)
    app.connect("autodoc-process-docstring", _literal)
    for part in ("description", "options"):
        app.connect(f"sphinx-click-process-{part}", _plain)


def _led_to_pages(app: object, name: str, source: list[str]) -> None:
    """Let what leads to a scene's file lead to its page, by its picture where that is shown."""
    del app, name
    text = re.sub(r"\(\.\./scenes/(\w+)\.py\)", r"(scenes/\1.md)", source[0])
    source[0] = re.sub(r'<img src="([^"]+)" width="\d+" alt="([^"]*)">', r"![\2](\1)", text)


def _literal(*given: Any) -> None:
    """Mark what is set in from the text as code, in the lines that are `given` last."""
    lines: list[str] = given[-1]
    made: list[str] = []
    for line in lines:
        begins = line.startswith("    ") and made and not made[-1].strip()
        before = next((earlier for earlier in reversed(made) if earlier.strip()), "")
        if begins and not before.startswith(" "):
            made += ["::", ""]
        made.append(line)
    lines[:] = made


def _plain(*given: Any) -> None:
    """Let a star in what a command says be a star, in the lines that are `given` last."""
    lines: list[str] = given[-1]
    lines[:] = [line.replace("*", "\\*") for line in lines]
