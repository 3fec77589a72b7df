/** What a client knows of one view, and how frames change it. Pure: no I/O, no clock. */

import type { Around, Delta, Entry, List, Me, Snapshot, Users, ViewFrame } from "./frames.js";

/**
 * What a frame did, or what has to be done about it. `resume`: something is missing, subscribe again
 * with the epoch and version that are known. `restart`: the board began anew, subscribe without them.
 */
export type Verdict = "changed" | "same" | "resume" | "restart";

/**
 * What a view shows; what its kind does not have is absent. `version` is that of a top list, or of
 * one's own score in the view `me`. A delta does not tell `generatedAt`.
 */
export interface Shown {
  readonly entries: readonly Entry[];
  readonly epoch?: string;
  readonly version?: number | null;
  readonly generatedAt?: string;
  readonly userId?: string;
  readonly score?: number | null;
  readonly rank?: number | null;
  readonly of?: number;
}

/** Before the first frame. */
const NOTHING: Shown = { entries: [] };

/** One view of one board. */
export class ViewState {
  shown = NOTHING;
  /** Whom the view `users` shows, in this order. */
  users: readonly string[] = [];

  constructor(
    readonly view: string,
    readonly board: string,
    users: readonly string[],
  ) {
    this.name(users);
  }

  /** Whether anything has come yet. */
  get isKnown(): boolean {
    return this.shown !== NOTHING;
  }

  /** Epoch and version from which a top list can be gone on from. */
  get position(): { epoch: string; version: number } | null {
    const { epoch, version } = this.shown;
    return epoch === undefined ? null : { epoch, version: Number(version) };
  }

  /** Shows others from now on; what is known of those who stay is kept. */
  name(users: readonly string[]): void {
    this.users = [...new Set(users.map((each) => each.toLowerCase()))];
    if (this.isKnown) {
      this.shown = this.#merge([]);
    }
  }

  /** Takes a frame of this view, whatever came or got lost before. */
  apply(frame: ViewFrame): Verdict {
    switch (frame.type) {
      case "delta":
        return this.#follow(frame);
      case "snapshot":
        return this.#replace(frame);
      case "list":
        return this.#read(frame);
      case "me":
      case "around":
      case "users":
        return this.#look(frame);
      default:
        return "same"; // of a kind that this client does not know
    }
  }

  #follow(delta: Delta): Verdict {
    const before = this.position;
    if (delta.epoch !== before?.epoch) {
      return "restart";
    }
    if (delta.version <= before.version) {
      return "same";
    }
    if (delta.base !== before.version) {
      return "resume";
    }
    this.shown = follow(this.shown, delta);
    return "changed";
  }

  #replace({ epoch, version, entries, generatedAt }: Snapshot): Verdict {
    const before = this.position;
    const known = before?.epoch === epoch ? before.version : -1;
    if (known <= version) {
      this.shown = { entries: entries.map(toEntry), epoch, version, generatedAt };
    }
    return known < version ? "changed" : "same";
  }

  #read({ entries, generatedAt }: List): Verdict {
    // Instances behind a balancer, and caches, may answer with an older list than the last one was.
    const isOlder = this.position === null && generatedAt < (this.shown.generatedAt ?? "");
    return isOlder ? "same" : this.#show({ entries: entries.map(toEntry), generatedAt });
  }

  #look(frame: Me | Around | Users): Verdict {
    if (frame.type === "users") {
      return this.#show(this.#merge(frame.entries, frame.removed));
    }
    const { userId, of } = frame;
    if (frame.type === "around") {
      return this.#show({ entries: frame.entries.map(toEntry), userId, of });
    }
    const { score, rank, version } = frame;
    return this.#show({ entries: [], userId, score, rank, of, version });
  }

  #show(shown: Shown): Verdict {
    const isSame = this.isKnown && isEqual(this.shown, shown);
    this.shown = shown;
    return isSame ? "same" : "changed";
  }

  #merge(entries: readonly Entry[], removed: readonly string[] = []): Shown {
    const known = new Map([...this.shown.entries, ...entries].map((each) => [each.userId, each]));
    for (const userId of removed) {
      known.delete(userId);
    }
    return { entries: this.users.flatMap((each) => known.get(each) ?? []).map(toEntry) };
  }
}

/** What is shown after a delta that fits. */
function follow(shown: Shown, delta: Delta): Shown {
  const places = new Map(shown.entries.map((entry, at) => [entry.userId, { at: at + 1, entry }]));
  for (const userId of delta.removed ?? []) {
    places.delete(userId);
  }
  for (const each of delta.changed) {
    places.set(each.userId, { at: each.position ?? each.rank, entry: toEntry(each) });
  }
  const entries = [...places.values()].sort((a, b) => a.at - b.at).map(({ entry }) => entry);
  return { entries, epoch: delta.epoch, version: delta.version };
}

/** Without what is not of an entry. */
export function toEntry({ userId, score, rank }: Entry): Entry {
  return { userId, score, rank };
}

/** Whether both say the same, member by member in the same order. */
export function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
