"""The settings of a loop of one's own, as a recording can hold them."""

from pathlib import Path
from typing import Any

from nnanim.errors import UsageError


def checked_settings(settings: object) -> dict[str, Any]:
    """Return the settings of a loop of one's own as plain JSON.

    Raises `UsageError` for what a file cannot hold.
    """
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise UsageError(
            f"settings= is {type(settings).__name__}: expected a dict of names and values, as "
            'settings={"lr": 0.1}; of argparse, vars(args)'
        )
    if "loss" in settings:
        raise UsageError("settings= hold a 'loss': give it as loss= of its own, a name will do")
    return {_text("settings=", name): _json(name, value) for name, value in settings.items()}


def _json(name: str, value: object) -> Any:
    """Return a setting as JSON has it: an array's or a tensor's number as a number."""
    where = f"settings[{name!r}]"
    if isinstance(value, str):
        return _text(where, value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        if not -(2.0**63) < value < 2.0**63:
            raise UsageError(f"{where} = {value!r}: expected a finite number below 2**63")
        return value
    if isinstance(value, list | tuple):
        return [_json(name, entry) for entry in value]
    if isinstance(value, dict):
        return {_text(where, key): _json(name, entry) for key, entry in value.items()}
    if isinstance(value, Path):
        return _text(where, str(value))
    if callable(getattr(value, "tolist", None)):
        return _json(name, value.tolist())  # type: ignore[attr-defined]
    raise UsageError(
        f"{where} is {type(value).__name__}: expected text, numbers, True, False or None, or lists "
        "and dicts of them; give its name"
    )


def _text(where: str, value: object) -> str:
    """Return a text, or a name, that a file can hold."""
    if not isinstance(value, str):
        raise UsageError(f"{where} has a key {value!r}: expected text")
    if not value.isascii() and value != value.encode(errors="replace").decode():
        raise UsageError(f"{where} holds the text {value!r}: expected characters of Unicode")
    return value
