/** One act, from what is filled in to its receipt: previewed, pressed once, told in words. */

import { count } from "../words.js";
import type { Acted, Begun, Deed, ManyDeed, Preview } from "./api.js";
import { button, field, make } from "./dom.js";
import { type Failure, failureOf } from "./failures.js";
import type { Form } from "./forms.js";
import { followRun } from "./run.js";
import type { Desk } from "./screen.js";
import { foreseen } from "./windows.js";

const REASON_MAX = 500;
/** More events than that are confirmed by typing their number. */
const CONFIRM_ABOVE = 1000;

/** `onChange` is told when something was done, or somebody else has done something. */
export function openAct(desk: Desk, form: Form, onChange: () => Promise<void>): void {
  new ActDialog(desk, form, onChange).open();
}

class ActDialog {
  readonly #desk: Desk;
  readonly #form: Form;
  readonly #onChange: () => Promise<void>;
  readonly #dialog = make("dialog", { class: "act", "aria-labelledby": "act-title" });
  readonly #element = make("form", { autocomplete: "off" });
  readonly #reason = make("input", { type: "text", maxlength: REASON_MAX, required: true });
  readonly #foreseen = make("div", { class: "foreseen", "aria-live": "polite" });
  readonly #failure = make("div", { class: "failure", role: "alert" });
  readonly #confirm = make("input", { type: "text", inputmode: "numeric" });
  readonly #submit = make("button", { type: "submit", class: "earn" });
  readonly #cancel = button("Cancel", "quiet", () => this.#dialog.close());
  /** What was previewed: it is what will be done, whatever time it is by then. */
  #previewed: { readonly deed: ManyDeed; readonly events: number } | null = null;
  /** One key for one press, also when it has to be sent again. */
  #press: { readonly text: string; readonly key: string } | null = null;
  #isChanged = false;
  #stop = (): void => {};

  constructor(desk: Desk, form: Form, onChange: () => Promise<void>) {
    this.#desk = desk;
    this.#form = form;
    this.#onChange = onChange;
    this.#failure.hidden = true;
    this.#element.append(
      make("h2", { id: "act-title" }, form.title),
      ...form.fields,
      field("Reason", this.#reason, "Stays in the audit trail, with your name."),
      this.#foreseen,
      this.#failure,
      make("div", { class: "buttons" }, this.#cancel, this.#submit),
    );
    this.#dialog.append(this.#element);
  }

  open(): void {
    this.#element.addEventListener("input", (event) => this.#onInput(event));
    this.#element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#go();
    });
    this.#dialog.addEventListener("close", () => this.#close());
    document.body.append(this.#dialog);
    this.#foresee();
    this.#dialog.showModal();
    this.#element.querySelector<HTMLElement>("input, select")?.focus();
  }

