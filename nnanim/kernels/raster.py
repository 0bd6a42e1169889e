"""The raster kernel: points, polygons, coverage and images drawn into RGBA pixels.

Coverage of outlines is exact: the signed area under each edge is added up along the rows. Many
points of one shape are stamped from a table of sprites, one for each of 64 × 64 positions within a
pixel, eight pixels at a time.

Everywhere: `pixels` (height, width) are 32-bit words as in `blend`, `clip` is (left, top, right,
bottom) in whole pixels, and coordinates are in pixels from the top left corner. What lies outside
of the clip, or is not finite, is not drawn.
"""

from functools import lru_cache
from math import ceil, floor

import numpy as np

from nnanim.kernels.blend import Array, Word, eight_over, lay, over
from nnanim.kernels.compilation import compiled

PHASES = 64
_FAR = 1e7  # pixels: what is further away is moved here
_TURNED = 16  # columns that are turned into rows at once, a line of the processor's cache wide


@compiled
def _add_piece(row: Array, dy: float, x0: float, x1: float) -> None:
    """Add to `row` the area to the right of an edge piece `dy` high, from x0 <= x1 inside it."""
    first, last = floor(x0), ceil(x1)
    if last <= first + 1:
        middle = 0.5 * (x0 + x1) - first
        row[first] += dy * (1 - middle)
        row[first + 1] += dy * middle
        return
    slope = 1 / (x1 - x0)
    covered = 0.5 * slope * (first + 1 - x0) ** 2
    row[first] += dy * covered
    before = covered
    for x in range(first + 1, last - 1):
        covered = slope * (x + 0.5 - x0)
        row[x] += dy * (covered - before)
        before = covered
    covered = 1 - 0.5 * slope * (x1 - (last - 1)) ** 2
    row[last - 1] += dy * (covered - before)
    row[last] += dy * (1 - covered)


@compiled
def _add_in_row(row: Array, width: int, dy: float, x0: float, x1: float) -> None:
    """Add an edge piece; what lies to the left of the row covers all of it, to the right none."""
    low, high = min(x0, x1), max(x0, x1)
    if low == high:
        before, within = 1.0 if low <= 0 else 0.0, 1.0 if 0 < low < width else 0.0
    else:
        before = max(min(high, 0.0) - low, 0.0) / (high - low)
        within = max(min(high, float(width)) - max(low, 0.0), 0.0) / (high - low)
    row[0] += dy * before
    if within > 0:
        _add_piece(row, dy * within, max(low, 0.0), min(high, float(width)))


@compiled
def area(outline: Array, left: int, top: int, cover: Array) -> None:
    """Set `cover` (height, width + 2) to the share of each pixel inside a closed outline (k, 2).

    The window begins at pixel (left, top); its last two columns are scratch.
    """
    height, width = cover.shape[0], cover.shape[1] - 2
    cover[:] = 0
    for i in range(len(outline)):
        xa, ya = outline[i - 1, 0] - left, outline[i - 1, 1] - top
        xb, yb = outline[i, 0] - left, outline[i, 1] - top
        sign = 1.0
        if ya > yb:
            xa, ya, xb, yb, sign = xb, yb, xa, ya, -1.0
        if ya == yb or yb <= 0 or ya >= height:
            continue
        slope = (xb - xa) / (yb - ya)
        for y in range(max(0, floor(ya)), min(height, ceil(yb))):
            y0, y1 = max(ya, float(y)), min(yb, y + 1.0)
            x0, x1 = xa + (y0 - ya) * slope, xa + (y1 - ya) * slope
            _add_in_row(cover[y], width, sign * (y1 - y0), x0, x1)
    for y in range(height):
        total = 0.0
        for x in range(width):
            total += cover[y, x]
            cover[y, x] = min(abs(total), 1.0)


