// Sight: which limits and which camera a panel is seen with, as the film or as the reader chose.

import { Camera } from "./camera.js";

/** @typedef {import("./clock.js").Now} Now */
/** @typedef {import("./contents.js").Panel} Panel */
/** @typedef {import("./contents.js").Trained} Trained */
/** @typedef {import("./film.js").Film} Film */

/**
 * What a reader chose of a panel: a layer and units of it, by how many degrees the camera is turned
 * and lifted, and how deep it is in a morph; null for as deep as the film.
 * @typedef {{layer: string, units: number[]}} Chosen
 * @typedef {{chosen: Chosen | null, turned: number, lifted: number,
 *   depth: number | null}} Choice
 */

/**
 * By how many degrees a panel's camera is turned and lifted on; null for back to where it was.
 * @typedef {{number: number, by: {right: number, up: number} | null}} Turn
 */

/**
 * The limits and the camera that a panel is seen with.
 * @typedef {{x: [number, number], y: [number, number], camera: Camera | null}} Sight
 */

/** @type {Choice} */
export const AS_FILMED = { chosen: null, turned: 0, lifted: 0, depth: null };

const HIGHEST = 89; // degrees

/**
 * Return the limits of a panel that shows units of another layer; one unit of x stays as long as
 * one of y.
 * @param {Panel} panel
 * @param {Trained} told
 * @param {Chosen} chosen
 * @returns {[number, number][]}
 */
function limitsOf(panel, told, { layer, units }) {
  const limits = units.map((k) => told.shown[layer].limits[k]);
  if (panel.camera) return limits;
  const [, , width, height] = panel.box;
  const spans = limits.map(([low, high]) => high - low);
  const unit = Math.max(spans[0] / width, spans[1] / height);
  return limits.map(([low, high], k) => {
    const [middle, half] = [(low + high) / 2, (unit * (k === 0 ? width : height)) / 2];
    return [middle - half, middle + half];
  });
}

/**
 * Return the limits and the camera that a panel is seen with.
 * @param {Film} film
 * @param {Panel} panel
 * @param {Choice} choice
 * @param {Now} now
 * @returns {Sight}
 */
export function sightOf(film, panel, choice, now) {
  const limits = choice.chosen
    ? limitsOf(panel, film.run(panel.tile).told, choice.chosen)
    : [panel.x, panel.y];
  const { camera } = panel;
  if (!camera) return { x: limits[0], y: limits[1], camera: null };
  const azimuth = camera.azimuth + camera.orbit * (film.share(now) - 0.5) + choice.turned;
  const elevation = camera.elevation + choice.lifted;
  const bounded = Math.min(Math.max(elevation, -HIGHEST), HIGHEST);
  const view = choice.chosen ? { ...camera, box: limits } : camera;
  return { x: panel.x, y: panel.y, camera: new Camera(view, azimuth, bounded) };
}
