import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { A, B, C, json, problem, Script, snapshot } from "./script.js";
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

const USERS = [A, B, C].map((userId, at) => ({ userId, score: 30 - at, rank: at + 1 }));

/** Answers reads as the service does; `top` is what leads. */
function answerReads(top: [string, number][], headers: Record<string, string> = {}): void {
  script.answer = (request, response) => {
    const path = request.url?.replace("/scores/", "") ?? "";
    const entries = top.map(([userId, score], at) => ({ userId, score, rank: at + 1 }));
    const user = USERS.find(({ userId }) => userId === path);
    if (path.startsWith("top")) {
      json(response, { entries, generatedAt: new Date().toISOString() }, headers);
    } else if (path.includes("/around")) {
      json(response, { userId: A, entries: USERS, of: 3 });
    } else if (user) {
      json(response, user);
    } else {
      problem(response, 404, "not_found");
    }
  };
}

test("a WebSocket that fails twice gives way to a stream", async () => {
  script.socketRefusals.push(null, 502);
  watched = watch({ baseUrl: script.url });
  const stream = await script.streams.take();
  stream.say(snapshot(1, [A, 20]));
  const state = await watched.until(scores(20));
  assert.deepEqual([state.transport, state.connection], ["sse", "open"]);
  assert.deepEqual(
    script.requests.map((each) => each.split("?")[0]),
    ["WS /ws", "WS /ws", "GET /sse"],
  );
});

test("a WebSocket that opens and says nothing gives way too", async () => {
  watched = watch({ baseUrl: script.url }, {}, { firstFrameMs: 500 });
  await script.sockets.take();
  await script.sockets.take();
  const stream = await script.streams.take();
  stream.say(snapshot(1, [A, 20]));
  await watched.until(scores(20));
});

test("streams that fail too give way to reading, again and again", async () => {
  script.socketRefusals.push(null, null);
  script.answerStream = (_, response) => response.writeHead(404).end("no such page");
  answerReads([[A, 20]]);
  watched = watch({ baseUrl: script.url }, {}, { pollMs: 20 });
  const first = await watched.until(scores(20));
  assert.deepEqual([first.transport, first.connection], ["poll", "open"]);
  assert(first.generatedAt !== null);
  answerReads([
    [B, 30],
    [A, 20],
  ]);
  const second = await watched.until(scores(30, 20));
  assert.equal(second.rows[1]?.previousRank, 1);
});

test("reading shows all that a board can", async () => {
  answerReads([[A, 20]], { "Scoreboard-Stale": "true" });
  const client = { baseUrl: script.url, token: token({ sub: A.toUpperCase() }) };
  const nobody = "00000000-0000-4000-8000-0000000000ff";
  const users = [nobody, nobody.replace("ff", "fe"), nobody.replace("ff", "fd"), C, B, A];
  const options = { me: true, around: 5, users, transports: ["poll"] } as const;
  watched = watch(client, options, { pollMs: 20 });
  const state = await watched.until((each) => each.users.length === 3);
  assert.deepEqual(state.me, { userId: A, score: 30, rank: 1, of: 3 });
  assert.deepEqual(
    [state.around, state.users].map((list) => list.map(({ score }) => score)),
    [
      [30, 29, 28],
      [28, 29, 30],
    ],
  );
  assert(state.isStale);
  assert(script.requests.includes(`GET /scores/${A}/around?radius=5`));
});

test("a round that fails ends the reading for a while, and it goes on", async () => {
  answerReads([[A, 20]]);
  watched = watch({ baseUrl: script.url }, { transports: ["poll"] }, { pollMs: 20 });
  await watched.until(scores(20));
  script.answer = (_, response) => problem(response, 503, "overloaded", {}, { "Retry-After": "1" });
  const { retryAt } = await watched.until(isWaiting);
  assert(retryAt !== null && retryAt - Date.now() > 900);
  answerReads([[A, 21]]);
  await watched.until(scores(21));
});

test("a better transport is taken up again, while the present one goes on", async () => {
  script.socketRefusals.push(null, null, null);
  watched = watch({ baseUrl: script.url }, {}, { backMs: 40 });
  const stream = await script.streams.take();
  stream.say(snapshot(1, [A, 20]));
  const socket = await script.sockets.take(); // the first time back is refused too
  assert.equal((await socket.heard())?.version, 1);
  assert.equal(await stream.heard(), null);
  socket.say({ ...snapshot(2, [A, 21]), type: "snapshot" });
  const state = await watched.until(scores(21));
  assert.equal(state.transport, "ws");
  const connections = watched.states.map(({ connection }) => connection);
  assert(!connections.slice(connections.indexOf("open")).includes("connecting"));
});

