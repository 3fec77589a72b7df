/** When to come back after a connection has ended. Pure: chance is drawn elsewhere. */

export const FIRST_MS = 500;
/** Waits are a random part of the first, then of twice as much, up to the longest. */
export const LONGEST_MS = 20_000;

/** A connection that held for so long was a good one: waits begin anew after it. */
const LASTING_MS = 10_000;

/** After too many frames the waits begin with the range that so many failures lead to. */
const SLOWER = 3;

export const TOKEN_EXPIRED = 4003;
const TOO_MANY_FRAMES = 4029;
const TOO_LARGE = 1009;
const FINAL_STATUSES = [400, 403, 404];

/** A range of milliseconds: wait for a random time within it. */
export type Pause = readonly [shortestMs: number, longestMs: number];

/** Decides after each end of a connection. */
export class Comeback {
  #failures = 0;
  #asked: Pause | null = null;

  /** The service has said `bye`: the next wait is of its choice. */
  ask(pause: Pause): void {
    this.#asked = pause;
  }

  /** A connection has ended, with a close code or null. Null: do not come back. */
  afterClose(code: number | null, lastedMs: number): Pause | null {
    if (code === TOO_LARGE || (code !== null && code >= 4500 && code < 5000)) {
      return null;
    }
    if (lastedMs >= LASTING_MS) {
      this.#failures = 0;
    }
    if (code === TOO_MANY_FRAMES) {
      this.#failures = Math.max(this.#failures, SLOWER);
    }
    const asked = this.#asked;
    this.#asked = null;
    return asked ?? this.afterSilence();
  }

  /** A handshake was answered with an HTTP status. Null: do not come back. */
  afterRefusal(status: number, retryAfterMs: number): Pause | null {
    if (FINAL_STATUSES.includes(status)) {
      return null;
    }
    return [retryAfterMs, retryAfterMs + this.afterSilence()[1]];
  }

  /** Nobody answered at all. */
  afterSilence(): Pause {
    const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += longestMs < LONGEST_MS ? 1 : 0;
    return [0, longestMs];
  }
}

/** A random wait within the range, in milliseconds. */
export function draw([shortestMs, longestMs]: Pause): number {
  return shortestMs + Math.random() * (longestMs - shortestMs);
}

/** Resolves after so many milliseconds. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
