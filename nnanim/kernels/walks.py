"""The kernels of a walk along the motion of a picture.

The picture is points in rows: row i of `points` (rows, d), float32, where i is not negative, else
row ~i of `own` (k, d), float64. Distances are added up in one order on every machine, numpy's own.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nnanim.kernels.compilation import compiled
from nnanim.kernels.lanes import eight_sums, pointer
from nnanim.kernels.pictures import Runs, memory_for, picture

_inner = njit(nogil=True, error_model="numpy")

Array = NDArray[Any]

_RUN, _LEVELS = 128, 40  # numbers that are added up in eight sums, as numpy does; halvings
_BLOCK = 8  # rows of distances that are added up together
_NEAR = 1e-9  # of a sum: as far as it may be off, in whatever order it is added up
_SURELY = 1.0 - 1e-3  # of a stride: a way that is shorter, however it was rounded

# What a walk knows of itself, in `whole` and `real`.
DONE, SEEN, OWN, _PHASE, _TRIES, _CROSSED, WHOLE = 0, 1, 2, 3, 4, 5, 6
LAST, _MOMENT, _LENGTH, _DUE, _FURTHEST, REAL = 0, 1, 2, 3, 4, 5
_BEGINS, _PLACES, _LOOKS, _GOES = 0, 1, 2, 3  # phases of a step
ASKED = 3  # moments at most

_AHEAD = 4.0  # frames of the plan that one step passes at most
_PULL, _MOST_PULL = 0.03, 0.7  # on the logarithm of the speed, a frame behind; and at most
_STILL, TINY = 1e-3, 1e-12  # of the speed of a start, and of panels: as slow as nothing
_LEAST = 0.3  # frames of the plan that a step goes on, if it can
_OFF = 0.15  # of a step: as near as that, the picture is where it seemed to be
_MOST_TRIES = 12  # looks for the end of a step


@_inner
def _of_run(a: Array, b: Array, first: int, n: int, left: Array) -> Any:
    """Return the sum of (a - b)² over at most `_RUN` numbers from `first` on, in `left`'s type."""
    kind, whole = left.dtype.type, n - n % 8
    total = eight_sums(pointer(a, first), pointer(b, first), whole, left[0])
    for i in range(first + whole, first + n):
        total += (kind(a[i]) - kind(b[i])) * (kind(a[i]) - kind(b[i]))
    return total


@_inner
def _squares(a: Array, b: Array, room: Array, left: Array) -> Any:
    """Return the sum of (a - b)², halves of halves of it added up, to the bit as numpy adds.

    `room` (levels, 3) and `left` (levels,) are for the halves under way: where each begins, of how
    many numbers, whether its first half is done, and what that gave. All is computed in the type of
    `left`.
    """
    level = 0
    room[0] = 0, len(a), 0
    while True:
        first, n = room[level, 0], room[level, 1]
        half = n // 2
        half -= half % 8
        if n > _RUN:
            room[level, 2] = 0
            level += 1
            room[level] = first, half, 0
            continue
        total = _of_run(a, b, first, n, left)
        while True:
            level -= 1
            if level < 0:
                return total
            if room[level, 2] == 0:
                break
            total = left[level] + total
        first, n = room[level, 0], room[level, 1]
        half = n // 2
        half -= half % 8
        room[level, 2], left[level] = 1, total
        level += 1
        room[level] = first + half, n - half, 0


@_inner
def _away(points: Array, own: Array, row: int, here: Array, room: Array, left: Array) -> Any:
    """Return the sum of squares from `here` (d,) to the picture in a row, as `_squares`."""
    if row >= 0:
        return _squares(points[row], here, room, left)
    return _squares(own[~row], here, room, left)


@_inner
def _further(a: Array, here: Array, long: float, room: Array, left: Array) -> Any:
    """Return whether `_squares` of these is no less than `long`; it is asked where that is near."""
    n, total, first = len(a), left.dtype.type(0), 0
    while first < n:
        total += _of_run(a, here, first, min(_RUN, n - first), left)
        if total > (1 + _NEAR) * long:
            return True
        first += _RUN
    if total < (1 - _NEAR) * long:
        return False
    return not _squares(a, here, room, left) - long < 0


@_inner
def _fetch(points: Array, own: Array, row: int, out: Array) -> None:
    """Set out (d,) to the picture in a row."""
    if row >= 0:
        for i in range(len(out)):
            out[i] = points[row, i]
    else:
        for i in range(len(out)):
            out[i] = own[~row, i]


