/** One line of a list: rank, name, movement, score, and how it compares with the leader's. */

import type { Row } from "@scoreboard/client";
import { mayMove } from "./motion.js";
import { RollingNumber } from "./rollup.js";
import { called, count } from "./words.js";

const GAIN_MS = 1600;

export class Line {
  readonly element = document.createElement("li");
  readonly name: HTMLElement;
  readonly score = part("score");
  readonly #rank = part("rank");
  readonly #who = document.createTextNode("");
  readonly #movement = part("movement");
  readonly #gain = part("gain");
  readonly #bar = part("bar");
  readonly #number: RollingNumber;
  #shown: Row | null = null;
  #moved = 0;

  /** With an `address` the name leads there. */
  constructor(
    readonly isOwn: boolean,
    address: string | null = null,
  ) {
    this.name = address === null ? part("name") : link(address);
    this.element.className = isOwn ? "line is-own" : "line";
    this.#gain.ariaHidden = "true";
    this.name.append(this.#who);
    this.#number = new RollingNumber(this.score);
    this.score.append(part("unseen", " points"));
    const user = part("user");
    user.append(this.name, ...(isOwn ? [part("you", "you")] : []), this.#movement);
    this.element.append(this.#rank, user, this.#gain, this.score, this.#bar);
  }

  /** `place` counts from 1; `share` is the part of the leader's score, `moved` the ranks won. */
  show(row: Row, place: number, share: number, moved: number): void {
    this.element.dataset["place"] = String(place);
    this.#bar.style.transform = `scaleX(${share.toFixed(4)})`;
    if (moved !== this.#moved) {
      this.#moved = moved;
      this.#showMovement();
    }
    const before = this.#shown;
    if (row === before) {
      return;
    }
    this.#shown = row;
    this.#rank.replaceChildren(part("unseen", "Rank "), count(row.rank));
    this.#who.data = called(row);
    this.name.title = row.userId;
    this.#number.set(row.score);
    if (this.isOwn && before && row.score > before.score) {
      this.#celebrate(row.score - before.score);
    }
  }

  drop(): void {
    this.#number.drop();
    this.element.remove();
  }

  #showMovement(): void {
    const ranks = Math.abs(this.#moved);
    this.#movement.replaceChildren();
    if (ranks > 0) {
      const isUp = this.#moved > 0;
      this.#movement.dataset["way"] = isUp ? "up" : "down";
      const arrow = part("arrow", isUp ? "▲" : "▼");
      arrow.ariaHidden = "true";
      this.#movement.append(arrow, part("unseen", isUp ? "up " : "down "), count(ranks));
    }
  }

  #celebrate(points: number): void {
    this.#gain.textContent = `+${count(points)}`;
    if (mayMove()) {
      this.#gain.animate(
        [
          { opacity: 0, transform: "translateY(60%)" },
          { opacity: 1, transform: "none", offset: 0.15 },
          { opacity: 1, transform: "none", offset: 0.6 },
          { opacity: 0, transform: "translateY(-60%)" },
        ],
        { duration: GAIN_MS, easing: "ease-out" },
      );
    }
  }
}

function link(address: string): HTMLElement {
  const element = document.createElement("a");
  element.className = "name";
  element.href = address;
  return element;
}

function part(name: string, text = ""): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}
