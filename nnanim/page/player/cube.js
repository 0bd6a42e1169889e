// Cube: what is about what a camera sees; it turns with the camera, and names its axes.

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./network.js").Units} Units */

/** @typedef {{x: number, y: number, text: string}} Name  its base line's middle, in the picture */

const AWAY = 0.14; // half edges: from an edge to what is written beside it
const INWARD = 0.09; // half edges: from an edge's ends towards its middle
const BASE = 0.04; // half edges: from the middle of a letter down to its base line

/** @type {[number, number][]} */
const UNIT_BOX = [[-1, 1], [-1, 1], [-1, 1]]; // prettier-ignore

/**
 * Return places in the picture of places in the cube.
 * @param {Camera} camera
 * @param {number[][]} places
 * @returns {{x: Float32Array, y: Float32Array}}
 */
function pictured(camera, places) {
  const columns = [0, 1, 2].map((k) => Float32Array.from(places, (place) => place[k]));
  return camera.seen(columns, UNIT_BOX);
}

/**
 * Return the edges of the cube that may lie behind all else, as lines of two points each.
 *
 * The three edges that meet in the corner nearest to the camera are left out.
 * @param {Camera} camera
 * @returns {{at: Units, starts: number[]}}
 */
export function edgesOfCube(camera) {
  const towards = camera.eye.map((side) => (side >= 0 ? 1 : -1));
  const ends = [];
  for (let axis = 0; axis < 3; axis++) {
    const [one, other] = [0, 1, 2].filter((k) => k !== axis);
    for (const [a, b] of [
      [-1, -1],
      [-1, 1],
      [1, -1],
      [1, 1],
    ]) {
      // prettier-ignore
      if (a === towards[one] && b === towards[other]) continue;
      for (const side of [-1, 1]) {
        const corner = [side, side, side];
        [corner[one], corner[other]] = [a, b];
        ends.push(corner);
      }
    }
  }
  const { x, y } = pictured(camera, ends);
  return { at: [x, y], starts: Array.from({ length: ends.length / 2 + 1 }, (_, i) => 2 * i) };
}

/**
 * Return the names of the axes beside the lowest edges in front and one upright edge, and what each
 * axis runs from and to at its ends.
 * @param {Camera} camera
 * @returns {Name[]}
 */
export function namesOfCube(camera) {
  return camera.view.names.flatMap((name, axis) => namesOfAxis(camera, axis, name));
}

/**
 * Return an axis' limits beside its edge's ends, and its name beside the middle.
 * @param {Camera} camera
 * @param {number} axis
 * @param {string} name
 * @returns {Name[]}
 */
function namesOfAxis(camera, axis, name) {
  const towards = camera.eye.map((side) => (side >= 0 ? 1 : -1));
  let corner = [towards[0], towards[1], -towards[2]];
  if (axis === 2) {
    // The upright edge at the left of the picture.
    const sides = [
      [towards[0], -towards[1], -1],
      [-towards[0], towards[1], -1],
    ];
    const { x } = pictured(camera, sides);
    corner = x[0] <= x[1] ? sides[0] : sides[1];
  }
  const at = (/** @type {number} */ side) => corner.map((value, k) => (k === axis ? side : value));
  const { x, y } = pictured(camera, [at(-1), at(1), at(0)]);
  const length = Math.max(Math.hypot(x[1] - x[0], y[1] - y[0]), 1e-9);
  const along = [(x[1] - x[0]) / length, (y[1] - y[0]) / length];
  const outward = along[1] * x[2] - along[0] * y[2] > 0 ? 1 : -1;
  const out = [outward * along[1], -outward * along[0]];
  const [low, high] = camera.view.box[axis].map((value) => limit(value, camera.view.decimal));
  const texts = [low, high, name];
  return texts.map((text, k) => {
    const away = k === 2 ? 1.6 * AWAY : AWAY;
    const inward = [INWARD, -INWARD, 0][k];
    return {
      text,
      x: x[k] + inward * along[0] + away * out[0],
      y: y[k] + inward * along[1] + away * out[1] - BASE,
    };
  });
}

/**
 * Return a limit in two digits, with a minus sign as wide as a plus.
 * @param {number} value
 * @param {string} decimal
 * @returns {string}
 */
function limit(value, decimal) {
  const digits = String(Number((Math.abs(value) < 1e-12 ? 0 : value).toPrecision(2)));
  return digits.replace("-", "−").replace(".", decimal);
}
