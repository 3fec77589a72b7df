/** The audit trail: who did what, why, and what became of it. */

import { openAct } from "./act.js";
import type { Act, Filter } from "./api.js";
import { button, field, make, tableOf, vacancy } from "./dom.js";
import { signed } from "./events.js";
import { failureOf } from "./failures.js";
import { userLink } from "./names.js";
import type { Desk, Screen } from "./screen.js";
import { moment, timeOf } from "./times.js";
import { restoreActForm } from "./windows.js";

/** Every kind of act: those that change nothing are looks. */
const IS_LOOK: Readonly<Record<Act["kind"], boolean>> = {
  bonus: false,
  correction: false,
  void: false,
  restore: false,
  suspension: false,
  lift: false,
  erasure: false,
  export: true,
  preview: true,
  read_acts: true,
  read_events: true,
};
/** A moment as the service writes it. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/;
const HEADS = ["Act", "When", "Who", "What", "Whom", "Why", "Outcome"];

export class TrailScreen implements Screen {
  readonly element = make("section", { class: "trail-screen", "aria-labelledby": "trail-title" });
  readonly #desk: Desk;
  readonly #filter: Filter;
  readonly #list = make("div", { class: "trail-list" });
  #acts: readonly Act[] = [];

  constructor(desk: Desk) {
    this.#desk = desk;
    const { user = "", actor = "", kind = "", everywhere = "" } = desk.place.named;
    this.#filter = { user, actor, kind, ...(everywhere ? {} : { board: desk.place.board }) };
    const title = make("h2", { id: "trail-title", tabindex: "-1" }, "Audit trail");
    this.element.append(title, this.#form(), this.#list);
    this.#list.append(make("p", { class: "waiting" }, "Reading the trail…"));
    void this.#read(null);
  }

  close(): void {
    this.#acts = [];
  }

  #form(): HTMLElement {
    const { user = "", actor = "", kind = "", everywhere = "" } = this.#desk.place.named;
    const named = (text: string, value: string): HTMLInputElement =>
      make("input", { type: "text", name: text, value, spellcheck: "false" });
    const who = named("actor", actor);
    const whom = named("user", user);
    const kinds = make("select", {}, option("", "any act or read", kind));
    for (const each of Object.keys(IS_LOOK)) {
      kinds.append(option(each, each.replace("_", " "), kind));
    }
    const where = make("select", {}, option("", this.#desk.place.board, everywhere));
    where.append(option("1", "any, and reads of none", everywhere));
    const form = make(
      "form",
      { class: "filters" },
      field("Who", who),
      field("Whom", whom),
      field("What", kinds),
      field("Board", where),
      make("button", { type: "submit", class: "small" }, "Search"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const asked = { actor: who.value.trim(), user: whom.value.trim(), kind: kinds.value };
      this.#desk.go({ view: "trail", named: { ...asked, everywhere: where.value } });
    });
    return form;
  }

  async #read(before: number | null): Promise<void> {
    try {
      const page = await this.#desk.api.acts(this.#filter, before);
      this.#acts = [...this.#acts, ...page.acts];
      this.#show(page.next);
    } catch (error) {
      const { title, next } = failureOf(error);
      const again = button("Try again", "small", () => void this.#read(before));
      this.#list.replaceChildren(vacancy(title, next, again));
    }
  }

  #show(next: number | null): void {
    // The service looks through so many acts at once: a page may hold none though more follow.
    const older = button("Older acts", "small", () => void this.#read(next));
    if (this.#acts.length === 0) {
      const text = "Change what is searched for, or look at all boards.";
      const found = next === null ? "No such act" : `No such act down to number ${next}`;
      this.#list.replaceChildren(vacancy(found, text, ...(next === null ? [] : [older])));
      return;
    }
    const rows = this.#acts.map((act) => this.#row(act));
    const table = tableOf("Acts, newest first", "trail", HEADS, rows);
    const end = make("p", { class: "end" }, "These are all.");
    this.#list.replaceChildren(table, next === null ? end : older);
  }

  #row(act: Act): HTMLElement {
    const isApplied = act.outcome === "applied";
    const outcome = isApplied
      ? ["applied"]
      : [make("span", { class: "chip is-warning" }, act.outcome)];
    return make(
      "tr",
      { class: IS_LOOK[act.kind] ? "is-read" : null },
      make("td", { class: "figure" }, String(act.actId)),
      make("td", {}, timeOf(act.createdAt)),
      make("td", { class: "who" }, act.actor, make("span", { class: "fact" }, originOf(act))),
      make("td", { class: "what" }, ...this.#whatOf(act)),
      make("td", { class: "whom" }, ...whomOf(act)),
      make("td", { class: "why" }, act.reason ?? ""),
      make("td", {}, ...outcome),
    );
  }

  #whatOf(act: Act): readonly (Node | string)[] {
    const className = IS_LOOK[act.kind] ? "action" : "action is-act";
    const name = make("span", { class: className }, act.kind.replace("_", " "));
    const isMany = act.kind === "void" && act.eventId === null && act.outcome === "applied";
    const restore = button("Restore", "small", () =>
      openAct(this.#desk, restoreActForm(act.actId), async () => {
        this.#acts = [];
        await this.#read(null);
      }),
    );
    restore.ariaLabel = `Restore what act ${act.actId} voided`;
    return [name, ` ${detailOf(act)} `, ...(isMany ? [restore] : [])];
  }
}

function whomOf({ userId, board }: Act): readonly (Node | string)[] {
  return userId === null ? [] : [userLink(userId, board ?? "main")];
}

function originOf({ origin, clientAddress }: Act): string {
  return clientAddress === null ? origin : `${origin}, ${clientAddress}`;
}

/** What an act was about, beside its user: parameters are few and flat. */
function detailOf({ parameters }: Act): string {
  const given: Readonly<Record<string, unknown>> = parameters;
  const words = Object.entries(given).filter(([, value]) => value !== null);
  return words
    .map(([name, value]) => (name === "delta" ? signed(Number(value)) : `${name} ${shown(value)}`))
    .join(", ");
}

function shown(value: unknown): string {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return TIME.test(text) ? moment(new Date(text)) : text;
}

function option(value: string, text: string, chosen: string): HTMLOptionElement {
  return make("option", { value, selected: value === chosen }, text);
}
