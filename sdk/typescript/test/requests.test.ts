import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, test } from "node:test";
import { createClient, isScoreboardError, ScoreboardError } from "../src/index.js";
import { A, type Answer, json, problem, Script } from "./script.js";
import { token } from "./watching.js";

const ACTION = token({ jti: "nonce-of-the-action-token", sub: A });

let script: Script;
beforeEach(async () => {
  script = await new Script().start();
});
afterEach(() => script.stop());

/** Answers in turn; the last one again and again. */
function inTurn(...answers: Answer[]): { request: unknown; headers: unknown; body: string }[] {
  const seen: { request: unknown; headers: unknown; body: string }[] = [];
  script.answer = (request, response, body) => {
    seen.push({ request: `${request.method} ${request.url}`, headers: request.headers, body });
    (answers.length > 1 ? answers.shift() : answers[0])?.(request, response, body);
  };
  return seen;
}

const done: Answer = (_, response) => json(response, { score: 25, rank: 1 });
const lost: Answer = (request) => request.socket.destroy();
const refusing =
  (status: number, code: string, members = {}, headers = {}): Answer =>
  (_, response: ServerResponse) =>
    problem(response, status, code, members, headers);

async function rejection(promise: Promise<unknown>): Promise<ScoreboardError> {
  const error = await promise.then(
    () => assert.fail("it was answered"),
    (reason: unknown) => reason,
  );
  assert(error instanceof ScoreboardError, String(error));
  return error;
}

test("an increment carries the nonce of its token, and who one is", async () => {
  const seen = inTurn(done);
  const client = createClient({ baseUrl: `${script.url}/`, token: "bearer" });
  assert.deepEqual(await client.incrementScore(A, 25, ACTION), { score: 25, rank: 1 });
  const [{ request, headers, body }] = seen as [(typeof seen)[0]];
  assert.equal(request, "POST /scores/increment");
  assert.deepEqual(JSON.parse(body), { userId: A, delta: 25, actionToken: ACTION });
  const sent = headers as Record<string, string>;
  assert.equal(sent["x-action-nonce"], "nonce-of-the-action-token");
  assert.equal(sent.authorization, "Bearer bearer");
  assert.equal(sent["content-type"], "application/json");
});

test("a nonce that is given is sent; without any nothing is", async () => {
  const seen = inTurn(done);
  const client = createClient({ baseUrl: script.url, token: "bearer", board: "week 1" });
  await client.incrementScore(A, 25, "opaque", "given");
  assert.equal(seen[0]?.request, "POST /boards/week%201/scores/increment");
  await assert.rejects(client.incrementScore(A, 25, "opaque"), TypeError);
  assert.equal(seen.length, 1);
});

test("a lost answer is asked for again, and what was applied is a success", async () => {
  const stored = { applied: true, score: 25, version: 1, eventId: 7, rank: 2 };
  const seen = inTurn(
    lost,
    refusing(503, "outcome_unknown"),
    refusing(400, "nonce_reused", stored),
  );
  const client = createClient({ baseUrl: script.url, token: "bearer" });
  const receipt = await client.incrementScore(A, 25, ACTION);
  assert.deepEqual(receipt, { score: 25, rank: 2, isRepeated: true });
  assert.equal(seen.length, 3);
  assert.equal(new Set(seen.map(({ body }) => body)).size, 1);
});

test("where the service cannot tell the rank it is read", async () => {
  const stored = { applied: true, score: 25, version: 1, eventId: 7 };
  const standing: Answer = (_, response) => json(response, { userId: A, score: 30, rank: 3 });
  const seen = inTurn(lost, refusing(400, "nonce_reused", stored), standing);
  const client = createClient({ baseUrl: script.url, token: "bearer" });
  const receipt = await client.incrementScore(A, 25, ACTION);
  assert.deepEqual(receipt, { score: 25, rank: 3, isRepeated: true });
  assert.equal(seen[2]?.request, `GET /scores/${A}`);
});

test("a nonce that was redeemed before is an error where no answer was lost", async () => {
  const stored = { applied: true, score: 25, version: 1, eventId: 7, rank: 2 };
  inTurn(refusing(400, "nonce_reused", stored));
  const client = createClient({ baseUrl: script.url, token: "bearer" });
  const error = await rejection(client.incrementScore(A, 25, ACTION));
  assert(isScoreboardError(error, "nonce_reused") && error.applied);
  assert.deepEqual([error.score, error.version, error.eventId, error.rank], [25, 1, 7, 2]);
  assert.deepEqual([error.status, error.requestId, error.wasLost], [400, "r1", false]);
  assert.equal(error.message, "It is nonce_reused.");
});

test("a nonce that another token redeemed is an error, lost answers or not", async () => {
  inTurn(lost, refusing(400, "nonce_reused", { applied: false }));
  const client = createClient({ baseUrl: script.url, token: "bearer" });
  const error = await rejection(client.incrementScore(A, 25, ACTION));
  assert(isScoreboardError(error, "nonce_reused") && !error.applied && error.wasLost);
});

