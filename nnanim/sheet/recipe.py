"""What the sheet says of the time, and of how the networks were trained."""

from collections.abc import Sequence

import numpy as np

from nnanim.film.film import Film
from nnanim.marks import FIGURE_SPACE
from nnanim.network.optimizers import OPTIMIZERS
from nnanim.sheet.bands import said_of


def epoch_text(moment: float, epochs: float) -> str:
    """Return the epoch that is over at `moment`; of a short training, with a tenth."""
    if epochs < 20:
        return f"{np.floor(moment * 10 + 1e-6) / 10:.1f}"
    return f"{int(moment + 1e-6):d}"


def clock_name(film: Film) -> str:
    """Return what stands before the clock's digits; "" where they say it, as of means."""
    if film.clock.windows is not None:
        return ""
    return film.words("training") if film.clock.face == "share" else film.words("epoch")


def clock_text(film: Film, moment: float) -> str:
    """Return what the picture's clock shows: the epoch, or the share of the training.

    The epoch is that of the state that is shown: where that was kept from an earlier one, it is
    that; "best" where a file does not tell it, and where films side by side show several. Of a
    mean, it is those over which it is; room for more digits lies behind, so that no word moves.
    """
    windows = film.clock.windows
    if windows is None:
        return _one(film, moment)
    first, last = windows.span(moment)
    share, words = film.clock.face == "share", film.words
    begun, ended = _one(film, first), _one(film, last)
    widest = len(_one(film, film.epochs))
    room = FIGURE_SPACE * (widest - len(ended))
    if first == last:
        return f"{words('training')} {ended}" if share else words("epoch {n}", n=ended)
    if begun == ended:
        return words("mean of training {n}" if share else "mean of epoch {n}", n=ended) + room
    text = "mean of training {first} to {last}" if share else "mean of epochs {first}–{last}"
    return words(text, first=begun, last=ended) + room + FIGURE_SPACE * (widest - len(begun))


def _one(film: Film, moment: float) -> str:
    """Return the share or the epoch of a single state."""
    if film.clock.face == "share":
        return film.words.percent(f"{int(100 * moment / max(film.epochs, 1e-9) + 1e-6):d}")
    shown = {_epoch_shown(tile, min(moment, tile.epochs), moment) for tile in film.tiles}
    epoch = shown.pop()
    if shown or epoch is None:
        return film.words("best")
    return film.words.number(epoch_text(epoch, film.epochs))


def _epoch_shown(film: Film, own: float, moment: float) -> float | None:
    """Return the epoch of the state that a film shows; one that is over waits, for the `moment`."""
    kept = film.kept(own) if own == moment else None
    return moment if kept is None else kept.epoch


def clock_texts(film: Film) -> list[str]:
    """Return what the picture's clock shows at the ends of the training, and where it cuts."""
    cuts = {0.0, film.epochs, *(kept.at for tile in film.tiles for kept in tile.recording.kept)}
    windows = film.clock.windows
    if windows is not None:
        cuts |= set(windows.moments.tolist())
    return [
        clock_text(film, moment)
        for cut in cuts
        for moment in (cut, max(0.0, np.nextafter(cut, 0.0)))
    ]


def footnotes(film: Film) -> list[str]:
    """Return what may stand beside the figures, the first that has room: the recipe.

    Of small multiples, what the strip's bands are comes before it.
    """
    trained = recipe(film.tiles)
    if film.lattice is None:
        return [trained]
    said = said_of(film)
    return [" · ".join(filter(None, [said[0], trained])), *said]


def recipe(films: Sequence[Film]) -> str:
    """Return how the networks were trained, in one line: "Adam 0.01 · full batch · seed 3".

    Of several, what they have in common; of a loop of one's own, what is known.
    """
    first, *others = [_recipe(film) for film in films]
    return " · ".join(part for part in first if all(part in other for other in others))


def _recipe(film: Film) -> list[str]:
    header, training, words = film.header, film.header.training, film.words
    parts = []
    name, rate = training.get("optimizer"), training.get("lr")
    if isinstance(name, str):
        known = OPTIMIZERS.get(name)
        optimizer = name if known is None else known.kind
        rates = list(dict.fromkeys(rate.values())) if isinstance(rate, dict) else [rate]
        shown = all(isinstance(r, int | float) and not isinstance(r, bool) for r in rates)
        told = f" {', '.join(words.number(f'{r:g}') for r in rates)}" if shown else ""
        parts.append(f"{optimizer}{told}")
    if header.batch_size is not None:
        full = header.batch_size >= len(film.data.inputs)
        parts.append(words("full batch") if full else words("batch {n}", n=header.batch_size))
    if header.seed is not None:
        parts.append(words("seed {n}", n=header.seed))
    if header.activations is not None:
        parts.append(words("activations, mixed between snapshots"))
    return parts
