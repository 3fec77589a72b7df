import type { components } from "./generated/openapi.js";

type Schemas = components["schemas"];

/** What the service refuses requests with: docs/reference/errors.md. */
export type ProblemCode = Schemas["Problem"]["code"];

/**
 * What this client says itself. `unanswered`: nobody answered for so long that it gave up.
 * `not_a_scoreboard`: what answers at this address is none. `live_ended`: a live board was closed
 * for good, with `closeCode`.
 */
export type ClientCode = "unanswered" | "not_a_scoreboard" | "live_ended";

export type ErrorCode = ProblemCode | ClientCode;

/** One thing that is not as documented, and where: a JSON pointer, a header or a parameter. */
export type Fault = Schemas["InvalidPayload"]["errors"][number];

/** What problems carry beside what all of them do. */
export interface ErrorMembers {
  invalid_payload: { readonly errors: readonly Fault[] };
  rate_limited: { readonly policy: string };
  /** `applied`: by this very token. Then score, version and event are as stored, rank as now. */
  nonce_reused:
    | {
        readonly applied: true;
        readonly score: number;
        readonly version: number;
        readonly eventId: number;
        readonly rank?: number;
      }
    | { readonly applied: false };
  version_conflict: { readonly version: number };
  confirmation_required: { readonly events: number; readonly belowId: number };
  live_ended: { readonly closeCode: number };
}

/** The error of one code, with its members. */
export type ErrorOf<Code extends ErrorCode> = ScoreboardError & {
  readonly code: Code;
} & (Code extends keyof ErrorMembers ? ErrorMembers[Code] : unknown);

/** All of them: `code` tells which. */
export type AnyScoreboardError = { [Code in ErrorCode]: ErrorOf<Code> }[ErrorCode];

/** What is known of an error; all else that a problem tells becomes a member of it too. */
export interface ErrorDetails {
  readonly code: string;
  readonly message: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
  readonly [member: string]: unknown;
}

/** Whatever this client rejects with; `isScoreboardError` tells the kinds apart. */
export class ScoreboardError extends Error {
  override readonly name = "ScoreboardError";
  readonly code: string;
  /** The HTTP status; null where nobody answered. */
  readonly status: number | null;
  /** Finds the refusal in the service's logs. */
  readonly requestId: string | null;
  /** The wait that the service asked for. */
  readonly retryAfterMs: number | null;
  /** An answer got lost before: what was asked for may have been done nevertheless. */
  wasLost = false;

  constructor({ code, message, status, requestId, retryAfterMs, cause, ...others }: ErrorDetails) {
    super(message, { cause });
    this.code = code;
    this.status = status ?? null;
    this.requestId = requestId ?? null;
    this.retryAfterMs = retryAfterMs ?? null;
    for (const [name, value] of Object.entries(others)) {
      if (!(name in this)) {
        Object.defineProperty(this, name, { value, enumerable: true });
      }
    }
  }
}

/** Whether it is an error of this client: of this code, where one is named. */
export function isScoreboardError(error: unknown): error is AnyScoreboardError;
export function isScoreboardError<Code extends ErrorCode>(
  error: unknown,
  code: Code,
): error is ErrorOf<Code>;
export function isScoreboardError(error: unknown, code?: string): boolean {
  return error instanceof ScoreboardError && (code === undefined || error.code === code);
}

/** Of a close code that means: do not come back. */
export function endedBy(closeCode: number): ScoreboardError {
  const message = `The service ended the live board for good, with close code ${closeCode}.`;
  return new ScoreboardError({ code: "live_ended", message, closeCode });
}

/** Of an answer that no scoreboard gives: what it was. */
export function notAScoreboard(answer: string): ScoreboardError {
  const message = `What answers there is no scoreboard: it sent ${answer}.`;
  return new ScoreboardError({ code: "not_a_scoreboard", message });
}
