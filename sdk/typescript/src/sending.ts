/** Requests, sent again where that is safe, until they are answered or patience ends. */

import { notAScoreboard, ScoreboardError } from "./errors.js";
import { draw, FIRST_MS, LONGEST_MS, readRetryAfter } from "./policy.js";

/** Refusals after which the same request is sent again. */
const PASSING = [
  "unanswered",
  "overloaded",
  "rate_limited",
  "storage_unavailable",
  "outcome_unknown",
];

/** What a proxy says, without a code, where it got no answer itself. */
const GATEWAY = [502, 503, 504];

/** What is sent, each time with the same bytes and the token of the time. */
export interface Request {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: string;
}

/** Where to, how, and for how long. */
export interface SenderOptions {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Of all of them. */
  readonly patienceMs: number;
}

/** Sends to one service. */
export class Sender {
  constructor(readonly options: SenderOptions) {}

  /**
   * The answer's JSON. Rejects with a ScoreboardError, whose `wasLost` says whether the request may
   * have been carried out nevertheless; give it where an earlier one may have been.
   */
  async send(request: Request, bearer: string | null, wasLost = false): Promise<unknown> {
    requireAddress(this.options.baseUrl);
    const endsMs = performance.now() + this.options.patienceMs;
    for (let longestMs = FIRST_MS; ; longestMs = Math.min(LONGEST_MS, longestMs * 2)) {
      const outcome = await this.#attempt(request, bearer);
      if (!(outcome instanceof ScoreboardError)) {
        return outcome.value;
      }
      wasLost ||= outcome.code === "unanswered" || outcome.code === "outcome_unknown";
      outcome.wasLost = wasLost;
      const pauseMs = draw({ shortestMs: 0, longestMs }) + (outcome.retryAfterMs ?? 0);
      if (!isPassing(outcome) || performance.now() + pauseMs > endsMs) {
        throw outcome;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #attempt(
    { path, headers, body }: Request,
    bearer: string | null,
  ): Promise<{ value: unknown } | ScoreboardError> {
    const { baseUrl, timeoutMs, fetch } = this.options;
    try {
      const response = await fetch(baseUrl + path, {
        ...(body === undefined ? {} : { method: "POST", body }),
        headers: { ...headers, ...authorization(bearer) },
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      return response.ok ? { value: parse(text) } : judge(response, text);
    } catch (cause) {
      return cause instanceof ScoreboardError ? cause : unanswered(baseUrl, cause);
    }
  }
}

/** Throws a TypeError where it is not known where the service is. */
export function requireAddress(baseUrl: string): void {
  if (baseUrl === "") {
    throw new TypeError("Outside a page `baseUrl` is needed: give it to createClient.");
  }
}

/** The header that tells who one is. */
export function authorization(bearer: string | null): Record<string, string> {
  return bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
}

/** Nobody answered. */
export function unanswered(address: string, cause: unknown): ScoreboardError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  const message = `${address || "The service"} did not answer${reason}. Try again later.`;
  return new ScoreboardError({ code: "unanswered", message, cause });
}

/** What an answer that is no success means. */
export function judge(response: Response, text: string): ScoreboardError {
  const members = membersOf(text);
  const { status } = response;
  const wait = readRetryAfter(response.headers);
  const common = { status, members, ...(wait > 0 ? { retryAfterMs: wait } : {}) };
  if (typeof members.code === "string") {
    const requestId = members.requestId;
    return new ScoreboardError({
      ...common,
      code: members.code,
      message: String(members.detail ?? members.code),
      ...(typeof requestId === "string" ? { requestId } : {}),
    });
  }
  if (GATEWAY.includes(status) || status === 429) {
    const message = `A gateway answered ${status} in place of the service. Try again later.`;
    return new ScoreboardError({ ...common, code: "unanswered", message });
  }
  return notAScoreboard(`What answers at ${response.url} is no scoreboard: status ${status}.`);
}

function isPassing({ code, status }: ScoreboardError): boolean {
  return PASSING.includes(code) || status === 429;
}

function parse(text: string): unknown {
  const value = membersOf(text);
  if (Object.keys(value).length === 0) {
    throw notAScoreboard("What answers is no scoreboard: it sent something else than JSON.");
  }
  return value;
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
