import assert from "node:assert/strict";
import { test } from "node:test";
import { load, Player } from "./conformance.js";

for (const played of load()) {
  test(`the client converses as it must: ${played.name}`, () => {
    new Player(played).run();
  });
}

test("all conversations are there", () => {
  assert(load().length >= 56);
});
