/** Before one is in: who one is, why not, and how to get what is needed. */

import { button, field, make } from "./dom.js";
import type { Session } from "./session.js";

const COMMAND = "scoreboard token bearer --user YOU --scope moderator";

/** `enter` is told of the token, and whether this tab shall keep it. */
export function signIn(
  notice: string,
  enter: (token: string, isKept: boolean) => void,
): HTMLElement {
  const token = make("textarea", {
    rows: 4,
    required: true,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  const kept = make("input", { type: "checkbox", id: "kept" });
  const form = make(
    "form",
    { class: "sign-in" },
    make("h2", { tabindex: "-1" }, "Sign in"),
    ...(notice ? [make("p", { class: "failure", role: "alert" }, notice)] : []),
    field("Bearer token", token, "Sent in a header with each request, and kept in memory alone."),
    make(
      "p",
      { class: "check" },
      kept,
      make("label", { for: "kept" }, "Keep it until this tab is closed"),
    ),
    make("div", { class: "buttons" }, make("button", { type: "submit", class: "earn" }, "Sign in")),
    howTo("It needs the scope moderator or admin. Have one made where the keys are:"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter(token.value.trim().replace(/^bearer\s+/i, ""), kept.checked);
  });
  token.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return form;
}

/** A token that holds, of somebody who may not be here. */
export function forbidden(session: Session, leave: () => void): HTMLElement {
  const scopes = session.scopes.length > 0 ? session.scopes.join(", ") : "no scope";
  return make(
    "section",
    { class: "sign-in" },
    make("h2", { tabindex: "-1" }, "This is for moderators"),
    make(
      "p",
      {},
      "The token of ",
      make("strong", {}, session.subject),
      " is valid, but carries ",
      make("code", {}, scopes),
      ".",
    ),
    howTo(
      "The console needs the scope moderator or admin. Whoever runs the service has one made so:",
    ),
    make("div", { class: "buttons" }, button("Use another token", "earn", leave)),
  );
}

function howTo(text: string): HTMLElement {
  return make("div", { class: "how-to" }, make("p", {}, text), make("pre", {}, COMMAND));
}
