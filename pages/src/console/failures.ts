/** Refusals in words: what happened, and what to do next. */

import { isScoreboardError, ScoreboardError } from "@scoreboard/client";

export interface Failure {
  readonly title: string;
  readonly next: string;
  /** Whether what is shown is out of date: somebody else has acted meanwhile. */
  readonly isOutdated: boolean;
  /** Whether the same act, sent again with its key, is the way on. */
  readonly canRepeat: boolean;
  readonly requestId: string | null;
}

type Words = readonly [title: string, next: string, ...marks: readonly ("outdated" | "repeat")[]];

const WORDS: Readonly<Record<string, Words>> = {
  already_voided: [
    "This event is void already",
    "Somebody else, or you in another tab, has voided it meanwhile. Nothing was done twice. The history below is read again.",
    "outdated",
  ],
  not_voided: [
    "This event is not void",
    "It was restored meanwhile, so there is nothing to restore. The history below is read again.",
    "outdated",
  ],
  not_voidable: [
    "This event undoes another one",
    "Void or restore the event that it refers to.",
    "outdated",
  ],
  not_suspended: [
    "This user is not suspended",
    "The suspension was lifted or has ended meanwhile. The history below is read again.",
    "outdated",
  ],
  score_limit: [
    "The board does not admit the score that this would lead to",
    "See the limits under Boards, and choose another amount.",
  ],
  policy_denied: ["The board's rules do not allow this", "See the limits under Boards."],
  confirmation_required: [
    "So many events need their number as a confirmation",
    "Preview again, and type the number of events.",
  ],
  window_too_large: [
    "These are too many events for one act",
    "Choose a shorter time, or one user, action or key.",
  ],
  idempotency_key_reused: [
    "This press was taken for another act",
    "Close this and begin again. Nothing was done.",
  ],
  insufficient_scope: [
    "This token may not do that",
    "It needs the scope moderator or admin. Sign in with another token.",
  ],
  user_suspended: ["The user is suspended", "Lift the suspension first."],
  storage_unavailable: [
    "The ledger cannot be reached",
    "Nothing was done. Send it again in a moment.",
    "repeat",
  ],
  outcome_unknown: [
    "Nobody knows yet whether this was done",
    "Send it again: it takes place once, and the answer tells what became of it.",
    "repeat",
  ],
  unanswered: [
    "The service did not answer",
    "It may have been done or not. Send it again: it takes place once.",
    "repeat",
  ],
  overloaded: ["The service is overloaded", "Nothing was done. Send it again.", "repeat"],
  rate_limited: [
    "Too many requests came from here",
    "Wait a moment, then send it again.",
    "repeat",
  ],
};

export function failureOf(error: unknown): Failure {
  const code = error instanceof ScoreboardError ? error.code : "";
  const message = error instanceof Error ? error.message : String(error);
  const [title, next, ...marks] = WORDS[code] ?? [message, "", ...[]];
  return {
    title,
    next: code === "invalid_payload" ? faultsOf(error) : next,
    isOutdated: marks.includes("outdated"),
    canRepeat: marks.includes("repeat"),
    requestId: error instanceof ScoreboardError ? error.requestId : null,
  };
}

function faultsOf(error: unknown): string {
  const faults = isScoreboardError(error, "invalid_payload") ? (error.errors ?? []) : [];
  return faults.map((fault) => fault.detail).join(" ");
}
