import type { Transport } from "./types.js";

/** So many failures in a row, and a transport gives way to the next one. */
const FAILURES_MAX = 2;

/**
 * Time before a better transport is tried again, as a multiple of the usual first one; it doubles.
 * SOON for one that has worked before: it was probably the service that was away.
 */
const SOON = 1 / 32;
const BACK_MAX = 16;

/** Which transport to use: the best one that can be had. Pure. */
export class Ladder {
  #at = 0;
  #failures = 0;
  #back = 1;
  /** The best one that ever worked. */
  #best = Number.POSITIVE_INFINITY;

  /** The best one first. */
  constructor(readonly transports: readonly Transport[]) {}

  get current(): Transport {
    return this.transports[this.#at] as Transport;
  }

  /** Those that would be better than the present one. */
  get better(): readonly Transport[] {
    return this.transports.slice(0, this.#at);
  }

  /**
   * A connection ended before anything came over it. Whether the next transport takes its place: it
   * may be tried at once. After the last one the first is tried again.
   */
  failed(transport: Transport): boolean {
    this.#failures += transport === this.current ? 1 : 0;
    if (this.#failures < FAILURES_MAX) {
      return false;
    }
    this.#failures = 0;
    this.#back = this.#at === this.#best ? SOON : this.#back;
    this.#at = (this.#at + 1) % this.transports.length;
    return this.#at > 0;
  }

  /** Something came over a connection. */
  proved(transport: Transport): void {
    this.#failures = 0;
    this.#at = Math.max(0, this.transports.indexOf(transport));
    this.#best = Math.min(this.#best, this.#at);
    if (this.#at === 0) {
      this.#back = 1;
    }
  }

  /** How long to wait before the better ones are tried, as a multiple of the first such wait. */
  takeBack(): number {
    const back = this.#back;
    this.#back = Math.min(BACK_MAX, back * 2);
    return back;
  }
}
