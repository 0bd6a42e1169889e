// Cells: space parted where each of several scores is the largest, as `nnanim.marks.Cells` says; a
// plane parts two.

/** @typedef {import("./marks.js").Drawing} Drawing */
/** @typedef {import("./network.js").Units} Units */

/**
 * What a line crosses from one place to another: the shares of the way at which it is cut.
 * @typedef {{place: number[], scores: number[]}} Stop
 */

const HIGHER = 1e-9; // of the scores: by so much a third one is larger

/** Where each score, weight[k]·x + bias[k], is the largest. */
export class Cells {
  /**
   * @param {number[][]} weight
   * @param {number[]} bias
   * @param {Drawing[]} walls  what lies where two meet
   */
  constructor(weight, bias, walls) {
    this.weight = weight;
    this.bias = bias;
    this.walls = walls;
  }

  /**
   * Return the cells of a mark that parts space.
   * @param {Drawing} drawing
   * @returns {Cells}
   */
  static of({ kind, at: [x, y, z], values, offset, marks }) {
    const rows = Array.from(x, (value, k) => [value, y[k], z[k]]);
    if (kind === "plane") return new Cells([[0, 0, 0], ...rows], [0, -offset], marks);
    return new Cells(rows, Array.from(values ?? []), marks);
  }

  /**
   * Return the scores at a place.
   * @param {ArrayLike<number>} place
   * @returns {number[]}
   */
  scores(place) {
    return this.weight.map(
      ([a, b, c], k) => a * place[0] + b * place[1] + c * place[2] + this.bias[k],
    );
  }

  /**
   * Return the number of each cell among all by rising score at a place.
   * @param {ArrayLike<number>} place
   * @returns {number[]}
   */
  ranks(place) {
    const scores = this.scores(place);
    const order = scores.map((_, k) => k).sort((one, other) => scores[one] - scores[other]);
    /** @type {number[]} */
    const ranks = [];
    order.forEach((k, rank) => (ranks[k] = rank));
    return ranks;
  }

  /**
   * Return in which cell each of places lies.
   * @param {Units} places
   * @returns {Uint16Array}
   */
  winners([x, y, z]) {
    const found = new Uint16Array(x.length);
    const best = new Float64Array(x.length).fill(-Infinity);
    this.weight.forEach(([a, b, c], k) => {
      for (let i = 0; i < x.length; i++) {
        const score = a * x[i] + b * y[i] + c * z[i] + this.bias[k];
        if (score > best[i]) [best[i], found[i]] = [score, k];
      }
    });
    return found;
  }

  /**
   * Return where a line between two places, rows of x, y, z and more, goes into another cell.
   *
   * Along it each score is linear. Where those of the cells at its ends are equal it is cut; if a
   * third is larger there, that cell lies between, and both parts are cut in their turn.
   * @param {number[]} from
   * @param {number[]} to
   * @returns {number[][]}
   */
  crossed(from, to) {
    const [before, after] = [this.scores(from), this.scores(to)];
    return this.between(
      { place: from, scores: before },
      { place: to, scores: after },
      best(before),
      best(after),
      before.length,
    );
  }

  /**
   * Return where a line goes from one cell into another, by way of so many at the most.
   * @param {Stop} from
   * @param {Stop} to
   * @param {number} own
   * @param {number} other
   * @param {number} most
   * @returns {number[][]}
   */
  between(from, to, own, other, most) {
    const lead = from.scores[own] - from.scores[other];
    const lag = to.scores[own] - to.scores[other];
    if (own === other || most === 0 || !(lead > 0 && lag < 0)) return [];
    const share = lead / (lead - lag);
    const place = partWay(from.place, to.place, share);
    const scores = partWay(from.scores, to.scores, share);
    const third = best(scores);
    const least = HIGHER * Math.max(...scores.map(Math.abs));
    if (!(scores[third] - scores[own] > least)) return [place];
    const stop = { place, scores };
    return [
      ...this.between(from, stop, own, third, most - 1),
      place,
      ...this.between(stop, to, third, other, most - 1),
    ];
  }

  /**
   * Return a face's parts in the cells.
   * @param {number[][]} corners
   * @returns {number[][][]}
   */
  parted(corners) {
    return this.weight
      .map((own, k) =>
        this.weight.reduce((part, other, j) => {
          const normal = own.map((value, axis) => value - other[axis]);
          return j === k ? part : clipped(part, normal, this.bias[k] - this.bias[j]);
        }, corners),
      )
      .filter((part) => part.length > 2);
  }

  /**
   * Return the two cells of the largest scores at a place.
   * @param {ArrayLike<number>} place
   * @returns {number[]}
   */
  neighbours(place) {
    const scores = this.scores(place);
    return scores
      .map((_, k) => k)
      .sort((one, other) => scores[one] - scores[other])
      .slice(-2);
  }
}

/**
 * Return which score is the largest.
 * @param {number[]} scores
 * @returns {number}
 */
function best(scores) {
  return scores.reduce((first, score, k) => (score > scores[first] ? k : first), 0);
}

/**
 * Return what lies at a share of the way from one row of numbers to another.
 * @param {number[]} from
 * @param {number[]} to
 * @param {number} share
 * @returns {number[]}
 */
function partWay(from, to, share) {
  return from.map((value, k) => value + share * (to[k] - value));
}

/**
 * Return where in a flat convex face normal·x + offset is not below 0.
 * @param {number[][]} corners
 * @param {number[]} normal
 * @param {number} offset
 * @returns {number[][]}
 */
function clipped(corners, normal, offset) {
  const side = corners.map(
    (corner) => normal[0] * corner[0] + normal[1] * corner[1] + normal[2] * corner[2] + offset,
  );
  /** @type {number[][]} */
  const kept = [];
  corners.forEach((corner, i) => {
    const last = (i + corners.length - 1) % corners.length;
    if (side[last] >= 0 !== side[i] >= 0) {
      kept.push(partWay(corners[last], corner, side[last] / (side[last] - side[i])));
    }
    if (side[i] >= 0) kept.push(corner);
  });
  return kept;
}
