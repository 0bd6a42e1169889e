// Start: shows the page that a document holds.

import { Arrays } from "./decode.js";
import { bytesHeld, textHeld } from "./inflate.js";
import { Player } from "./player.js";

/** Start the page of a document. */
async function start() {
  const root = document.getElementById("nnanim");
  if (!root) return;
  const contents = JSON.parse(await textHeld("contents"));
  const player = new Player(root, contents, new Arrays(await bytesHeld("arrays")));
  root.dataset.ready = String(player.contents.format);
}

start();
