/** Runs the conversations of tests/fixtures/realtime; their README.md says what they mean. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Conversation } from "../src/conversation.js";
import { ScoreboardError } from "../src/errors.js";
import type { Pause } from "../src/policy.js";
import type { ViewState } from "../src/views.js";

const FOLDER = new URL("../../../../tests/fixtures/realtime/", import.meta.url);
const BEGIN_MS = Date.parse("2026-01-31T12:00:00.000Z");

interface View {
  view: string;
  board?: string;
  users?: string[];
}
type Json = Readonly<Record<string, unknown>>;
interface Step {
  connect?: Json;
  refuse?: { status: number; retryAfter?: number };
  receive?: Json;
  close?: number | null;
  clock?: number;
  show?: View;
  hide?: View;
  sent?: Json[];
  state?: Record<string, Json | null>;
  stale?: boolean;
  connection?: Json;
}
export interface Case {
  name: string;
  views: View[];
  tokens?: string[];
  steps: Step[];
}

/** All of them. */
export function load(): Case[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));
  return names.map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf-8")));
}

/** A client whose surroundings do what a file says. `run` fails where it does otherwise. */
export class Player {
  readonly #client = new Conversation();
  readonly #tokens: string[];
  #nowMs = BEGIN_MS;
  #pause: Pause | null = null;
  #closedMs = BEGIN_MS;
  #isAttempting = false;
  #named: Json[] = [];

  constructor(readonly played: Case) {
    this.#tokens = [...(played.tokens ?? ["none"])];
  }

  /** From the first step to the last. */
  run(): void {
    for (const view of this.played.views) {
      this.#show(view);
    }
    for (const step of this.played.steps) {
      this.#act(step);
      if (this.#client.isOpen && this.#client.ended === null) {
        this.#bringToken();
        this.#client.tick(this.#nowMs);
      }
      this.#check(step);
    }
  }

  #act(step: Step): void {
    if (step.connect) {
      this.#connect();
    } else if (step.refuse) {
      this.#refuse(step.refuse.status, step.refuse.retryAfter ?? 0);
    } else if (step.receive) {
      this.#client.received(JSON.stringify(step.receive), this.#nowMs);
    } else if (step.close !== undefined) {
      this.#close(step.close);
    } else if (step.clock !== undefined) {
      this.#passTime(step.clock);
    } else if (step.show) {
      this.#show(step.show);
    } else if (step.hide) {
      this.#client.hide(step.hide.view, step.hide.board);
    }
  }

  #connect(): void {
    this.#attempt();
    const views = this.#client.nameViews();
    this.#named = views.map(({ view, board }) => ({ type: "subscribe", view, board }));
    this.#client.opened(this.#nowMs);
    this.#isAttempting = false;
    this.#pause = null;
  }

  #refuse(status: number, retryAfter: number): void {
    this.#attempt();
    const refusal = new ScoreboardError({
      code: "internal",
      message: "",
      status,
      retryAfterMs: retryAfter * 1000,
    });
    this.#pause = this.#client.refused(refusal, this.#nowMs);
    this.#closedMs = this.#nowMs;
    this.#isAttempting = false;
  }

  #close(code: number | null): void {
    this.#pause = this.#client.closed(code, this.#nowMs);
    this.#closedMs = this.#nowMs;
  }

  #passTime(ms: number): void {
    this.#nowMs += ms;
    if (this.#client.isSilent(this.#nowMs)) {
      this.#close(null);
    } else if (this.#pause && this.#nowMs >= this.#closedMs + this.#pause[1]) {
      this.#attempt();
    }
  }

  #show({ view, board, users }: View): void {
    this.#client.show(view, board, users);
  }

  /** The beginning of a connection, at which a token may be needed. */
  #attempt(): void {
    if (!this.#isAttempting) {
      this.#isAttempting = true;
      this.#bringToken();
    }
  }

  #bringToken(): void {
    if (this.#client.wantsToken(this.#nowMs)) {
      const token = this.#tokens.length > 1 ? this.#tokens.shift() : this.#tokens[0];
      this.#client.giveToken(token ?? "", this.#nowMs);
    }
  }

  #check(step: Step): void {
    const frames = this.#client.takeFrames().map((text) => JSON.parse(text) as Json);
    compareSent([...this.#named, ...frames], step.sent ?? [], step.connect !== undefined);
    this.#named = [];
    const states = new Map(this.#client.states.map((each) => [`${each.board}/${each.view}`, each]));
    for (const [key, expected] of Object.entries(step.state ?? {})) {
      const state = states.get(key);
      assert(state);
      assert.deepEqual(withoutOrder(key, project(state)), withoutOrder(key, expected));
    }
    if (step.stale !== undefined) {
      assert.equal(this.#client.isStale, step.stale);
    }
    const connection = this.#connection();
    for (const [key, expected] of Object.entries(step.connection ?? {})) {
      assert.deepEqual(connection[key], expected, JSON.stringify({ step, connection }));
    }
  }

  #connection(): Json {
    const { ended, isOpen } = this.#client;
    if (ended !== null) {
      return { is: "ended", ...reason(ended) };
    }
    const within = this.#pause ?? [0, 0];
    return isOpen ? { is: "open" } : { is: "waiting", withinMs: within };
  }
}

function reason(ended: ScoreboardError): Json {
  if (ended.code === "live_ended") {
    return { code: (ended as unknown as { closeCode: number }).closeCode };
  }
  return ended.status === null ? { error: ended.code } : { status: ended.status };
}

function compareSent(sent: Json[], expected: Json[], isConnect: boolean): void {
  const [plainSent, plainExpected] = [sent.map(plain), expected.map(plain)];
  if (!isConnect) {
    assert.deepEqual(plainSent, plainExpected);
    return;
  }
  assert.deepEqual(plainSent.sort(), plainExpected.sort());
  const own = sent.findIndex(({ view }) => view === "me" || String(view).startsWith("around:"));
  if (own >= 0) {
    assert(sent.slice(0, own).some(({ type }) => type === "authenticate"));
  }
}

function plain(frame: Json): string {
  const board = frame.type === "authenticate" ? {} : { board: "main" };
  const given = Object.entries({ ...board, ...frame }).filter(([, value]) => value !== null);
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function project({ view, isKnown, shown }: ViewState): Json | null {
  const { entries, epoch, version, userId, score, rank, of } = shown;
  if (!isKnown) {
    return null;
  }
  switch (view.split(":")[0]) {
    case "me":
      return { userId, score, rank, of, version };
    case "around":
      return { userId, entries, of };
    case "users":
      return { entries };
    default:
      return { entries, version, epoch };
  }
}

function withoutOrder(key: string, state: Json | null): Json | null {
  if (state === null || !key.endsWith("/users")) {
    return state;
  }
  const entries = [...(state.entries as { userId: string }[])];
  return { entries: entries.sort((a, b) => (a.userId < b.userId ? -1 : 1)) };
}
