/** The way to a user: his id, or how his name or id begins among those who lead. */

import { count } from "../words.js";
import { control, find, make } from "./dom.js";
import { calledBy } from "./names.js";
import type { Desk } from "./screen.js";

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const SHOWN = 8;

interface Hit {
  readonly userId: string;
  readonly text: string;
}

export class Search {
  readonly #input = control("query", HTMLInputElement);
  readonly #list = find("hits");
  readonly #none = find("search-none");
  #desk: Desk | null = null;
  #hits: readonly Hit[] = [];
  #chosen = 0;

  constructor() {
    this.#input.addEventListener("input", () => this.#look());
    this.#input.addEventListener("focus", () => this.#look());
    this.#input.addEventListener("blur", () => this.#hide());
    this.#input.addEventListener("keydown", (event) => this.#onKey(event));
    find("search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#open(this.#hits[this.#chosen]);
    });
    document.addEventListener("keydown", (event) => this.#onSlash(event));
  }

  use(desk: Desk | null): void {
    this.#desk = desk;
  }

  #onSlash(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof Element && event.target.matches("input, select, textarea");
    const isBusy = document.querySelector("dialog[open]") !== null;
    if (event.key === "/" && !isTyping && !isBusy && this.#desk) {
      event.preventDefault();
      this.#input.select();
      this.#input.focus();
    }
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && this.#hits.length > 0) {
      event.preventDefault();
      this.#choose((this.#chosen + step + this.#hits.length) % this.#hits.length);
    } else if (event.key === "Escape") {
      this.#input.value = "";
      this.#hide();
      this.#input.blur();
    }
  }

  #look(): void {
    const text = this.#input.value.trim().toLowerCase();
    this.#hits = text === "" ? [] : this.#find(text);
    this.#list.replaceChildren(...this.#hits.map((hit, at) => this.#option(hit, at)));
    const isOpen = this.#hits.length > 0;
    this.#list.hidden = !isOpen;
    this.#none.hidden = isOpen || text === "";
    this.#input.setAttribute("aria-expanded", String(isOpen));
    this.#choose(0);
  }

  #find(text: string): readonly Hit[] {
    if (ID.test(text)) {
      return [{ userId: text, text: `Open ${calledBy(text)}` }];
    }
    const leading = this.#desk?.leading() ?? [];
    const isMeant = (userId: string, name: string | null): boolean =>
      userId.startsWith(text) || (name ?? "").toLowerCase().includes(text);
    return leading
      .filter(({ userId, name }) => isMeant(userId, name))
      .slice(0, SHOWN)
      .map(({ userId, name, rank, score }) => ({
        userId,
        text: `${name ?? userId.slice(0, 8)}, #${count(rank)}, ${count(score)} points`,
      }));
  }

  #option(hit: Hit, at: number): HTMLElement {
    const option = make("li", { role: "option", id: `hit-${at}`, title: hit.userId }, hit.text);
    // Before the field loses its focus, which would hide what is clicked.
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.#open(hit);
    });
    return option;
  }

  #choose(at: number): void {
    this.#chosen = at;
    [...this.#list.children].forEach((each, index) => {
      each.setAttribute("aria-selected", String(index === at));
    });
    if (this.#hits.length > 0) {
      this.#input.setAttribute("aria-activedescendant", `hit-${at}`);
    } else {
      this.#input.removeAttribute("aria-activedescendant");
    }
  }

  #hide(): void {
    this.#list.hidden = true;
    this.#none.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
  }

  #open(hit: Hit | undefined): void {
    if (hit) {
      this.#input.value = "";
      this.#hits = [];
      this.#hide();
      this.#desk?.go({ view: "user", named: { user: hit.userId } });
    }
  }
}
