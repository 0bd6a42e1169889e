"""Write the site's pages of scenes: a card for each in scenes.md, and a page of its own.

They are made of what the scenes say and of their stills whenever the site is built; a film that
`make docs` or `make docs-all` has made is there to be touched.
"""

import ast
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from nnanim.scene.files import listing
from nnanim.scene.finding import scene_files

DOCS = Path(__file__).parent
SCENES, STILLS, PAGES = DOCS.parent / "scenes", DOCS / "notebooks", DOCS / "scenes"
GALLERY = DOCS / "_build" / "extra" / "gallery"  # what `nnanim gallery` has made

_FRAME = (
    '<iframe src="../gallery/{name}.film.html" title="The film of {name}, to be touched" '
    'loading="lazy" sandbox="allow-scripts allow-downloads" '
    'style="width:100%;aspect-ratio:1280/816;min-height:min(600px,160vw)"></iframe>'
)
_NEAR = 4  # scenes that are named at the end of a page


def write_scene_pages() -> None:
    """Write scenes.md and a page of each scene."""
    files = scene_files(SCENES)
    PAGES.mkdir(exist_ok=True)
    for file in files:
        _write(PAGES / f"{file.stem}.md", "\n".join(_page(file, files)))
    for page in PAGES.glob("*.md"):
        if page.stem not in {file.stem for file in files}:
            page.unlink()
    _write(DOCS / "scenes.md", "\n".join(_front(files)))


def knobs_in(file: Path) -> dict[str, object]:
    """Return the keywords of a file's function `scene` and their defaults; the file is read."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == "scene":
            taken = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            return {
                each.arg: ast.literal_eval(default)
                for each, default in zip(taken, node.args.defaults, strict=True)
                if isinstance(default, ast.Constant)
            }
    return {}


def _front(files: list[Path]) -> Iterator[str]:
    yield "# Scenes\n"
    yield f"All {len(files)} films that nnanim has, each a file of some fifteen to forty lines."
    yield "`nnanim render NAME` makes the film of one, `nnanim examples NAME` copies it.\n"
    yield "```{toctree}\n:hidden:\n:glob:\n\nscenes/*\n```\n"
    yield '<ul class="cards">'
    for file in files:
        said = _escaped(listing(file).description)
        yield (
            f'<li><a href="scenes/{file.stem}.html">'
            f'<img src="_images/{file.stem}.png" alt="" width="320" height="180" loading="lazy">'
            f"<strong>{file.stem}</strong></a><span>{said}</span></li>"
        )
    yield "</ul>\n"


def _page(file: Path, files: list[Path]) -> Iterator[str]:
    name, said = file.stem, listing(file).description
    yield f"# {name}\n\n{said}\n"
    if (GALLERY / f"{name}.film.html").is_file():
        yield _FRAME.format(name=name) + "\n"
    yield f"```{{image}} ../notebooks/{name}.png\n:alt: {_alt(said)}\n:width: 320px\n```\n"
    yield f"## Make it\n\n    nnanim render {name}\n    nnanim render {name} -o {name}.html\n"
    yield f"## The scene\n\n```{{literalinclude}} ../../scenes/{file.name}"
    yield ":language: python\n```\n"
    yield "## Try next\n"
    for command in _next(file):
        yield f"    nnanim {command}"
    near = _near(file, files)
    yield f"\nRelated: {', '.join(f'[{other}]({other}.md)' for other in near)}.\n" if near else ""


def _next(file: Path) -> Iterator[str]:
    """Give commands that change a thing about a scene."""
    name = file.stem
    for knob, default in knobs_in(file).items():
        if isinstance(default, bool):
            yield f"render {name} --set {knob}={not default}"
        elif isinstance(default, int):
            yield f"compare {name} --set {knob}={default},{default + 1},{default + 2}"
        elif isinstance(default, float):
            yield f"compare {name} --set {knob}={default / 3:.2g},{default:g},{default * 3:.2g}"
    yield f"compare {name} --set training.seed=1,2,3"
    yield f"still {name} --theme light"


def _near(file: Path, files: list[Path]) -> list[str]:
    """Return the names of scenes whose names begin most like that of one."""
    others = [other.stem for other in files if other != file]

    def alike(name: str) -> int:
        pairs = zip(name.split("_"), file.stem.split("_"), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    kin = [name for name in others if alike(name)]
    return sorted(kin, key=lambda name: (-alike(name), name))[:_NEAR]


def _alt(said: str) -> str:
    return said.replace("\n", " ")


def _escaped(said: str) -> str:
    return said.replace("&", "&amp;").replace("<", "&lt;")


def _write(path: Path, text: str) -> None:
    """Write a page where it is new: what stays as it is need not be built again."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
