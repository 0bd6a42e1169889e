// Opener: begins the player, which a page holds deflated as it holds all else.

import { textHeld } from "./inflate.js";

/** Run the player; the page's policy allows this one text, by its hash. */
async function open() {
  const script = document.createElement("script");
  script.textContent = await textHeld("player");
  document.body.append(script);
}

open();
