import type { ScoreboardError } from "./errors.js";

/** One line of a list. Ties share a rank. */
export interface Entry {
  readonly userId: string;
  readonly score: number;
  readonly rank: number;
}

/** Where one user stands. `lastUpdated` is ISO 8601 in UTC. */
export interface Standing extends Entry {
  readonly lastUpdated: string;
}

/** A user among those next to one, in the order of the board; `of` users in all. */
export interface Neighbours {
  readonly userId: string;
  readonly entries: readonly Entry[];
  readonly of: number;
}

/**
 * An increment that is durable. With `isRepeated` an earlier answer was lost: `score` is what was
 * stored then, `rank` the present one.
 */
export interface Receipt {
  readonly score: number;
  readonly rank: number;
  readonly isRepeated?: boolean;
}

/** The scoreboard as its specification names it. Every method rejects with a ScoreboardError. */
export interface ScoreboardService {
  /**
   * Redeems an action, once, whatever gets lost on the way. The nonce is taken from the token when
   * it is omitted.
   */
  incrementScore(
    userId: string,
    delta: number,
    actionToken: string,
    nonce?: string,
  ): Promise<Receipt>;
  /** The first entries of the board: 10, or up to 50. */
  getTopScores(limit?: number): Promise<Entry[]>;
  /** Where a user stands. Rejects with `not_found` for one without a score. */
  getUserScore(userId: string): Promise<Entry>;
}

/** A Bearer token, or who can give one; asked again only when a newer one is needed. */
export type TokenSource = string | (() => string | Promise<string>);

export interface ClientOptions {
  /** Where the service is; the page's own origin when it is omitted. */
  baseUrl?: string;
  /** The board's id, `main` when it is omitted. */
  board?: string;
  /** Needed by `incrementScore`, and to watch `me` and `around`. */
  token?: TokenSource;
  /** Stands in for the global `fetch`. */
  fetch?: typeof fetch;
  /** Stands in for the global `WebSocket`, which Node has since version 22. */
  WebSocket?: typeof WebSocket;
  /** The longest time of one attempt of a request, in milliseconds; 10,000 when it is omitted. */
  timeoutMs?: number;
  /** For how long a request is sent again, in milliseconds; 30,000 when it is omitted. */
  patienceMs?: number;
}

/** One user of one board. */
export interface ScoreboardClient extends ScoreboardService {
  getUserScore(userId: string): Promise<Standing>;
  /** A user among the `radius` above and below: 5, or up to 25. */
  getAround(userId: string, radius?: number): Promise<Neighbours>;
  /** A live board. Throws a TypeError where `me` or `around` is asked for without a token. */
  watch(options?: WatchOptions): Board;
}

/** How a live board is followed: WebSocket, server-sent events, or reading it again and again. */
export type Transport = "ws" | "sse" | "poll";

/** Names of users by their ids; who has none is left out. */
export type ResolveNames = (ids: readonly string[]) => Promise<Readonly<Record<string, string>>>;

export interface WatchOptions {
  /** How many lead the list; 10 when it is omitted, none with null. */
  top?: 10 | 50 | null;
  /** One's own place. Needs a token. */
  me?: boolean;
  /** Those 5 above and below oneself. Needs a token. */
  around?: 5 | null;
  /** Up to 100 users whose places are shown. */
  users?: readonly string[];
  /** Asked for up to 100 names at a time, and never again for the same ones. */
  resolveNames?: ResolveNames;
  /** Which may be used, the best one first; all three when it is omitted. */
  transports?: readonly Transport[];
  /** Leaves the connection while nobody can see the page; true when it is omitted. */
  pauseWhenHidden?: boolean;
}

/** One line of a live list. It is the same object for as long as nothing about it changed. */
export interface Row extends Entry {
  /** The rank before the last change of this list; null: was not on it. */
  readonly previousRank: number | null;
  /** The score before the last change of this list; null: was not on it. */
  readonly previousScore: number | null;
  /** Once `resolveNames` has told. */
  readonly name: string | null;
}

/** One's own place among `of` users; score and rank are null while one is not on the board. */
export interface Me {
  readonly userId: string;
  readonly score: number | null;
  readonly rank: number | null;
  readonly of: number;
}

/**
 * `idle`: nobody looks. `waiting`: to come back, at `retryAt`. `offline`: the same while the
 * browser has no network. `paused`: the page is hidden. `ended`: it does not come back.
 */
export type Connection =
  | "idle"
  | "connecting"
  | "open"
  | "waiting"
  | "paused"
  | "offline"
  | "ended";

/** Immutable: a new object with each change, the same object without one. */
export interface BoardState {
  /** The top list, in the order of the board. */
  readonly rows: readonly Row[];
  readonly me: Me | null;
  /** In the order of the board, oneself among them. */
  readonly around: readonly Row[];
  /** In the order in which they were named; only those who have a score. */
  readonly users: readonly Row[];
  readonly connection: Connection;
  /** What the board is followed by, or was last. */
  readonly transport: Transport | null;
  /** The service said so, or there was no connection for five seconds. */
  readonly isStale: boolean;
  /** Something has been shown. */
  readonly hasLoaded: boolean;
  /** When the service made the top list, ISO 8601 in UTC; null where a change led here. */
  readonly generatedAt: string | null;
  /** When the next attempt is made while the board waits, in Unix milliseconds. */
  readonly retryAt: number | null;
  /** Why it ended. */
  readonly error: ScoreboardError | null;
}

/**
 * A store for React's `useSyncExternalStore` and its like; all methods are bound. It connects with
 * its first subscriber and rests with its last.
 */
export interface Board {
  /** Calls `listener` after each change; the result ends that. */
  subscribe(listener: () => void): () => void;
  getSnapshot(): BoardState;
  /** What is shown where no board can be followed. */
  getServerSnapshot(): BoardState;
  /** Ends the board for good. */
  close(): void;
}
