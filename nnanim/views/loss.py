"""The loss over the whole training, as a panel of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnanim.errors import SceneError, unknown
from nnanim.film.film import Film
from nnanim.film.segments import borders_of
from nnanim.marks import Lines, Mark, Points
from nnanim.titled import Titled
from nnanim.types import Floats
from nnanim.view import Panel

_PERS = ("epoch", "step")
_MOST_POINTS = 2000  # of the curve; of more steps, means of as many as it takes are shown


@dataclass(frozen=True)
class Loss(Titled):
    """The loss so far, the mean of the batches of each epoch or that of each step's batch.

    Where there is a test part, the loss over it is another curve. A training in segments is one
    curve with a quiet upright line where a segment begins. The playhead stands at the moment shown.
    The curve begins with the first batch's loss, before any step; losses that are not finite part
    it.
    """

    log: bool = False
    per: Literal["epoch", "step"] = "epoch"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.per not in _PERS:
            raise SceneError(unknown("per of Loss", self.per, _PERS))

    def panels(self, film: Film) -> Sequence[Panel]:
        """Return one panel from epoch 0 to the last, a hundredth wider at each end."""
        end = max(film.epochs, 1e-9)
        tested = self._tested(film)
        heights = np.concatenate(
            [self._curve(film)[:, 1], *([] if tested is None else [tested[:, 1]])]
        )
        heights = heights[np.isfinite(heights)]
        low, high = (float(heights.min()), float(heights.max())) if len(heights) else (0.0, 0.0)
        if not self.log:
            low = min(0.0, low)
        room = max(high - low, 1e-9 if not self.log else 0.1)
        per = "{loss}, mean of each epoch" if self.per == "epoch" else "{loss}, each batch"
        return [
            Panel(
                film.words("Loss"),
                (-0.01 * end, 1.01 * end),
                (low - 0.03 * room, high + 0.06 * room),
                subtitle=film.words(per, loss=film.header.loss),
                equal=False,
                legend=()
                if tested is None
                else (
                    (film.words("training samples"), "class1", "line"),
                    (film.words("test samples"), "class0", "line"),
                ),
                x_label=film.words("epoch"),
                y_log=self.log,
            )
        ]

    def marks(self, film: Film, t: float) -> Sequence[Sequence[Mark]]:
        """Return the segments' borders, the curve up to now and the playhead at its end."""
        moment, curve = film.moment(t), self._curve(film)
        (panel,) = self.panels(film)
        begun = borders_of(film.header, film.epochs)
        borders = [np.array([[x, panel.y[0]], [x, panel.y[1]]]) for x in begun]
        before = curve[curve[:, 0] < moment]
        at = float(np.interp(moment, curve[:, 0], curve[:, 1]))
        now = np.array([[moment, at]])
        line = np.concatenate([before, now])
        marks: list[Mark] = [Lines(borders, "hairline", width=1.5)] if borders else []
        tested = self._tested(film)
        if tested is not None:
            so_far = np.append(tested[tested[:, 0] < moment, 0], moment)
            known = np.stack([so_far, np.interp(so_far, *tested.T)], axis=1)
            parts = [known[part] for part in _finite_runs(known[:, 1])]
            marks.append(Lines(parts, "class0", width=3.0))
        parts = [line[part] for part in _finite_runs(line[:, 1])]
        marks.append(Lines(parts, "class1", width=3.0))
        return [[*marks, *([Points(now, "ink", size=13.0)] if np.isfinite(at) else [])]]

    def _tested(self, film: Film) -> Floats | None:
        """Return the curve of the test part (n, 2), as `_curve`; None where there is none."""
        losses = film.test_losses
        if losses is None:
            return None
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                losses = np.log10(losses)
        return np.stack([film.history.moments, losses], axis=1)

    def _curve(self, film: Film) -> Floats:
        """Return the whole curve (n, 2): epochs and losses, or their logarithms."""
        key = ("loss curve", self.per, self.log)
        return film.once(key, lambda: self._made(film))

    def _made(self, film: Film) -> Floats:
        recording = film.recording
        loss = recording.batch_loss[: int(recording.steps[-1])]
        ends = np.interp(np.arange(1, len(loss) + 1), recording.steps, recording.epochs)
        if self.per == "epoch":
            bins = np.ceil(ends - 1e-9).astype(np.int64)
        else:
            bins = np.arange(len(loss)) // max(1, -(-len(loss) // _MOST_POINTS))
        _, first, counts = np.unique(bins, return_index=True, return_counts=True)
        means = np.add.reduceat(loss, first) / counts if len(loss) else loss
        # The first batch's loss, before any step, is all that is known of the untrained network.
        moments = np.concatenate([recording.epochs[:1], ends[first + counts - 1]])
        values = np.concatenate([recording.batch_loss[:1], means])
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log10(values)
        return np.stack([moments, values], axis=1)


def _finite_runs(values: Floats) -> list[slice]:
    """Return where `values` is finite, run by run."""
    finite = np.concatenate([[False], np.isfinite(values), [False]])
    edges = np.flatnonzero(finite[1:] != finite[:-1])
    return [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
