"""Cluster: a Dask scheduler, and the workers that it has."""

import hashlib
import ipaddress
import logging
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from nnanim.engines.asking import PATIENCE
from nnanim.engines.crew import Crew, ExecutorError, Task
from nnanim.errors import UsageError, expect_installed, told

_FIRST = 10.0  # seconds to a scheduler that was never reached
_AGAIN = 5.0  # to one that was lost, and for one of its answers
_AHEAD = 2  # tasks for each thread of a worker, of which one waits there

_log = logging.getLogger("nnanim")


class Cluster(Crew):
    """What works at a scheduler's, `address` as tcp://host:8786 or tls://host:8786.

    How tls:// is spoken, Dask's own settings say. What is lost for less than `patience` seconds is
    waited for. Raises `UsageError` where there is none, and where Dask is not installed.
    """

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        _check(address)
        self.address, self._patience = address, patience
        expect_installed("--scheduler", "distributed")
        self._client: Any = None
        self._silent: float | None = None  # since when
        self._numbers = count()
        self._keys: dict[Future[bytes], str] = {}  # of what is under way
        self._threads: dict[str, int] = {}  # of each worker
        self._avoided: dict[str, None] = {}
        self._told_waiting = False
        try:
            self._connect(min(_FIRST, patience))
        except OSError as error:
            raise UsageError(
                f"no scheduler answers at {address}: see whether it runs, as by `dask scheduler`, "
                "and whether it may be reached from here"
            ) from error

    @property
    def ahead(self) -> int:
        """How many tasks may be under way at once: two for each thread of the workers."""
        return _AHEAD * max(1, sum(self._threads.values()))

    def ask(self, task: Task, request: bytes, files: bytes) -> "Future[bytes]":
        """Have a task done; the files go to each worker once."""
        key = f"{self._name}-{next(self._numbers)}"
        workers = list(self._threads) if self._avoided else None
        try:
            with _quiet():
                shared = self._shared(files)
                future: Future[bytes] = self._pool.submit(
                    task, request, shared, key=key, pure=False, workers=workers
                )
        except Exception as error:
            if not self.lost():
                raise ExecutorError(f"{self.address} takes no more: {told(error)}") from error
            future = Future()  # is asked for again when there is a scheduler again
            future.set_exception(error)
        self._keys[future] = key
        return future

    def running(self, futures: "Iterable[Future[bytes]]") -> "Mapping[Future[bytes], str]":
        """Return which tasks are with a worker, with its address."""
        self._keys = {future: self._keys[future] for future in futures}
        asked = time.monotonic()
        threads, processing = self._answer("ncores"), self._answer("processing")
        if threads is None or processing is None:
            self._silent = asked if self._silent is None else self._silent
            if time.monotonic() - self._silent > self._patience:
                raise ExecutorError(self._gone())
            return {}
        self._silent = None
        self._threads = {name: n for name, n in threads.items() if name not in self._avoided}
        where = {key: name for name, keys in processing.items() for key in keys}
        return {f: where[key] for f, key in self._keys.items() if key in where}

    def waits(self) -> bool:
        """Return whether no worker is there just now: a queue may still start some."""
        if self._threads:
            self._told_waiting = False
        elif not self._told_waiting:
            self._told_waiting = True
            _log.warning("%s has no workers: waiting for some", self.address)
        return not self._threads

    def lost(self) -> bool:
        """Return whether the scheduler is gone, and with it what was asked for."""
        gone = any(shared.status == "cancelled" for shared in self._files.values())
        return bool(gone or self._client.status != "running")

    def find_again(self) -> None:
        """Wait for the scheduler, or one in its place."""
        _log.warning("%s is lost: waiting %g s for it", self.address, self._patience)
        self.close()
        end = time.monotonic() + self._patience
        while True:
            try:
                self._connect(min(_AGAIN, max(0.1, end - time.monotonic())))
            except OSError as error:
                if time.monotonic() >= end:
                    raise ExecutorError(self._gone()) from error
                time.sleep(0.1)  # a refusal comes at once
            else:
                return

    def give_up(self, future: "Future[bytes]") -> None:
        """Ask no more of the worker that has a task."""
        key = self._keys.get(future)
        for name, keys in (self._answer("processing") or {}).items():
            if key in keys:
                self._avoided[name] = None
                self._threads.pop(name, None)
        future.cancel()
        if not self._threads:
            raise ExecutorError(f"no worker of {self.address} is left but those that were given up")

    def close(self) -> None:
        """Leave the scheduler; what it still does for us, it forgets."""
        with _quiet(), suppress(Exception):
            self._client.close(timeout=1)

    def _connect(self, seconds: float) -> None:
        """Reach the scheduler; raises `OSError` where it does not answer."""
        from distributed import Client

        with _quiet():
            self._client = Client(self.address, timeout=seconds, set_as_default=False)
            self._pool: Any = self._client.get_executor()
        self._name = f"nnanim_{uuid4().hex}"
        self._files: dict[str, Any] = {}
        self._keys = {}
        self._silent = None
        self._threads = self._answer("ncores") or {}

    def _shared(self, files: bytes) -> Any:
        """Return what stands for files at the scheduler's, which gives them to who needs them.

        They are a task's result, no data that lie there: so they outlive the workers.
        """
        digest = hashlib.sha256(files).hexdigest()
        if digest not in self._files:
            key = f"{self._name}_files_{digest[:16]}"
            self._files[digest] = self._client.submit(bytes, files, key=key, pure=False)
        return self._files[digest]

    def _answer(self, question: str) -> Any:
        """Return what the scheduler answers; None where it does not."""
        with _quiet(), suppress(Exception):
            asked = getattr(self._client.scheduler, question)
            return self._client.sync(asked, workers=None, callback_timeout=_AGAIN)
        return None

    def _gone(self) -> str:
        return (
            f"{self.address} has not answered for {self._patience:g} s: what was finished is kept "
            "where there is an output folder, and the same command goes on from there"
        )


def _check(address: str) -> None:
    """Raise `UsageError` for what is no address; warn where all that is said can be read."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        known = None
    if not known:
        raise UsageError(
            f"--scheduler {address}: expected the address of a Dask scheduler, as tcp://host:8786 "
            "or tls://host:8786"
        )
    if parts.scheme == "tcp" and not _is_here(str(parts.hostname)):
        _log.warning(
            "%s is not encrypted, and whoever reaches it runs code as you: use it in a network "
            "that you trust, or tls://",
            address,
        )


def _is_here(host: str) -> bool:
    """Return whether an address is of this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Dask say nothing: what goes wrong is told in our words."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
