/** One user of one board: what he has, how he came to it, and everything that can be done about it. */

import type { Row } from "@scoreboard/client";
import { count } from "../words.js";
import { openAct } from "./act.js";
import type { UserEvent, UserTotal } from "./api.js";
import { button, make, vacancy } from "./dom.js";
import { eventTable, type Remedy } from "./events.js";
import { failureOf } from "./failures.js";
import {
  bonusForm,
  correctionForm,
  type Form,
  liftForm,
  type Subject,
  suspensionForm,
  undoForm,
} from "./forms.js";
import { historyPlot } from "./history-plot.js";
import { followUser } from "./live.js";
import { calledBy } from "./names.js";
import { addressOf } from "./place.js";
import type { Desk, Screen } from "./screen.js";
import { timeOf } from "./times.js";
import { windowForm } from "./windows.js";

export class UserScreen implements Screen {
  readonly element = make("section", { class: "user-screen", "aria-labelledby": "user-title" });
  readonly #body = make("div");
  readonly #chips = make("div");
  readonly #desk: Desk;
  readonly #userId: string;
  readonly #unfollow: () => void;
  readonly #outdated: HTMLElement;
  readonly #rank = make("dd", { id: "user-rank" }, "…");
  #total: UserTotal | null = null;
  #events: readonly UserEvent[] = [];
  #next: number | null = null;
  #hasLoaded = false;
  #isBusy = false;
  /** Where he stands, as far as that was told since he was read. */
  #news: Row | null | undefined;

  constructor(desk: Desk, userId: string) {
    this.#desk = desk;
    this.#userId = userId;
    const again = button("Read again", "quiet", () => void this.load());
    this.#outdated = make("p", { class: "outdated" }, "Something has changed since. ", again);
    this.#outdated.hidden = true;
    this.element.ariaBusy = "true";
    this.#body.append(make("p", { class: "waiting" }, "Reading his events…"));
    this.element.append(this.#title(), this.#body);
    this.#unfollow = followUser(desk.place.board, userId, (row) => this.#follow(row));
    void this.load();
  }

  close(): void {
    this.#unfollow();
  }

  /** Reads everything anew: after each act, and when somebody else has acted. */
  async load(): Promise<void> {
    await this.#read(null);
  }

  async #read(before: number | null): Promise<void> {
    if (this.#isBusy) {
      return;
    }
    this.#isBusy = true;
    this.#news = undefined;
    try {
      const { api, place } = this.#desk;
      const page = await api.events(place.board, this.#userId, before);
      this.#total = page.total;
      this.#events = before === null ? page.events : [...this.#events, ...page.events];
      this.#next = page.next;
      this.#hasLoaded = true;
      this.#show();
      this.#compare();
    } catch (error) {
      this.#showFailure(error);
    } finally {
      this.#isBusy = false;
      this.element.ariaBusy = "false";
    }
  }

  #show(): void {
    this.#outdated.hidden = true;
    this.#chips.replaceChildren(...(this.#total?.isSuspended ? [suspensionChip(this.#total)] : []));
    if (!this.#total) {
      const text = "Whoever earns his first point, or is given a bonus, is found here.";
      const bonus = button("Give a bonus", "small", () => this.#open(bonusForm(this.#subject())));
      const title = `No score on the board “${this.#desk.place.board}”`;
      this.#body.replaceChildren(vacancy(title, text, bonus));
      return;
    }
    const place = this.#desk.place.board;
    const table = eventTable(this.#events, this.#userId, place, (...it) => this.#undo(...it));
    this.#body.replaceChildren(
      this.#figures(this.#total),
      this.#deeds(this.#total),
      historyPlot(this.#events, this.#next === null),
      this.#outdated,
      table,
      this.#more(),
    );
  }

  /** It stays while everything below is drawn anew: the keys may be on it. */
  #title(): HTMLElement {
    const { board } = this.#desk.place;
    const name = make("span", { "data-called": this.#userId }, calledBy(this.#userId));
    const href = addressOf({ view: "trail", board, named: { user: this.#userId } });
    const trail = make("a", { href }, "What was done to him");
    return make(
      "header",
      { class: "user-head" },
      make("h2", { id: "user-title", tabindex: "-1" }, name),
      this.#chips,
      make("p", { class: "user-id" }, make("code", {}, this.#userId), trail),
    );
  }

  #figures(total: UserTotal): HTMLElement {
    const pair = (name: string, value: HTMLElement): HTMLElement =>
      make("div", {}, make("dt", {}, name), value);
    return make(
      "dl",
      { class: "figures" },
      pair("Score", make("dd", { id: "user-score" }, count(total.score))),
      pair("Rank", this.#rank),
      pair("Events", make("dd", {}, count(total.version))),
      pair("Last change", make("dd", { class: "is-text" }, timeOf(total.lastUpdated))),
    );
  }

  #deeds(total: UserTotal): HTMLElement {
    const deed = (text: string, form: () => Form): HTMLButtonElement =>
      button(text, "small", () => this.#open(form()));
    const subject = (): Subject => this.#subject();
    const { board } = this.#desk.place;
    return make(
      "div",
      { class: "bar-of-deeds", role: "group", "aria-label": "Acts" },
      deed("Bonus", () => bonusForm(subject())),
      deed("Correct", () => correctionForm(subject())),
      deed("Void a window", () => windowForm(subject(), board, this.#events)),
      ...(total.isSuspended ? [deed("Lift suspension", () => liftForm(subject()))] : []),
      deed(total.isSuspended ? "Suspend anew" : "Suspend", () =>
        suspensionForm(subject(), total.isSuspended),
      ),
    );
  }

  #more(): HTMLElement {
    if (this.#next === null) {
      return make("p", { class: "end" }, "These are all.");
    }
    const next = this.#next;
    return button("Older events", "small", () => void this.#read(next));
  }

  #undo(remedy: Remedy, event: UserEvent): void {
    this.#open(undoForm(remedy, event, this.#subject()), `[data-event="${event.eventId}"]`);
  }

  /** Afterwards everything is read anew, and the keys are where they were. */
  #open(form: Form, opener = ""): void {
    openAct(this.#desk, form, async () => {
      await this.load();
      const place = opener ? this.element.querySelector<HTMLElement>(opener) : null;
      (place ?? this.element.querySelector<HTMLElement>("h2"))?.focus();
    });
  }

  #subject(): Subject {
    const { limits } = this.#desk;
    const score = this.#total?.score ?? 0;
    return { userId: this.#userId, name: calledBy(this.#userId), score, limits };
  }

  #follow(row: Row | null): void {
    this.#rank.textContent = row ? `#${count(row.rank)}` : "none";
    this.#news = row;
    if (this.#hasLoaded && !this.#isBusy) {
      this.#compare();
    }
  }

  #compare(): void {
    if (this.#news === undefined) {
      return;
    }
    const { score = null, isSuspended = false } = this.#total ?? {};
    const isGone = this.#news === null && score !== null && !isSuspended;
    const isBack = this.#news !== null && (isSuspended || this.#news.score !== score);
    this.#outdated.hidden = !(isGone || isBack);
  }

  #showFailure(error: unknown): void {
    const { title, next } = failureOf(error);
    const again = button("Try again", "small", () => void this.load());
    this.#body.replaceChildren(vacancy(title, next, again));
  }
}

function suspensionChip({ suspendedUntil }: UserTotal): HTMLElement {
  const end = suspendedUntil === null ? ["until lifted"] : ["until ", timeOf(suspendedUntil)];
  return make("p", { class: "chip is-warning" }, "Suspended ", ...end);
}
