"""Holder: which program listens at a port of this machine, as far as the system tells."""

from contextlib import suppress
from pathlib import Path

_LISTENS = "0A"  # as Linux writes the state of a socket


def holder_of(port: int) -> str:
    """Return who listens at a port, as "python (process 12)"; "" where that is not told.

    It is told on Linux, of the programs of one's own.
    """
    sockets = {f"socket:[{number}]" for number in _listening(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        with suppress(OSError):
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
    return ""


def _listening(port: int) -> set[str]:
    """Return the numbers of the sockets that listen at a port."""
    found = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and fields[1].endswith(f":{port:04X}"):
                    found.add(fields[9])
    return found
