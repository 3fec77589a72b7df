/** One's own place: the rank, of how many, and the window around it. */

import type { BoardState } from "@scoreboard/client";
import { List } from "./list.js";
import { count } from "./words.js";

export class OwnPlace {
  readonly #section: HTMLElement;
  readonly #title: HTMLElement;
  readonly #text: HTMLElement;
  readonly #around: List;
  readonly #aroundElement: HTMLElement;

  constructor(find: (id: string) => HTMLElement, redraw: () => void) {
    this.#section = find("own");
    this.#title = find("own-title");
    this.#text = find("own-text");
    this.#aroundElement = find("around");
    this.#around = new List(this.#aroundElement, redraw);
  }

  show(state: BoardState): void {
    const { me } = state;
    this.#section.hidden = me === null;
    if (me === null) {
      return;
    }
    const isOnTop = state.rows.some((row) => row.userId === me.userId);
    this.#writeTitle(me.rank, me.of);
    write(this.#text, ownText(me.score, isOnTop));
    // Among the first ten one is seen already, and so are those around.
    this.#aroundElement.hidden = isOnTop || state.around.length === 0;
    if (!this.#aroundElement.hidden) {
      const leading = Math.max(...state.around.map((row) => row.score));
      this.#around.show(state.around, me.userId, leading);
    }
  }

  #writeTitle(rank: number | null, of: number): void {
    const text = rank === null ? "" : `${rank}/${of}`;
    if (this.#title.dataset["of"] === text) {
      return;
    }
    this.#title.dataset["of"] = text;
    if (rank === null) {
      this.#title.textContent = "You are not on the board yet";
      return;
    }
    const own = document.createElement("strong");
    own.className = "own-rank";
    own.textContent = `#${count(rank)}`;
    const all = document.createElement("span");
    all.className = "own-of";
    all.textContent = `of ${count(of)}`;
    this.#title.replaceChildren("You are ", own, " ", all);
  }
}

function ownText(score: number | null, isOnTop: boolean): string {
  if (score === null) {
    return "Your first points bring you here.";
  }
  return isOnTop ? `${count(score)} points, among the first ten.` : `${count(score)} points.`;
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}
