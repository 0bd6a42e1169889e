"""What lies beside a scene file: modules that it imports, which every run of it reads anew.

A scene gets what lies in its own folder, whatever another scene or the interpreter has imported
under the same name, and gets it also where it imports while it trains or is drawn.
"""

import builtins
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from threading import RLock
from types import CodeType, ModuleType
from typing import Any

_swapping = RLock()
_active: list["Beside"] = []
_left: dict[str, ModuleType] = {}  # what scenes have left in sys.modules


class Beside:
    """The modules in a folder as one run of a scene file there finds them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.builtins: dict[str, Any] = {**vars(builtins), "__import__": self._import}
        self._own: dict[str, ModuleType] = {}
        self._kept: set[str] = set()  # packages and modules that were there before
        importlib.invalidate_caches()  # a file may be younger than what is known of its folder

    @contextmanager
    def importing(self) -> Iterator[None]:
        """Let everything that is imported inside find what lies in the folder."""
        if _active and _active[-1] is self:  # from a thread of the scene, too
            yield
            return
        with _swapping:
            others = self._swap_in()
            sys.path.insert(0, str(self.folder))
            sys.meta_path.insert(0, self)
            _active.append(self)
            try:
                yield
            finally:
                _active.pop()
                sys.meta_path.remove(self)
                with suppress(ValueError):  # the scene has taken it away itself
                    sys.path.remove(str(self.folder))
                self._swap_out(others)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find source in the folder; all else there is found by Python itself, on its path."""
        if path is not None and not self._is_own(_top(fullname)):
            return None
        spec = PathFinder.find_spec(fullname, path or [str(self.folder)], target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader):
            return None
        spec.loader = _Source(fullname, spec.loader.path, self.builtins)
        return spec

    def _import(self, name: str, *more: Any, **named: Any) -> ModuleType:
        """Do what an import in a scene's own code does, whenever it runs."""
        parts = named.get("fromlist", more[2] if len(more) > 2 else None) or ()
        relative = named.get("level", more[3] if len(more) > 3 else 0) > 0
        if not relative and self._is_at_hand(name, parts):
            return builtins.__import__(name, *more, **named)
        place = self.folder / _top(name)
        if relative or place.is_dir() or place.with_suffix(".py").is_file():
            with self.importing():
                return builtins.__import__(name, *more, **named)
        return builtins.__import__(name, *more, **named)

    def _is_at_hand(self, name: str, parts: Sequence[str]) -> bool:
        """Return whether the scene's own module is what any import would find: at every step."""
        module = self._own.get(name)
        return (
            module is not None
            and all(sys.modules.get(own) is found for own, found in self._own.items())
            and all(hasattr(module, part) for part in parts)
        )

    def _swap_in(self) -> dict[str, ModuleType]:
        """Take away what is in the way, return what of it is not a scene's."""
        hidden = {top for top in set(map(_top, sys.modules.copy())) if self._hides(top)}
        others = {}
        for name, module in sys.modules.copy().items():
            if module is _left.get(name):
                del sys.modules[name]
            elif _top(name) in hidden:
                others[name] = sys.modules.pop(name)
        _left.clear()
        self._kept = set(map(_top, sys.modules.copy()))
        sys.modules.update(self._own)
        return others

    def _swap_out(self, others: dict[str, ModuleType]) -> None:
        """Give back what was taken away; all else stays, for whoever looks a class's module up."""
        tops = {top for top in set(map(_top, sys.modules.copy())) if self._is_own(top)}
        self._own = {name: m for name, m in sys.modules.copy().items() if _top(name) in tops}
        taken = set(map(_top, others))
        for name, module in self._own.items():
            if _top(name) in taken:
                del sys.modules[name]
            else:
                _left[name] = module
        sys.modules.update(others)

    def _hides(self, top: str) -> bool:
        """Return whether the scene's own module stands for what was imported under that name."""
        place = self.folder / top
        if top in ("nnanim", "__main__") or top in sys.stdlib_module_names:
            return False
        if not (place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()):
            return False
        file = Path(getattr(sys.modules.get(top), "__file__", None) or "site-packages")
        return not {"site-packages", "dist-packages"}.intersection(file.parts)

    def _is_own(self, top: str) -> bool:
        """Return whether a module or package was imported by the scene, from the folder."""
        if top in self._kept or top.startswith("nnanim_scene_"):
            return False
        module = sys.modules.get(top)
        file = getattr(module, "__file__", None)
        places = [*getattr(module, "__path__", ()), *([file] if file else ())]
        return bool(places) and Path(places[0]).parent.resolve() == self.folder


class _Source(SourceFileLoader):
    """Reads a module's source: a cache of its bytecode may be older by less than a second."""

    def __init__(self, name: str, path: str, scope: dict[str, Any]) -> None:
        super().__init__(name, path)
        self._builtins = scope

    def get_code(self, fullname: str) -> CodeType:
        """Return the module compiled."""
        del fullname
        return self.source_to_code(self.get_data(self.path), self.path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, whose imports then find what lies beside the scene."""
        module.__dict__["__builtins__"] = self._builtins
        super().exec_module(module)


def _top(name: str) -> str:
    return name.partition(".")[0]
