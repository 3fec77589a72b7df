import type { ResolveNames } from "./types.js";

/** Names that are asked for at a time. */
const BATCH_MAX = 100;

/** With more names than that all are forgotten: those that are shown are asked for once more. */
const KNOWN_MAX = 5000;

/** Time between a question that failed and the next one, in milliseconds. */
const AGAIN_MS = 5000;

/**
 * Names of users, asked for together and once. Who turns out to have none is not asked for again.
 * `onNames` looks up all that are needed, once more.
 */
export class Names {
  readonly #known = new Map<string, string | null>();
  readonly #resolve: ResolveNames | null;
  readonly #onNames: () => unknown;
  #wanted = new Set<string>();
  #isAsking = false;

  constructor(resolve: ResolveNames | undefined, onNames: () => unknown) {
    this.#resolve = resolve ?? null;
    this.#onNames = onNames;
  }

  /** The name, null where it is not known; it is asked for then. */
  of(userId: string): string | null {
    const name = this.#known.get(userId);
    if (name === undefined && this.#resolve !== null) {
      this.#wanted.add(userId);
      this.#askSoon(this.#resolve);
    }
    return name ?? null;
  }

  #askSoon(resolve: ResolveNames): void {
    if (!this.#isAsking) {
      this.#isAsking = true;
      queueMicrotask(() => void this.#ask(resolve)); // with all that are wanted in this turn
    }
  }

  async #ask(resolve: ResolveNames): Promise<void> {
    const ids = [...this.#wanted].slice(0, BATCH_MAX);
    this.#wanted = new Set();
    try {
      this.#remember(ids, await resolve(ids));
      this.#goOn();
    } catch {
      setTimeout(() => this.#goOn(), AGAIN_MS);
    }
  }

  #goOn(): void {
    this.#isAsking = false;
    this.#onNames();
  }

  #remember(ids: readonly string[], names: Readonly<Record<string, string>>): void {
    if (this.#known.size > KNOWN_MAX) {
      this.#known.clear();
    }
    for (const id of ids) {
      this.#known.set(id, names[id] ?? null);
    }
  }
}
