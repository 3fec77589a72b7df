/**
 * One client's side of the protocol, over any number of connections. Pure: no I/O, no clock.
 *
 * Whoever does the I/O tells what happened, sends what `takeFrames` returns, calls `tick` at `dueMs`,
 * and stops once `ended` is set. Times are Unix milliseconds.
 */

import { endedBy, notAScoreboard, ScoreboardError } from "./errors.js";
import { type ErrorFrame, type Frame, MAIN_BOARD, type Said, type ViewFrame } from "./frames.js";
import { Identity } from "./identity.js";
import { Comeback, type Pause, TOKEN_EXPIRED } from "./policy.js";
import { Subscriptions } from "./subscriptions.js";
import { claimsOf } from "./tokens.js";
import type { ViewState } from "./views.js";

/** More than two of the service's heartbeats: a connection that says less is dead. */
const SILENCE_MAX_MS = 60_000;

/** Pause before a subscription is repeated that the service could not take just then. */
const AGAIN_MS = 1000;

/** Errors after which the same subscription may succeed. */
const PASSING = ["overloaded", "rate_limited", "storage_unavailable", "internal"];

/** Views, identity and the present connection of one client. */
export class Conversation {
  /** Set it to false where the connection is left, to come back whenever one likes. */
  isOpen = false;
  /** Whether the service has said that what it shows may be out of date. */
  isStale = false;
  /** Why coming back is of no use. */
  ended: ScoreboardError | null = null;
  readonly #views = new Subscriptions();
  readonly #comeback = new Comeback();
  readonly #identity = new Identity();
  readonly #silenceMaxMs: number;
  #sentToken: string | null = null;
  /** By which the service knows who this is. */
  #heldToken: string | null = null;
  #frames: string[] = [];
  #openedMs = 0;
  #heardMs = 0;
  #againMs: number | null = null;

  constructor(silenceMaxMs: number = SILENCE_MAX_MS) {
    this.#silenceMaxMs = silenceMaxMs;
  }

  /** All views that are shown, in the order in which they were asked for. */
  get states(): readonly ViewState[] {
    return this.#views.all.map(({ state }) => state);
  }

  /** The newest token that the source gave. */
  get token(): string | null {
    return this.#identity.token;
  }

  /** Shows a view from now on. Of one that is shown already, `users` are replaced. */
  show(view: string, board: string = MAIN_BOARD, users: readonly string[] = []): void {
    this.#views.add(view, board, users);
    this.#askMissing();
  }

  /** Shows the view no more. */
  hide(view: string, board: string = MAIN_BOARD): void {
    if (this.#views.remove(view, board) && this.isOpen) {
      this.#say({ type: "unsubscribe", view, board } as Said);
    }
  }

  /** Whether the source should be asked for a token now. */
  wantsToken(nowMs: number): boolean {
    return this.#views.hasOwn && this.#identity.isDue(nowMs);
  }

  /** What the source gave. */
  giveToken(token: string, nowMs: number): void {
    if (this.#identity.take(token, nowMs)) {
      this.#askMissing();
    } else {
      this.ended = endedBy(TOKEN_EXPIRED);
    }
  }

  /** The source could not be asked: it will be again. */
  lackToken(nowMs: number): void {
    this.#identity.postpone(nowMs);
  }

  /** What the address of the next connection names; a WebSocket's others follow as frames. */
  nameViews(isStream = false): readonly ViewState[] {
    return this.#views.name(isStream);
  }

  /** A connection is open, whose address named what `nameViews` said. A stream bears the token. */
  opened(nowMs: number, isStream = false): void {
    this.isOpen = true;
    this.isStale = false;
    this.#openedMs = this.#heardMs = nowMs;
    this.#againMs = null;
    this.#sentToken = isStream ? this.token : null;
    this.#heldToken = this.#sentToken;
    if (isStream) {
      this.#identity.accept(Number(claimsOf(this.token).exp) * 1000, nowMs); // a stream may not tell
    }
    this.#frames = [];
    this.#views.begin(nowMs);
    this.#askMissing();
  }

