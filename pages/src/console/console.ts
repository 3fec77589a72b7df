/** The console: who one is, where one is, and the live board beside it. */

import { isScoreboardError } from "@scoreboard/client";
import { Announcer } from "../announcer.js";
import { Api, type BoardLimits } from "./api.js";
import { BoardsScreen } from "./boards.js";
import { button, control, find, make, vacancy } from "./dom.js";
import { failureOf } from "./failures.js";
import { HealthScreen } from "./health.js";
import { LiveTop } from "./live.js";
import { addressOf, type Place, readPlace, VIEWS } from "./place.js";
import type { Desk, Screen } from "./screen.js";
import { Search } from "./search.js";
import { forgetToken, keepToken, readToken, Session } from "./session.js";
import { forbidden, signIn } from "./sign-in.js";
import { span } from "./times.js";
import { TrailScreen } from "./trail.js";
import { UserScreen } from "./user.js";

const TICK_MS = 1000;
/** A session that ends so soon is told as a notice. */
const SOON_S = 120;
const EXPIRED = "The token has expired. Sign in with a new one: you are where you were.";
const REFUSED = "The service does not accept this token. It may belong to other keys.";

class Console {
  readonly #announcer = new Announcer(find("announcer"));
  readonly #main = find("main");
  readonly #live = new LiveTop();
  readonly #search = new Search();
  readonly #boardChoice = control("board", HTMLSelectElement);
  #session: Session | null = null;
  #api: Api | null = null;
  #boards: readonly BoardLimits[] = [];
  #screen: Screen | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    addEventListener("hashchange", () => this.#arrive());
    this.#boardChoice.addEventListener("change", () =>
      this.#go({ board: this.#boardChoice.value }),
    );
    find("sign-out").addEventListener("click", () => this.#leave("You are signed out."));
    find("skip").addEventListener("click", (event) => {
      event.preventDefault(); // what stands behind the # is where one is
      this.#main.focus();
    });
    const token = readToken();
    if (token === null) {
      this.#leave("");
    } else {
      void this.#enter(token);
    }
  }

  async #enter(token: string): Promise<void> {
    this.#session = new Session(token);
    this.#api = new Api(token, (error) => this.#onRefused(error));
    this.#show(make("p", { class: "waiting" }, "Signing in…"));
    try {
      this.#boards = await this.#api.boards();
    } catch (error) {
      this.#notEntered(error);
      return;
    }
    find("frame").hidden = false;
    find("desk").classList.add("is-open");
    find("account-name").textContent = this.#session.subject;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
    this.#arrive();
  }

  #notEntered(error: unknown): void {
    if (isScoreboardError(error, "insufficient_scope") && this.#session) {
      this.#show(forbidden(this.#session, () => this.#leave("")));
      forgetToken();
    } else if (this.#session) {
      const { title, next } = failureOf(error);
      const { token } = this.#session;
      const again = button("Try again", "earn", () => void this.#enter(token));
      this.#show(vacancy(title, next, again));
    }
  }

  /** A token that does not hold, any more or at all. Whoever asked is told as well. */
  #onRefused(error: unknown): void {
    if (isScoreboardError(error, "token_expired")) {
      this.#leave(EXPIRED);
    } else if (isScoreboardError(error, "token_invalid")) {
      this.#leave(REFUSED);
    }
  }

  #leave(notice: string): void {
    clearInterval(this.#timer);
    forgetToken();
    this.#session = null;
    this.#api = null;
    this.#search.use(null);
    this.#live.close();
    find("frame").hidden = true;
    find("desk").classList.remove("is-open");
    find("notice").hidden = true;
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.close();
    }
    const form = signIn(notice, (token, isKept) => {
      if (isKept) {
        keepToken(token);
      }
      void this.#enter(token);
    });
    this.#show(form);
    form.querySelector("textarea")?.focus();
  }

  #go(place: Partial<Place>): void {
    const { view, board, named } = readPlace();
    location.hash = addressOf({ view, board, named, ...place });
  }

  /** Shows the place of the address. */
  #arrive(): void {
    const given = readToken();
    if (given !== null && given !== this.#session?.token) {
      void this.#enter(given);
      return;
    }
    if (!this.#api) {
      return;
    }
    const place = readPlace();
    this.#showFrame(place);
    this.#live.watch(place.board);
    const desk = this.#deskAt(this.#api, place);
    this.#search.use(desk);
    this.#screen?.close();
    this.#screen = screenOf(desk);
    this.#main.replaceChildren(this.#screen.element);
    this.#main.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
    scrollTo({ top: 0 }); // who came by the live top of a phone is at the end of the page
  }

  #deskAt(api: Api, place: Place): Desk {
    return {
      api,
      place,
      boards: this.#boards,
      limits: this.#boards.find(({ board }) => board === place.board),
      leading: () => this.#live.rows,
      go: (there) => this.#go(there),
      say: (text) => this.#announcer.say(text),
    };
  }

  #showFrame(place: Place): void {
    const ids = this.#boards.map(({ board }) => board);
    const known = ids.includes(place.board) ? ids : [...ids, place.board];
    this.#boardChoice.replaceChildren(
      ...known.map((id) => make("option", { value: id, selected: id === place.board }, id)),
    );
    for (const view of VIEWS) {
      const link = control(`view-${view}`, HTMLAnchorElement);
      const named = view === "user" && place.named["user"] ? { user: place.named["user"] } : {};
      link.href = addressOf({ view, board: place.board, named });
      link.ariaCurrent = view === place.view ? "page" : null;
    }
    const board = place.board === "main" ? "" : `?board=${place.board}`;
    control("live-link", HTMLAnchorElement).href = `/${board}`;
  }

  #show(element: HTMLElement): void {
    this.#screen?.close();
    this.#screen = null;
    this.#main.replaceChildren(element);
    element.querySelector<HTMLElement>("h2")?.focus();
  }

  #tick(): void {
    const left = this.#session?.leftS() ?? null;
    find("account-left").textContent = left === null ? "" : `${span(left)} left`;
    const isSoon = left !== null && left < SOON_S;
    find("notice").hidden = !isSoon;
    if (isSoon) {
      const text = "Your token ends soon. Have a new one ready: what is open stays where it is.";
      find("notice").textContent = text;
    }
    if (left !== null && left <= 0) {
      this.#leave(EXPIRED);
    }
  }
}

function screenOf(desk: Desk): Screen {
  const { place, limits } = desk;
  const user = place.named["user"];
  if (place.view === "trail") {
    return new TrailScreen(desk);
  }
  if (place.view === "health") {
    return new HealthScreen(desk);
  }
  if (place.view === "boards" || !limits) {
    return new BoardsScreen(desk);
  }
  return user ? new UserScreen(desk, user) : nobody();
}

/** Before anybody was looked for. */
function nobody(): Screen {
  const text = "Press / and type an id, or how a name begins; or choose somebody of the live top.";
  const title = make("h2", { class: "unseen", tabindex: "-1" }, "User");
  return { element: make("section", {}, title, vacancy("Find a user", text)), close: () => {} };
}

new Console().start();
