// Shelf: the scenes of a folder, each as a poster that opens it.

import { make } from "../../page/player/widgets.js";

/** @typedef {import("./link.js").Heard} Heard */

/** The scenes of a folder. */
export class Shelf {
  /**
   * @param {HTMLElement} element
   * @param {string} token
   */
  constructor(element, token) {
    this.element = element;
    this.token = token;
    /** @type {Map<string, HTMLElement>} */
    this.cards = new Map();
  }

  /**
   * Show which scenes there are.
   * @param {string[]} names
   */
  offer(names) {
    const cards = names.map((name) => {
      const card = make("a", "card");
      card.href = `#token=${this.token}&scene=${encodeURIComponent(name)}`;
      card.append(make("span", "poster"), make("strong", "", name), make("span", "text"));
      this.cards.set(name, card);
      return card;
    });
    this.element.classList.add("shelf");
    this.element.replaceChildren(...cards);
    this.element.dataset.ready = "shelf";
  }

  /**
   * Show a scene's poster, or what is wrong with it.
   * @param {Heard} heard
   */
  tell({ name = "", link, text = "" }) {
    const card = this.cards.get(name);
    if (!card) return;
    const told = card.querySelector(".text");
    if (told) told.textContent = text;
    card.classList.toggle("fault", !link);
    if (!link) return;
    const picture = make("img", "poster");
    picture.alt = "";
    picture.src = link;
    card.querySelector(".poster")?.replaceWith(picture);
  }
}
