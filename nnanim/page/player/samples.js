// Samples: what is kept of a source, at a time.

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./decode.js").Numbers} Numbers */
/** @typedef {import("./decode.js").Ref} Ref */
/** @typedef {import("./film.js").Film} Film */
/** @typedef {import("./network.js").Units} Units */
/** @typedef {import("./sources.js").Rows} Rows */

/**
 * Return what is kept of a source for a time, in so many columns; 0 for as many as it has.
 * @param {Film} film
 * @param {import("./contents.js").Kept} source
 * @param {Now} now
 * @param {number} columns
 * @returns {Rows}
 */
export function keptRows(film, source, now, columns) {
  const rows = openRows(film, source, now, columns);
  return source.closed ? outlines(rows) : rows;
}

/**
 * Return the same with paths as they are kept.
 * @param {Film} film
 * @param {import("./contents.js").Kept} source
 * @param {Now} now
 * @param {number} columns
 * @returns {Rows}
 */
function openRows(film, source, now, columns) {
  if ("constant" in source) {
    const count = columns || lastOf(source.constant);
    const known = film.once(source, () => split(film.arrays.of(source.constant), count));
    return { at: known, starts: startsOf(source.lengths ?? [known[0].length]) };
  }
  if ("sampled" in source) {
    const at = betweenSamples(film, source, now, columns || lastOf(source.sampled));
    return { at, starts: startsOf(source.lengths ?? [at[0].length]) };
  }
  const { points, paths, frames } = source.ragged;
  const count = columns || lastOf(points);
  const frame = film.arrays.of(source.frame)[now.sample];
  const [first, last] = film.arrays.of(frames).subarray(frame, frame + 2);
  const ends = Array.from(film.arrays.of(paths).subarray(first, last + 1));
  const part = film.arrays.of(points).subarray(ends[0] * count, ends[ends.length - 1] * count);
  return { at: split(part, count), starts: ends.map((end) => end - ends[0]) };
}

/**
 * Return paths with each one's beginning once more at its end.
 * @param {Rows} rows
 * @returns {Rows}
 */
function outlines({ at, starts }) {
  const begins = starts.map((start, k) => start + k);
  const closed = at.map((column) => {
    const values = new Float32Array(begins[begins.length - 1]);
    for (let k = 0; k + 1 < starts.length; k++) {
      values.set(column.subarray(starts[k], starts[k + 1]), begins[k]);
      values[begins[k + 1] - 1] = column[starts[k]];
    }
    return values;
  });
  return { at: closed, starts: begins };
}

/**
 * Return how many numbers a row of an array has.
 * @param {Ref} ref
 * @returns {number}
 */
function lastOf({ shape }) {
  return shape[shape.length - 1];
}

/**
 * Return where paths of such lengths begin, and where the last ends.
 * @param {number[]} lengths
 * @returns {number[]}
 */
export function startsOf(lengths) {
  const starts = [0];
  for (const length of lengths) starts.push(starts[starts.length - 1] + length);
  return starts;
}

/**
 * Return rows of numbers by their columns.
 * @param {Numbers} values
 * @param {number} columns
 * @returns {Units}
 */
function split(values, columns) {
  const rows = values.length / columns;
  return Array.from({ length: columns }, (_, k) => {
    const column = new Float32Array(rows);
    for (let i = 0; i < rows; i++) column[i] = values[i * columns + k];
    return column;
  });
}

/**
 * Return what is sampled, mixed between two samples.
 * @param {Film} film
 * @param {import("./contents.js").Sampled} source
 * @param {Now} now
 * @param {number} columns
 * @returns {Units}
 */
function betweenSamples(film, source, { sample, share }, columns) {
  const values = film.arrays.of(source.sampled);
  const size = values.length / source.sampled.shape[0];
  const frame = film.arrays.of(source.frame);
  const before = frame[sample] * size;
  const after = (share ? frame[sample + 1] : frame[sample]) * size;
  const rows = size / columns;
  return Array.from({ length: columns }, (_, k) => {
    const column = new Float32Array(rows);
    for (let i = 0, at = k; i < rows; i++, at += columns) {
      const from = values[before + at];
      column[i] = before === after ? from : from + share * (values[after + at] - from);
    }
    return column;
  });
}
