"""Serving: a studio on a port of this machine, until Ctrl-C."""

import errno
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from nnanim.errors import UsageError
from nnanim.studio.app import studio_app
from nnanim.studio.door import Lock
from nnanim.studio.holder import holder_of
from nnanim.studio.shown import Shown
from nnanim.studio.tab import LARGEST

LOOPBACK = "127.0.0.1"
_USUAL = 8737
_FEW = 20  # ports after the usual one that are tried
_QUEUE = 128  # connections that wait to be taken
_MOMENT = 0.01  # seconds


def serve(
    files: Sequence[Path],
    settings: Mapping[str, str],
    host: str,
    port: int | None,
    told: Callable[[str], None],
) -> None:
    """Serve the studio of scene files with `settings`; `told` is given its address when it listens.

    Without a `port`, it is the usual one, or the next that is free. Raises `UsageError` for a port
    that is taken, and for a host that is not this machine's.
    """
    listener = _listening(host, port)
    number = listener.getsockname()[1]
    remote = host != LOOPBACK
    names = {host, socket.gethostname()} if remote else set()
    lock = Lock(number, names=Lock(number).names | names, remote=remote)
    told(_address(host, lock))
    scenes = {file.stem: Shown(file, settings=settings) for file in files}
    server_of(studio_app(scenes, lock)).run(sockets=[listener])


def serve_aside(scenes: Mapping[str, Shown], ancestors: tuple[str, ...]) -> str:
    """Serve the studio of scenes beside what this program does, until its end; return its address.

    `ancestors` are the origins whose pages may show it in a frame.
    """
    listener = _listening(LOOPBACK, None)
    lock = Lock(listener.getsockname()[1])
    server = server_of(studio_app(scenes, lock, ancestors))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(_MOMENT)
    return _address(LOOPBACK, lock)


def _address(host: str, lock: Lock) -> str:
    return f"http://{_written(host, lock.port)}/#token={lock.token}"


def server_of(app: ASGIApp) -> uvicorn.Server:
    """Return what serves an app, bounded in what it takes and in how long it ends."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        ws="websockets-sansio",
        ws_max_size=LARGEST,
        ws_per_message_deflate=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=1,
        limit_concurrency=256,
    )
    return uvicorn.Server(config)


def _written(host: str, port: int) -> str:
    shown = LOOPBACK if host in ("0.0.0.0", "::") else host
    return f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}"


def _listening(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens at a port, or at the first of the usual ones that is free."""
    tried = [port] if port is not None else [*range(_USUAL, _USUAL + _FEW), 0]
    for number in tried:
        try:
            return _bound(host, number)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            if error.errno == errno.EADDRINUSE:
                with _bound(host, 0) as other:
                    free = other.getsockname()[1]
                raise UsageError(
                    f"port {port} is taken by {holder_of(number) or 'another program'}: "
                    f"--port {free} is free"
                ) from error
            raise UsageError(
                f"cannot listen at {_written(host, number)}: {error.strerror}; leave --port and "
                "--host out"
            ) from error
    raise AssertionError("port 0 is any that is free")


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_QUEUE)
    except BaseException:
        made.close()
        raise
    return made
