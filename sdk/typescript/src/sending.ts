/** Requests, sent again where that is safe, until they are answered or patience ends. */

import { notAScoreboard, ScoreboardError } from "./errors.js";
import { draw, FIRST_MS, LONGEST_MS, pass } from "./policy.js";
import { requireAddress, type Service } from "./service.js";

/** Refusals after which the same request is sent again. */
const PASSING = [
  "unanswered",
  "overloaded",
  "rate_limited",
  "storage_unavailable",
  "outcome_unknown",
];

/** What a proxy says, without a code, where it got no answer itself, or asked for none. */
const GATEWAY = [429, 502, 503, 504];

/** What is sent, each time with the same bytes and the token of the time. */
export interface Request {
  /** Below the board's scores. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: string;
}

/**
 * The answer's JSON. Rejects with a ScoreboardError, whose `wasLost` says whether the request may
 * have been carried out nevertheless; give it where an earlier one may have been.
 */
export async function send(
  service: Service,
  request: Request,
  bearer: string | null = null,
  wasLost = false,
): Promise<object> {
  requireAddress(service);
  const endsMs = performance.now() + service.patienceMs;
  for (let longestMs = FIRST_MS; ; longestMs = Math.min(LONGEST_MS, longestMs * 2)) {
    const outcome = await attempt(service, request, bearer);
    if (!(outcome instanceof ScoreboardError)) {
      return outcome;
    }
    wasLost ||= outcome.code === "unanswered" || outcome.code === "outcome_unknown";
    outcome.wasLost = wasLost;
    const pauseMs = draw([0, longestMs]) + (outcome.retryAfterMs ?? 0);
    if (!PASSING.includes(outcome.code) || performance.now() + pauseMs > endsMs) {
      throw outcome;
    }
    await pass(pauseMs);
  }
}

async function attempt(
  { scoresUrl, fetch, timeoutMs }: Service,
  { path, headers, body }: Request,
  bearer: string | null,
): Promise<object> {
  try {
    const response = await fetch(scoresUrl + path, {
      ...(body === undefined ? {} : { method: "POST", body }),
      headers: { ...headers, ...authorization(bearer) },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return await read(response);
  } catch (cause) {
    if (cause instanceof ScoreboardError) {
      return cause;
    }
    const message = `${scoresUrl} did not answer: ${cause}. Try again later.`;
    return new ScoreboardError({ code: "unanswered", message, cause });
  }
}

/** The header that tells who one is. */
export function authorization(bearer: string | null): Record<string, string> {
  return bearer === null ? {} : { Authorization: `Bearer ${bearer}` };
}

/** The JSON of an answer. Rejects with a ScoreboardError where it is a refusal, or not ours. */
export async function read(response: Response): Promise<object> {
  const { ok, status, headers } = response;
  const members = await response.json().catch((error) => {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  });
  if (ok && members) {
    return members;
  }
  const retryAfterMs = Number(headers.get("Retry-After")) * 1000 || undefined;
  if (members?.code) {
    throw new ScoreboardError({ message: members.detail, ...members, status, retryAfterMs });
  }
  if (GATEWAY.includes(status)) {
    const message = `A gateway answered ${status}. Try again later.`;
    throw new ScoreboardError({ code: "unanswered", message, status, retryAfterMs });
  }
  throw notAScoreboard(`status ${status}`);
}