@_inner
def _halves() -> Any:
    """Return room for the halves that `_squares` adds up."""
    return np.zeros((_LEVELS, 3), np.int64)


@compiled
def apart(points: Array, own: Array, before: Array, after: Array, kind: Array) -> Array:
    """Return how far it is (k,) from rows `before` (k,) to rows `after` (k,), by `kind`'s type."""
    d = points.shape[1]
    room, left = _halves(), np.zeros(_LEVELS, kind.dtype)
    here = np.empty(d, kind.dtype)
    found = np.empty(len(before), kind.dtype)
    for k in range(len(before)):
        if before[k] >= 0 and after[k] >= 0:
            squares = _squares(points[after[k]], points[before[k]], room, left)
        else:
            _fetch(points, own, before[k], here)
            squares = _away(points, own, after[k], here, room, left)
        found[k] = np.sqrt(squares)
    return found


@compiled
def apart_between(points: Array, own: Array, before: Array, after: Array, share: Array) -> Array:
    """Return how far it is (k - 1,) along pictures (k,), each a `share` between two rows."""
    d = points.shape[1]
    room, left = _halves(), np.zeros(_LEVELS)
    here, there, one, other = np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    found = np.empty(len(share) - 1)
    for k in range(len(share)):
        if before[k] >= 0 and after[k] >= 0:
            _mix(points[before[k]], points[after[k]], share[k], there)
        else:
            _fetch(points, own, before[k], one)
            _fetch(points, own, after[k], other)
            _mix(one, other, share[k], there)
        if k:
            found[k - 1] = np.sqrt(_squares(there, here, room, left))
        here, there = there, here
    return found


@_inner
def _mix(one: Array, other: Array, share: float, out: Array) -> None:
    """Set out (d,) to what is a `share` between two pictures."""
    for i in range(len(out)):
        out[i] = (1 - share) * one[i] + share * other[i]


@compiled
def strides(points: Array, own: Array, rows: Array, gaps: Array, stride: float) -> Any:
    """Return at which of the pictures (n,) one stands who goes on once a stride away, and the last.

    Indices (k,), the first of them 0; then how far it is (k - 1,) from each to the next. `gaps`
    (n - 1,) are the ways from each picture to the next, in whose type all is added up: as long as
    these together are no stride, none is measured.
    """
    room, left = _halves(), np.zeros(_LEVELS, gaps.dtype)
    begun = np.empty(points.shape[1], gaps.dtype)
    ends, away = np.zeros(len(rows), np.int64), np.empty(len(rows), gaps.dtype)
    count, here = 1, 0
    while here < len(rows) - 1:
        _fetch(points, own, rows[here], begun)
        after, way = here + 1, np.float64(gaps[here])
        while True:
            last = after == len(rows) - 1
            if last or not way < _SURELY * stride:
                squares = _away(points, own, rows[after], begun, room, left)
                if last or np.float64(squares) >= stride**2:
                    break
            way += np.float64(gaps[after])
            after += 1
        here = after
        ends[count], away[count - 1] = here, np.sqrt(squares)
        count += 1
    return ends[:count], away[: count - 1]


@_inner
def _at(x: float, places: Array, values: Array) -> Any:
    """Return the value at x between places (n,) that rise, as np.interp does."""
    last = len(places) - 1
    if x >= places[last]:
        return values[last]
    if x <= places[0]:
        return values[0]
    i = np.searchsorted(places, x, side="right") - 1
    slope = (values[i + 1] - values[i]) / (places[i + 1] - places[i])
    return slope * (x - places[i]) + values[i]


@_inner
def _knows(times: Array, whole: Array, moment: float) -> Any:
    """Return the place of a moment among those seen, -1 where it is not."""
    at = np.searchsorted(times[: whole[SEEN]], moment)
    return at if at < whole[SEEN] and times[at] == moment else -1


@_inner
def _keep(times: Array, rows: Array, whole: Array, moment: float) -> None:
    """Put a moment among those seen; its picture is the next of the walk's own."""
    at = np.searchsorted(times[: whole[SEEN]], moment)
    for i in range(whole[SEEN], at, -1):
        times[i], rows[i] = times[i - 1], rows[i - 1]
    times[at], rows[at] = moment, ~whole[OWN]
    whole[SEEN] += 1
    whole[OWN] += 1


