/** Numbers that count up to what they have become. */

import { mayMove } from "./motion.js";
import { count } from "./words.js";

const ROLL_MS = 500;

/** One number on the page. */
export class RollingNumber {
  readonly #text = document.createTextNode("");
  #from = 0;
  #shown: number | null = null;
  #target: number | null = null;
  #since = 0;

  constructor(element: Element) {
    element.append(this.#text);
  }

  set(value: number): void {
    if (value === this.#target) {
      return;
    }
    this.#target = value;
    if (this.#shown === null || !mayMove()) {
      this.#write(value);
      rolling.delete(this);
      return;
    }
    this.#from = this.#shown;
    this.#since = performance.now();
    if (rolling.size === 0) {
      requestAnimationFrame(roll);
    }
    rolling.add(this);
  }

  /** Ends without having arrived, when its line is gone. */
  drop(): void {
    rolling.delete(this);
  }

  /** Whether it goes on after this frame. */
  step(now: number): boolean {
    const target = this.#target ?? 0;
    const part = Math.min(1, Math.max(0, (now - this.#since) / ROLL_MS));
    const eased = 1 - (1 - part) ** 3;
    this.#write(Math.round(this.#from + (target - this.#from) * eased));
    return part < 1;
  }

  #write(value: number): void {
    if (value !== this.#shown) {
      this.#shown = value;
      this.#text.data = count(value);
    }
  }
}

const rolling = new Set<RollingNumber>();

function roll(now: number): void {
  for (const each of rolling) {
    if (!each.step(now)) {
      rolling.delete(each);
    }
  }
  if (rolling.size > 0) {
    requestAnimationFrame(roll);
  }
}
