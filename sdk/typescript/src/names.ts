import type { ResolveNames } from "./types.js";

/** Names that are asked for at a time. */
const BATCH_MAX = 100;

/** With more names than that all are forgotten: those that are shown are asked for once more. */
const KNOWN_MAX = 5000;

/** Time between a question that failed and the next one, in milliseconds. */
const AGAIN_MS = 5000;

/** The name of a user; null where it is not known. It is asked for then. */
export type NameOf = (userId: string) => string | null;

/**
 * Asks for names together and once. Who turns out to have none is not asked for again. `onNames`
 * looks up all that are needed, once more.
 */
export function namesFrom(resolve: ResolveNames | undefined, onNames: () => unknown): NameOf {
  const known = new Map<string, string | null>();
  const wanted = new Set<string>();
  let isAsking = false;
  const goOn = (): void => {
    isAsking = false;
    onNames();
  };
  const ask = async (from: ResolveNames): Promise<void> => {
    const ids = [...wanted].slice(0, BATCH_MAX);
    wanted.clear();
    try {
      const names = await from(ids);
      if (known.size > KNOWN_MAX) {
        known.clear();
      }
      for (const id of ids) {
        known.set(id, names[id] ?? null);
      }
    } catch {
      setTimeout(goOn, AGAIN_MS);
      return;
    }
    goOn();
  };
  return (userId) => {
    const name = known.get(userId);
    if (name === undefined && resolve) {
      wanted.add(userId);
      if (!isAsking) {
        isAsking = true;
        queueMicrotask(() => void ask(resolve)); // with all that are wanted in this turn
      }
    }
    return name ?? null;
  };
}
