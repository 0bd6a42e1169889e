"""Machine: what numbers hang on where they are computed."""

import platform
from functools import cache
from typing import Any

from nnanim.errors import UsageError
from nnanim.kernels.processor import features
from nnanim.recording.fingerprint import version_of, versions

_VECTORS = ("avx", "sse", "fma", "f16c", "amx", "neon", "asimd", "sve", "vsx", "altivec")


@cache
def software() -> dict[str, str]:
    """Return the versions that have to be equal wherever parts of one whole are computed."""
    return {
        **versions(),
        "llvmlite": version_of("llvmlite"),
        "python": platform.python_version(),
    }


def expect_software(other: object) -> None:
    """Raise `UsageError` where what is asked for comes from where other versions are."""
    if other != software():
        raise UsageError(f"the request is of {other}, but here is {software()}")


@cache
def processor() -> str:
    """Return the kind of processor: its architecture, and what it has to compute many at once."""
    found = sorted(name for name in features() if name.startswith(_VECTORS))
    return " ".join([platform.machine(), *found])


def here() -> dict[str, Any]:
    """Return what is noted of the machine where something was computed."""
    return {"versions": software(), "processor": processor()}


def differing(one: str, other: str) -> str:
    """Return what the one kind of processor has and the other has not, in words."""
    first, second = set(one.split()), set(other.split())
    lacks = sorted(first - second), sorted(second - first)
    words = [f"{' '.join(names[:4])}{' …' * (len(names) > 4)}" for names in lacks if names]
    return " against ".join(words) or "none"