@compiled
def _sprites(outline: Array, reach: float, alpha: float, found: Array) -> None:
    """Set `found` (PHASES², side, lanes) to the weights of a shape at each position in a pixel."""
    side = found.shape[1]
    window = np.zeros((side, side + 2))
    for phase in range(PHASES * PHASES):
        moved = outline + reach
        moved[:, 0] += (phase % PHASES + 0.5) / PHASES
        moved[:, 1] += (phase // PHASES + 0.5) / PHASES
        area(moved, 0, 0, window)
        for y in range(side):
            for x in range(side):
                found[phase, y, x] = int(255 * alpha * window[y, x] + 0.5)


@lru_cache(maxsize=32)
def sprites(outline: bytes, alpha: float) -> tuple[Array, float]:
    """Return the table of sprites of an outline's bytes, and how far it reaches from its middle."""
    corners = np.frombuffer(outline).reshape(-1, 2)
    reach = float(np.abs(corners).max())
    side = ceil(2 * reach + 1)
    found = np.zeros((PHASES * PHASES, side, -(-side // 8) * 8), np.uint8)
    _sprites(corners, reach, alpha, found)
    return found, reach


@compiled
def stamp(
    pixels: Array,
    clip: tuple[int, int, int, int],
    middles: Array,
    place: tuple[float, float, float, float],
    colors: Array,
    index: Array,
    table: Array,
    reach: float,
    opaque: bool,
) -> None:
    """Draw a sprite at each of `middles` (n, 2); `index` (n,) picks its colour.

    `place` is (scale, shift) of x and of y from the given coordinates to pixels.
    """
    left, top, right, bottom = clip
    side, lanes = table.shape[1], table.shape[2]
    width, flat, weights = pixels.shape[1], pixels.reshape(pixels.size), table.reshape(table.size)
    x_scale, x_shift, y_scale, y_shift = place
    for i in range(len(middles)):
        x = (x_scale * middles[i, 0] + x_shift - reach) * PHASES
        y = (y_scale * middles[i, 1] + y_shift - reach) * PHASES
        if not (abs(x) < _FAR * PHASES and abs(y) < _FAR * PHASES):
            continue
        whole_x, whole_y = floor(x), floor(y)
        x0, y0 = whole_x >> 6, whole_y >> 6
        phase = (whole_y & 63) * PHASES + (whole_x & 63)
        color = colors[index[i]]
        inside = x0 >= left and y0 >= top and x0 + side <= right and y0 + side <= bottom
        if opaque and inside and x0 + lanes <= width:
            for row in range(side):
                for k in range(0, lanes, 8):
                    at = (y0 + row) * width + x0 + k
                    eight_over(flat, at, weights, (phase * side + row) * lanes + k, color)
            continue
        first, last = max(left - x0, 0), min(right - x0, side)
        if first < last:
            for row in range(max(top - y0, 0), min(bottom - y0, side)):
                part = table[phase, row, first:last]
                lay(pixels[y0 + row, x0 + first : x0 + last], color, part)


@compiled
def fill(
    pixels: Array, clip: tuple[int, int, int, int], outline: Array, color: Word, alpha: float
) -> None:
    """Fill a closed outline (k, 2), finite, of edges that do not cross."""
    corners = np.minimum(np.maximum(outline, -_FAR), _FAR)
    xs, ys = corners[:, 0], corners[:, 1]
    left, top = max(clip[0], floor(xs.min())), max(clip[1], floor(ys.min()))
    right, bottom = min(clip[2], ceil(xs.max())), min(clip[3], ceil(ys.max()))
    if left >= right or top >= bottom:
        return
    cover = np.empty((bottom - top, right - left + 2))
    area(corners, left, top, cover)
    weights = np.empty(right - left, np.uint8)
    for y in range(bottom - top):
        for x in range(right - left):
            weights[x] = int(255 * alpha * cover[y, x] + 0.5)
        lay(pixels[top + y, left:right], color, weights)


@compiled
def scatter(
    pixels: Array,
    clip: tuple[int, int, int, int],
    middles: Array,
    place: tuple[float, float, float, float],
    colors: Array,
    index: Array,
    ring: Array,
    alpha: float,
) -> None:
    """Draw a shape of outline `ring` (k, 2) at each of `middles` (n, 2), exactly where it is."""
    outline = np.empty_like(ring)
    for i in range(len(middles)):
        x, y = place[0] * middles[i, 0] + place[1], place[2] * middles[i, 1] + place[3]
        if abs(x) < _FAR and abs(y) < _FAR:
            outline[:, 0] = ring[:, 0] + x
            outline[:, 1] = ring[:, 1] + y
            fill(pixels, clip, outline, colors[index[i]], alpha)


@compiled
def tint(
    pixels: Array, clip: tuple[int, int, int, int], left: int, top: int, color: Word, mask: Array
) -> None:
    """Lay a colour through a mask (height, width) of weights in [0, 255], as of a glyph."""
    first, last = max(clip[0] - left, 0), min(clip[2] - left, mask.shape[1])
    if first < last:
        for y in range(max(clip[1] - top, 0), min(clip[3] - top, mask.shape[0])):
            lay(pixels[top + y, left + first : left + last], color, mask[y, first:last])


@lru_cache(maxsize=256)
def resampling(cells: int, start: float, end: float, first: int, last: int) -> tuple[Array, Array]:
    """Return how pixels [first, last) are mixed of `cells` that lie from `start` to `end`.

    Bicubic interpolation (Keys 1981, a = -1/2), widened where a cell is smaller than a pixel; cells
    beyond the ends are left out. Gives the first cell (n,) and the weights (n, taps) of each pixel.
    """
    per_pixel = cells / (end - start)
    at = (np.arange(first, last) + 0.5 - start) * per_pixel - 0.5
    wide = max(1.0, abs(per_pixel))
    taps = min(2 * ceil(2 * wide), cells)
    begin = np.clip(np.ceil(at - 2 * wide).astype(np.int64), 0, cells - taps)
    away = np.abs(begin[:, None] + np.arange(taps) - at[:, None]) / wide
    near, far = (1.5 * away - 2.5) * away**2 + 1, ((-0.5 * away + 2.5) * away - 4) * away + 2
    weights = np.where(away < 1, near, np.where(away < 2, far, 0.0))
    return begin, (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


@compiled
def image(
    pixels: Array,
    left: int,
    top: int,
    field: Array,
    rows: tuple[Array, Array],
    columns: tuple[Array, Array],
    colors: Array,
    weights: Array,
) -> None:
    """Draw a field (rows, columns) of float32 in [0, 255], its corner at pixel (left, top).

    `rows` and `columns` are its `resampling`; `colors` and `weights` (256,) say what a value lays
    over the pixel, weights in [0, 256]. What is not a number counts as 0.
    """
    begin, mix = rows
    held = 0, len(field), 0, len(columns[0])
    if weights[0] == 0:  # where all cells are 0, as of a class elsewhere, nothing is laid
        held = _held(field, columns)
    wide = _widened(field, columns, held)
    firsts, lasts = _reach(wide, weights[0] == 0)
    width = wide.shape[1]
    line, shades = np.empty(width, np.float32), np.empty(width, np.uint8)
    # Most of it lies on the panel's ground: what each shade gives there is worked out once.
    ground = pixels[top, left]
    on_ground = np.empty(len(colors), np.uint32)
    for k in range(len(colors)):
        on_ground[k] = over(ground, colors[k], weights[k])
    for y in range(len(begin)):
        low, high = width, 0
        for k in range(begin[y], begin[y] + mix.shape[1]):
            low, high = min(low, firsts[k]), max(high, lasts[k])
        if low >= high:
            continue
        # From 0 on, and of slices, so that no index is looked at and loops take many at once.
        part, count = line[low:high], high - low
        _mixed(wide, begin[y], mix[y], low, part)
        for x in range(count):
            positive = part[x] if part[x] > 0 else np.float32(0)
            shades[x] = np.uint8(min(positive, np.float32(255)))
        start = left + held[2] + low
        under = pixels[top + y, start : start + count]
        others = 0
        for x in range(count):
            others += under[x] != ground
        if others == 0:
            for x in range(count):
                under[x] = on_ground[shades[x]]
            continue
        for x in range(count):
            if under[x] == ground:
                under[x] = on_ground[shades[x]]
            else:
                under[x] = over(under[x], colors[shades[x]], weights[shades[x]])


@compiled
def _held(field: Array, columns: tuple[Array, Array]) -> tuple[int, int, int, int]:
    """Return which rows of a field [from, to) hold more than 0, and which columns of pixels."""
    top, bottom, left, right = len(field), 0, field.shape[1], 0
    for y in range(len(field)):
        for x in range(field.shape[1]):
            if field[y, x] != 0:
                top, bottom = min(top, y), y + 1
                left, right = min(left, x), max(right, x + 1)
    begin, mix = columns
    first, last = len(begin), 0
    for x in range(len(begin)):
        if begin[x] < right and begin[x] + mix.shape[1] > left:
            first, last = min(first, x), x + 1
    return min(top, bottom), bottom, min(first, last), last


@compiled
def _reach(wide: Array, sparse: bool) -> tuple[Array, Array]:
    """Return from where to where each row (rows, width) is not 0; all of it where not `sparse`."""
    height, width = wide.shape
    firsts, lasts = np.zeros(height, np.int64), np.full(height, width)
    if sparse:
        for y in range(height):
            first, last = 0, width
            while first < width and wide[y, first] == 0:
                first += 1
            while last > first and wide[y, last - 1] == 0:
                last -= 1
            firsts[y], lasts[y] = first, last
    return firsts, lasts


@compiled
def _mixed(wide: Array, first: int, mix: Array, low: int, line: Array) -> None:
    """Write half a shade and rows from `first` on, as much of each as `mix` (taps,) says.

    Columns begin at `low`, as many as `line` has room for.
    """
    high = low + len(line)
    if len(mix) == 4:  # all but small fields: one pass instead of four
        a, b = wide[first][low:high], wide[first + 1][low:high]
        c, d = wide[first + 2][low:high], wide[first + 3][low:high]
        p, q, r, s = mix[0], mix[1], mix[2], mix[3]
        for x in range(len(line)):
            line[x] = np.float32(0.5) + p * a[x] + q * b[x] + r * c[x] + s * d[x]
        return
    line[:] = 0.5
    for k in range(len(mix)):
        source, share = wide[first + k][low:high], mix[k]
        for x in range(len(line)):
            line[x] += share * source[x]


@compiled
def _widened(field: Array, columns: tuple[Array, Array], held: tuple[int, int, int, int]) -> Array:
    """Return the field with its columns resampled, those of `held`; other rows than those are 0."""
    begin, mix = columns
    top, bottom, first, last = held
    height, width = bottom - top, last - first
    found = np.zeros((len(field), width), np.float32)
    # Down a column all have the same weights: turned, they are one loop over neighbours.
    turned = np.empty((field.shape[1], height), np.float32)
    for y in range(height):
        for x in range(field.shape[1]):
            turned[x, y] = field[top + y, x]
    some = np.empty((_TURNED, height), np.float32)
    for x0 in range(0, width, _TURNED):
        count = min(_TURNED, width - x0)
        for j in range(count):
            some[j] = 0
            for k in range(mix.shape[1]):
                at = first + x0 + j
                source, share, target = turned[begin[at] + k], mix[at, k], some[j]
                for y in range(height):
                    target[y] += share * source[y]
        for y in range(height):
            for j in range(count):
                found[top + y, x0 + j] = some[j, y]
    return found
