/** What the compiler must accept and refuse: it checks this file before anything of it runs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { components } from "../src/generated/openapi.js";
import {
  type AnyScoreboardError,
  type Board,
  createClient,
  type Entry,
  type ErrorMembers,
  type ErrorOf,
  isScoreboardError,
  type Neighbours,
  type ProblemCode,
  type Receipt,
  type ScoreboardClient,
  ScoreboardError,
  type ScoreboardService,
  type Standing,
} from "../src/index.js";

type Schemas = components["schemas"];
type Is<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Fits<A, B> = [A] extends [B] ? true : false;

/** Compiles only with `true`. */
function holds<_Claim extends true>(): void {}

test("the specification's interface is kept, to the letter", () => {
  type Specified = {
    incrementScore(
      userId: string,
      delta: number,
      actionToken: string,
      nonce: string,
    ): Promise<{ score: number; rank: number }>;
    getTopScores(limit?: number): Promise<{ userId: string; score: number; rank: number }[]>;
    getUserScore(userId: string): Promise<{ userId: string; score: number; rank: number }>;
  };
  holds<Fits<ScoreboardService, Specified>>();
  holds<Fits<ScoreboardClient, ScoreboardService>>();
});

test("what is answered is what the service's description says", () => {
  holds<Fits<Schemas["Entry"], Entry>>();
  holds<Fits<Schemas["Standing"], Standing>>();
  holds<Fits<Schemas["Neighbours"], Neighbours>>();
  holds<Fits<Schemas["Receipt"], Receipt>>();
  holds<Is<keyof Entry, keyof Schemas["Entry"]>>();
  holds<Is<keyof Standing, keyof Schemas["Standing"]>>();
  holds<Is<keyof Neighbours, keyof Schemas["Neighbours"]>>();
});

test("the members of problems are what the service's description says", () => {
  type Own<Name extends keyof Schemas> = Omit<Schemas[Name], keyof Schemas["Problem"]>;
  type Keys<Union> = Union extends unknown ? keyof Union : never;
  holds<Is<keyof Own<"InvalidPayload">, keyof ErrorMembers["invalid_payload"]>>();
  holds<Is<keyof Own<"RateLimited">, keyof ErrorMembers["rate_limited"]>>();
  holds<Is<keyof Own<"VersionConflict">, keyof ErrorMembers["version_conflict"]>>();
  holds<Is<keyof Own<"NonceReused">, Keys<ErrorMembers["nonce_reused"]>>>();
  holds<Is<keyof Own<"ConfirmationRequired">, keyof ErrorMembers["confirmation_required"]>>();
  holds<Is<keyof ErrorMembers, keyof ErrorMembers & (ProblemCode | "live_ended")>>();
});

test("a code narrows an error to its members", () => {
  const error: unknown = new ScoreboardError({
    code: "version_conflict",
    message: "",
    version: 7,
  });
  if (isScoreboardError(error, "version_conflict")) {
    holds<Is<typeof error.version, number>>();
    assert.equal(error.version, 7);
    // @ts-expect-error - that is another code's
    error.applied;
  }
  if (isScoreboardError(error, "nonce_reused") && error.applied) {
    holds<Is<typeof error.score, number>>();
  }
  // @ts-expect-error - there is no such code
  isScoreboardError(error, "nonce_resued");
  assert(!isScoreboardError(new Error("other")));
});

test("the union of all errors is told apart by code, and every code is in it", () => {
  holds<Fits<ProblemCode, AnyScoreboardError["code"]>>();
  holds<Fits<ErrorOf<"rate_limited">, AnyScoreboardError>>();
  const read = (error: AnyScoreboardError): string => {
    switch (error.code) {
      case "rate_limited":
        return error.policy;
      case "invalid_payload":
        return error.errors.map(({ detail }) => detail).join();
      case "nonce_reused":
        return String(error.applied);
      default:
        return error.code;
    }
  };
  const limited = new ScoreboardError({ code: "rate_limited", message: "", policy: "user" });
  assert(isScoreboardError(limited));
  assert.equal(read(limited), "user");
});

test("states cannot be changed, and options are what they say", () => {
  const board: Board = createClient({ baseUrl: "http://localhost" }).watch({ top: null });
  const use = (): void => {
    // @ts-expect-error - a state is for reading
    board.getSnapshot().rows = [];
    // @ts-expect-error - and so are its lists
    board.getSnapshot().rows.push();
    // @ts-expect-error - there are 10 and 50
    createClient().watch({ top: 20 });
    // @ts-expect-error - there is no such transport
    createClient().watch({ transports: ["carrier pigeon"] });
  };
  assert.throws(use);
});
