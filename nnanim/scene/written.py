"""Written: settings as what a user keeps, a command to copy or a scene file to commit."""

import ast
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from nnanim.errors import NnanimError
from nnanim.models import Mlp
from nnanim.scene.addresses import declared_values
from nnanim.scene.comparison import Comparison
from nnanim.scene.files import SceneFile, ran
from nnanim.scene.knobs import keywords_of
from nnanim.scene.reading import parsed
from nnanim.scene.scene import Scene
from nnanim.scene.settings import is_plain, literal, settled, text_of
from nnanim.texts import called

Edit = tuple[int, int, str]  # from one byte to another, and what stands there instead


def command(file: Path, settings: Mapping[str, Any], verb: str = "render") -> str:
    """Return the command that films a scene file with these settings, to be copied."""
    words = ["nnanim", verb, str(file)]
    for name, value in settings.items():
        words += ["--set", f"{name}={text_of(value)}"]
    return shlex.join(words)


def source(file: SceneFile, settings: Mapping[str, Any]) -> str:
    """Return the text of a scene file in which these settings are what it declares.

    Keywords get other defaults. What has an address is written where it stands; where that cannot
    be done, the scene is given to `with_values`. Raises as `SceneFile.scene` does.
    """
    made = file.scene(settings)
    own = keywords_of(file.found)
    known = declared_values(made)
    defaults = {
        name: _value(own[name].hint, given) for name, given in settings.items() if name in own
    }
    others = {name: known[name].value for name in settings if name not in own}
    text = _Text(file.path, file.path.read_text(encoding="utf-8"))
    text = text.edited(text.defaults(defaults))
    if not others:
        return text.text
    with suppress(LookupError, NnanimError):
        placed = text.edited(text.placed(name, value, made) for name, value in others.items())
        if _told(ran(file.path, placed.text).scene()) == _told(made):
            return placed.text
    return text.edited(text.wrapped(others)).text


def _value(hint: Any, given: Any) -> Any:
    if is_plain(hint):
        return settled("", hint, given)
    return literal(given) if isinstance(given, str) else given


def _told(made: Scene | Comparison) -> dict[str, Any]:
    """Return all that a scene declares; functions by their names, for each run has its own."""
    values = {name: each.value for name, each in declared_values(made).items()}
    return {name: called(value) if callable(value) else value for name, value in values.items()}


