"""Renamed: what had another name before is still taken, and still found, by it."""

from collections.abc import Callable
from functools import wraps
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar

from nnanim.errors import SceneError

C = TypeVar("C", bound=type)
P = ParamSpec("P")
R = TypeVar("R")


def takes_old(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return what lets a function take keywords by their old `names`, as caption="description".

    It raises `SceneError` where one is given by both.
    """

    def taking(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def taken(*args: P.args, **given: P.kwargs) -> R:
            for old, new in names.items():
                if old in given:
                    if new in given:
                        raise SceneError(
                            f"{new}= and {old}= are both given, and {old} is the old name of "
                            f"{new}: give {new} alone"
                        )
                    given[new] = given.pop(old)
            return function(*args, **given)

        return taken

    return taking


def knows_old(**names: str) -> Callable[[C], C]:
    """Return what lets a class take keywords by their old `names`, and have attributes by them.

    They are no fields, so that `dataclasses.replace` has each by its new name alone, and completion
    does not offer them.
    """

    def knowing(kind: C) -> C:
        made: Any = kind
        made.__init__ = takes_old(**names)(made.__init__)
        for old, new in names.items():
            setattr(kind, old, property(attrgetter(new), doc=f"The old name of `{new}`."))
        made.__dir__ = lambda self: [name for name in object.__dir__(self) if name not in names]
        return kind

    return knowing
