/** A list whose lines glide to their new places: measured, moved, and played back (FLIP). */

import type { Row } from "@scoreboard/client";
import { Line } from "./line.js";
import { EASE, mayMove } from "./motion.js";
import { Movements, TOLD_MS } from "./movements.js";

const GLIDE_MS = 550;
const APPEAR_MS = 350;

interface Places {
  readonly top: number;
  readonly nameHeight: number;
}

export class List {
  readonly #element: HTMLElement;
  readonly #redraw: () => void;
  readonly #addressOf: (userId: string) => string | null;
  readonly #lines = new Map<string, Line>();
  readonly #gliding = new Map<Line, Animation[]>();
  readonly #movements = new Movements();
  #rows: readonly Row[] = [];
  #quietTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * `redraw` asks for another `show`, once a movement has been told for long enough. Names lead to
   * their `addressOf`, if anywhere.
   */
  constructor(
    element: HTMLElement,
    redraw: () => void,
    addressOf: (userId: string) => string | null = () => null,
  ) {
    this.#element = element;
    this.#redraw = redraw;
    this.#addressOf = addressOf;
  }

  /** Shows the rows in their order; bars compare with `leading`, the score of who leads. */
  show(rows: readonly Row[], ownId: string | null, leading: number): void {
    const isOther = rows !== this.#rows;
    if (isOther) {
      this.#movements.note(rows, performance.now());
    }
    const isReordered = isOther && !isSameOrder(rows, this.#rows);
    const before = isReordered && this.#rows.length > 0 && mayMove() ? this.#measure() : null;
    this.#rows = rows;
    this.#write(rows, ownId, leading);
    if (before) {
      this.#play(before);
    }
    if (isOther && !this.#movements.isQuiet) {
      clearTimeout(this.#quietTimer);
      this.#quietTimer = setTimeout(() => this.#settle(), TOLD_MS);
    }
  }

  #write(rows: readonly Row[], ownId: string | null, leading: number): void {
    const kept = new Set(rows.map((row) => row.userId));
    for (const [userId, line] of this.#lines) {
      if (!kept.has(userId) || line.isOwn !== (userId === ownId)) {
        this.#stop(line);
        line.drop();
        this.#lines.delete(userId);
      }
    }
    rows.forEach((row, at) => {
      let line = this.#lines.get(row.userId);
      if (!line) {
        line = new Line(row.userId === ownId, this.#addressOf(row.userId));
        this.#lines.set(row.userId, line);
      }
      const share = leading > 0 ? Math.min(1, Math.max(0, row.score / leading)) : 0;
      line.show(row, at + 1, share, this.#movements.of(row.userId));
      if (this.#element.children[at] !== line.element) {
        this.#element.insertBefore(line.element, this.#element.children[at] ?? null);
      }
    });
  }

  /** Where everything is seen just now, in the middle of a movement too. */
  #measure(): Map<Line, Places> {
    return new Map([...this.#lines.values()].map((line) => [line, placesOf(line)]));
  }

  #play(before: Map<Line, Places>): void {
    for (const line of this.#lines.values()) {
      this.#stop(line);
    }
    // All are read before any is written to: one layout, not one for each line.
    const after = this.#measure();
    for (const [line, now] of after) {
      const was = before.get(line);
      this.#gliding.set(line, was ? glide(line, was, now) : appear(line, now));
    }
  }

  #stop(line: Line): void {
    for (const each of this.#gliding.get(line) ?? []) {
      each.cancel();
    }
    this.#gliding.delete(line);
  }

  #settle(): void {
    this.#movements.note(this.#rows, performance.now());
    this.#redraw();
    if (!this.#movements.isQuiet) {
      this.#quietTimer = setTimeout(() => this.#settle(), TOLD_MS);
    }
  }
}

function isSameOrder(rows: readonly Row[], others: readonly Row[]): boolean {
  return (
    rows.length === others.length && rows.every((row, at) => row.userId === others[at]?.userId)
  );
}

function placesOf(line: Line): Places {
  return {
    top: line.element.getBoundingClientRect().top,
    nameHeight: line.name.getBoundingClientRect().height,
  };
}

function glide(line: Line, was: Places, now: Places): Animation[] {
  const timing = { duration: GLIDE_MS, easing: EASE };
  const playing: Animation[] = [];
  const distance = was.top - now.top;
  line.element.style.zIndex = distance > 0 ? "2" : ""; // whoever rises passes in front
  if (Math.abs(distance) > 0.5) {
    const from = { transform: `translateY(${distance}px)` };
    playing.push(line.element.animate([from, { transform: "none" }], timing));
  }
  const scale = was.nameHeight / now.nameHeight;
  if (Number.isFinite(scale) && Math.abs(scale - 1) > 0.02) {
    for (const each of [line.name, line.score]) {
      playing.push(each.animate([{ transform: `scale(${scale})` }, { transform: "none" }], timing));
    }
  }
  return playing;
}

function appear(line: Line, now: Places): Animation[] {
  const rise = now.nameHeight / 2;
  return [
    line.element.animate(
      [
        { opacity: 0, transform: `translateY(${rise}px)` },
        { opacity: 1, transform: "none" },
      ],
      { duration: APPEAR_MS, easing: EASE },
    ),
  ];
}
