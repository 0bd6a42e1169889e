// Atlas: the trainings of a map, a pixel each, and what is said of one.

/** @typedef {import("../../page/player/decode.js").Arrays} Arrays */
/** @typedef {import("../../page/player/decode.js").Ref} Ref */
/** @typedef {import("./pointed.js").Place} Place */

/**
 * An axis: the setting that it is of, and its values as a command says them.
 * @typedef {{name: string, values: string[]}} Axis
 */

/**
 * What a page tells of a map; its arrays count from the lower left, row by row.
 * @typedef {{format: number, title: string, caption: string, size: [number, number], steps: number,
 *   command: string, studio: string, x: Axis, y: Axis, begin: [number, number],
 *   first: Ref, last: Ref, finite: Ref, converges: Ref,
 *   event: string, epochs: Ref | null}} Told
 */

/** What each training of a map came to. */
export class Atlas {
  /**
   * @param {Told} told
   * @param {Arrays} arrays
   */
  constructor(told, arrays) {
    this.told = told;
    this.first = arrays.of(told.first);
    this.last = arrays.of(told.last);
    this.finite = arrays.of(told.finite);
    this.converges = arrays.of(told.converges);
    this.epochs = told.epochs ? arrays.of(told.epochs) : null;
  }

  /**
   * Return the pixel of the map that is nearest.
   * @param {number} column
   * @param {number} row
   * @returns {Place}
   */
  inside(column, row) {
    const [width, height] = this.told.size;
    const within = (/** @type {number} */ at, /** @type {number} */ count) =>
      Math.min(Math.max(Math.round(at), 0), count - 1);
    return [within(column, width), within(row, height)];
  }

  /**
   * Return the settings of a pixel's training, in words.
   * @param {Place} pixel
   */
  settings([column, row]) {
    const { x, y } = this.told;
    return `${x.name} ${sixDigits(x.values[column])}\n${y.name} ${sixDigits(y.values[row])}`;
  }

  /**
   * Return what a pixel's training came to, in words.
   * @param {Place} pixel
   */
  sentence([column, row]) {
    const k = row * this.told.size[0] + column;
    const first = threeDigits(this.first.length === 1 ? this.first[0] : this.first[k]);
    const { steps } = this.told;
    if (this.converges[k]) {
      return `Converges: its loss goes from ${first} to ${threeDigits(this.last[k])} in ${steps} steps.`;
    }
    if (this.finite[k] === steps) {
      return `Diverges: its loss goes from ${first} to ${threeDigits(this.last[k])} in ${steps} steps.`;
    }
    return `Diverges: from ${first} on, ${this.finite[k]} of ${steps} losses are finite.`;
  }

  /**
   * Return in which epoch of a pixel's training the event happens that is looked for, in words.
   * @param {Place} pixel
   */
  moment([column, row]) {
    if (!this.epochs) return "";
    const epoch = this.epochs[row * this.told.size[0] + column];
    return `${this.told.event}: ${Number.isNaN(epoch) ? "never" : `in epoch ${epoch}`}.`;
  }

  /**
   * Return whether a pixel has a neighbour of the other kind.
   * @param {Place} pixel
   */
  onBorder([column, row]) {
    const [width, height] = this.told.size;
    const own = this.converges[row * width + column];
    for (let j = Math.max(row - 1, 0); j <= Math.min(row + 1, height - 1); j++) {
      for (let i = Math.max(column - 1, 0); i <= Math.min(column + 1, width - 1); i++) {
        if (this.converges[j * width + i] !== own) return true;
      }
    }
    return false;
  }

  /**
   * Return the command that films a pixel's training, or opens it in the studio.
   * @param {Place} pixel
   * @param {"command" | "studio"} [what]
   */
  command([column, row], what = "command") {
    const { x, y, size } = this.told;
    const set = `--set ${x.name}=${x.values[column]} --set ${y.name}=${y.values[row]}`;
    if (what === "studio") return `${this.told.studio} ${set}`;
    const verdict = this.converges[row * size[0] + column] ? "converges" : "diverges";
    return `${this.told.command} ${set} --pixel ${verdict}`;
  }
}

/**
 * Return a value in six digits.
 * @param {string} value
 */
function sixDigits(value) {
  return String(Number(Number(value).toPrecision(6)));
}

/**
 * Return a loss in three digits.
 * @param {number} loss
 */
function threeDigits(loss) {
  return String(Number(loss.toPrecision(3)));
}
