"""Engines: the options that say who works elsewhere."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from nnanim.commands.options import Options
from nnanim.errors import UsageError

if TYPE_CHECKING:
    from nnanim.engines.cluster import Cluster
    from nnanim.sweeps.makers import Maker

SCHEDULER = click.option("--scheduler", metavar="ADDRESS",
                         help="Have it done by the workers of a Dask scheduler, as "
                         "tcp://host:8786 or tls://host:8786.")  # fmt: skip
PATIENCE = click.option("--patience", type=click.FloatRange(0.1), default=60.0, metavar="SECONDS",
                        help="How long a worker may not answer, at least, and a scheduler be "
                        "lost.  [60]")  # fmt: skip


@dataclass(frozen=True)
class Elsewhere:
    """What is said of who trains elsewhere."""

    scheduler: str | None
    verify: str
    mixed: bool
    patience: float

    @contextmanager
    def maker(self) -> "Iterator[Maker]":
        """Give who makes blocks: this machine, or the workers of a scheduler."""
        from nnanim.sweeps.cores import AllCores

        share = _share(self.verify)
        if self.scheduler is None:
            yield AllCores(self.mixed)
            return
        from nnanim.sweeps.away import Away

        with cluster(self.scheduler, self.patience) as found:
            yield Away(found, share, self.patience, self.mixed)


@contextmanager
def cluster(address: str, patience: float) -> "Iterator[Cluster]":
    """Give the workers of a scheduler, and leave them in the end."""
    from nnanim.engines.cluster import Cluster

    found = Cluster(address, patience)
    try:
        yield found
    finally:
        found.close()


def elsewhere_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say who trains elsewhere; they come to the command as `elsewhere`."""

    @wraps(command)
    def gathered(**given: Any) -> None:
        names = Elsewhere.__dataclass_fields__
        command(elsewhere=Elsewhere(**{name: given.pop(name) for name in names}), **given)

    options: list[Options] = [
        SCHEDULER,
        click.option("--verify", default="1%", metavar="SHARE",
                     help="How many of the blocks that come from elsewhere are trained here, too, "
                     "and compared.  [1%]"),
        click.option("--mixed", is_flag=True,
                     help="Take blocks of several kinds of processor, whose last bits may differ."),
        PATIENCE,
    ]  # fmt: skip
    taken: Callable[..., None] = gathered
    for option in reversed(options):
        taken = option(taken)
    return taken


def _share(text: str) -> float:
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}) ?(%?)", text)
    share = float(found[1]) / (100 if found[2] else 1) if found else -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"--verify {text}: expected a share, as 1% or 0.01, at most 100%")
    return share
