"""The sheet: what of the picture stands still, and the few digits that change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain, pairwise

from nnanim.drawing.formulas import expect_settable
from nnanim.drawing.painter import seen
from nnanim.drawing.surface import Board, Box, Placement, Surface
from nnanim.drawing.typesetter import shortened, width
from nnanim.errors import SceneError
from nnanim.film.film import Film
from nnanim.marks import Mark, Text
from nnanim.row import height_of
from nnanim.sheet.blocks import Stand
from nnanim.sheet.columns import InTile, place_columns
from nnanim.sheet.diverged import draw_card
from nnanim.sheet.furniture import axis_labels, draw_panel_furniture
from nnanim.sheet.grid import place_grid
from nnanim.sheet.labels import draw_in_panel
from nnanim.sheet.layout import SIDE, Layout, Place, lay_out
from nnanim.sheet.look import Look
from nnanim.sheet.multiples import Multiples
from nnanim.sheet.nameplates import WORDINGS, Nameplate, Wording, across, cut_to, feet_of
from nnanim.sheet.recipe import clock_name, clock_text, clock_texts, footnotes
from nnanim.sheet.rows import place_rows
from nnanim.sheet.said import Said
from nnanim.sheet.scale import Scale
from nnanim.sheet.slots import blocks_of
from nnanim.sheet.strip import Strip
from nnanim.sheet.title import LEADING, LEAST, Title, title_of
from nnanim.view import Figured, Panel, Rows, View, marks_of, panels_of

_ABOUT = 0.75  # times as large: panels that leave room for whole nameplates
_MOST = 400  # panels: more are too small to see on any sheet


@dataclass(frozen=True, eq=False)
class Sheet:
    """The plan of the whole picture: views in rows, and how they look.

    With `aligned`, rows are those of a grid. Without a `clock`, it shows no time: it has neither
    strip nor figures.
    """

    film: Film
    rows: Rows
    look: Look
    aligned: bool = False
    clock: bool = True

    @cached_property
    def views(self) -> list[View]:
        """All views, the strip last."""
        return [
            *(view for row in self.rows for view in row),
            *([Strip()] if self._stripped else []),
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

    @property
    def scale(self) -> Scale:
        """How large text and strokes are."""
        return self.look.scale

    @property
    def font(self) -> str:
        """The font of all texts."""
        return self.look.theme.font

    @cached_property
    def title(self) -> Title:
        """The title as it stands beside the clock; a bare sheet has none."""
        if self.look.bare:
            return Title(("",), self.scale.title)
        header, scale = self.film.header, self.scale
        room = (1 - 2 * SIDE) * self.look.size[0]
        if self._stripped:
            digits = max(width(text, self.font, scale.epoch) for text in clock_texts(self.film))
            name = width(clock_name(self.film), self.font, scale.epoch)
            room -= digits + name + 0.35 * scale.epoch + 1.2 * scale.title
        return title_of(
            header.title, room, scale.title, scale.letters(LEAST), self.font,
            ours=bool(header.ours.get("title")),
        )  # fmt: skip

    @cached_property
    def said(self) -> Said | None:
        """What the film's acts say in the picture; None where it has no place for that."""
        room = (1 - 2 * SIDE) * self.look.size[0]
        shown = self._stripped and self.look.captions == "picture"
        return Said(self.film, self.look, room) if shown else None

    @cached_property
    def layout(self) -> Layout:
        """Where everything stands."""
        if self._multiples is not None:
            return self._laid_out(self._multiples.place)
        if self._tiled and self.clock:
            return self._worded[1]
        return self._laid_out(self._in_columns() if self._tiled or self.aligned else self._in_rows)

    @cached_property
    def _multiples(self) -> Multiples | None:
        """The lattice of small tiles; None where there is none."""
        lattice = self.film.lattice
        if lattice is None or not self._tiled:
            return None
        panels = [panel for panel, *_ in self.panels[: len(self.film.tiles)]]
        return Multiples(lattice, panels, self.scale, self.font)

    @cached_property
    def _worded(self) -> tuple[Wording, Layout]:
        """How nameplates are worded, so that none reaches the next tile's, and the layout."""
        scale, font = self.scale, self.font
        layout = None
        for wording in WORDINGS:
            wide, under = across(self.film, wording, scale, font), wording.height(scale)
            layout = self._laid_out(self._in_columns(under))
            if wide <= self._pitch(layout):
                return wording, layout
        assert layout is not None
        # Tiles further apart are worth whole nameplates, if their panels stay about as large.
        for wording in WORDINGS[1:]:
            wide, under = across(self.film, wording, scale, font), wording.height(scale)
            apart = self._laid_out(self._in_columns(under, round(wide)))
            if wide <= self._pitch(apart) and apart.smallest >= _ABOUT * layout.smallest:
                return wording, apart
        return cut_to(self.film, self._pitch(layout), scale, font), layout

    @cached_property
    def placements(self) -> list[list[Placement]]:
        """Where the coordinates of each view's panels lie."""
        strip = [self.layout.strip] if self.layout.strip else []
        boxes = iter([*self.layout.panels, *strip])
        return [
            [Placement(next(boxes), panel.x, panel.y) for panel in panels] for panels in self.panels
        ]

    def draw_furniture(self, canvas: Board) -> None:
        """Draw what stands still over the whole film; `SceneError` for formulas that are none."""
        self._expect_formulas()
        theme = self.look.theme
        opaque = 0.0 if theme.transparent else 1.0
        canvas.rectangle(Box(0, 0, *self.look.size), "ground", opaque)
        # The strip, which comes last, has no furniture of a panel.
        for panel, stand in zip(chain(*self.panels), self.layout.stands, strict=False):
            canvas.rectangle(stand.box, "panel", opaque)
            draw_panel_furniture(canvas, panel, stand, self.scale, theme, self.film.words)
        if self._multiples is not None:
            self._multiples.draw(canvas, self.layout.stands)
        if not self.look.bare:
            self._draw_title(canvas)
        if self._stripped:
            self._draw_foot(canvas)

    def _expect_formulas(self) -> None:
        """Look at every text that an author may have written with dollars."""
        texts = [self.film.header.title, *self.film.names]
        texts += () if self.said is None else self.said.lines
        for p in chain(*self.panels):
            texts += p.title, p.block, p.subtitle, p.x_label, p.y_label
            texts += [label for label, *_ in p.legend]
            texts += [] if p.color_bar is None else [p.color_bar.label]
        for text in texts:
            expect_settable(text)

    def marks(self, t: float) -> Iterator[tuple[Panel, Placement, Sequence[Mark]]]:
        """Give each panel, where it lies, and what its view shows in it at `t` seconds."""
        for view, panels, places in zip(self.views, self.panels, self.placements, strict=True):
            marks = marks_of(view, self.film, t, len(panels))
            yield from zip(panels, places, marks, strict=True)

    def draw_marks(self, surface: Surface, t: float) -> None:
        """Draw what the views show at `t` seconds, their texts over all else."""
        share = t / self.film.timeline.seconds
        for panel, place, marks in self.marks(t):
            shown = seen(panel, marks, share, self.film.words("."))
            taken = axis_labels(panel, place.box, self.scale, self.font)
            draw_in_panel(surface, shown, place, self.scale, self.font, taken)

    def draw_figures(self, surface: Surface, t: float) -> None:
        """Draw the digits that change: epoch, loss, score."""
        draw_card(self.film, self.look, surface, t)
        for nameplate in self.nameplates:
            nameplate.draw(surface, t)
        if not self._stripped:
            return
        moment, scale, layout = self.film.moment(t), self.scale, self.layout
        clock = clock_text(self.film, moment)
        surface.write(Text((layout.right, layout.title), clock, size=scale.epoch, anchor="right"))
        if self.said is not None and layout.caption is not None:
            self.said.draw(surface, t, layout.caption)
        figures, room = self._figures(t), layout.right - layout.left
        figures = shortened(figures, self.font, scale.figures, room)
        surface.write(Text((layout.left, layout.footer), figures, size=scale.figures))

    def _figures(self, t: float) -> str:
        """Return the line of figures: those of the strip, then what views tell of their own."""
        own = [view.strip_figure(self.film, t) for view in self._figured]
        return "    ".join([Strip().figures(self.film, self.film.moment(t)), *filter(None, own)])

    @cached_property
    def _figured(self) -> list[Figured]:
        """The views that tell of their own, found once: to ask for methods by name takes long."""
        return [view for view in self.views if isinstance(view, Figured)]

    @cached_property
    def nameplates(self) -> list[Nameplate]:
        """The nameplate below each of several tiles."""
        if not self._tiled or not self.clock or self._multiples is not None:
            return []
        feet = feet_of(self.panels, self.layout.stands, len(self.film.tiles), self.scale)
        return [
            Nameplate(tile, label, i, self._worded[0], self.scale, *foot)
            for i, (tile, label, foot) in enumerate(
                zip(self.film.tiles, self.film.names, feet, strict=True)
            )
        ]

    def _pitch(self, layout: Layout) -> int:
        """Return how far it is from one nameplate to the next, or to the sheet's end."""
        feet = feet_of(self.panels, layout.stands, len(self.film.tiles), self.scale)
        lefts = sorted({left for left, _ in feet})
        return min(b - a for a, b in pairwise([*lefts, self.look.size[0]]))

    @property
    def _stripped(self) -> bool:
        """Whether the sheet has a clock, a strip and figures."""
        return self.clock and not self.look.bare

    @property
    def _tiled(self) -> bool:
        return any(isinstance(view, InTile) for row in self.rows for view in row)

    def _laid_out(self, place: Place) -> Layout:
        """Return the layout with panels that stand where `place` puts them."""
        name = 0
        if self._stripped:
            small = self.scale.small
            name = round(width(Strip().name(self.film), self.font, small) + 1.2 * small)
        titles, said = len(self.title.lines), 0 if self.said is None else self.said.most
        return lay_out(self.scale, place, bare=self.look.bare, clock=self.clock, titles=titles,
                       captions=said, strip_name=name)  # fmt: skip

    def _in_rows(self, content: Box, margin: int) -> list[Stand]:
        """Return where the panels stand, rows of them as the author wrote them."""
        panels = iter(self.panels)
        blocks = [
            [block for _ in row for block in blocks_of(next(panels), self.scale, self.font)]
            for row in self.rows
        ]
        return place_rows(content, blocks, list(map(height_of, self.rows)), self.scale, margin)

    def _in_columns(self, under: int = 0, least: int = 0) -> Place:
        """Return what puts the panels into aligned columns; see `place_grid`."""

        def place(content: Box, margin: int) -> list[Stand]:
            grid = partial(place_grid, content, tiles=len(self.rows[0]), scale=self.scale,
                           margin=margin, under=under, least=least)  # fmt: skip
            return place_columns(self.rows, self.panels, self.scale, self.font, grid)

        return place

    def _draw_title(self, canvas: Board) -> None:
        layout, scale = self.layout, self.scale
        if self._stripped:
            clocks = clock_texts(self.film)
            widest = max(canvas.text_width(shown, scale.epoch) for shown in clocks)
            end = layout.right - widest - 0.35 * scale.epoch
            at = end, layout.title
            canvas.write(Text(at, clock_name(self.film), size=scale.epoch, anchor="right"))
        for i, line in enumerate(self.title.lines):
            below = layout.left, layout.title + LEADING * i * scale.title
            canvas.write(Text(below, line, size=self.title.size, bold=True))

    def _draw_foot(self, canvas: Board) -> None:
        """Draw the name of the strip, the line below it, and a footnote if it has room."""
        layout, scale = self.layout, self.scale
        small = scale.small
        at = layout.left, layout.strip_name
        canvas.write(Text(at, Strip().name(self.film), "quiet", small))
        thick = max(1, round(scale.text))
        line = Box(layout.left, layout.hairline, layout.right - layout.left, thick)
        canvas.rectangle(line, "hairline")
        figures = self._figures(self.film.timeline.seconds)
        room = layout.right - layout.left - width(figures, self.font, scale.figures) - 2 * small
        fit = (t for t in footnotes(self.film) if canvas.text_width(t, small) <= room)
        canvas.write(Text((layout.right, layout.footer), next(fit, ""), "quiet", small, "right"))
