/** Where Bearer tokens come from, and what is read of tokens here: nothing is verified. */

import type { TokenSource } from "./types.js";

/** A user's Bearer token. Its source is asked by one at a time, whoever needs a newer one. */
export class Bearer {
  readonly #source: TokenSource;
  #token: string | null = null;
  #asking: Promise<string> | null = null;

  constructor(source: TokenSource) {
    this.#source = source;
  }

  /** A token other than `spent`, if the source has one. Rejects as the source does. */
  async bring(spent: string | null = null): Promise<string> {
    if (this.#token !== null && this.#token !== spent) {
      return this.#token;
    }
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  async #ask(): Promise<string> {
    const source = this.#source;
    try {
      this.#token = typeof source === "string" ? source : await source();
      return this.#token;
    } finally {
      this.#asking = null;
    }
  }
}

/** A claim of a JWT that is a text; null where it has none. */
export function claimOf(token: string, name: string): string | null {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const value: unknown = JSON.parse(atob(payload))[name];
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}
