// Panels: what lies over a panel of the present picture, and where in it a place of the screen is.

import { pointedAt } from "../../page/player/pads.js";

/** @typedef {import("../../page/player/stage.js").Stage} Stage */

/**
 * Lay an element over a panel.
 * @param {Stage} stage
 * @param {number} number
 * @param {HTMLElement} element
 */
export function layOn(stage, number, element) {
  tileOf(stage, number)?.lay(element, stage.page.panels[number].box);
}

/**
 * Return where a place is in a panel; null where there is no such panel.
 * @param {Stage | null} stage
 * @param {number} number
 * @param {import("../../page/player/pads.js").Place} place
 * @returns {import("../../page/player/pads.js").Pointed | null}
 */
export function pointedIn(stage, number, place) {
  const tile = stage && tileOf(stage, number);
  return tile ? pointedAt(tile, number, place) : null;
}

/**
 * Return the tile that has a panel.
 * @param {Stage} stage
 * @param {number} number
 */
function tileOf({ tiles }, number) {
  return tiles.find(({ panels }) => panels.has(number));
}
