// Made by `npm run generate` from scoreboard/web/asyncapi.json.

/**
 * `main` where it is not named.
 */
export type BoardId = string;
/**
 * A UUID in lower case.
 */
export type UserId = string;
export type TopView = "top:10" | "top:50";
/**
 * The K users above and below oneself, 1 ≤ K ≤ 25.
 */
export type AroundView = string;
export type View = TopView | AroundView | ("me" | "users");
/**
 * Names the count of versions. It changes only when a board begins anew.
 */
export type Epoch = string;
/**
 * Grows with each change of a view.
 */
export type Version = number;
export type Score = number;
/**
 * 1 + the number of users with a higher score: ties share a rank.
 */
export type Rank = number;
export type Count = number;
/**
 * ISO 8601 in UTC with microseconds.
 */
export type Timestamp = string;

export interface Schemas {
  [k: string]: unknown;
}
export interface Entry {
  userId: UserId;
  score: Score;
  rank: Rank;
}
export interface PlacedEntry {
  userId: UserId;
  score: Score;
  rank: Rank;
  /**
   * Its place in the list, counted from 1: ties share a rank, never a position. Absent where it is the rank.
   */
  position?: number;
}
export interface Snapshot {
  type: "snapshot";
  view: TopView;
  board: BoardId;
  epoch: Epoch;
  version: Version;
  /**
   * Highest score first, then who reached it first.
   *
   * @maxItems 50
   */
  entries: Entry[];
  generatedAt: Timestamp;
  /**
   * The client asked to go on from a version that cannot be gone on from.
   */
  reset?: true;
}
export interface Delta {
  type: "delta";
  view: TopView;
  board: BoardId;
  epoch: Epoch;
  version: Version;
  base: Version;
  /**
   * @maxItems 50
   */
  changed: PlacedEntry[];
  /**
   * @maxItems 50
   */
  removed?: UserId[];
}
export interface Me {
  type: "me";
  board: BoardId;
  userId: UserId;
  /**
   * Null while one is not on the board, as are `rank` and `version`.
   */
  score: Score | null;
  rank: Rank | null;
  of: Count;
  /**
   * How many increments the score is made of.
   */
  version: Version | null;
}
export interface Around {
  type: "around";
  view: AroundView;
  board: BoardId;
  userId: UserId;
  /**
   * In the order of the board, oneself among them; none while one is not on it.
   *
   * @maxItems 51
   */
  entries: Entry[];
  of: Count;
}
export interface Users {
  type: "users";
  view: "users";
  board: BoardId;
  /**
   * @maxItems 100
   */
  entries: Entry[];
  /**
   * Who is not on the board any more; in the first frame, who is not on it. Absent where nobody is meant.
   *
   * @maxItems 100
   */
  removed?: UserId[];
}
export interface Authenticated {
  type: "authenticated";
  userId: UserId;
  expiresAt: Timestamp;
}
export interface Status {
  type: "status";
  stale: boolean;
}
export interface Ping {
  type: "ping";
}
export interface Error {
  type: "error";
  /**
   * As in docs/reference/errors.md.
   */
  code: string;
  /**
   * What the refused frame called so, where it could be read.
   */
  view?: string;
  /**
   * Finds the refusal in the logs.
   */
  requestId?: string;
}
export interface Bye {
  type: "bye";
  /**
   * The close code that follows.
   */
  code: number;
  /**
   * The shortest and the longest wait.
   *
   * @minItems 2
   * @maxItems 2
   */
  reconnectInMs: [Count, Count];
}
export interface Subscribe {
  type: "subscribe";
  view: View;
  board?: BoardId;
  /**
   * What the client has; absent or null where it has nothing. The same of `version`.
   */
  epoch?: Epoch | null;
  version?: Version | null;
  /**
   * Whom the view `users` shows. Replaces what was named before.
   */
  users?: string[] | null;
}
export interface Unsubscribe {
  type: "unsubscribe";
  view: View;
  board?: BoardId;
}
export interface Authenticate {
  type: "authenticate";
  token: string;
}
