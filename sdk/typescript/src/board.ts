/** Live boards: what is shown follows the service, whatever happens to the connection. */

import { Conversation } from "./conversation.js";
import { Following } from "./following.js";
import { type NameOf, namesFrom } from "./names.js";
import { watchPresence } from "./presence.js";
import { requireAddress, type Service } from "./service.js";
import { INITIAL, nextState } from "./state.js";
import type { Board, BoardState, Transport, WatchOptions } from "./types.js";

const TRANSPORTS: readonly Transport[] = ["ws", "sse", "poll"];

/** Throws a TypeError where the options cannot be followed. */
export function openBoard(service: Service, options: WatchOptions): Board {
  if ((options.me || options.around) && service.bring === null) {
    throw new TypeError("`me` and `around` need a `token`: give one to createClient.");
  }
  return new LiveBoard(service, options);
}

class LiveBoard implements Board {
  readonly #service: Service;
  readonly #conversation: Conversation;
  readonly #following: Following;
  readonly #nameOf: NameOf;
  readonly #transports: readonly Transport[];
  readonly #pausesWhenHidden: boolean;
  readonly #listeners = new Set<() => void>();
  #state = INITIAL;
  #unwatch: (() => void) | null = null;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(service: Service, options: WatchOptions) {
    const { resolveNames, transports = TRANSPORTS, pauseWhenHidden = true } = options;
    this.#service = service;
    this.#conversation = new Conversation(service.limits.silenceMs);
    for (const view of viewsOf(options)) {
      const users = view === "users" ? options.users : [];
      this.#conversation.show(view, service.board, users);
    }
    this.#transports = transports.filter((each) => each !== "ws" || service.WebSocket);
    const update = (): void => this.#update();
    this.#following = new Following(this.#conversation, service, this.#transports, update);
    this.#nameOf = namesFrom(resolveNames, () => this.#listeners.size > 0 && update());
    this.#pausesWhenHidden = pauseWhenHidden;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const own = (): void => listener(); // the same function may be subscribed twice
    clearTimeout(this.#restTimer);
    if (this.#listeners.size === 0) {
      this.#start();
    }
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) {
        this.#restTimer = setTimeout(() => this.#rest("idle"), this.#service.limits.lingerMs);
      }
    };
  };

  readonly getSnapshot = (): BoardState => this.#state;

  readonly getServerSnapshot = (): BoardState => INITIAL;

  readonly close = (): void => {
    this.#rest("ended");
  };

  #start(): void {
    if (this.#state.connection === "ended") {
      return;
    }
    requireAddress(this.#service);
    if (this.#transports.length === 0) {
      throw new TypeError("None of the `transports` exists here.");
    }
    this.#unwatch ??= watchPresence(
      (isHidden) => this.#look(isHidden),
      () => this.#following.hurry(),
    );
    this.#following.start();
  }

  #rest(connection: "idle" | "ended"): void {
    clearTimeout(this.#restTimer);
    clearTimeout(this.#hiddenTimer);
    this.#unwatch?.();
    this.#unwatch = null;
    this.#following.rest(connection);
    clearTimeout(this.#staleTimer);
  }

  #look(isHidden: boolean): void {
    clearTimeout(this.#hiddenTimer);
    if (!isHidden) {
      this.#following.start();
    } else if (this.#pausesWhenHidden) {
      const { hiddenMs } = this.#service.limits;
      this.#hiddenTimer = setTimeout(() => this.#following.rest("paused"), hiddenMs);
    }
  }

  #update(): void {
    const { staleMs } = this.#service.limits;
    const before = this.#state;
    this.#state = nextState(before, this.#conversation, this.#following, staleMs, this.#nameOf);
    const { lostAt } = this.#following;
    clearTimeout(this.#staleTimer);
    if (lostAt !== null && !this.#state.isStale && this.#listeners.size > 0) {
      this.#staleTimer = setTimeout(() => this.#update(), lostAt + staleMs - Date.now());
    }
    if (this.#state !== before) {
      for (const listener of [...this.#listeners]) {
        listener();
      }
    }
  }
}

function viewsOf({ top = 10, me = false, around = null, users = [] }: WatchOptions): string[] {
  return [
    ...(top === null ? [] : [`top:${top}`]),
    ...(me ? ["me"] : []),
    ...(around === null ? [] : [`around:${around}`]),
    ...(users.length > 0 ? ["users"] : []),
  ];
}
