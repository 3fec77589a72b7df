import assert from "node:assert/strict";
import { test } from "node:test";
import { Ladder } from "../src/ladder.js";
import { namesFrom } from "../src/names.js";
import { nextRows } from "../src/state.js";
import { eventReader } from "../src/stream.js";
import { bringFrom, claimsOf } from "../src/tokens.js";
import { A, B, C } from "./script.js";
import { token } from "./watching.js";

/** A promise that the test keeps. */
function later(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((keep) => {
    resolve = keep;
  });
  return { promise, resolve };
}

const nameless = (): null => null;

test("events are found wherever the bytes are cut", () => {
  const text =
    'retry: 100\ndata: {"a":"é"}\n\n: note\n\nid: 1\r\ndata: x\r\ndata: y\r\n\r\ndata: late';
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; size += 1) {
    const take = eventReader();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...take(bytes.slice(at, at + size)).map((each) => each.trim()));
    }
    assert.deepEqual(found, ['{"a":"é"}', "x\n y"], `in parts of ${size}`);
  }
});

test("the ladder goes down after two failures, round, and up with a success", () => {
  const ladder = new Ladder(["ws", "sse", "poll"]);
  assert.deepEqual(
    [ladder.failed("ws"), ladder.failed("ws"), ladder.current],
    [false, true, "sse"],
  );
  ladder.failed("ws"); // an attempt to go back says nothing of the present one
  assert.deepEqual([ladder.failed("sse"), ladder.current], [false, "sse"]);
  assert.deepEqual([ladder.failed("sse"), ladder.current], [true, "poll"]);
  assert.deepEqual(ladder.better, ["ws", "sse"]);
  ladder.failed("poll");
  assert.deepEqual([ladder.failed("poll"), ladder.current], [false, "ws"]);
  ladder.failed("ws");
  ladder.proved("ws");
  assert.deepEqual([ladder.failed("ws"), ladder.current], [false, "ws"]);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map(() => ladder.takeBack()),
    [1, 2, 4, 8, 16, 16],
  );
  ladder.proved("ws");
  assert.equal(ladder.takeBack(), 1);
});

test("a transport that has worked before is tried again soon, one that never did is not", () => {
  const ladder = new Ladder(["ws", "sse", "poll"]);
  const fail = (transport: "ws" | "sse" | "poll"): void => {
    ladder.failed(transport);
    ladder.failed(transport);
  };
  fail("ws");
  ladder.proved("sse");
  assert.deepEqual([ladder.takeBack(), ladder.takeBack()], [1, 2]);
  ladder.proved("ws");
  fail("ws"); // the service goes away
  fail("sse");
  ladder.proved("poll"); // and is there again
  assert.deepEqual(
    Array.from({ length: 10 }, () => ladder.takeBack()).map((each) => each * 32),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  );
});

test("rows keep what was before the last change, whatever changed", () => {
  const before = [
    { userId: A, score: 2, rank: 1 },
    { userId: B, score: 1, rank: 2 },
  ];
  const after = [
    { userId: B, score: 3, rank: 1 },
    { userId: A, score: 2, rank: 2 },
  ];
  const first = nextRows([], before, nameless);
  const second = nextRows(first, after, nameless);
  assert.deepEqual(
    second.map(({ userId, previousRank, previousScore }) => [userId, previousRank, previousScore]),
    [
      [B, 2, 1],
      [A, 1, 2],
    ],
  );
  assert.equal(nextRows(second, after, nameless), second);
  const named = nextRows(second, after, (id) => (id === A ? "Ada" : null));
  assert.deepEqual([named[1]?.name, named[1]?.previousRank], ["Ada", 1]);
  assert.equal(named[0], second[0]);
});

test("names are asked for together and once, also those that nobody has", async () => {
  const asked: (readonly string[])[] = [];
  const told = later();
  const nameOf = namesFrom(async (ids) => {
    asked.push(ids);
    return { [A]: "Ada" };
  }, told.resolve);
  assert.deepEqual([nameOf(A), nameOf(B), nameOf(A)], [null, null, null]);
  await told.promise;
  assert.deepEqual([nameOf(A), nameOf(B)], ["Ada", null]);
  assert.deepEqual(asked, [[A, B]]);
});

test("more than a hundred names are asked for in parts", async () => {
  const asked: number[] = [];
  const ids = Array.from({ length: 150 }, (_, at) => `user-${at}`);
  const all = later();
  const nameOf = namesFrom(
    async (some) => {
      asked.push(some.length);
      return Object.fromEntries(some.map((id) => [id, id]));
    },
    () => {
      if (ids.map((id) => nameOf(id) === id).every((isKnown) => isKnown)) {
        all.resolve();
      }
    },
  );
  for (const id of ids) {
    nameOf(id);
  }
  await all.promise;
  assert.deepEqual(asked, [100, 50]);
});

test("a source of names that fails is asked again after a while", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let asked = 0;
  const failed = later();
  const told = later();
  const nameOf = namesFrom(
    async () => {
      asked += 1;
      if (asked === 1) {
        queueMicrotask(failed.resolve);
        throw new Error("no network");
      }
      return { [C]: "Cid" };
    },
    () => {
      if (nameOf(C) === "Cid") {
        told.resolve();
      }
    },
  );
  nameOf(C);
  await failed.promise;
  nameOf(C);
  assert.equal(asked, 1);
  context.mock.timers.tick(5000);
  await told.promise;
  assert.equal(asked, 2);
});

test("a token is asked for once at a time, and when another one is needed", async () => {
  let asked = 0;
  const bring = bringFrom(async () => `t${++asked}`);
  assert.deepEqual(await Promise.all([bring(), bring(), bring("t0")]), ["t1", "t1", "t1"]);
  assert.equal(await bring(), "t1");
  assert.deepEqual(await Promise.all([bring("t1"), bring("t1")]), ["t2", "t2"]);
  assert.equal(await bring("t1"), "t2");
  const fails = bringFrom(() => Promise.reject(new Error("signed out")));
  await assert.rejects(fails(), /signed out/);
  await assert.rejects(fails(), /signed out/);
});

test("claims are read of tokens that have them", () => {
  assert.deepEqual(claimsOf(token({ jti: "abc-_~?>" })), { jti: "abc-_~?>" });
  for (const text of ["", "x", "a.b.c", "a.bnVsbA.c", null]) {
    assert.deepEqual(claimsOf(text), {});
  }
});
