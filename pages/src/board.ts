/** The live page: one board of the service that serves it, drawn at most once per frame. */

import {
  type Board,
  type BoardState,
  createClient,
  isScoreboardError,
  type ScoreboardError,
  type TokenSource,
} from "@scoreboard/client";
import { Announcer } from "./announcer.js";
import { forgetToken, readToken } from "./identity.js";
import { List } from "./list.js";
import { oncePerFrame } from "./motion.js";
import { News } from "./news.js";
import { OwnPlace } from "./own.js";
import { offerPoints } from "./play.js";
import { isUnknownBoard, statusOf, wayOf } from "./status.js";
import { resolveNames, Visitor } from "./visitor.js";

const MAIN = "main";
const TOP = 10;
const SECOND_MS = 1000;
/** Codes that say no to a token: the board goes on without it. */
const REFUSED_TOKENS: ReadonlySet<string> = new Set(["token_invalid", "token_expired"]);
/** The same as close codes of a WebSocket: expired, and not valid. */
const REFUSING_CODES: ReadonlySet<number> = new Set([4003, 4500]);

const options = new URLSearchParams(location.search);
const boardId = options.get("board") || MAIN;
const isStage = options.has("stage");
const isDev =
  document.querySelector('meta[name="scoreboard-mode"]')?.getAttribute("content") === "dev";

class Page {
  readonly #announcer = new Announcer(find("announcer"));
  readonly #news = new News(this.#announcer);
  readonly #draw = oncePerFrame(() => this.#show());
  readonly #top = new List(find("top"), this.#draw);
  readonly #own = new OwnPlace(find, this.#draw);
  #board: Board | null = null;
  #unsubscribe = (): void => {};
  #secondTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    document.documentElement.classList.toggle("stage", isStage);
    const title = boardId === MAIN ? "Scoreboard" : boardId;
    find("title").textContent = title;
    document.title = title;
  }

  open(): void {
    if (isStage) {
      this.#watch(null);
    } else if (isDev) {
      const visitor = new Visitor();
      const client = this.#watch(visitor.token);
      offerPoints(find, visitor, client, boardId, this.#announcer);
    } else {
      this.#watch(readToken());
    }
  }

  #watch(token: TokenSource | null): ReturnType<typeof createClient> {
    this.#unsubscribe();
    this.#board?.close();
    const client = createClient(token === null ? { board: boardId } : { board: boardId, token });
    this.#board = client.watch({
      top: TOP,
      ...(token === null ? {} : { me: true, around: 5 }),
      ...(isDev ? { resolveNames } : {}),
      pauseWhenHidden: !isStage,
    });
    this.#unsubscribe = this.#board.subscribe(this.#draw);
    this.#draw();
    return client;
  }

  #show(): void {
    const state = this.#board?.getSnapshot();
    if (!state) {
      return;
    }
    if (state.connection === "ended" && isTokenRefused(state.error)) {
      forgetToken();
      this.#watch(null);
      return;
    }
    this.#showStatus(state);
    this.#showTop(state);
    this.#own.show(state);
    this.#news.ofBoard(state);
  }

  #showStatus(state: BoardState): void {
    const status = statusOf(state, Date.now());
    find("status").dataset["state"] = status.lamp;
    write("status-text", status.word);
    write("notice", status.notice);
    find("notice").hidden = status.notice === "";
    write("transport", wayOf(state));
    const isStale = status.lamp !== "live" && state.hasLoaded;
    document.documentElement.classList.toggle("is-stale", isStale);
    this.#news.ofConnection(status);
    clearTimeout(this.#secondTimer);
    if (state.retryAt !== null) {
      this.#secondTimer = setTimeout(this.#draw, SECOND_MS);
    }
  }

  #showTop(state: BoardState): void {
    const isVacant = state.hasLoaded ? state.rows.length === 0 : state.connection === "ended";
    find("top").hidden = isVacant;
    find("top").ariaBusy = String(!state.hasLoaded && !isVacant);
    find("vacant").hidden = !isVacant;
    if (isVacant) {
      const [title, text] = vacancyOf(state);
      write("vacant-title", title);
      write("vacant-text", text);
      find("vacant-link").hidden = !isUnknownBoard(state) || boardId === MAIN;
      return;
    }
    this.#top.show(state.rows, state.me?.userId ?? null, state.rows[0]?.score ?? 0);
  }
}

function vacancyOf(state: BoardState): [title: string, text: string] {
  if (isUnknownBoard(state)) {
    return [`There is no board “${boardId}”`, "Ask for its name where you got this address."];
  }
  if (state.connection === "ended") {
    return ["Nothing to show", ""];
  }
  return ["No scores yet", "Whoever earns the first point leads, and is seen here at once."];
}

function write(id: string, text: string): void {
  const element = find(id);
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`The page lacks its element ${id}.`);
  }
  return element;
}

function isTokenRefused(error: ScoreboardError | null): boolean {
  if (isScoreboardError(error, "live_ended")) {
    return REFUSING_CODES.has(error.closeCode);
  }
  return REFUSED_TOKENS.has(error?.code ?? "");
}

new Page().open();
