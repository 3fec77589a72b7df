import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { A, B, C, Script, snapshot } from "./script.js";
import { isOpen, isWaiting, scores, token, type Watched, watch } from "./watching.js";

let script: Script;
let watched: Watched;
beforeEach(async () => {
  script = await new Script().start();
});
afterEach(async () => {
  watched.board.close();
  await script.stop();
});

const delta = (version: number, base: number, userId: string, score: number, position: number) => ({
  type: "delta",
  view: "top:10",
  board: "main",
  epoch: "e1",
  version,
  base,
  changed: [{ userId, score, rank: position, position }],
  removed: [],
});

test("a board shows the snapshot, then what changes, with the ranks before", async () => {
  watched = watch({ baseUrl: script.url });
  const peer = await script.sockets.take();
  assert.equal(peer.query.get("view"), "top:10");
  peer.say(snapshot(1, [A, 20], [B, 10]));
  const first = await watched.until(scores(20, 10));
  assert.deepEqual(
    first.rows.map((row) => [row.previousRank, row.previousScore, row.name]),
    [
      [null, null, null],
      [null, null, null],
    ],
  );
  assert(first.hasLoaded && first.transport === "ws" && first.connection === "open");
  assert.equal(first.generatedAt, "2026-01-31T12:00:00.000000Z");
  peer.say({
    ...delta(2, 1, B, 30, 1),
    changed: [
      { userId: B, score: 30, rank: 1, position: 1 },
      { userId: A, score: 20, rank: 2, position: 2 },
    ],
  });
  const second = await watched.until(scores(30, 20));
  assert.deepEqual(
    second.rows.map((row) => [row.userId, row.previousRank, row.previousScore]),
    [
      [B, 2, 10],
      [A, 1, 20],
    ],
  );
  peer.say(delta(3, 2, C, 5, 3));
  const third = await watched.until(scores(30, 20, 5));
  assert.deepEqual(
    third.rows.map((row) => row.previousRank),
    [1, 2, null],
  );
  assert.equal(third.generatedAt, null);
});

test("the state is the same object where nothing changed", async () => {
  watched = watch({ baseUrl: script.url });
  const peer = await script.sockets.take();
  peer.say(snapshot(1, [A, 20], [B, 10]));
  const first = await watched.until(scores(20, 10));
  const count = watched.states.length;
  peer.say({ type: "ping" });
  peer.say(snapshot(1, [A, 20], [B, 10]));
  peer.say({ type: "fireworks" });
  peer.say({ type: "snapshot", view: "top:10", board: "main" });
  peer.say(delta(2, 1, C, 5, 3));
  const second = await watched.until(scores(20, 10, 5));
  assert.equal(watched.states.length, count + 1);
  assert.notEqual(first, second);
  peer.say(delta(3, 2, C, 6, 3));
  const third = await watched.until(scores(20, 10, 6));
  assert.equal(second.rows[0], third.rows[0]); // A stands where it stood before
  assert(Object.isFrozen(third) && Object.isFrozen(third.rows) && Object.isFrozen(third.rows[0]));
});

test("a lost connection is taken up where it was", async () => {
  watched = watch({ baseUrl: script.url });
  const first = await script.sockets.take();
  first.say(snapshot(7, [A, 20]));
  await watched.until(scores(20));
  first.cut();
  const waiting = await watched.until(isWaiting);
  assert(waiting.retryAt !== null && waiting.retryAt <= Date.now() + 500);
  assert.equal(waiting.rows[0]?.score, 20);
  const second = await script.sockets.take();
  assert.equal(second.query.get("view"), null);
  const asked = await second.heard();
  assert.deepEqual([asked?.epoch, asked?.version], ["e1", 7]);
  second.say(delta(9, 7, A, 30, 1));
  const state = await watched.until(scores(30));
  assert.deepEqual([state.connection, state.retryAt], ["open", null]);
});

test("a service that goes away names the wait", async () => {
  watched = watch({ baseUrl: script.url });
  const peer = await script.sockets.take();
  peer.say(snapshot(1));
  peer.say({ type: "bye", code: 4001, reconnectInMs: [60_000, 60_000] });
  peer.close(4001);
  const { retryAt } = await watched.until(isWaiting);
  assert(retryAt !== null && Math.abs(retryAt - Date.now() - 60_000) < 5000);
});

test("close codes from 4500 on end it, and say so", async () => {
  watched = watch({ baseUrl: script.url });
  const peer = await script.sockets.take();
  peer.say(snapshot(1, [A, 20]));
  await watched.until(scores(20));
  peer.close(4505);
  const { error, rows } = await watched.until(({ connection }) => connection === "ended");
  assert.equal(error?.code, "live_ended");
  assert.equal((error as { closeCode?: number } | null)?.closeCode, 4505);
  assert.equal(rows.length, 1);
});

test("a connection that falls silent is left", async () => {
  watched = watch({ baseUrl: script.url }, {}, { silenceMs: 100 });
  const peer = await script.sockets.take();
  peer.say(snapshot(1, [A, 20]));
  await watched.until(isWaiting);
  assert.equal(await peer.heard(), null);
  await script.sockets.take();
});