@_inner
def _begin(
    due: Array, speeds: Array, frames: Array, moments: Array, whole: Array, real: Array,
    faster: float, slowest: float,
) -> None:  # fmt: skip
    """Find how long the next step is to be, and when it is due."""
    frame = np.float64(whole[DONE])
    place = _at(moments[whole[DONE]], due, frames)  # in the plan
    after = max(min(frame + 1.0, place + _AHEAD), place + _LEAST)
    real[_FURTHEST] = _at(max(after, place + 1.0) + _AHEAD - 1.0, frames, due)
    real[_DUE] = _at(after, frames, due)
    pull = min(max(_PULL * (frame - place), -_MOST_PULL), _MOST_PULL)
    length = speeds[min(int(after), len(speeds) - 1)] * np.exp(pull)
    last = real[LAST]
    if last > 0.0:
        length = max(length, last / faster)
        start = slowest if last < _STILL * slowest else last
        length = min(length, start * faster)
    real[_LENGTH], whole[_TRIES] = length, 0


@_inner
def _place(
    points: Array, own: Array, times: Array, rows: Array, whole: Array, real: Array,
    here: Array, guess: Array, now: float, room: Array, left: Array, there: Array,
) -> None:  # fmt: skip
    """Find where the picture seems to be so far away, nearest to when it is due; there if nowhere.

    That is `guess` (d,); where it is nowhere, whatever the picture is there.
    """
    seen = times[: whole[SEEN]]
    start = np.searchsorted(seen, now, side="right")
    stop = min(np.searchsorted(seen, real[_FURTHEST]) + 1, whole[SEEN])
    long = real[_LENGTH] ** 2
    within, time = -long < 0, now
    best, found, least = np.inf, -1, 0.0
    for i in range(start, stop):
        if rows[i] >= 0:
            further = _further(points[rows[i]], here, long, room, left)
        else:
            further = _further(own[~rows[i]], here, long, room, left)
        if within == further:
            off = abs(time + times[i] - 2 * real[_DUE])
            if off < best:
                best, found, least = off, i, time
        within, time = not further, times[i]
    whole[_CROSSED] = found >= 0
    real[_MOMENT] = real[_DUE]
    if found < 0:
        return
    # |away + share · along| = length
    c = -long
    if found == start:
        guess[:] = here
    else:
        c += _away(points, own, rows[found - 1], here, room, left)
        _fetch(points, own, rows[found - 1], guess)
    _fetch(points, own, rows[found], there)
    a, b = 0.0, 0.0
    for i in range(len(here)):
        away = guess[i] - here[i]
        along = (there[i] - here[i]) - away
        a += along * along
        b += along * away
    b = 2 * b
    root = np.sqrt(max(b * b - 4 * a * c, 0.0))
    share = min(max((-b + (root if c < 0 else -root)) / (2 * a), 0.0), 1.0)
    real[_MOMENT] = least + share * (times[found] - least)
    for i in range(len(here)):
        away = guess[i] - here[i]
        guess[i] = here[i] + away + share * ((there[i] - here[i]) - away)


@_inner
def _beside(
    recorded: Array, due: Array, times: Array, whole: Array, moment: float, asked: Array
) -> Any:
    """Set `asked` to the snapshots about a moment that were not seen; return how many."""
    count, after = 0, np.searchsorted(recorded, moment)
    for near in recorded[max(0, after - 1) : after + 1]:
        if due[0] < near < due[len(due) - 1] and _knows(times, whole, near) < 0:
            asked[count] = near
            count += 1
    return count


@_inner
def _looked(
    count: int, own: Array, times: Array, rows: Array, whole: Array, asked: Array, runs: Runs,
    memory: Any,
) -> Any:  # fmt: skip
    """Look at so many moments that are `asked`, if that can be done here; return whether it is."""
    if count == 0:
        return True
    full = whole[OWN] + count > len(own) or whole[SEEN] + count > len(times)
    if full or len(runs.films) == 0:
        return False
    for k in range(count):
        picture(asked[k], runs, memory, own[whole[OWN]])
        _keep(times, rows, whole, asked[k])
    return True