  /** A frame has come. Whether what is shown changed by it. */
  received(text: string, nowMs: number): boolean {
    this.#heardMs = nowMs;
    try {
      return this.#heed(JSON.parse(text), nowMs);
    } catch (error) {
      if (error instanceof SyntaxError) {
        this.ended = notAScoreboard("no JSON");
      }
      return false; // a frame that lacks what it must have is ignored, as unknown ones are
    }
  }

  /** The connection has ended, with a close code or null: when to come back. */
  closed(code: number | null, nowMs: number): Pause {
    this.isOpen = false;
    if (code === TOKEN_EXPIRED) {
      this.#identity.expire(this.#heldToken, nowMs);
    }
    const pause = this.#comeback.afterClose(code, nowMs - this.#openedMs);
    if (pause === null && code !== null) {
      this.ended = endedBy(code);
    }
    return pause ?? [0, 0];
  }

  /** The handshake was answered with a refusal that has a status: when to come back. */
  refused(refusal: ScoreboardError, nowMs: number): Pause {
    this.isOpen = false;
    if (refusal.code === "token_expired") {
      this.#identity.expire(this.token, nowMs);
    } else if (refusal.status === 401) {
      this.ended = refusal;
    }
    const pause = this.#comeback.afterRefusal(refusal.status ?? 0, refusal.retryAfterMs ?? 0);
    if (pause === null) {
      this.ended = refusal;
    }
    return pause ?? [0, 0];
  }

  /** The handshake was not answered: when to come back. */
  unreachable(): Pause {
    this.isOpen = false;
    return this.#comeback.afterSilence();
  }

  /** Whether the connection should be given up. */
  isSilent(nowMs: number): boolean {
    return this.isOpen && nowMs >= this.#heardMs + this.#silenceMaxMs;
  }

  /** When, at the latest, to look at `isSilent` and `wantsToken`, and to call `tick`. */
  get dueMs(): number {
    const tokenMs = this.#views.hasOwn ? this.#identity.dueMs : null;
    const times = [this.#heardMs + this.#silenceMaxMs, tokenMs, this.#againMs];
    return Math.min(...times.filter((each) => each !== null));
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    if (this.#againMs !== null && nowMs >= this.#againMs) {
      this.#againMs = null;
      this.#askMissing();
    }
  }

  /** What has to be sent now, in this order. */
  takeFrames(): readonly string[] {
    const taken = this.#frames;
    this.#frames = [];
    return taken;
  }

  #heed(frame: Frame, nowMs: number): boolean {
    switch (frame.type) {
      case "status": {
        const isNews = frame.stale !== this.isStale;
        this.isStale = frame.stale;
        return isNews;
      }
      case "authenticated":
        this.#heldToken = this.#sentToken;
        this.#identity.accept(Date.parse(frame.expiresAt), nowMs);
        return false;
      case "bye":
        this.#comeback.ask(frame.reconnectInMs);
        return false;
      case "error":
        this.#fail(frame, nowMs);
        return false;
      case "ping":
        return false;
      default:
        return this.#apply(frame);
    }
  }

  #apply(frame: ViewFrame): boolean {
    const taken = this.#views.find(frame)?.take(frame, this.#heardMs);
    if (taken?.question) {
      this.#say(taken.question);
    }
    return taken?.verdict === "changed";
  }

  #fail(frame: ErrorFrame, nowMs: number): void {
    if (frame.code === "token_expired") {
      this.#identity.expire(this.#heldToken, nowMs); // the service closes; a newer one may do
      return;
    }
    if (PASSING.includes(frame.code)) {
      this.#views.fail(frame.view);
      this.#againMs = nowMs + AGAIN_MS;
      return;
    }
    const message = `The service refused ${frame.view ?? "what was asked of it"}: ${frame.code}.`;
    this.ended = new ScoreboardError({ ...frame, message });
  }

  #askMissing(): void {
    if (!this.isOpen || this.#againMs !== null) {
      return;
    }
    const { token } = this.#identity;
    if (this.#views.hasOwn && token !== null && token !== this.#sentToken) {
      this.#sentToken = token;
      this.#heldToken ??= token;
      this.#say({ type: "authenticate", token });
    }
    for (const frame of this.#views.askMissing(this.#heardMs, this.#sentToken !== null)) {
      this.#say(frame);
    }
  }

  #say(frame: Said): void {
    this.#frames.push(JSON.stringify(frame));
  }
}
