// Painting: the points that are painted over a scene's own, and what was painted before.

/** @typedef {import("../../page/player/pads.js").Pointed} Pointed */

/**
 * What is painted: whether the scene's own points are there, all but some rows of them, and the
 * points that were added: x, y and a class or a number, as `Canvas` says.
 * @typedef {[number, number, number]} Point
 * @typedef {{kept: boolean, without: ReadonlySet<number>, points: readonly Point[]}} Painting
 */

/** A point that is seen: one of the scene's own by its row, or one that was added by its number.
 * @typedef {{point: Point, row: number, number: number}} Seen */

export const MOST_POINTS = 2000; // as `nnanim.studio.asked` has it
const MOST_STEPS = 500; // that can be undone

/** @type {Painting} */
export const UNPAINTED = { kept: true, without: new Set(), points: [] };

/** What was painted, step by step. */
export class Steps {
  constructor() {
    this.present = UNPAINTED;
    /** @type {Painting[]} */
    this.past = [];
    /** @type {Painting[]} */
    this.future = [];
  }

  /** Begin a step: whatever is painted until the next one is undone with it. */
  begin() {
    this.past = [...this.past.slice(-MOST_STEPS), this.present];
    this.future = [];
  }

  /** End a step; one in which nothing was painted is none. */
  end() {
    if (this.past[this.past.length - 1] === this.present) this.past.pop();
  }

  /**
   * Go back by a step, or on again.
   * @param {boolean} back
   * @returns {boolean} whether there was one
   */
  go(back) {
    const [from, to] = back ? [this.past, this.future] : [this.future, this.past];
    const next = from.pop();
    if (!next) return false;
    to.push(this.present);
    this.present = next;
    return true;
  }
}

/**
 * Return what the studio is told of a painting; nothing of what is as the scene has it.
 * @param {Painting} painting
 * @returns {{painting?: {kept: boolean, without: number[], points: readonly Point[]}}}
 */
export function toldOfPainting({ kept, without, points }) {
  if (kept && without.size === 0 && points.length === 0) return {};
  return { painting: { kept, without: kept ? [...without] : [], points } };
}

/**
 * Return a painting with a point in place of one that is seen, or without it.
 * @param {Painting} painting
 * @param {Seen[]} gone
 * @param {Point[]} instead
 * @returns {Painting}
 */
export function changed({ kept, without, points }, gone, instead) {
  const numbers = new Set(gone.map(({ number }) => number));
  const rows = gone.filter(({ row }) => row >= 0).map(({ row }) => row);
  return {
    kept,
    without: rows.length ? new Set([...without, ...rows]) : without,
    points: [...points.filter((_, k) => !numbers.has(k)), ...instead],
  };
}

/**
 * Return the points that are seen within so many pixels of a place, the nearest first.
 * @param {Seen[]} seen
 * @param {Pointed} at
 * @param {number} reach
 * @returns {Seen[]}
 */
export function nearIn(seen, { plot, x, y, ratio }, reach) {
  const [sx, tx, sy, ty] = plot.mapping;
  const away = (/** @type {Seen} */ { point }) =>
    Math.hypot(sx * point[0] + tx - x, sy * point[1] + ty - y) / ratio;
  const near = seen.map((each) => ({ each, far: away(each) })).filter(({ far }) => far <= reach);
  return near.sort((a, b) => a.far - b.far).map(({ each }) => each);
}

/**
 * Return whether a key goes back by a step, or on again; null for any other, and where text is
 * written.
 * @param {KeyboardEvent} event
 * @returns {boolean | null}
 */
export function stepOf({ key, ctrlKey, metaKey, shiftKey, target }) {
  const writes = target instanceof HTMLInputElement && target.type === "text";
  if (writes || (!ctrlKey && !metaKey)) return null;
  if (key.toLowerCase() === "y") return false;
  return key.toLowerCase() === "z" ? !shiftKey : null;
}
