/** What a board shows, made from what its views know. Pure. */

import type { Conversation } from "./conversation.js";
import type { Following } from "./following.js";
import type { NameOf } from "./names.js";
import type { BoardState, Entry, Me, Row } from "./types.js";
import { isEqual, type Shown, toEntry } from "./views.js";

const NONE: readonly Row[] = [];

/** Before anything came. */
export const INITIAL: BoardState = Object.freeze({
  rows: NONE,
  me: null,
  around: NONE,
  users: NONE,
  connection: "idle",
  transport: null,
  isStale: false,
  hasLoaded: false,
  generatedAt: null,
  retryAt: null,
  error: null,
});

/** The state after `before`: that one where nothing changed. */
export function nextState(
  before: BoardState,
  conversation: Conversation,
  following: Following,
  staleMs: number,
  nameOf: NameOf,
): BoardState {
  const shown = new Map(conversation.states.map((each) => [each.view.split(":")[0], each.shown]));
  const list = (kind: string, rows: readonly Row[]): readonly Row[] =>
    nextRows(rows, shown.get(kind)?.entries ?? NONE, nameOf);
  const { connection, transport, retryAt, lostAt } = following;
  const state: BoardState = {
    rows: list("top", before.rows),
    me: nextMe(before.me, shown.get("me")),
    around: list("around", before.around),
    users: list("users", before.users),
    connection,
    transport,
    isStale: conversation.isStale || (lostAt !== null && Date.now() >= lostAt + staleMs),
    hasLoaded: conversation.states.some((each) => each.isKnown),
    generatedAt: shown.get("top")?.generatedAt ?? null,
    retryAt,
    error: conversation.ended,
  };
  return isSame(before, state) ? before : Object.freeze(state);
}

/** The rows of a list; those of `before` where neither places nor names changed. */
export function nextRows(
  before: readonly Row[],
  entries: readonly Entry[],
  nameOf: NameOf,
): readonly Row[] {
  const known = new Map(before.map((row) => [row.userId, row]));
  const isMoved = !isEqual(before.map(toEntry), entries);
  const rows = entries.map((entry) => {
    const old = known.get(entry.userId);
    const row = { ...entry, ...previousOf(old, isMoved), name: nameOf(entry.userId) };
    return old && isSame(old, row) ? old : Object.freeze(row);
  });
  const isNews = isMoved || rows.some((row, at) => row !== before[at]);
  return isNews ? Object.freeze(rows) : before;
}

/** Where a row was before the last change: what it says itself where that was not this one. */
function previousOf(
  old: Row | undefined,
  isMoved: boolean,
): Pick<Row, "previousRank" | "previousScore"> {
  const previousRank = isMoved ? old?.rank : old?.previousRank;
  const previousScore = isMoved ? old?.score : old?.previousScore;
  return { previousRank: previousRank ?? null, previousScore: previousScore ?? null };
}

function nextMe(before: Me | null, shown: Shown | undefined): Me | null {
  if (!shown?.userId) {
    return null;
  }
  const { userId, score = null, rank = null, of = 0 } = shown;
  const me = { userId, score, rank, of };
  return before && isEqual(before, me) ? before : Object.freeze(me);
}

/** Whether all members are, each for itself. */
function isSame<Value extends object>(a: Value, b: Value): boolean {
  return Object.entries(b).every(([name, value]) => Object.is(a[name as keyof Value], value));
}
