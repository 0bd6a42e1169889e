"""Said: the captions of a film's acts, one after the other in the place that is kept for them."""

from dataclasses import dataclass
from functools import cached_property

from nnanim.drawing.surface import Box, Surface
from nnanim.drawing.typesetter import shortened, width
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Text
from nnanim.sheet.look import Look
from nnanim.sheet.title import MOST_LINES, fitting, ways_to_stand

PITCH = 1.4  # from one base line to the next, in heights of a caption's letters
_FADE = 0.2  # seconds, from one caption to the next
_RISE = 0.72  # of a letter's height, from its base line to its top


@dataclass(frozen=True, eq=False)
class Said:
    """What the acts of a film say, in lines no wider than `room` pixels.

    Raises `SceneError` for a caption that has no room in two lines at the size of the picture.
    """

    film: Film
    look: Look
    room: float

    @cached_property
    def lines(self) -> dict[str, tuple[str, ...]]:
        """The lines of each caption."""
        written = dict.fromkeys(self.film.timeline.captions)
        ours = dict.fromkeys(act.act.caption for act in self.film.acts)
        return {text: self._lines(text, text in written) for text in {**written, **ours} if text}

    @property
    def most(self) -> int:
        """How many lines the longest caption takes; none, where nothing is said."""
        return max(map(len, self.lines.values()), default=0)

    def texts(self, t: float) -> list[tuple[str, float]]:
        """Return what is said at `t` seconds, and how far each has come, from 0 to 1.

        One caption fades while the next appears, or with the whole picture where that does; what
        the film begins with is there at once.
        """
        acts, number = self.film.acts, self.film.clock.number(t)
        act, earlier = acts[number], acts[max(0, number - 1)]
        before, now = earlier.act.caption, act.act.caption
        share = (t - act.begin + self.film.timeline.time(1)) / min(_FADE, act.end - act.begin)
        if before == now or share >= 1 or self.film.clock.fade(act.begin) is not None:
            return [(now, 1.0)] if now else []
        faded = sorted([(before, 1 - share), (now, share)], key=lambda text: text[1])
        return [(text, strength) for text, strength in faded if text]

    def draw(self, surface: Surface, t: float, place: Box) -> None:
        """Draw what is said at `t` seconds, in the middle of its place."""
        size = self.look.scale.figures
        for text, strength in self.texts(t):
            lines = self.lines[text]
            first = place.top + (place.height - PITCH * size * (len(lines) - 1) + _RISE * size) / 2
            # A role, where it can be: a page shows it in the other theme, too.
            mixed = self.look.theme.mixed("ground", "ink", strength)
            color = "ink" if strength >= 1 else mixed
            for i, line in enumerate(lines):
                at = place.left + place.width / 2, round(first + PITCH * size * i)
                surface.write(Text(at, line, color, size, "center"))

    def _lines(self, text: str, written: bool) -> tuple[str, ...]:
        size, font = self.look.scale.figures, self.look.theme.font
        given = [" ".join(line.split()) for line in text.strip().split("\n")]
        wide, lines = fitting(ways_to_stand(given), self.room, font, size)
        if len(given) <= MOST_LINES and wide <= self.room:
            return lines
        if not written:
            return (shortened(given[0], font, size, self.room),)
        across, high = self.look.size
        count = f"{len(given)} line{'s' * (len(given) > 1)}"
        raise SceneError(
            f"the caption {text!r:.60} takes {count}, the longest "
            f"{width(max(given, key=len), font, size)} pixels: expected two lines of "
            f"{self.room:.0f} at most at {across}x{high}; make it shorter, or the picture wider"
        )