  #close(): void {
    this.#stop();
    this.#dialog.remove();
    if (this.#isChanged) {
      void this.#onChange();
    }
  }

  #onInput({ target }: Event): void {
    if (target !== this.#reason && target !== this.#confirm) {
      this.#previewed = null;
      this.#foresee();
    }
  }

  #foresee(): void {
    const deed = this.#form.read();
    const text = deed === null ? null : this.#form.foresee(deed);
    this.#foreseen.replaceChildren(...(text === null ? [] : [make("p", {}, text)]));
    this.#name(deed !== null && isMany(deed) && !this.#previewed ? "Preview" : this.#form.verb);
  }

  #name(text: string, isBusy = false): void {
    this.#submit.textContent = text;
    this.#submit.disabled = isBusy;
  }

  async #go(): Promise<void> {
    const deed = this.#previewed?.deed ?? this.#form.read();
    if (deed === null) {
      this.#tell({ ...PLAIN, title: "Something is missing", next: "Fill in what is empty." });
      return;
    }
    this.#failure.hidden = true;
    const text = this.#submit.textContent ?? "";
    const isLook = isMany(deed) && !this.#previewed;
    this.#name(isLook ? "Looking…" : "Sending…", true);
    try {
      await (isLook ? this.#preview(deed) : this.#act(deed));
    } catch (error) {
      this.#name(text);
      this.#refused(error);
    }
  }

  async #preview(deed: ManyDeed): Promise<void> {
    const { api, place } = this.#desk;
    const preview = await api.preview(place.board, deed);
    const { events, belowId } = preview;
    const isWindow = "window" in deed;
    const seen = isWindow ? { ...deed, window: { ...deed.window, belowId } } : deed;
    this.#previewed = { deed: seen, events };
    this.#foreseen.replaceChildren(
      ...foreseen(preview, place.board),
      ...this.#confirmation(preview),
    );
    this.#name(
      `${isWindow ? "Void" : "Restore"} ${events === 1 ? "1 event" : `${count(events)} events`}`,
    );
    this.#submit.disabled = events === 0;
    (events > CONFIRM_ABOVE ? this.#confirm : this.#submit).focus();
  }

  #confirmation({ events }: Preview): readonly HTMLElement[] {
    this.#confirm.required = events > CONFIRM_ABOVE;
    this.#confirm.value = "";
    return this.#confirm.required
      ? [field("Confirm", this.#confirm, `Type ${events}, the number of events.`)]
      : [];
  }

  async #act(deed: Deed): Promise<void> {
    const reason = this.#reason.value.trim();
    const events = this.#confirm.required
      ? Number(this.#confirm.value.replaceAll(",", ""))
      : undefined;
    const text = JSON.stringify([deed, reason, events]);
    if (this.#press?.text !== text) {
      this.#press = { text, key: crypto.randomUUID() };
    }
    const { board } = this.#desk.place;
    const acted = await this.#desk.api.act(board, deed, reason, this.#press.key, events);
    this.#isChanged = true;
    if ("events" in acted) {
      this.#showRun(acted);
    } else {
      this.#done(receiptOf(acted));
    }
  }

  #refused(error: unknown): void {
    const failure = failureOf(error);
    if (!failure.canRepeat) {
      this.#press = null;
    }
    if (failure.isOutdated) {
      this.#submit.hidden = true;
      this.#cancel.textContent = "Close";
      this.#cancel.focus();
      this.#isChanged = true;
    } else if (this.#previewed && !failure.canRepeat) {
      this.#previewed = null;
      this.#foresee();
    }
    if (failure.canRepeat) {
      this.#name("Send it again");
    }
    this.#tell(failure);
  }

  #tell({ title, next, requestId }: Failure): void {
    const found = requestId === null ? [] : [make("p", { class: "fact" }, `Request ${requestId}`)];
    this.#failure.replaceChildren(make("strong", {}, title), make("p", {}, next), ...found);
    this.#failure.hidden = false;
  }

  #showRun(begun: Begun): void {
    const { element, stop } = followRun(this.#desk.api, begun, (text) => this.#done(text, element));
    this.#stop = stop;
    const title = make("h2", { id: "act-title" }, this.#form.title);
    const hint = make(
      "p",
      { class: "hint" },
      "The service goes on with it also if you close this.",
    );
    const close = button("Close", "earn", () => this.#dialog.close());
    this.#element.replaceChildren(title, element, hint, make("div", { class: "buttons" }, close));
    close.focus();
  }

  #done(text: string, ...shown: readonly HTMLElement[]): void {
    const close = button("Done", "earn", () => this.#dialog.close());
    this.#element.replaceChildren(
      make("h2", { id: "act-title" }, this.#form.title),
      ...shown,
      make("p", { class: "receipt", role: "status" }, text),
      make("div", { class: "buttons" }, close),
    );
    close.focus();
    this.#desk.say(text);
  }
}

const PLAIN: Failure = {
  title: "",
  next: "",
  isOutdated: false,
  canRepeat: false,
  requestId: null,
};

function isMany(deed: Deed): deed is ManyDeed {
  return "window" in deed || "actId" in deed;
}

function receiptOf(acted: Exclude<Acted, Begun>): string {
  const { actId, score, rank, repeated } = acted;
  const place = rank === null ? "on no board" : `rank ${count(rank)}`;
  const again = repeated ? " An earlier press had done it already; nothing was done twice." : "";
  return `Done: act ${actId}. ${count(score)} points now, ${place}.${again}`;
}