@compiled
def walk(
    until: int, faster: float, slowest: float, points: Array, own: Array, times: Array,
    rows: Array, due: Array, speeds: Array, frames: Array, recorded: Array, here: Array,
    guess: Array, moments: Array, whole: Array, real: Array, asked: Array, fresh: int, runs: Runs,
) -> Any:  # fmt: skip
    """Go on until so many steps are done, or return how many moments must be looked at first.

    Those are then in `asked`; what is seen there belongs to `own`, from `whole[OWN]` on, and is
    `fresh` when it goes on. Where there is room for that, and `runs` are given, the kernel itself
    looks. `times` and `rows` are what was seen, `whole[SEEN]` of it; `due`
    (frames + 1,) is the plan, at the numbers `frames`, `speeds` (frames,) how far to go about
    each; none is more than `faster` times the one before, the first than `real[LAST]`, or whatever
    where that is 0. `here` (d,) is the picture at the last of `moments`, `whole[DONE]`.
    """
    for k in range(fresh):
        _keep(times, rows, whole, asked[k])
    room, left, there = _halves(), np.zeros(_LEVELS), np.empty(len(here))
    memory = memory_for(runs)
    while whole[DONE] < until:
        if whole[_PHASE] == _BEGINS:
            _begin(due, speeds, frames, moments, whole, real, faster, slowest)
            whole[_PHASE] = _PLACES
        if whole[_PHASE] == _PLACES:
            now = moments[whole[DONE]]
            _place(
                points, own, times, rows, whole, real, here, guess, now, room, left, there
            )  # fmt: skip
            whole[_PHASE] = _LOOKS
        moment = real[_MOMENT]
        at = _knows(times, whole, moment)
        if at < 0:
            asked[0] = moment
            if _looked(1, own, times, rows, whole, asked, runs, memory):
                continue
            return 1
        _fetch(points, own, rows[at], there)
        if whole[_PHASE] == _LOOKS:
            whole[_PHASE] = _GOES
            off = _squares(there, guess, room, left)
            if whole[_CROSSED] and not off <= (_OFF * real[_LENGTH]) ** 2:
                whole[_TRIES] += 1
                if whole[_TRIES] < _MOST_TRIES:
                    whole[_PHASE] = _PLACES
                count = _beside(recorded, due, times, whole, moment, asked)
                if _looked(count, own, times, rows, whole, asked, runs, memory):
                    continue
                return count
        whole[_PHASE] = _BEGINS
        whole[DONE] += 1
        moments[whole[DONE]] = moment
        real[LAST] = max(np.sqrt(_squares(there, here, room, left)), TINY)
        here[:] = there
    return 0


@compiled
def asunder(points: Array) -> Array:
    """Return the logarithms (n, n) of how far it is from each of points to those after it.

    To the others they are infinite. The points (d, n) are given by columns.
    """
    d, n = points.shape
    found, some = np.full((n, n), np.inf), np.empty((_BLOCK, n))
    for first in range(0, n, _BLOCK):
        last = min(first + _BLOCK, n)
        some[:] = 0.0
        for k in range(d):
            row = points[k]
            for i in range(first, last):
                here, sums = row[i], some[i - first]
                for j in range(first, n):
                    off = row[j] - here
                    sums[j] += off * off
        for i in range(first, last):
            for j in range(i + 1, n):
                found[i, j] = np.log(max(some[i - first, j], TINY**2)) / 2
    return found


@compiled
def chosen(after: Array, steps: Array, most: float) -> Array:
    """Return places, the first to the last of n, that lie about so far apart, one after another.

    `after` (n, n) are the logarithms of the distances from each, in its row, to those after it, and
    infinite to the others; `steps` (k,) those of the distances wanted. The sum of the squares of
    what they are off is the least; of several, each comes from the earliest. It is known to be no
    more than `most`.
    """
    n = len(after)
    costs, least = np.full(n, np.inf), np.empty(n)
    came = np.zeros((len(steps), n))  # as wide as costs, so that both are found in one go
    costs[0] = 0.0
    for k in range(len(steps)):
        least[:] = np.inf
        step, whence = steps[k], came[k]
        for i in range(n):
            cost, place = costs[i], np.float64(i)
            if cost == np.inf or cost > most:
                continue
            row = after[i]
            for j in range(i + 1, n):
                off = row[j] - step
                whole = cost + off * off
                nearer = whole < least[j]
                least[j] = whole if nearer else least[j]
                whence[j] = place if nearer else whence[j]
        costs, least = least, costs
    places = np.empty(len(steps) + 1, np.int64)
    places[len(steps)] = n - 1
    for k in range(len(steps) - 1, -1, -1):
        places[k] = int(came[k, places[k + 1]])
    return places
