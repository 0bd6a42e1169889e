"""The command line: one group of commands; a user's mistake is one line and its exit code.

Heavy libraries are imported by the command that needs them, so that `--help` is immediate.
"""

import atexit
import errno
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from nnanim import __version__
from nnanim.commands.films import compare, render
from nnanim.commands.galleries import gallery
from nnanim.commands.interruption import soon
from nnanim.commands.maps import map_trainings
from nnanim.commands.recordings import cache, export, info, record
from nnanim.commands.reports import check, describe, doctor
from nnanim.commands.scenes import examples, list_scenes, new
from nnanim.commands.stills import sheet, still
from nnanim.commands.studio import studio
from nnanim.commands.sweeps import sweep
from nnanim.commands.terminal import fail, open_streams
from nnanim.errors import NnanimError, WriteError

_DISK = {
    *(errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS, errno.EDQUOT, errno.EFBIG),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EIO),
}

_SELDOM = 50_000  # objects that are new


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nnanim")
def cli() -> None:
    """Film a neural network while it learns.

    Start with `nnanim render rings_3_2`, one of `nnanim examples`; `nnanim new rings` begins a
    scene of your own.
    """


for command in (
    *(
        render,
        still,
        sheet,
        compare,
        sweep,
        map_trainings,
        record,
        info,
        export,
        cache,
        list_scenes,
        examples,
        new,
    ),
    *(check, describe, doctor, gallery, studio),
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; a user's mistake is one line and its exit code."""
    open_streams()
    with _seldom_swept(), soon() as told:
        try:
            cli.main(prog_name="nnanim", standalone_mode=False)
        except (click.Abort, KeyboardInterrupt) as error:
            if isinstance(error.__cause__, EOFError):  # click takes it for Ctrl-D
                raise error.__cause__ from None
            told.set()
            fail("interrupted", 130)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "nnanim"
            fail(f"{error.format_message()} `{command} --help` tells more.", error.exit_code)
        except NnanimError as error:
            fail(str(error), error.exit_code)
        except OSError as error:
            if error.errno not in _DISK:
                raise
            from nnanim.place import disk_says

            where = "" if error.filename is None else f"{error.filename}: "
            fail(f"{where}{disk_says(error, Path(error.filename or '.'))}", WriteError.exit_code)


@contextmanager
def _seldom_swept() -> Iterator[None]:
    """Let memory be looked through seldom, and not once more at the end.

    What is imported stays: to look through that again and again takes a third of a still's time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_SELDOM, *usual[1:])
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


if __name__ == "__main__":
    main()
