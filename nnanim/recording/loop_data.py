"""The data of a loop of one's own, as a data set."""

from collections.abc import Callable
from typing import Any

from nnanim import datasets
from nnanim.dataset import Dataset, Task
from nnanim.errors import UsageError


def dataset_of(data: Any, labels: Any, test: Any, task: Task | None) -> Dataset:
    """Return a data set as it is, or one of inputs and targets, or of inputs alone."""
    if callable(getattr(data, "arrays", None)):
        for name, came in (("labels", labels), ("test", test), ("task", task)):
            if came is not None:
                raise UsageError(f"{name}= came with a data set, which has its own: leave it out")
        return data  # type: ignore[no-any-return]
    given = data if _is_pair(data) else (data,)
    if len(given) == 1 and not hasattr(data, "target"):
        task = task or "none"
    return datasets.from_arrays(*given, labels=labels, test=test, task=task)


def colored_of(data: Any) -> Callable[[], Dataset] | None:
    """Return what gives a pair (x, y) as inputs that y only colours; None for other data."""
    if not _is_pair(data):
        return None
    return lambda: datasets.from_arrays(data[0], labels=data[1], task="none")


def _is_pair(data: Any) -> bool:
    return isinstance(data, tuple | list) and len(data) == 2
