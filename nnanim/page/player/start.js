// Start: shows the page that a document holds.

import { Arrays, inflated } from "./decode.js";
import { Player } from "./player.js";

/** Start the page of a document. */
async function start() {
  const read = (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? "";
  const root = document.getElementById("nnanim");
  if (!root) return;
  const contents = JSON.parse(read("contents"));
  const player = new Player(root, contents, new Arrays(await inflated(bytesIn(read("arrays")))));
  root.dataset.ready = String(player.contents.format);
}

/**
 * Return the bytes that a text has in base64.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
function bytesIn(text) {
  return Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
}

start();
