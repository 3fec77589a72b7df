/** What a screen reader is told: few words, seldom, and only what has changed. */

const QUIET_MS = 20_000;

export class Announcer {
  readonly #element: HTMLElement;
  #spoken = "";
  #spokenAt = Number.NEGATIVE_INFINITY;
  #waiting = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** News of the board: the latest, once those before have had their time. */
  tell(text: string): void {
    this.#waiting = text;
    clearTimeout(this.#timer);
    const rest = this.#spokenAt + QUIET_MS - performance.now();
    this.#timer = setTimeout(() => this.say(this.#waiting), Math.max(0, rest));
  }

  /** An answer to what was just done, or what the connection is: at once. */
  say(text: string): void {
    if (text !== this.#spoken) {
      this.#spoken = text;
      this.#spokenAt = performance.now();
      this.#element.textContent = text;
    }
  }
}
