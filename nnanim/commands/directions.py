"""Directions: how the command line says what a scene or a recording is drawn as.

Views are written as in a scene file, but read, not run: their names are those of `nnanim.views`,
their arguments plain values.
"""

import ast
import inspect
import logging
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from nnanim import acts
from nnanim.errors import NnanimError, SceneError, UsageError, told, unknown
from nnanim.row import Row
from nnanim.scene.directions import Directions
from nnanim.scene.files import blamed_on, is_recording, load
from nnanim.scene.finding import scene_file
from nnanim.scene.timeline import Timeline
from nnanim.view import View

_MORPH = 24.0  # seconds of a film that goes through the layers
_EXAMPLE = "Network(), HiddenSpace3D('1')"
_UNREADABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)

_log = logging.getLogger("nnanim")


def directions_of(
    layer: str | None,
    views: str | None,
    words: str | None,
    title: str | None,
    like: Path | None,
    morph: bool,
) -> dict[str, Any]:
    """Return what is said of how to draw, as `rendering.subject.directed` takes it.

    All else goes before what the scene file `like` says. With `morph`, the film is one of space
    that goes through the layers.
    """
    given = {} if like is None else _like(like)
    if morph and views is not None:
        raise UsageError("--morph has a view of its own: leave --views out, or --morph")
    if morph:
        from nnanim.views import Depth

        film: list[acts.Act] = [acts.Hold(1.0), acts.Train(), acts.Morph(), acts.Hold(2.0)]
        given |= {"views": [Depth()], "timeline": Timeline(_MORPH, acts=film)}
    if views is not None:
        given["views"] = views_in(views)
    asked = {"layer": layer, "words": words, "title": title}
    given |= {name: value for name, value in asked.items() if value is not None}
    return given


def _like(file: Path) -> dict[str, Any]:
    """Return how a scene file draws: what it leaves open is left out."""
    if file.is_dir() or is_recording(file):
        raise UsageError(f"--like {file}: expected a scene file, as look.py")
    file = scene_file(file)
    try:
        with redirect_stdout(sys.stderr), blamed_on(file):
            scene = load(file)
    except UsageError:  # says what --set cures, which is for the scene that is drawn
        raise UsageError(
            f"--like {file}: expected a file of one scene, whose parameters all have defaults"
        ) from None
    _log.info(
        "drawn like %s: its views, timeline, theme, grid, plane, color and words are used; "
        "its data, model, layer and training are not",
        file,
    )
    return {
        "views": scene.views,
        "timeline": scene.timeline,
        "theme": scene.theme,
        "words": scene.words,
        "grid": scene.grid,
        "plane": scene.plane,
        "color": scene.color,
        "title": scene.title,
        "description": scene.description or None,
    }


def views_in(text: str) -> list[Any]:
    """Return the views that a text writes down, a list of them or of rows; none of it is run.

    Raises `UsageError` for anything but calls of `nnanim.views` with plain values.
    """
    try:
        written = ast.parse(text.strip(), mode="eval").body
    except _UNREADABLE as error:
        raise UsageError(
            f"--views {text!r} cannot be read as a list of views: expected them as {_EXAMPLE}"
        ) from error
    entries = written.elts if isinstance(written, ast.List | ast.Tuple) else [written]
    views = [_entry(entry) for entry in entries]
    try:
        Directions(views=views)
    except SceneError as error:  # it is the command line that asks for them
        raise UsageError(f"--views: {error}") from error
    return views


def _entry(node: ast.expr) -> View | list[View] | Row:
    """Return a view, or a row of them: a list, or Row([…], height=2)."""
    if isinstance(node, ast.List | ast.Tuple):
        return [_view(each) for each in node.elts]
    name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
    if not isinstance(node, ast.Call) or name != "Row":
        return _view(node)
    named: dict[str, ast.expr] = {str(each.arg): each.value for each in node.keywords}
    inside = node.args[0] if node.args else named.pop("views", None)
    if len(node.args) > 1 or not isinstance(inside, ast.List | ast.Tuple) or {*named} - {"height"}:
        raise UsageError(
            f"--views: {ast.unparse(node)}: expected a row of views, as "
            "Row([HiddenSpace()], height=2)"
        )
    row = [_view(each) for each in inside.elts]
    try:
        return Row(row, **{key: ast.literal_eval(value) for key, value in named.items()})
    except _UNREADABLE as error:
        raise UsageError(f"--views: {ast.unparse(node)}: the height is no number") from error
    except SceneError as error:
        raise UsageError(f"--views: {error}") from error


def _view(node: ast.expr) -> View:
    from nnanim import views  # with torch, which no option needs that is left out

    text = ast.unparse(node)
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "views":
        called = ast.Name(called.attr)
    if not isinstance(called, ast.Name):
        raise UsageError(f"--views: {text} is no view: expected calls of views, as {_EXAMPLE}")
    if called.id not in views.__all__:
        raise UsageError(f"--views: {unknown('view', called.id, views.__all__)}")
    if not isinstance(node, ast.Call):
        raise UsageError(f"--views: {text} is the name of a view: expected a call, as {text}()")
    try:
        given = [ast.literal_eval(value) for value in node.args]
        named = {str(each.arg): ast.literal_eval(each.value) for each in node.keywords}
    except _UNREADABLE as error:
        raise UsageError(
            f"--views: {text} has arguments that are no plain values: expected numbers, texts, "
            "True, False, None or lists of them; a scene file with more is taken by --like"
        ) from error
    return _made(called.id, getattr(views, called.id), given, named)


def _made(name: str, kind: type[View], given: list[Any], named: dict[str, Any]) -> View:
    takes = list(inspect.signature(kind).parameters)
    for argument in named:
        if argument not in takes:
            raise UsageError(f"--views: {unknown(f'argument of {name}', argument, takes)}")
    try:
        return kind(*given, **named)
    except (TypeError, ValueError, NnanimError) as error:
        reason = str(error) if isinstance(error, NnanimError) else told(error)
        raise UsageError(
            f"--views: {name}: {reason}; it takes {', '.join(takes) or 'no arguments'}"
        ) from error
