/** The connection, and how far the scores can be trusted, in words. */

import type { BoardState, Transport } from "@scoreboard/client";

export interface Status {
  /** What the lamp shows: `live`, `waiting` or `ended`. */
  readonly lamp: "live" | "waiting" | "ended";
  /** A word or two. */
  readonly word: string;
  /** A sentence where there is something to know, else empty. */
  readonly notice: string;
}

const WAYS: Readonly<Record<Transport, string>> = {
  ws: "Live over WebSocket",
  sse: "Live over server-sent events",
  poll: "Read every few seconds",
};

export function statusOf(state: BoardState, now: number): Status {
  switch (state.connection) {
    case "open":
      return state.isStale
        ? waiting(
            "Delayed",
            "The service cannot reach its ledger. These scores may be out of date.",
          )
        : { lamp: "live", word: state.transport === "poll" ? "Nearly live" : "Live", notice: "" };
    case "waiting":
      return waiting(`Reconnecting${inSeconds(state.retryAt, now)}`, lostNotice(state));
    case "offline":
      return waiting("Offline", "This device has no network. The board goes on once it is back.");
    case "paused":
      return waiting("Paused", "");
    case "ended":
      return { lamp: "ended", word: "Ended", notice: endNotice(state) };
    default:
      return waiting("Connecting", lostNotice(state));
  }
}

export function isUnknownBoard(state: BoardState): boolean {
  return state.connection === "ended" && state.error?.code === "not_found";
}

export function wayOf(state: BoardState): string {
  return state.connection === "open" && state.transport ? WAYS[state.transport] : "";
}

function waiting(word: string, notice: string): Status {
  return { lamp: "waiting", word, notice };
}

function inSeconds(retryAt: number | null, now: number): string {
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000);
  return seconds > 1 ? ` in ${seconds} s` : "";
}

/** Most connections are back before anybody could read it. */
function lostNotice(state: BoardState): string {
  if (!state.isStale) {
    return "";
  }
  return state.hasLoaded
    ? "The connection is lost. These are the last scores that arrived."
    : "The scoreboard does not answer yet. The board appears as soon as it does.";
}

function endNotice(state: BoardState): string {
  if (isUnknownBoard(state)) {
    return ""; // the board's place says it
  }
  const why = state.error?.message ?? "The board was closed.";
  return `${why} Load the page again to go on.`;
}
