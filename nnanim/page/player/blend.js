// Blending: what a colour laid over a pixel gives, in the same whole numbers as the film's kernel.
//
// Pixels are opaque 32-bit words, red in the lowest byte. A weight runs from 0, nothing, to 256,
// the colour itself; it is coverage times alpha.

/**
 * What is drawn on: words of pixels, row after row.
 * @typedef {{pixels: Uint32Array, width: number, height: number}} Surface
 */

const PAIR = 0x00ff00ff;
const GREEN = 0x0000ff00;
const OPAQUE = 0xff000000;

/**
 * Return a colour over a pixel, red and blue in one multiplication.
 *
 * under · (256 - weight) + color · weight, as 256 · under + (color - under) · weight.
 * @param {number} under
 * @param {number} color
 * @param {number} weight
 * @returns {number}
 */
export function over(under, color, weight) {
  const pair = under & PAIR;
  const green = under & GREEN;
  const pairs = Math.imul((color & PAIR) - pair, weight) + (pair << 8) + 0x800080;
  const greens = Math.imul(((color & GREEN) - green) >> 8, weight) + green + 128;
  return ((pairs >>> 8) & PAIR) | (greens & GREEN) | OPAQUE;
}

/**
 * Return the weight in [0, 256] of a coverage in [0, 1] by an alpha, by way of the kernel's bytes.
 * @param {number} cover
 * @returns {number}
 */
export function weightOf(cover) {
  const byte = (255 * cover + 0.5) | 0;
  return byte + (byte >> 7);
}

/**
 * Return a colour as a word.
 * @param {number} red
 * @param {number} green
 * @param {number} blue
 * @returns {number}
 */
export function packed(red, green, blue) {
  return (OPAQUE | (blue << 16) | (green << 8) | red) >>> 0;
}
