// Button: a button with a word on it.

import { make } from "../../page/player/widgets.js";

/**
 * Return a button.
 * @param {string} name
 * @param {() => void} press
 * @returns {HTMLButtonElement}
 */
export function textButton(name, press) {
  const element = make("button", "text-button", name);
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}
