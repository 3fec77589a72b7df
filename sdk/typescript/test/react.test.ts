/** The hooks in React itself: this file's process is a page. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Window } from "happy-dom";
import { A, Script, snapshot } from "./script.js";

const window = new Window({ url: "http://localhost/" });
for (const [name, value] of Object.entries({
  window,
  document: window.document,
  navigator: window.navigator,
  IS_REACT_ACT_ENVIRONMENT: true,
})) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
const { act, createElement, StrictMode } = await import("react");
const { createRoot } = await import("react-dom/client");
const { renderToString } = await import("react-dom/server");
const { createClient } = await import("../src/index.js");
const { useBoard, useScoreboard } = await import("../src/react.js");
type Board = ReturnType<ReturnType<typeof createClient>["watch"]>;

let script: Script;
beforeEach(async () => {
  script = await new Script().start();
});
afterEach(() => script.stop());

let renders = 0;
function List({ board }: { board: Board }) {
  const { rows, connection } = useBoard(board);
  renders += 1;
  return createElement("p", null, `${connection}: ${rows.map(({ score }) => score).join()}`);
}

/** Renders into a page of its own; `shows` waits until it says so. */
function mount() {
  const place = window.document.createElement("div");
  const root = createRoot(place as unknown as Element);
  return {
    render: (element: Parameters<typeof root.render>[0]) => act(async () => root.render(element)),
    unmount: () => act(async () => root.unmount()),
    text: () => place.textContent,
  };
}

async function changeOf(board: Board): Promise<void> {
  await act(
    () =>
      new Promise<void>((resolve) => {
        const stop = board.subscribe(() => {
          stop();
          resolve();
        });
      }),
  );
}

test("a component shows the board and each change of it, in strict mode too", async () => {
  const board = createClient({ baseUrl: script.url }).watch();
  const page = mount();
  await page.render(createElement(StrictMode, null, createElement(List, { board })));
  const peer = await script.sockets.take();
  while (board.getSnapshot().connection !== "open") {
    await changeOf(board);
  }
  assert.equal(page.text(), "open: ");
  const came = changeOf(board);
  peer.say(snapshot(1, [A, 20]));
  await came;
  assert.equal(page.text(), "open: 20");
  const before = renders;
  peer.say({ type: "ping" });
  const later = changeOf(board);
  peer.say(snapshot(2, [A, 21]));
  await later;
  assert.equal(page.text(), "open: 21");
  assert.equal(renders, before + 2); // strict mode renders twice, and a ping nothing
  await page.unmount();
  board.close();
  assert.equal(await peer.heard(), null);
  assert.equal(script.sockets.size, 0);
});

test("a server renders what every page begins with", () => {
  const board = createClient().watch();
  assert.equal(renderToString(createElement(List, { board })), "<p>idle: </p>");
});

const boards = new Set<Board>();
function Own({ name }: { name: string }) {
  const { board, client, state } = useScoreboard({ baseUrl: script.url, board: name, top: 50 });
  boards.add(board);
  assert(client.getTopScores);
  return createElement("p", null, state.connection);
}

test("a component's own scoreboard is made once, and anew for another board", async () => {
  const page = mount();
  await page.render(createElement(Own, { name: "week-1" }));
  const first = await script.sockets.take();
  assert.deepEqual([first.query.get("board"), first.query.get("view")], ["week-1", "top:50"]);
  await page.render(createElement(Own, { name: "week-1" }));
  assert.equal(boards.size, 1);
  await page.render(createElement(Own, { name: "week-2" }));
  const second = await script.sockets.take();
  assert.equal(second.query.get("board"), "week-2");
  assert.equal(boards.size, 2);
  await page.unmount();
  for (const board of boards) {
    board.close();
  }
});