test("staleness is what the service says, or a connection that is gone for a while", async () => {
  watched = watch({ baseUrl: script.url }, {}, { staleMs: 50 });
  const peer = await script.sockets.take();
  peer.say(snapshot(1, [A, 20]));
  peer.say({ type: "status", stale: true });
  await watched.until(({ isStale }) => isStale);
  peer.say({ type: "status", stale: false });
  await watched.until(({ isStale }) => !isStale);
  script.socketRefusals.push(null, null);
  peer.cut();
  await watched.until(({ isStale, connection }) => isStale && connection !== "open");
  const next = await script.streams.take();
  next.say(snapshot(2, [A, 21]));
  await watched.until(({ isStale }) => !isStale);
});

test("oneself, the neighbours and others are shown beside the top", async () => {
  const bearer = token({ sub: A });
  const options = { me: true, around: 5, users: [C.toUpperCase(), B] } as const;
  watched = watch({ baseUrl: script.url, token: bearer, board: "week-1" }, options);
  const peer = await script.sockets.take();
  assert.equal(peer.query.get("board"), "week-1");
  const said = [await peer.heard(), await peer.heard(), await peer.heard(), await peer.heard()];
  assert.deepEqual(
    said.map((frame) => frame?.view ?? frame?.type),
    ["authenticate", "me", "around:5", "users"],
  );
  assert.deepEqual(said[3]?.users, [C, B]);
  const board = "week-1";
  peer.say({ type: "me", board, userId: A, score: null, rank: null, of: 2, version: null });
  assert.deepEqual((await watched.until(({ me }) => me !== null)).me, {
    userId: A,
    score: null,
    rank: null,
    of: 2,
  });
  const [one, two] = [
    { userId: B, score: 9, rank: 1 },
    { userId: C, score: 8, rank: 2 },
  ];
  peer.say({ type: "around", view: "around:5", board, userId: A, entries: [one, two], of: 2 });
  peer.say({ type: "users", view: "users", board, entries: [one, two] });
  const state = await watched.until(({ users }) => users.length > 0);
  assert.deepEqual(
    [state.around, state.users].map((list) => list.map(({ userId }) => userId)),
    [
      [B, C],
      [C, B],
    ],
  );
});

test("a newer token is sent before the last one expires", async () => {
  let asked = 0;
  const client = { baseUrl: script.url, token: () => `t${++asked}` };
  watched = watch(client, { top: null, me: true });
  const peer = await script.sockets.take();
  assert.equal((await peer.heard())?.token, "t1");
  await peer.heard();
  const expiresAt = new Date(Date.now() + 500).toISOString();
  peer.say({ type: "authenticated", userId: A, expiresAt });
  assert.deepEqual(await peer.heard(), { type: "authenticate", token: "t2" });
});

test("a token that has expired meanwhile is renewed, and one that cannot be ends the board", async () => {
  let asked = 0;
  const client = { baseUrl: script.url, token: () => `t${Math.min(2, ++asked)}` };
  watched = watch(client, { top: null, me: true });
  for (const expected of ["t1", "t2"]) {
    const peer = await script.sockets.take();
    assert.equal((await peer.heard())?.token, expected);
    peer.say({ type: "error", code: "token_expired" });
    peer.close(4003);
  }
  const { error } = await watched.until(({ connection }) => connection === "ended");
  assert.equal((error as { closeCode?: number } | null)?.closeCode, 4003);
});

test("a source of tokens that fails is asked again, later", async () => {
  let asked = 0;
  const source = async (): Promise<string> => {
    asked += 1;
    if (asked === 1) {
      throw new Error("no network");
    }
    return "t2";
  };
  watched = watch({ baseUrl: script.url, token: source }, { me: true });
  await watched.until(isWaiting);
  const peer = await script.sockets.take();
  assert.equal((await peer.heard())?.token, "t2");
});

test("it connects with the first subscriber and rests with the last", async () => {
  watched = watch({ baseUrl: script.url });
  const peer = await script.sockets.take();
  await watched.until(isOpen);
  const stopSecond = watched.board.subscribe(() => {});
  watched.stop();
  peer.say(snapshot(1, [A, 20]));
  await new Promise<void>((resolve) => {
    const stop = watched.board.subscribe(() => {
      stop();
      resolve();
    });
  });
  assert.equal(watched.board.getSnapshot().connection, "open");
  stopSecond();
  assert.equal(await peer.heard(), null);
  assert.equal(watched.board.getSnapshot().connection, "idle");
  assert.equal(watched.board.getSnapshot().rows.length, 1);
  watched.board.subscribe(() => {});
  const again = await script.sockets.take();
  assert.equal((await again.heard())?.version, 1);
});

test("a board that was closed stays so", async () => {
  watched = watch({ baseUrl: script.url });
  const peer = await script.sockets.take();
  await watched.until(isOpen);
  watched.board.close();
  assert.equal(await peer.heard(), null);
  watched.board.subscribe(() => {});
  assert.equal(watched.board.getSnapshot().connection, "ended");
  assert.equal(watched.board.getSnapshot().error, null);
  assert.equal(watched.board.getServerSnapshot().connection, "idle");
});

test("what cannot be followed is told at once", () => {
  watched = watch({ baseUrl: script.url });
  assert.throws(() => watch({ baseUrl: script.url }, { me: true }), /token/);
  assert.throws(() => watch({ baseUrl: script.url }, { around: 5 }), /token/);
  assert.throws(() => watch({ baseUrl: script.url }, { transports: [] }), /transports/);
  assert.throws(() => watch({}), /baseUrl/);
});
