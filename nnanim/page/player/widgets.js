// Widgets: the few controls that there are, each with a name.

const SVG_NAMES = "http://www.w3.org/2000/svg";

/** Outlines of icons on a square of 24. */
const ICONS = {
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M7 5.5h3.4v13H7zM13.6 5.5H17v13h-3.4z",
  theme: "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 1.6v14.8a7.4 7.4 0 0 0 0-14.8z",
  save: "M11.2 4h1.6v8.2l2.9-2.9 1.1 1.1-4.8 4.8-4.8-4.8 1.1-1.1 2.9 2.9zM5 17.5h14V19H5z",
  reset: "M12 5.5a6.5 6.5 0 1 1-6.2 4.5l1.5.5A5 5 0 1 0 12 7v2.6L8 6.2 12 3z",
};

/** @typedef {keyof typeof ICONS} Icon */

/**
 * Return an element of a class, with a text.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} kind
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, kind, text = "") {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = text;
  return element;
}

/**
 * Show an icon on a button, and call it by a name.
 * @param {HTMLElement} element
 * @param {Icon} icon
 * @param {string} name
 */
export function label(element, icon, name) {
  const picture = document.createElementNS(SVG_NAMES, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG_NAMES, "path");
  path.setAttribute("d", ICONS[icon]);
  path.setAttribute("fill-rule", "evenodd");
  picture.append(path);
  element.replaceChildren(picture);
  element.setAttribute("aria-label", name);
  element.title = name;
}

/**
 * Return a button with an icon.
 * @param {Icon} icon
 * @param {string} name
 * @param {() => void} press
 * @returns {HTMLButtonElement}
 */
export function button(icon, name, press) {
  const element = make("button", `button ${icon}`);
  element.type = "button";
  label(element, icon, name);
  element.addEventListener("click", press);
  return element;
}

/**
 * Return a list to pick one of several from, by number.
 * @param {string} name
 * @param {string[]} values
 * @param {number} chosen
 * @param {(number: number) => void} pick
 * @returns {HTMLLabelElement}
 */
export function picker(name, values, chosen, pick) {
  const element = make("label", "picker");
  const list = make("select", "");
  list.setAttribute("aria-label", name);
  values.forEach((value, k) => {
    const option = make("option", "", value);
    option.selected = k === chosen;
    list.append(option);
  });
  list.addEventListener("change", () => pick(list.selectedIndex));
  element.append(make("span", "name", name), list);
  return element;
}

/**
 * Return a slider over several values that are numbers.
 * @param {string} name
 * @param {string[]} values
 * @param {number} chosen
 * @param {(number: number) => void} pick
 * @returns {HTMLLabelElement}
 */
export function slider(name, values, chosen, pick) {
  const element = make("label", "picker slider");
  const input = make("input", "");
  const told = make("output", "value");
  input.type = "range";
  input.setAttribute("aria-label", name);
  input.min = "0";
  input.max = String(values.length - 1);
  input.step = "1";
  input.value = String(chosen);
  const tell = () => {
    told.textContent = values[Number(input.value)];
    input.setAttribute("aria-valuetext", told.textContent);
  };
  tell();
  input.addEventListener("turned", tell);
  input.addEventListener("input", () => {
    tell();
    pick(Number(input.value));
  });
  element.append(make("span", "name", name), input, told);
  return element;
}

/**
 * Let a picker or a slider show another value, by number.
 * @param {Element} element
 * @param {number} number
 */
export function turnedTo(element, number) {
  const list = element.querySelector("select");
  if (list) list.selectedIndex = number;
  const input = element.querySelector("input");
  if (!input || input.value === String(number)) return;
  input.value = String(number);
  input.dispatchEvent(new Event("turned"));
}

/**
 * Return whether a key belongs to a control, or to the browser.
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isTaken({ target, key, altKey, ctrlKey, metaKey }) {
  if (altKey || ctrlKey || metaKey) return true;
  // To a slider, space says nothing.
  const own = key === " " ? "select, input:not([type=range]), button" : "select, input";
  return target instanceof Element && target.closest(own) !== null;
}