class _Text:
    """The text of a scene file, and where things stand in it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self._tree = parsed(path, text=text)
        lines = text.encode().splitlines(keepends=True)
        self._starts = [0, *accumulate(map(len, lines))]

    def edited(self, edits: Iterator[Edit]) -> "_Text":
        """Return the text with something else in some places."""
        data = self.text.encode()
        for start, stop, new in sorted(edits, reverse=True):
            data = data[:start] + new.encode() + data[stop:]
        return _Text(self.path, data.decode())

    def defaults(self, values: Mapping[str, Any]) -> Iterator[Edit]:
        """Give the edits that make values the defaults of keywords."""
        for node in self._defined():
            if isinstance(node, ast.FunctionDef):
                for argument, default in _arguments(node.args):
                    if argument.arg in values:
                        code = code_of(values[argument.arg])
                        if default is not None:
                            yield (*self._span(default), code)
                        else:
                            end = self._span(argument)[1]
                            yield end, end, f" = {code}" if argument.annotation else f"={code}"

    def placed(self, address: str, value: Any, made: Any) -> Edit:
        """Return the edit that writes a value where it stands; `LookupError` where it does not."""
        node: ast.expr = self._scene()
        owner: Any = made
        *above, last = address.split(".")
        for part in above:
            if isinstance(getattr(owner, part, None), Mapping):
                raise LookupError(address)
            node = _inner(node, owner, part)
            owner = owner[int(part)] if isinstance(owner, tuple | list) else getattr(owner, part)
        if isinstance(owner, Mlp) and last == "widths":
            return self._widths(node, value)
        with suppress(KeyError):
            there = _inner(node, owner, last)
            _check_literal(there)
            return (*self._span(there), code_of(value))
        if not isinstance(node, ast.Call) or not (node.args or node.keywords):
            raise LookupError(address)
        end = max(self._span(part)[1] for part in [*node.args, *node.keywords])
        return end, end, f", {last}={code_of(value)}"

    def wrapped(self, values: Mapping[str, Any]) -> Iterator[Edit]:
        """Give the edits that give every scene to `with_values`."""
        told = ", ".join(f"{code_of(name)}: {code_of(value)}" for name, value in values.items())
        for node in self._defined():
            for value in _returned(node) if isinstance(node, ast.FunctionDef) else [_given(node)]:
                start, stop = self._span(value)
                yield start, start, "with_values("
                yield stop, stop, f", {{{told}}})"
        yield self._import("with_values")

    def _import(self, name: str) -> Edit:
        imports = [n for n in self._tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        for node in imports:
            if isinstance(node, ast.ImportFrom) and node.module == "nnanim":
                names = sorted({*map(ast.unparse, node.names), name}, key=_order)
                return (*self._span(node), f"from nnanim import {', '.join(names)}")
        end = self._span(imports[-1])[1]
        return end, end, f"\nfrom nnanim import {name}"

    def _widths(self, node: ast.AST, widths: tuple[int, ...]) -> Edit:
        if not isinstance(node, ast.Call) or not node.args:
            raise LookupError("widths")
        for argument in node.args:
            _check_literal(argument)
        spans = list(map(self._span, node.args))
        return spans[0][0], spans[-1][1], ", ".join(map(str, widths))

    def _defined(self) -> Iterator[ast.stmt]:
        for node in self._tree.body:
            targets = (
                node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            )
            named = any(isinstance(t, ast.Name) and t.id == "scene" for t in targets)
            if named or (isinstance(node, ast.FunctionDef) and node.name == "scene"):
                yield node

    def _scene(self) -> ast.Call:
        """Return the call by which the scene is made; `LookupError` unless it is one."""
        calls = [n for top in self._defined() for n in ast.walk(top) if isinstance(n, ast.Call)]
        found = [call for call in calls if ast.unparse(call.func).split(".")[-1] == "Scene"]
        if len(found) != 1:
            raise LookupError("Scene")
        return found[0]

    def _span(self, node: Any) -> tuple[int, int]:
        """Return from which byte to which a node reaches."""
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset


def _arguments(arguments: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    """Give the keywords of a function, each with its default."""
    named = [*arguments.posonlyargs, *arguments.args]
    lacking = [None] * (len(named) - len(arguments.defaults))
    yield from zip(named, [*lacking, *arguments.defaults], strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _returned(node: ast.AST) -> Iterator[ast.expr]:
    """Give what a function itself returns, and none inside it."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Return) and inner.value is not None:
            yield inner.value
        elif not isinstance(inner, ast.FunctionDef | ast.ClassDef | ast.expr):
            yield from _returned(inner)


def _given(node: ast.stmt) -> ast.expr:
    """Return what a name is given."""
    assert isinstance(node, ast.Assign | ast.AnnAssign)
    assert node.value is not None
    return node.value


def _check_literal(node: ast.expr) -> None:
    try:
        ast.literal_eval(ast.unparse(node))
    except ValueError as error:
        raise LookupError(ast.unparse(node)) from error


def _inner(node: ast.AST, owner: Any, part: str) -> ast.expr:
    """Return the expression by which a value is given; `KeyError` where a call leaves it out."""
    if isinstance(node, ast.List | ast.Tuple) and part.isdecimal():
        return node.elts[int(part)]
    if not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args):
        raise LookupError(part)
    named = {word.arg: word.value for word in node.keywords}
    if is_dataclass(owner) and not isinstance(owner, Mlp):
        names = [entry.name for entry in fields(owner) if entry.init and not entry.kw_only]
        named |= dict(zip(names, node.args, strict=False))
    return named[part]


def code_of(value: Any) -> str:
    """Return a value as Python has it, texts in double quotes where that is the same."""
    if isinstance(value, tuple | list):
        inner = ", ".join(map(code_of, value))
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    plain = isinstance(value, str) and value.isprintable() and not {'"', "\\"} & set(value)
    return f'"{value}"' if plain else repr(value)


def _order(name: str) -> tuple[bool, str]:
    return not name[0].isupper(), name
