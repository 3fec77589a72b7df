/** What a page does: this file's process is one. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { A, Script, snapshot } from "./script.js";
import { isOpen, isWaiting, scores, type Watched, watch } from "./watching.js";

class Page extends EventTarget {
  visibilityState = "visible";

  turn(visibilityState: "visible" | "hidden"): void {
    this.visibilityState = visibilityState;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

const page = new Page();
const browser = new EventTarget();
const navigator = { onLine: true };
for (const [name, value] of Object.entries({
  document: page,
  navigator,
  addEventListener: browser.addEventListener.bind(browser),
  removeEventListener: browser.removeEventListener.bind(browser),
})) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}

let script: Script;
let watched: Watched;
beforeEach(async () => {
  script = await new Script().start();
});
afterEach(async () => {
  watched.board.close();
  navigator.onLine = true;
  page.turn("visible");
  await script.stop();
});

test("a page that stays hidden lets go, and goes on when it is shown", async () => {
  watched = watch({ baseUrl: script.url }, {}, { hiddenMs: 50, staleMs: 50 });
  const first = await script.sockets.take();
  first.say(snapshot(7, [A, 20]));
  await watched.until(scores(20));
  page.turn("hidden");
  await watched.until(({ connection }) => connection === "paused");
  assert.equal(await first.heard(), null);
  await watched.until(({ isStale }) => isStale);
  page.turn("visible");
  const second = await script.sockets.take();
  assert.equal((await second.heard())?.version, 7);
  assert(!watched.states.some(isWaiting));
});

test("a page that is hidden for a moment keeps its connection", async () => {
  watched = watch({ baseUrl: script.url }, {}, { hiddenMs: 60_000 });
  await script.sockets.take();
  await watched.until(isOpen);
  page.turn("hidden");
  page.turn("visible");
  assert.equal(watched.board.getSnapshot().connection, "open");
});

test("a page that begins hidden connects, and lets go soon", async () => {
  page.turn("hidden");
  watched = watch({ baseUrl: script.url }, {}, { hiddenMs: 1000 });
  const first = await script.sockets.take();
  first.say(snapshot(7, [A, 20]));
  await watched.until(({ connection }) => connection === "paused");
});

test("whoever wants it keeps the connection of a hidden page", async () => {
  page.turn("hidden");
  watched = watch({ baseUrl: script.url }, { pauseWhenHidden: false }, { hiddenMs: 0 });
  const first = await script.sockets.take();
  await watched.until(isOpen);
  first.say(snapshot(7, [A, 20]));
  await watched.until(scores(20));
  assert(!watched.states.some(({ connection }) => connection === "paused"));
});

test("without a network it says so, and comes back at once when there is one", async () => {
  watched = watch({ baseUrl: script.url }, { transports: ["ws"] });
  const first = await script.sockets.take();
  await watched.until(isOpen);
  navigator.onLine = false;
  first.say({ type: "bye", code: 4001, reconnectInMs: [60_000, 60_000] });
  first.close(4001);
  const offline = await watched.until(({ connection }) => connection === "offline");
  assert(offline.retryAt !== null);
  navigator.onLine = true;
  browser.dispatchEvent(new Event("online"));
  await script.sockets.take();
  await watched.until(isOpen);
});

test("another network is met with another connection, before the old one is let go", async () => {
  watched = watch({ baseUrl: script.url });
  const first = await script.sockets.take();
  first.say(snapshot(7, [A, 20]));
  await watched.until(scores(20));
  browser.dispatchEvent(new Event("online"));
  const second = await script.sockets.take();
  assert.equal((await second.heard())?.version, 7);
  assert.equal(await first.heard(), null);
  assert.equal(watched.board.getSnapshot().connection, "open");
});

test("a board that was closed listens to the page no more", async () => {
  watched = watch({ baseUrl: script.url });
  await script.sockets.take();
  watched.board.close();
  page.turn("hidden");
  page.turn("visible");
  browser.dispatchEvent(new Event("online"));
  assert.equal(watched.board.getSnapshot().connection, "ended");
});