test("from reading it goes back to a WebSocket too, which begins anew", async () => {
  script.socketRefusals.push(null, null);
  script.answerStream = (_, response) => response.writeHead(404).end("no such page");
  answerReads([[A, 20]]);
  watched = watch({ baseUrl: script.url }, {}, { pollMs: 20, backMs: 100 });
  await watched.until(scores(20));
  const socket = await script.sockets.take();
  assert.equal(socket.query.get("view"), "top:10");
  socket.say(snapshot(7, [A, 20]));
  await watched.until(({ transport }) => transport === "ws");
  socket.cut();
  const again = await script.sockets.take();
  assert.equal((await again.heard())?.version, 7);
});

test("a stream says who one is, and from where on to go", async () => {
  const client = { baseUrl: script.url, token: token({ sub: A }), board: "week-1" };
  const options = { me: true, users: [A, B], transports: ["sse"] } as const;
  watched = watch(client, options);
  const first = await script.streams.take();
  assert.equal(first.request.headers.authorization, `Bearer ${client.token}`);
  assert.equal(first.request.headers["last-event-id"], undefined);
  assert.deepEqual(first.query.getAll("view"), ["top:10", "me", "users"]);
  assert.deepEqual([first.query.get("users"), first.query.get("board")], [`${A},${B}`, "week-1"]);
  first.say({ ...snapshot(7, [A, 20]), board: "week-1" });
  first.say({ type: "me", board: "week-1", userId: A, score: 20, rank: 1, of: 1, version: 1 });
  await watched.until(({ me }) => me !== null);
  first.close();
  const second = await script.streams.take();
  assert.equal(second.request.headers["last-event-id"], "e1:7:week-1:top:10");
});

test("a stream is opened anew with a newer token before the last one expires", async () => {
  let asked = 0;
  const client = { baseUrl: script.url, token: () => `t${++asked}` };
  watched = watch(client, { me: true, transports: ["sse"] });
  const first = await script.streams.take();
  const expiresAt = new Date(Date.now() + 500).toISOString();
  first.say({ type: "authenticated", userId: A, expiresAt });
  first.say(snapshot(1, [A, 20]));
  const second = await script.streams.take();
  assert.equal(second.request.headers.authorization, "Bearer t2");
  assert.equal(await first.heard(), null);
  second.say(snapshot(2, [A, 21]));
  await watched.until(scores(21));
  assert(!watched.states.some(isWaiting));
});

test("where a stream does not tell, the token says itself when a newer one is needed", async () => {
  let asked = 0;
  const source = () => {
    asked += 1;
    return token({ sub: A, exp: Date.now() / 1000 + (asked === 1 ? 0.5 : 60) });
  };
  watched = watch({ baseUrl: script.url, token: source }, { me: true, transports: ["sse"] });
  const first = await script.streams.take();
  first.say(snapshot(1, [A, 20]));
  await script.streams.take();
  assert.equal(await first.heard(), null);
  assert.equal(asked, 2);
});

test("a refusal that will not pass ends the board, and tells why", async () => {
  script.answerStream = (_, response) => problem(response, 404, "not_found");
  watched = watch({ baseUrl: script.url }, { transports: ["sse"] });
  const { error } = await watched.until(({ connection }) => connection === "ended");
  assert.deepEqual([error?.code, error?.status, error?.requestId], ["not_found", 404, "r1"]);
});

test("a token that is not valid ends the board; one that has expired is renewed", async () => {
  let asked = 0;
  const client = { baseUrl: script.url, token: () => `t${++asked}` };
  script.answerStream = (request, response) =>
    problem(response, 401, asked === 1 ? "token_expired" : "token_invalid", {
      detail: `${request.headers.authorization}`,
    });
  watched = watch(client, { me: true, transports: ["sse"] });
  const { error } = await watched.until(({ connection }) => connection === "ended");
  assert.deepEqual([error?.code, error?.message], ["token_invalid", "Bearer t2"]);
});

test("without a WebSocket the next transport is used at once", async () => {
  const { WebSocket } = globalThis;
  watched = watch({ baseUrl: script.url, WebSocket: WebSocket }, { transports: ["sse", "ws"] });
  const stream = await script.streams.take();
  stream.say(snapshot(1));
  await watched.until(isOpen);
  assert.equal(script.sockets.size, 0);
});
