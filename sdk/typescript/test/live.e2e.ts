/** The client and the service itself; tests/sdk/test_live.py starts both, each test by its name. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type BoardState, createClient, isScoreboardError, type Transport } from "../src/index.js";
import { isOpen, isWaiting, scores, type Watched, watch } from "./watching.js";

const CONTROL = process.env.SCOREBOARD_CONTROL ?? "";

/** Has the other side do something. */
async function ask<Value = string>(verb: string, asked: object = {}): Promise<Value> {
  const body = JSON.stringify(asked);
  const response = await fetch(`${CONTROL}/${verb}`, { method: "POST", body });
  assert(response.ok, await response.clone().text());
  return ((await response.json()) as { value: Value }).value;
}

const increment = (userId: string, delta: number) => ask<number>("increment", { userId, delta });
const bearer = (subject: string, lifeS = 600) => ask("bearer", { subject, lifeS });
const newUser = () => ask("user");

let watched: Watched | null = null;
afterEach(() => watched?.board.close());

test("an increment is redeemed and read", async () => {
  const [baseUrl, userId, rival] = [await ask("url"), await newUser(), await newUser()];
  await increment(rival, 30);
  const client = createClient({ baseUrl, token: await bearer(userId) });
  const actionToken = await ask("grant", { userId, delta: 25 });
  assert.deepEqual(await client.incrementScore(userId, 25, actionToken), { score: 25, rank: 2 });
  const standing = await client.getUserScore(userId);
  assert.deepEqual([standing.userId, standing.score, standing.rank], [userId, 25, 2]);
  assert(Date.parse(standing.lastUpdated) > 0);
  const around = await client.getAround(userId, 2);
  assert.deepEqual([around.entries.map((each) => each.userId), around.of], [[rival, userId], 2]);
  watched = watch({ baseUrl });
  await watched.until(scores(30, 25));
  assert.deepEqual((await client.getTopScores(1)).length, 1);
});

test("refusals are told by their code", async () => {
  const [baseUrl, userId] = [await ask("url"), await newUser()];
  const actionToken = await ask("grant", { userId, delta: 25 });
  const codeOf = (token: string | undefined, action = actionToken, delta = 25) =>
    createClient({ baseUrl, ...(token === undefined ? {} : { token }) })
      .incrementScore(userId, delta, action)
      .then(String, (error: unknown) => isScoreboardError(error) && error.code);
  const own = await bearer(userId);
  assert.equal(await codeOf(undefined), "auth_required");
  assert.equal(await codeOf("x.y.z"), "token_invalid");
  assert.equal(await codeOf(await bearer(await newUser())), "insufficient_scope");
  assert.equal(await codeOf(own, actionToken, 26), "action_delta_mismatch");
  const old = await ask("grant", { userId, delta: 25, nowS: 0 });
  assert.equal(await codeOf(own, old), "action_token_expired");
  assert.equal(await codeOf(own), "[object Object]");
  assert.equal(await codeOf(own), "nonce_reused");
  const nowhere = createClient({ baseUrl, board: "nowhere" }).getTopScores();
  await assert.rejects(nowhere, (error) => isScoreboardError(error, "not_found"));
});

test("an increment whose answers get lost counts once", async () => {
  const userId = await newUser();
  const baseUrl = await ask("lose", { count: 2 });
  const client = createClient({ baseUrl, token: await bearer(userId) });
  const actionToken = await ask("grant", { userId, delta: 25 });
  const receipt = await client.incrementScore(userId, 25, actionToken);
  assert.deepEqual(receipt, { score: 25, rank: 1, isRepeated: true });
  assert.equal((await client.getUserScore(userId)).score, 25);
});

