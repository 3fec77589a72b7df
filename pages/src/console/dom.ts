/** Making elements: whatever is shown is text, never markup. */

type Child = Node | string;

/** An element with attributes; `null` and `false` leave one out, `true` sets it empty. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number | boolean | null>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children);
  return element;
}

/** A button that does something when it is pressed. */
export function button(
  text: string,
  name: string,
  press: () => void,
  attributes: Readonly<Record<string, string>> = {},
): HTMLButtonElement {
  const element = make("button", { type: "button", class: name, ...attributes }, text);
  element.addEventListener("click", press);
  return element;
}

export function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) {
    throw new Error(`The page lacks its element ${id}.`);
  }
  return element;
}

/** The control of a page that has this id. */
export function control<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const element = find(id);
  if (!(element instanceof kind)) {
    throw new TypeError(`The element ${id} is no ${kind.name}.`);
  }
  return element;
}

let made = 0;

/** A label and its control, tied together, with a hint that is read with it. */
export function field(label: string, input: HTMLElement, hint = ""): HTMLElement {
  made += 1;
  input.id = `field-${made}`;
  const parts: HTMLElement[] = [make("label", { for: input.id }, label), input];
  if (hint) {
    input.setAttribute("aria-describedby", `hint-${made}`);
    parts.push(make("p", { class: "hint", id: `hint-${made}` }, hint));
  }
  return make("div", { class: "field" }, ...parts);
}

/** A table in a box that can be scrolled by keys; columns whose name begins with `#` hold figures. */
export function tableOf(
  name: string,
  kind: string,
  heads: readonly string[],
  rows: readonly HTMLElement[],
): HTMLElement {
  const head = heads.map((text) => {
    const isFigure = text.startsWith("#");
    const attributes = { scope: "col", class: isFigure ? "figure" : null };
    return make("th", attributes, isFigure ? text.slice(1) : text);
  });
  const table = make(
    "table",
    { class: `table ${kind}` },
    make("caption", { class: "unseen" }, name),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...rows),
  );
  return make(
    "div",
    { class: "scroller", tabindex: "0", role: "group", "aria-label": name },
    table,
  );
}

/** A place where nothing is, and why. */
export function vacancy(title: string, text: string, ...more: readonly Child[]): HTMLElement {
  return make(
    "div",
    { class: "vacancy" },
    make("p", { class: "vacancy-title" }, title),
    make("p", {}, text),
    ...more,
  );
}
