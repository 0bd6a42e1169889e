// Clock: film time and training time.

/** @typedef {import("./decode.js").Arrays} Arrays */
/** @typedef {import("./contents.js").Page} Page */

/**
 * A film time as the samples have it: the last one before it, and how far it is to the next.
 * @typedef {{t: number, sample: number, share: number, moment: number}} Now
 */

/** What a page shows at a time, in seconds, and when it shows a moment, in epochs. */
export class Clock {
  /**
   * @param {Page} page
   * @param {Arrays} arrays
   */
  constructor(page, arrays) {
    this.seconds = page.seconds;
    this.acts = page.acts;
    this.times = arrays.of(page.times);
    this.moments = arrays.of(page.moments);
    this.jumps = new Set(page.jumps);
    this.fades = page.fades;
  }

  /**
   * Return a film time as the samples have it.
   * @param {number} t
   * @returns {Now}
   */
  at(t) {
    const { times, moments } = this;
    // The last time may lie a little beyond the page's seconds, as it has fewer digits.
    const bounded = t >= this.seconds ? times[times.length - 1] : Math.max(t, 0);
    let [low, high] = [0, times.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (times[middle] <= bounded) low = middle;
      else high = middle;
    }
    const last = low === times.length - 1;
    const whole = last || this.jumps.has(low + 1);
    const share = whole ? 0 : (bounded - times[low]) / (times[low + 1] - times[low]);
    const onward = whole ? 0 : share * (moments[low + 1] - moments[low]);
    return { t: bounded, sample: low, share, moment: moments[low] + onward };
  }

  /**
   * Return the first time at which a moment is shown, or the nearest to it is.
   * @param {number} moment
   * @returns {number}
   */
  timeAt(moment) {
    const { times, moments } = this;
    let nearest = 0;
    for (let k = 0; k < times.length; k++) {
      if (moments[k] === moment) return times[k];
      if (k > 0 && (moments[k - 1] - moment) * (moments[k] - moment) < 0 && !this.jumps.has(k)) {
        const share = (moment - moments[k - 1]) / (moments[k] - moments[k - 1]);
        return times[k - 1] + share * (times[k] - times[k - 1]);
      }
      if (Math.abs(moments[k] - moment) < Math.abs(moments[nearest] - moment)) nearest = k;
    }
    return times[nearest];
  }

  /**
   * Return out of which picture that of a time comes, and what share of it is there; null where it
   * is whole.
   * @param {Now} now
   * @returns {{from: Now, share: number} | null}
   */
  fade({ t }) {
    for (const [k, seconds] of this.fades) {
      const share = (t - this.times[k]) / seconds;
      if (share <= 0 || share >= 1) continue;
      return { from: this.at(this.times[k]), share: share * share * (3 - 2 * share) };
    }
    return null;
  }

  /**
   * Return the time of the first sample at a time or after it, whose figures are its own.
   * @param {number} t
   * @returns {number}
   */
  sampledFrom(t) {
    const { sample, share } = this.at(t);
    return share > 0 ? this.times[sample + 1] : t;
  }

  /**
   * Return what is said at a time; "" for nothing.
   * @param {number} t
   * @returns {string}
   */
  caption(t) {
    const act = this.acts.findLast(({ begin }) => begin <= t) ?? this.acts[0];
    return act ? act.caption : "";
  }
}
