"""Samples: the times of a film at which a page knows everything, and mixes between."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnanim.film.film import Film

_RATE = 15.0  # samples in a second
_MOST = 300


@dataclass(frozen=True)
class Samples:
    """Times in the `film`, and when the `page` shows them, in seconds from its start."""

    film: tuple[float, ...]
    page: tuple[float, ...]

    @classmethod
    def of(cls, film: Film, times: Sequence[float], fps: float, most: int = _MOST) -> "Samples":
        """Return samples of a film whose frames would show `times`, `fps` of them a second."""
        count = len(times)
        rate = min(count, 1 + round(_RATE * (count - 1) / fps))
        chosen = set(np.linspace(0, count - 1, min(rate, most)).round().astype(int).tolist())
        for i in range(1, count):
            if film.clock.number(times[i]) != film.clock.number(times[i - 1]):
                chosen |= {i - 1, i}
        at = sorted(chosen)
        return cls(tuple(times[i] for i in at), tuple(i / fps for i in at))

    @property
    def seconds(self) -> float:
        """How long the page plays."""
        return self.page[-1]

    def thinned(self, film: Film, every: int) -> "tuple[Samples, list[int]]":
        """Return all but every so many-th sample, and which those are; ends of acts stay."""
        numbers = [film.clock.number(t) for t in self.film]
        last = len(numbers) - 1
        kept = [
            k
            for k in range(len(numbers))
            if k % every == 0
            or k == last
            or numbers[k] != numbers[k - 1]
            or numbers[k] != numbers[k + 1]
        ]
        film_times, page = (tuple(each[k] for k in kept) for each in (self.film, self.page))
        return Samples(film_times, page), kept

    def jumps(self, film: Film) -> list[int]:
        """Return the samples before which nothing is mixed: a state that was kept is shown."""
        shown = [film.clock.shown(t) for t in self.film]
        return [
            k
            for k in range(1, len(shown))
            if shown[k].kept != shown[k - 1].kept or shown[k].moment < shown[k - 1].moment
        ]

    def fades(self, film: Film) -> list[tuple[int, float]]:
        """Return from which samples the picture fades to those after, and in how many seconds."""
        numbers = [film.clock.number(t) for t in self.film]
        found = []
        for k in range(1, len(numbers)):
            seconds = film.clock.fading(numbers[k])
            if numbers[k] != numbers[k - 1] and seconds is not None:
                found.append((k - 1, seconds))
        return found

    def acts(self, film: Film) -> list[dict[str, Any]]:
        """Return what is said when, and where chapters begin."""
        found: list[dict[str, Any]] = []
        before = None
        for at, t in zip(self.page, self.film, strict=True):
            number = film.clock.number(t)
            if number != before:
                act = film.clock.acts[number].act
                found.append(
                    {"begin": at, "end": at, "caption": act.caption, "chapter": act.chapter}
                )
            found[-1]["end"] = at
            before = number
        return found

    def events(self, film: Film) -> list[dict[str, Any]]:
        """Return what the film's acts name, where it happens."""
        found = []
        for event in film.timeline.events:
            moment = film.happens(event)
            if moment is None:
                continue
            moments = [film.clock.shown(t).moment for t in self.film]
            k = next((k for k, now in enumerate(moments) if now >= moment), None)
            if k is not None:
                found.append({"t": self.page[k], "moment": moment, "text": str(event)})
        return found
