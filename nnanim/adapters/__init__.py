"""Adapters: the films of other frameworks' trainings; one file each, imported only by its users."""

from importlib import import_module

_MODULES = ("checkpoints", "keras", "lightning", "skorch", "sklearn")


def __getattr__(name: str) -> object:
    if name in _MODULES:  # which need their frameworks, so that none is imported before it is used
        return import_module(f"nnanim.adapters.{name}")
    raise AttributeError(f"module 'nnanim.adapters' has no attribute {name!r}")
