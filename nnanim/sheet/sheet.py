"""The sheet: what of the picture stands still, and the few digits that change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from nnanim.drawing.canvas import Canvas
from nnanim.drawing.formulas import expect_settable
from nnanim.drawing.painter import seen
from nnanim.drawing.surface import Box, Placement, Surface
from nnanim.drawing.typesetter import shortened, width
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Mark, Text
from nnanim.sheet.captions import Caption, captions_for
from nnanim.sheet.columns import InTile, lay_out_columns
from nnanim.sheet.diverged import ASPECT, card
from nnanim.sheet.furniture import draw_panel_furniture, slot_of
from nnanim.sheet.layout import Layout, lay_out
from nnanim.sheet.look import Look
from nnanim.sheet.recipe import clock_text, clock_texts, recipe
from nnanim.sheet.scale import EPOCH, SMALL, TITLE, Scale
from nnanim.sheet.strip import Strip
from nnanim.view import Panel, Rows, View, marks_of, panels_of

_MOST = 400  # panels: more are too small to see on any sheet


@dataclass(frozen=True, eq=False)
class Sheet:
    """The plan of the whole picture: views in rows, and how they look."""

    film: Film
    rows: Rows
    look: Look

    @cached_property
    def views(self) -> list[View]:
        """All views, the strip last."""
        return [
            *(view for row in self.rows for view in row),
            *([] if self.look.bare else [Strip()]),
        ]

    @cached_property
    def panels(self) -> list[list[Panel]]:
        """The panels of each view."""
        found = [panels_of(view, self.film) for view in self.views]
        if (count := sum(map(len, found))) > _MOST:
            raise SceneError(
                f"a sheet of {count:,} panels: expected at most {_MOST}; show fewer layers or units"
            )
        return found

    @cached_property
    def layout(self) -> Layout:
        """Where everything stands."""
        tiled = [[v for v in row if isinstance(v, InTile)] for row in self.rows]
        if any(tiled):
            return lay_out_columns(tiled, self.look)
        counts = iter(self.panels)
        rows = [[slot_of(panel) for _ in row for panel in next(counts)] for row in self.rows]
        return lay_out(self.look.size, rows, self.look.bare)

    @cached_property
    def placements(self) -> list[list[Placement]]:
        """Where the coordinates of each view's panels lie."""
        strip = [self.layout.strip] if self.layout.strip else []
        boxes = iter([*self.layout.panels, *strip])
        return [
            [Placement(next(boxes), panel.x, panel.y) for panel in panels] for panels in self.panels
        ]

    @property
    def scale(self) -> Scale:
        """How large text and strokes are."""
        return Scale(self.look.size)

    def draw_furniture(self, canvas: Canvas) -> None:
        """Draw what stands still over the whole film; `SceneError` for formulas that are none."""
        self._expect_formulas()
        opaque = 0.0 if self.look.theme.transparent else 1.0
        canvas.rectangle(Box(0, 0, *self.look.size), self.look.theme.rgba("ground", opaque))
        panels, places = chain(*self.panels), chain(*self.placements)
        # The strip, which comes last, has a line of its own and no text.
        for panel, place, text in zip(panels, places, self.layout.texts, strict=False):
            canvas.rectangle(place.box, self.look.theme.rgba("panel", opaque))
            small = self.scale.small
            draw_panel_furniture(
                canvas, panel, place, text, self.look.theme, small, self.film.words
            )
        if not self.look.bare:
            self._sheet_furniture(canvas)

    def _expect_formulas(self) -> None:
        """Look at every text that an author may have written with dollars."""
        named = ((p.title, p.subtitle, p.x_label, p.y_label) for p in chain(*self.panels))
        for text in (self.film.header.title, *self.film.captions, *chain(*named)):
            expect_settable(text)

    def marks(self, t: float) -> Iterator[tuple[Panel, Placement, Sequence[Mark]]]:
        """Give each panel, where it lies, and what its view shows in it at `t` seconds."""
        for view, panels, places in zip(self.views, self.panels, self.placements, strict=True):
            marks = marks_of(view, self.film, t, len(panels))
            yield from zip(panels, places, marks, strict=True)

    def draw_marks(self, surface: Surface, t: float) -> None:
        """Draw what the views show at `t` seconds."""
        share = t / self.film.timeline.seconds
        for panel, place, marks in self.marks(t):
            for mark in seen(panel, marks, share, self.film.words(".")):
                surface.draw(mark, place)

    def draw_figures(self, surface: Surface, t: float) -> None:
        """Draw the digits that change: epoch, loss, score."""
        for mark in card(self.film, t):
            surface.draw(mark, self._card_place)
        for caption in self.captions:
            caption.draw(surface, t)
        if self.look.bare:
            return
        moment, text, layout = self.film.moment(t), self.scale.text, self.layout
        clock = clock_text(self.film, moment)
        at = layout.right, layout.title
        surface.write(Text(at, clock, size=EPOCH * text, anchor="right"))
        figures, size = Strip().figures(self.film, moment), SMALL * text
        figures = shortened(figures, self.look.theme.font, size, self._figures_room)
        surface.write(Text((layout.left, layout.footer), figures, "quiet", size))

    @cached_property
    def captions(self) -> list[Caption]:
        """The caption below each of several tiles."""
        above = [
            (view, places[0].box)
            for view, places in zip(self.views, self.placements, strict=True)
            if isinstance(view, InTile) and view.captioned
        ]
        ticked = any(panel.x_ticks is not False for view, _ in above for panel in view.shown)
        boxes = [box for _, box in above]
        text, stroke = self.layout.texts[0], self.scale.stroke
        return captions_for(self.film, boxes, self.look.theme.font, text, stroke, ticked)

    @cached_property
    def _figures_room(self) -> float:
        """How wide the line of figures may be: up to the recipe."""
        size, layout = SMALL * self.scale.text, self.layout
        told = "" if self.scale.small else recipe(self.film.tiles)
        taken = width(told, self.look.theme.font, 0.9 * size)
        return layout.right - layout.left - taken - 2 * size * bool(told)

    @property
    def _card_place(self) -> Placement:
        width, height = self.look.size
        across = min(round(0.8 * width), round(640 * self.scale.stroke))
        high = round(across / ASPECT)
        box = Box((width - across) // 2, (height - high) // 2, across, high)
        return Placement(box, (0.0, 1.0), (0.0, 1.0))

    def _sheet_furniture(self, canvas: Canvas) -> None:
        layout, text = self.layout, self.scale.text
        widest = max(canvas.text_width(shown, EPOCH * text) for shown in clock_texts(self.film))
        label = layout.right - widest - 0.35 * EPOCH * text
        words, share = self.film.words, self.film.clock.face == "share"
        name = words("training") if share else words("epoch")
        canvas.write(Text((label, layout.title), name, size=EPOCH * text, anchor="right"))
        room = label - canvas.text_width(name, EPOCH * text) - 1.6 * TITLE * text - layout.left
        title = " ".join(self.film.header.title.split())
        fit = min(1.0, room / max(1.0, canvas.text_width(title, TITLE * text, bold=True)))
        at = layout.left, layout.title
        canvas.write(Text(at, title, size=fit * TITLE * text, bold=True))
        line = Box(layout.left, layout.hairline, layout.right - layout.left, max(1, round(text)))
        canvas.rectangle(line, self.look.theme.rgba("hairline"))
        if not self.scale.small:
            size, at = 0.9 * SMALL * text, (layout.right, layout.footer)
            canvas.write(Text(at, recipe(self.film.tiles), "quiet", size, "right"))
