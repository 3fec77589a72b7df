/** Keeps a conversation going, over one connection after another. */

import type { Conversation } from "./conversation.js";
import type { ScoreboardError } from "./errors.js";
import { Ladder } from "./ladder.js";
import type { Link, LinkEvents, OpenLink } from "./link.js";
import { draw, FIRST_MS, type Pause } from "./policy.js";
import { openPolling } from "./polling.js";
import type { Service } from "./service.js";
import { openSocket } from "./socket.js";
import { openStream } from "./stream.js";
import type { Connection, Transport } from "./types.js";

const OPEN: Readonly<Record<Transport, OpenLink>> = {
  ws: openSocket,
  sse: openStream,
  poll: openPolling,
};

/** Shortest time between two looks while a token is being brought. */
const BRINGING_MS = 1000;

/** A connection, or the attempt to have one. `others` are tried where it stands by in vain. */
interface Held {
  readonly transport: Transport;
  readonly others: readonly Transport[];
  link: Link | null;
  isOpen: boolean;
  /** Something has come over it. */
  isProven: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The connections of one conversation. `onChange` is told of every change, of any kind. */
export class Following {
  connection: Connection = "idle";
  transport: Transport | null = null;
  retryAt: number | null = null;
  /** Since when there is no connection; null while there is one, or never was. */
  lostAt: number | null = null;
  readonly #conversation: Conversation;
  readonly #service: Service;
  readonly #ladder: Ladder;
  readonly #onChange: () => void;
  #held: Held | null = null;
  /** Takes the other one's place once it is open. */
  #spare: Held | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #backTimer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  #isBringing = false;

  constructor(
    conversation: Conversation,
    service: Service,
    transports: readonly Transport[],
    onChange: () => void,
  ) {
    this.#conversation = conversation;
    this.#service = service;
    this.#ladder = new Ladder(transports);
    this.#onChange = onChange;
  }

  /** Connects, unless that is under way or of no use any more. */
  start(): void {
    if (this.connection === "idle" || this.connection === "paused") {
      void this.#connect();
    }
  }

  /** Lets go of the connection, if that has not ended for good. */
  rest(connection: "idle" | "paused" | "ended"): void {
    if (this.connection === "ended") {
      return;
    }
    this.#turn += 1;
    clearTimeout(this.#timer);
    clearTimeout(this.#backTimer);
    drop(this.#held);
    drop(this.#spare);
    this.#held = this.#spare = null;
    this.#conversation.isOpen = false;
    this.#tell(connection);
  }

  /** The network is there again, perhaps another one. */
  hurry(): void {
    if (this.retryAt !== null) {
      void this.#connect();
    } else if (this.#held?.isOpen) {
      this.#standBy([this.#held.transport]);
    }
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    this.#tell("connecting");
    const isReady = !this.#conversation.wantsToken(Date.now()) || (await this.#bringToken());
    if (turn !== this.#turn || this.#endIfOver()) {
      return;
    }
    if (isReady) {
      this.#held = this.#open(this.#ladder.current);
    } else {
      this.#wait(this.#conversation.unreachable());
    }
  }

  #open(transport: Transport, others: readonly Transport[] = []): Held {
    const views = this.#conversation.nameViews(transport !== "ws");
    const timer = setTimeout(() => this.#ended(held), this.#service.limits.firstFrameMs);
    const held: Held = { transport, others, link: null, isOpen: false, isProven: false, timer };
    const events: LinkEvents = {
      opened: () => this.#opened(held),
      received: (text) => this.#received(held, text),
      ended: (code, refusal) => this.#ended(held, code, refusal),
    };
    try {
      held.link = OPEN[transport](this.#service, views, this.#conversation.token, events);
    } catch {
      queueMicrotask(() => this.#ended(held));
    }
    return held;
  }

  #opened(held: Held): void {
    if (held === this.#spare) {
      drop(this.#held);
      this.#held = held;
      this.#spare = null;
    }
    held.isOpen = true;
    this.transport = held.transport;
    this.#conversation.opened(Date.now(), held.transport !== "ws");
    this.#say();
    this.#lookLater();
    this.#tell("open");
  }

  #received(held: Held, text: string): void {
    if (held !== this.#held) {
      return;
    }
    if (!held.isProven) {
      held.isProven = true;
      clearTimeout(held.timer);
      this.#ladder.proved(held.transport);
      this.#goBackLater();
    }
    const isNews = this.#conversation.received(text, Date.now());
    if (this.#endIfOver()) {
      return;
    }
    this.#say();
    this.#lookLater();
    if (isNews) {
      this.#onChange();
    }
  }

  #ended(held: Held, code: number | null = null, refusal: ScoreboardError | null = null): void {
    drop(held);
    if (held === this.#spare) {
      this.#spare = null;
      this.#standBy(held.others);
    }
    if (held !== this.#held) {
      return;
    }
    drop(this.#spare);
    this.#held = this.#spare = null;
    clearTimeout(this.#backTimer);
    const pause = this.#judge(held, code, refusal);
    if (!this.#endIfOver()) {
      this.#wait(pause);
    }
  }

  /** When to come back after a connection. */
  #judge(held: Held, code: number | null, refusal: ScoreboardError | null): Pause {
    const hasNext = !held.isProven && this.#ladder.failed(held.transport);
    if (refusal) {
      return this.#conversation.refused(refusal, Date.now());
    }
    const pause = held.isOpen
      ? this.#conversation.closed(code, Date.now())
      : this.#conversation.unreachable();
    return hasNext ? [0, FIRST_MS] : pause;
  }

  #wait(pause: Pause): void {
    const pauseMs = draw(pause);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), pauseMs);
    const isOffline = globalThis.navigator?.onLine === false;
    this.#tell(isOffline ? "offline" : "waiting", Date.now() + pauseMs);
  }

  /** Looks at the clock when that is due. */
  #lookLater(): void {
    const dueMs = this.#conversation.dueMs - Date.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#look(),
      Math.max(this.#isBringing ? BRINGING_MS : 0, dueMs),
    );
  }

  #look(): void {
    const nowMs = Date.now();
    if (this.#held && this.#conversation.isSilent(nowMs)) {
      this.#ended(this.#held);
      return;
    }
    if (this.#conversation.wantsToken(nowMs) && !this.#isBringing) {
      void this.#refresh();
    }
    this.#conversation.tick(nowMs);
    this.#say();
    this.#lookLater();
  }