test("what is refused for the moment is sent again, not before Retry-After", async () => {
  for (const [status, code] of [
    [503, "overloaded"],
    [429, "rate_limited"],
    [503, "storage_unavailable"],
  ] as const) {
    const seen = inTurn(refusing(status, code, {}, { "Retry-After": "1" }), done);
    const client = createClient({ baseUrl: script.url, token: "bearer" });
    const begun = performance.now();
    assert.equal((await client.incrementScore(A, 25, ACTION)).score, 25);
    assert(performance.now() - begun >= 990, code);
    assert.equal(seen.length, 2);
  }
});

test("a gateway's answer counts as none", async () => {
  const seen = inTurn(
    (_, response) => response.writeHead(502).end("<h1>Bad Gateway</h1>"),
    (_, response) => response.writeHead(429).end(),
    done,
  );
  const client = createClient({ baseUrl: script.url, token: "bearer" });
  await client.incrementScore(A, 25, ACTION);
  assert.equal(seen.length, 3);
});

test("patience ends, and the error says what may have been done", async () => {
  const seen = inTurn(lost);
  const client = createClient({ baseUrl: script.url, token: "bearer", patienceMs: 0 });
  const error = await rejection(client.incrementScore(A, 25, ACTION));
  assert(isScoreboardError(error, "unanswered") && error.wasLost);
  assert.deepEqual([error.status, seen.length], [null, 1]);
  script.answer = refusing(503, "overloaded", {}, { "Retry-After": "7" });
  const refused = await rejection(client.incrementScore(A, 25, ACTION));
  assert.deepEqual(
    [refused.code, refused.retryAfterMs, refused.wasLost],
    ["overloaded", 7000, false],
  );
});

test("an attempt takes so long at most", async () => {
  const seen = inTurn(() => {}, done);
  const client = createClient({ baseUrl: script.url, token: "bearer", timeoutMs: 100 });
  assert.equal((await client.incrementScore(A, 25, ACTION)).score, 25);
  assert.equal(seen.length, 2);
});

test("other refusals are not sent again", async () => {
  for (const [status, code] of [
    [400, "invalid_payload"],
    [403, "action_token_expired"],
    [409, "version_conflict"],
    [500, "internal"],
  ] as const) {
    const seen = inTurn(refusing(status, code));
    const client = createClient({ baseUrl: script.url, token: "bearer" });
    assert.equal((await rejection(client.incrementScore(A, 25, ACTION))).code, code);
    assert.equal(seen.length, 1);
  }
});

test("an expired token is renewed once for all who need it", async () => {
  let asked = 0;
  script.answer = (request, response) =>
    request.headers.authorization === "Bearer t1"
      ? problem(response, 401, "token_expired")
      : json(response, { score: 25, rank: 1 });
  const client = createClient({ baseUrl: script.url, token: async () => `t${++asked}` });
  const increments = [1, 2, 3].map(() => client.incrementScore(A, 25, ACTION));
  await Promise.all(increments);
  assert.equal(asked, 2);
});

test("an expired token that nobody renews is an error", async () => {
  inTurn(refusing(401, "token_expired"));
  const client = createClient({ baseUrl: script.url, token: "only" });
  assert.equal((await rejection(client.incrementScore(A, 25, ACTION))).code, "token_expired");
});

test("reads need no token, and name the board", async () => {
  const entries = [{ userId: A, score: 25, rank: 1 }];
  const seen = inTurn((request, response) =>
    json(response, request.url?.includes("top") ? { entries } : { ...entries[0], entries, of: 1 }),
  );
  const client = createClient({ baseUrl: script.url, board: "week-1", token: "bearer" });
  assert.deepEqual(await client.getTopScores(), entries);
  await client.getTopScores(50);
  assert.equal((await client.getUserScore(A)).score, 25);
  assert.equal((await client.getAround(A)).of, 1);
  await client.getAround(A, 2);
  assert.deepEqual(
    seen.map(({ request }) => request),
    ["top?limit=10", "top?limit=50", A, `${A}/around?radius=5`, `${A}/around?radius=2`].map(
      (path) => `GET /boards/week-1/scores/${path}`,
    ),
  );
  assert(seen.every(({ headers }) => !("authorization" in (headers as object))));
});

test("what answers as no scoreboard does is told", async () => {
  for (const answer of [
    (_, response) => json(response, { hello: "world" }),
    (_, response) => response.end("<html>"),
    (_, response) => response.writeHead(302, { Location: "/login" }).end(),
    (_, response) => response.writeHead(404).end("nginx"),
  ] satisfies Answer[]) {
    inTurn(answer);
    const client = createClient({ baseUrl: script.url });
    assert.equal((await rejection(client.getTopScores())).code, "not_a_scoreboard");
  }
});

test("outside a page it must be said where the service is", async () => {
  await assert.rejects(createClient().getTopScores(), /baseUrl/);
  await assert.rejects(createClient({ baseUrl: "localhost:8080" }).getTopScores(), /http/);
});

test("members of a problem take the place of nothing that an error has", async () => {
  inTurn(refusing(403, "policy_denied", { name: "x", stack: "y", wasLost: true, __proto__: null }));
  const error = await rejection(createClient({ baseUrl: script.url }).getTopScores());
  assert.deepEqual([error.name, error.wasLost], ["ScoreboardError", false]);
  assert(error instanceof Error && error.stack !== "y");
});
