"""Finding: which scene files a path or a name means, the user's own or examples."""

import logging
import shutil
from difflib import get_close_matches
from os.path import lexists
from pathlib import Path

import nnanim
from nnanim.errors import UsageError, unknown
from nnanim.place import kind_at, replacing
from nnanim.scene.files import is_recording
from nnanim.scene.reading import code_files, defines_scene

_PACKAGE = Path(nnanim.__file__).parent
# The wheel holds the folder as a part of the package; a clone has it beside that.
_EXAMPLES = (_PACKAGE / "examples", _PACKAGE.parent / "scenes")

_log = logging.getLogger("nnanim")


def scene_files(place: Path) -> list[Path]:
    """Return the scene file at `place`, or all in that folder, by name.

    A name alone may be that of a file here, without its suffix, or else of an example: that is
    said. Raises `UsageError` where there is none.
    """
    if place.is_dir():
        files = _in_folder(place)
        if not files:
            raise UsageError(
                f"no scene file in {place}: expected .py files that define `scene`; `nnanim new "
                "rings` writes one, `nnanim examples` lists those that nnanim has"
            )
        return files
    if is_recording(place):
        return [place]
    kind = kind_at(place)
    if kind not in ("", "a file"):
        raise UsageError(f"{place} is {kind}: expected a scene file or a folder of some")
    return [place if kind else _named(place)]


def scene_file(place: Path) -> Path:
    """Return the one scene file at `place`, as `scene_files` does."""
    (file,) = scene_files(place)
    return file


def examples() -> list[Path]:
    """Return the scene files that nnanim has, by name."""
    return _in_folder(_folder())


def copy_example(name: str) -> Path:
    """Copy an example into the current folder, with the modules beside it that it imports.

    Returns the path of the copy. Raises `UsageError` for a name that none has, and where something
    has that of the copy; `WriteError` where the disk refuses.
    """
    file = _example(Path(name))
    if file is None:
        raise UsageError(f"{name!r} is no example{_near(name)} `nnanim examples` lists them")
    copies = {
        part: Path(part.relative_to(file.parent.resolve()))
        for part in code_files(file.resolve(), set())
    }
    for part, copy in copies.items():
        if lexists(copy) and not (copy.is_file() and copy.read_bytes() == part.read_bytes()):
            raise UsageError(f"{copy} exists already: move it, or copy the example elsewhere")
    for part, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        with replacing(copy) as made:
            shutil.copyfile(part, made)
    return copies[file.resolve()]


def _in_folder(folder: Path) -> list[Path]:
    files = [file for file in sorted(folder.glob("*.py")) if not file.name.startswith("_")]
    return [file for file in files if kind_at(file) == "a file" and defines_scene(file)]


def _named(place: Path) -> Path:
    """Return what is meant where no file has that name."""
    here = place.with_suffix(".py")
    if not place.suffix and kind_at(here) == "a file":
        return here
    example = _example(place)
    if example is not None:
        _log.info(
            "no file %s is here: the example of that name is taken; `nnanim examples %s` copies it",
            example.name,
            example.stem,
        )
        return example
    near = sorted(place.parent.glob("*.py")) if place.parent.is_dir() else []
    if near and get_close_matches(str(place), map(str, near), n=1):
        raise UsageError(unknown("scene file", str(place), map(str, near)))
    raise UsageError(
        f"no scene file {str(place)!r}{_near(place.stem)} `nnanim new {place.stem}` writes one, "
        "`nnanim examples` lists those that nnanim has"
    )


def _example(place: Path) -> Path | None:
    """Return the example of that name, with its suffix or without."""
    if place.parent != Path() or place.suffix not in ("", ".py"):
        return None
    file = _folder() / f"{place.stem}.py"
    return file if file.is_file() and defines_scene(file) else None


def _folder() -> Path:
    """Return where the examples are."""
    return next((folder for folder in _EXAMPLES if folder.is_dir()), _EXAMPLES[0])


def _near(name: str) -> str:
    near = get_close_matches(name, [file.stem for file in examples()], n=1)
    return f"; did you mean the example {near[0]!r}?" if near else ":"
