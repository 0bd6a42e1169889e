"""Opens pages in Firefox, over Marionette, which it speaks itself: messages of JSON by a socket."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.waiting import comes

FIREFOX = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
PATIENCE = 120  # seconds until it answers, however slow the machine
READY = "document.querySelector('#nnanim[data-ready]')"
COLORS = (  # how many a page's picture has
    "(({width, height}, context) => new Set(new Uint32Array("
    "context.getImageData(0, 0, width, height).data.buffer)).size)"
    "(...(canvas => [canvas, canvas.getContext('2d')])(document.querySelector('.stage canvas')))"
)

# What is told to the console is kept; a first window needs no page of its own.
PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "marionette.port": 0,  # a free one, which it writes into its profile
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "ui.prefersReducedMotion": 1,
}


@dataclass
class Firefox:
    """A Firefox without a window, as it is driven."""

    stream: Any
    sent: int = 0

    def ask(self, command: str, **given: Any) -> Any:
        """Return what a command gives; `AssertionError` where it fails."""
        self.sent += 1
        message = json.dumps([0, self.sent, command, given])
        self.stream.write(f"{len(message.encode())}:{message}".encode())
        self.stream.flush()
        _, _, error, result = self.heard()
        assert error is None, (command, error)
        return result

    def heard(self) -> Any:
        """Return the next message."""
        size = b""
        while (letter := self.stream.read(1)) != b":":
            assert letter, "Firefox has gone"
            size += letter
        return json.loads(self.stream.read(int(size)))

    def run(self, script: str, *given: Any) -> Any:
        """Return what the body of a function returns that runs in the page."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=given)["value"]

    def open(self, page: Path) -> None:
        """Go to a page."""
        self.ask("WebDriver:Navigate", url=page.as_uri())

    def comes(self, condition: str) -> bool:
        """Return whether an expression becomes true before long."""
        return comes(lambda: self.run(f"return Boolean({condition})"), PATIENCE)

    def tells(self, text: str) -> bool:
        """Return whether the console is told of an error before long."""
        return comes(lambda: any(text in error for error in self.errors()), PATIENCE)

    def errors(self) -> list[str]:
        """Return what pages told the console as errors since the last time."""
        self.ask("Marionette:SetContext", value="chrome")
        found = self.run(
            "const found = Services.console.getMessageArray().filter((it) => "
            "it instanceof Ci.nsIScriptError && !(it.flags & Ci.nsIScriptError.warningFlag) && "
            "/^(file|about:srcdoc|moz-nullprincipal)/.test(it.sourceName)).map(String);"
            "Services.console.reset(); return found"
        )
        self.ask("Marionette:SetContext", value="content")
        return [str(each) for each in found]


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """Give a Firefox that keeps what it must in a folder."""
    assert FIREFOX is not None
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = subprocess.Popen(
        [FIREFOX, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access",
         "--profile", str(profile)],
        env=os.environ | {"HOME": str(profile)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with socket.create_connection(("127.0.0.1", _port(profile)), PATIENCE) as connection:
            found = Firefox(connection.makefile("rwb"))
            found.heard()  # who it is
            found.ask("WebDriver:NewSession")
            yield found
    finally:
        process.terminate()
        process.wait()


def _port(profile: Path) -> int:
    """Return the port that Firefox listens on, once it does."""
    told = profile / "MarionetteActivePort"
    assert comes(lambda: told.exists() and told.read_text().strip(), PATIENCE), "it does not listen"
    return int(told.read_text())