  async #refresh(): Promise<void> {
    const turn = this.#turn;
    await this.#bringToken();
    if (turn === this.#turn && !this.#endIfOver() && this.#held?.isOpen) {
      this.#say();
      this.#lookLater();
    }
  }

  /** Whether the source gave a token. */
  async #bringToken(): Promise<boolean> {
    this.#isBringing = true;
    try {
      const token = await this.#service.bring?.(this.#conversation.token);
      this.#conversation.giveToken(token ?? "", Date.now());
      return true;
    } catch {
      this.#conversation.lackToken(Date.now());
      return false;
    } finally {
      this.#isBringing = false;
    }
  }

  #say(): void {
    const frames = this.#conversation.takeFrames();
    if (frames.length > 0 && this.#held) {
      const { link, transport } = this.#held;
      if (link?.send) {
        frames.forEach(link.send);
      } else {
        this.#standBy([transport]); // what cannot be said here is said by the next one's address
      }
    }
  }

  /** Opens another connection, of the first transport that can be had, beside the present one. */
  #standBy([transport, ...others]: readonly Transport[]): void {
    if (transport === undefined) {
      this.#goBackLater();
    } else if (this.#spare === null) {
      this.#spare = this.#open(transport, others);
    }
  }

  #goBackLater(): void {
    const { better } = this.#ladder;
    clearTimeout(this.#backTimer);
    if (better.length > 0) {
      const backMs = this.#service.limits.backMs * this.#ladder.takeBack();
      this.#backTimer = setTimeout(() => this.#standBy(better), draw([backMs / 2, backMs]));
    }
  }

  #endIfOver(): boolean {
    if (this.#conversation.ended !== null) {
      this.rest("ended");
      return true;
    }
    return false;
  }

  #tell(connection: Connection, retryAt: number | null = null): void {
    const wasOpen = this.connection === "open";
    this.connection = connection;
    this.retryAt = retryAt;
    if (connection === "open") {
      this.lostAt = null;
    } else if (wasOpen) {
      this.lostAt = Date.now();
    }
    this.#onChange();
  }
}

function drop(held: Held | null): void {
  clearTimeout(held?.timer);
  held?.link?.close();
}
