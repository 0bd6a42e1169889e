"""Worker: a process of its own that trains and films for one tab, and ends with it.

It reads messages from its standard input and answers on its standard output; at the end of the
input it is gone at once, whatever it does.
"""

import gc
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from nnanim.engines.wire import Message, own_pipes, read_message
from nnanim.errors import NnanimError, told
from nnanim.film.film import Film
from nnanim.scene.files import SceneFile
from nnanim.scene.reading import code_files
from nnanim.studio.filming import Contenting, numbered, unpaced
from nnanim.studio.holding import Trainings
from nnanim.studio.painting import with_painting
from nnanim.studio.posters import poster
from nnanim.studio.shown import Handed, Shown
from nnanim.studio.warming import warm
from nnanim.studio.writing import give_up, written

_SOON = 0.12  # seconds after which a film that nobody waits for is given up before its picture
_PATIENCE = 1.0  # seconds for what is half-written to go
_TELLING = 0.15  # seconds between two lines of how far it is


class _GivenUpError(Exception):
    """Another film is asked for, or this one no more."""


class Worker:
    """Does what it is asked for, the newest first, and answers by `answer`."""

    def __init__(self, answer: Callable[[Message], None]) -> None:
        self._answer = answer
        self._came = threading.Condition()
        self._shown = Shown(Path())
        self._scene: SceneFile | Handed | None = None  # as it was run last, if that went well
        self._trainings = Trainings()
        self._film: dict[str, Any] | None = None  # the one to be made next
        self._others: deque[dict[str, Any]] = deque()
        self._stopped = self._writing = False
        self._begun = 0.0  # when the present film was begun
        self._pictured = False  # whether its first picture has been sent
        self._said = 0.0
        self._number = 0

    def take(self, asked: dict[str, Any], content: bytes = b"") -> None:
        """Take what is asked for, with a scene if one is handed over; of films, only the newest."""
        if "file" in asked:
            shown = Shown(Path(asked["file"]), content, asked.get("settings", {}))
            asked = {**asked, "shown": shown}
        with self._came:
            match asked["do"]:
                case "film":
                    self._film = asked
                case "stop":
                    self._stopped = True
                case _:
                    self._others.append(asked)
            self._came.notify()

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for something."""
        return bool(self._others) or self._film is not None

    def work(self) -> None:
        """Do what comes, for ever; what a film has left behind goes before the next."""
        while True:
            asked = self._next()
            self._writing = asked["do"] == "write"
            self.do(asked)
            self._writing = False
            gc.collect()

    def do(self, asked: dict[str, Any]) -> None:
        """Do one thing, and say what went wrong."""
        self._number = asked.get("number", 0)
        self._shown = asked.get("shown", self._shown)
        if "knobs" in asked:
            asked = {**asked, "knobs": {**self._shown.settings, **asked["knobs"]}}
        try:
            with self._shown.blamed():
                _DEEDS[asked["do"]](self, asked)
        except _GivenUpError:
            self._tell("given up")
        except NnanimError as error:
            self._blame(asked, str(error))
        except (Exception, SystemExit) as error:  # of the scene's code, or a bug: the next may do
            self._blame(asked, told(error))

    def open(self, asked: dict[str, Any]) -> None:
        """Run a scene file; tell what it has to turn, and which files it is made of."""
        del asked
        file = self._shown.path
        self._scene = None
        self._trainings.forget()
        files = [] if self._shown.content else code_files(file.resolve(), set())
        self._tell("scene", files=sorted(map(str, files)), name=file.stem)
        self._scene = self._shown.opened()
        knobs = self._scene.knobs(self._shown.settings)
        self._tell("knobs", knobs=[knob.as_json() for knob in knobs])

    def film(self, asked: dict[str, Any]) -> None:
        """Send the contents of a film: the present picture first, then the whole."""
        self._begun, self._pictured, self._stopped = time.monotonic(), False, False
        self._scene = self._scene or self._shown.opened()
        subject = with_painting(self._scene.scene(asked["knobs"]), asked.get("painting"))

        def grown(film: Film) -> None:
            self._send(Contenting(unpaced(film), subject).some(self._quietly), "growing")

        film = self._trainings.film(subject, asked, self._progress, grown)
        t, moment = float(asked["t"]), float(asked["moment"])
        self._send(Contenting(unpaced(film), subject).at(t, moment, self._quietly), "first")
        self._pictured = True
        self._send(Contenting(film, subject).whole(self._progress), "whole")

    def write(self, asked: dict[str, Any]) -> None:
        """Write something down beside the scene."""
        self._begun, self._stopped = time.monotonic(), False
        told = written(asked, self._shown.opened(), self._progress)
        self._tell("written", kind=asked["kind"], **told)

    def poster(self, asked: dict[str, Any]) -> None:
        """Send the poster of a scene, and what it says of itself."""
        self._begun, self._stopped = time.monotonic(), False
        del asked
        scene = self._shown.opened()
        content = poster(scene, self._progress)
        self._answer(Message({"told": "poster", "text": scene.description}, content))

    def end(self) -> None:
        """Give up what is being done; what is half-written goes."""
        self._stopped = True
        until = time.monotonic() + _PATIENCE
        while self._writing and time.monotonic() < until:
            time.sleep(0.01)
        give_up()  # where it has not come to that itself

    def _send(self, contents: Message, stage: str) -> None:
        self._answer(numbered(contents, told="film", number=self._number, stage=stage))

    def _blame(self, asked: dict[str, Any], text: str) -> None:
        """Say what is wrong with what is asked; with what is to be written, where that is said."""
        if asked["do"] == "write":
            self._tell("refused", kind=asked["kind"], text=text)
        else:
            self._tell("error", text=text)

    def _tell(self, what: str, **more: Any) -> None:
        self._answer(Message({"told": what, "number": self._number, **more}))

    def _next(self) -> dict[str, Any]:
        with self._came:
            self._came.wait_for(lambda: self.is_asked)
            if self._others:
                return self._others.popleft()
            film, self._film = self._film, None
            assert film is not None
            return film

    def _progress(self, stage: str, done: int, total: int) -> None:
        """Give a film up that nobody waits for, and say how far it is."""
        self._quietly(stage, done, total)
        now = time.monotonic()
        if now - self._said > _TELLING and now - self._begun > _TELLING:
            self._said = now
            self._tell("progress", stage=stage, done=done, total=total)

    def _quietly(self, stage: str, done: int, total: int) -> None:
        """Give a film up that nobody waits for; one that is soon to be seen is seen first."""
        del stage, done, total
        if self._stopped:
            raise _GivenUpError
        late = self._pictured or time.monotonic() - self._begun > _SOON
        if self._film is not None and late:
            raise _GivenUpError


_DEEDS: dict[str, Callable[[Worker, dict[str, Any]], None]] = {
    "open": Worker.open,
    "film": Worker.film,
    "write": Worker.write,
    "poster": Worker.poster,
}


def listen(worker: Worker, pipe: IO[bytes]) -> None:
    """Give a worker what comes through a pipe; the end of that is the end of all."""
    while (message := read_message(pipe)) is not None:
        worker.take(message.told, message.content)
    worker.end()
    os._exit(0)


def main() -> None:
    """Work for whoever has started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who has started it ends it
    pipe, answers = own_pipes()
    lock = threading.Lock()

    def answer(message: Message) -> None:
        with lock:
            answers.write(message.packed())
            answers.flush()

    worker = Worker(answer)
    threading.Thread(target=listen, args=(worker, pipe), daemon=True).start()
    if not worker.is_asked:
        warm()
    gc.collect()
    gc.freeze()  # what stays for ever need not be looked through after each film
    worker.work()


if __name__ == "__main__":
    main()