for (const transport of ["ws", "sse", "poll"] satisfies Transport[]) {
  test(`a live board shows each change over ${transport}`, async () => {
    const [baseUrl, userId] = [await ask("url"), await newUser()];
    const [friend, rival] = [await newUser(), await newUser()];
    await increment(friend, 7);
    const client = { baseUrl, token: () => bearer(userId) };
    const options = { me: true, around: 5, users: [friend], transports: [transport] } as const;
    watched = watch(client, options, { pollMs: 100 });
    const before = await watched.until((state) => scores(7)(state) && state.me !== null);
    assert.deepEqual([before.me?.score, before.transport], [null, transport]);
    await increment(userId, 5);
    await watched.until((state) => scores(7, 5)(state) && state.me?.rank === 2);
    await increment(rival, 9);
    await increment(friend, 1);
    const after = await watched.until(
      (state) =>
        scores(9, 8, 5)(state) &&
        state.me?.rank === 3 &&
        state.users[0]?.score === 8 &&
        state.around.length === 3,
    );
    assert.deepEqual(after.me, { userId, score: 5, rank: 3, of: 3 });
    assert.deepEqual(
      after.around.map((row) => row.userId),
      [rival, friend, userId],
    );
    assert.deepEqual(
      after.rows.map((row) => row.userId),
      (await createClient({ baseUrl }).getTopScores()).map((entry) => entry.userId),
    );
    assert(!watched.states.some(isWaiting));
  });

  test(`whoever is suspended is shown no more over ${transport}`, async () => {
    const [baseUrl, userId, friend] = [await ask("url"), await newUser(), await newUser()];
    await increment(friend, 7);
    await increment(userId, 5);
    const client = { baseUrl, token: await bearer(userId) };
    const options = { me: true, around: 5, users: [friend], transports: [transport] } as const;
    watched = watch(client, options, { pollMs: 100 });
    const sees = (rank: number | null, around: number, users: number) => (state: BoardState) =>
      state.me?.rank === rank && state.around.length === around && state.users.length === users;
    await watched.until(sees(2, 2, 1));
    await ask("act", { kind: "suspension", userId: friend });
    await watched.until(sees(1, 1, 0));
    await ask("act", { kind: "suspension", userId });
    await watched.until(sees(null, 0, 0));
    await ask("act", { kind: "lift", userId: friend });
    await watched.until(sees(null, 0, 1));
  });

  test(`a live board comes back after a restart over ${transport}`, async () => {
    const [baseUrl, userId] = [await ask("url"), await newUser()];
    watched = watch({ baseUrl }, { transports: [transport] }, { pollMs: 100 });
    await increment(userId, 5);
    await watched.until(scores(5));
    await ask("stop");
    const gone = await watched.until(isWaiting);
    assert.deepEqual([gone.rows[0]?.score, gone.error], [5, null]);
    await ask("start");
    await increment(userId, 2);
    await watched.until((state) => scores(7)(state) && isOpen(state));
    assert.equal(watched.board.getSnapshot().transport, transport);
  });
}

for (const transport of ["ws", "sse"] satisfies Transport[]) {
  test(`a token is renewed in time over ${transport}`, async () => {
    const [baseUrl, userId] = [await ask("url"), await newUser()];
    let asked = 0;
    const token = (): Promise<string> => {
      asked += 1;
      return bearer(userId, 3);
    };
    watched = watch({ baseUrl, token }, { me: true, transports: [transport] });
    await watched.until(({ me }) => me !== null);
    const renewed = new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (asked >= 3) {
          clearInterval(look);
          resolve();
        }
      }, 10);
    });
    await renewed;
    await increment(userId, 5);
    await watched.until(({ me }) => me?.score === 5);
    assert(!watched.states.some(isWaiting));
  });
}

test("a token that is not valid ends a live board", async () => {
  const client = { baseUrl: await ask("url"), token: "x.y.z" };
  watched = watch(client, { me: true });
  const { error } = await watched.until(({ connection }) => connection === "ended");
  assert(isScoreboardError(error, "token_invalid"));
});

test("a token that requests let expire is renewed for a live board", async () => {
  const [baseUrl, userId] = [await ask("url"), await newUser()];
  let asked = 0;
  const token = (): Promise<string> => {
    asked += 1;
    return bearer(userId, asked === 1 ? -3600 : 600);
  };
  watched = watch({ baseUrl, token }, { me: true });
  await watched.until(({ me }) => me !== null);
  assert.deepEqual([asked, watched.board.getSnapshot().transport], [2, "ws"]);
});

test("a board that is not there ends", async () => {
  watched = watch({ baseUrl: await ask("url"), board: "nowhere" });
  const { error } = await watched.until(({ connection }) => connection === "ended");
  assert(isScoreboardError(error, "not_found"));
});
