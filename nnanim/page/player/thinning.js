// Thinning: which samples stand for all while a picture has to be quick.

const ENOUGH = 4000; // samples: so many are always drawn

/** @type {Map<string, Uint32Array>} */
const chosenBefore = new Map();

/**
 * Return which of so many samples are drawn where one stands for several, rising; null for all.
 *
 * They are the first of one shuffled order, so that classes that alternate are all there, and a
 * sample that is drawn stays where more are.
 * @param {number} count
 * @param {number} every
 * @returns {Uint32Array | null}
 */
export function kept(count, every) {
  const most = Math.max(Math.ceil(count / every), ENOUGH);
  if (most >= count) return null;
  const key = `${count} ${most}`;
  const found = chosenBefore.get(key) ?? shuffled(count).subarray(0, most).toSorted();
  chosenBefore.set(key, found);
  return found;
}

/**
 * Return the numbers below a count, always in the same random order.
 * @param {number} count
 * @returns {Uint32Array}
 */
function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}
