/** Who has lately risen or fallen, and by how many ranks. */

import type { Row } from "@scoreboard/client";

/** For so long after his last change a user's movement is told, in milliseconds. */
export const TOLD_MS = 5000;

interface Movement {
  readonly from: number;
  readonly at: number;
}

/** Follows one list. States that are never drawn do not matter: ranks are compared as shown. */
export class Movements {
  #ranks = new Map<string, number>();
  readonly #moved = new Map<string, Movement>();

  /** Takes the list as it is now; times are in milliseconds of any one clock. */
  note(rows: readonly Row[], now: number): void {
    const before = this.#ranks;
    this.#ranks = new Map(rows.map((row) => [row.userId, row.rank]));
    this.#forget(now);
    for (const [userId, rank] of this.#ranks) {
      const was = before.get(userId) ?? rank;
      if (was !== rank) {
        this.#moved.set(userId, { from: this.#moved.get(userId)?.from ?? was, at: now });
      }
    }
  }

  #forget(now: number): void {
    for (const [userId, { at }] of this.#moved) {
      if (now - at >= TOLD_MS || !this.#ranks.has(userId)) {
        this.#moved.delete(userId);
      }
    }
  }

  /** Ranks won, or lost where it is negative; 0 where nothing is to be told. */
  of(userId: string): number {
    const moved = this.#moved.get(userId);
    return moved === undefined ? 0 : moved.from - (this.#ranks.get(userId) ?? moved.from);
  }

  get isQuiet(): boolean {
    return this.#moved.size === 0;
  }
}
