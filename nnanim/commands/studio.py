"""The studio: a scene in the browser, live."""

import ipaddress
import logging
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from nnanim.commands.options import SETTINGS
from nnanim.commands.terminal import say, setting_in
from nnanim.errors import SceneError, UsageError
from nnanim.studio.needs import expect_extra

_log = logging.getLogger("nnanim")


@click.command()
@click.argument("scene", type=click.Path(path_type=Path), metavar="SCENE|FOLDER")
@SETTINGS
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 for any.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--allow-remote", is_flag=True,
              help="Let --host be an address that others can reach: who has the token runs what "
              "the studio can.")  # fmt: skip
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def studio(
    scene: Path,
    settings: tuple[str, ...],
    port: int | None,
    host: str,
    allow_remote: bool,
    no_open: bool,
) -> None:
    """Open a scene in the browser, where each change trains it anew.

    With --set it opens at those values. Of a folder, its scenes are shown first, each as a
    poster that opens it. The address is printed, with the token that lets in. Ctrl-C ends it.
    """
    expect_extra()
    _check_host(host, allow_remote)
    from nnanim.scene.finding import scene_files
    from nnanim.studio.serving import serve

    files = scene_files(scene)
    given = dict(map(setting_in, settings))
    _check_settings(scene, files, given)

    def told(address: str) -> None:
        say(address)
        if not no_open:
            webbrowser.open(address)

    if host not in ("127.0.0.1", "::1"):
        _log.warning(
            "safer: ssh -L %d:127.0.0.1:%d USER@THIS-MACHINE, and the studio without --host",
            port or 8737,
            port or 8737,
        )
        _log.warning("whoever reaches %s and has the token trains and writes files here", host)
    serve(files, given, host, port, told)


def _check_settings(place: Path, files: Sequence[Path], settings: dict[str, str]) -> None:
    """Raise `UsageError` for what no scene, or not this one, can be set to.

    What else is wrong with it is shown in the page, where it is mended.
    """
    if not settings:
        return
    if place.is_dir():
        raise UsageError(f"--set is of one scene: {place} is a folder; name one of its files")
    from nnanim.scene.files import declared

    with suppress(SceneError):
        declared(files[0], settings)


def _check_host(host: str, allow_remote: bool) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not allow_remote:
        raise UsageError(
            f"--host {host}: others could reach the studio there; leave it out and use "
            f"ssh -L 8737:127.0.0.1:8737, or say --allow-remote"
        )
