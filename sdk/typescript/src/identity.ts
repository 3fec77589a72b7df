/** Who a client is, over any number of connections. Pure; times are Unix milliseconds. */

/** The part of a token's remaining life after which a newer one is asked for. */
const REFRESH_AT = 0.8;

/** Shortest time between two questions for a newer token. */
const AGAIN_MS = 5000;

/** The newest token, and when to ask for a newer one. */
export class Identity {
  token: string | null = null;
  /** When to ask for a token; null: at once without one, never with one that is as good. */
  dueMs: number | null = null;
  #expiresMs: number | null = null;
  #isSpent = false;

  /** Whether a token should be asked for now. */
  isDue(nowMs: number): boolean {
    return this.dueMs === null ? this.token === null : nowMs >= this.dueMs;
  }

  /**
   * Takes what the source gave: the old one again does no harm until the service says so. False
   * where it has. This machine's clock does not decide: it may be wrong.
   */
  take(token: string, nowMs: number): boolean {
    if (token !== this.token) {
      this.token = token;
      this.#expiresMs = this.dueMs = null;
      this.#isSpent = false;
    } else if (this.#isSpent) {
      return false;
    } else {
      this.#plan(nowMs, nowMs + AGAIN_MS);
    }
    return true;
  }

  /** The service has accepted the token, until a time; without one it ends the connection then. */
  accept(expiresMs: number, nowMs: number): void {
    if (expiresMs) {
      this.#expiresMs = expiresMs;
      this.#plan(nowMs, nowMs);
    }
  }

  /** The service says that this token has expired: nothing new where a newer one is there. */
  expire(token: string | null, nowMs: number): void {
    if (token === this.token) {
      this.dueMs = nowMs;
      this.#isSpent = true;
    }
  }

  /** The source could not be asked. */
  postpone(nowMs: number): void {
    this.dueMs = nowMs + AGAIN_MS;
  }

  #plan(nowMs: number, earliestMs: number): void {
    const leftMs = this.#expiresMs === null ? null : this.#expiresMs - nowMs;
    this.dueMs = leftMs === null ? null : Math.max(earliestMs, nowMs + leftMs * REFRESH_AT);
  }
}
