/** A user's score over time, from his events. */

import { count } from "../words.js";
import type { UserEvent } from "./api.js";
import { make } from "./dom.js";
import { plot } from "./plot.js";
import { moment } from "./times.js";

const WIDTH = 800;
const HEIGHT = 120;

/** `isWhole` where the events begin with the first one. What acts did is dotted. */
export function historyPlot(events: readonly UserEvent[], isWhole: boolean): HTMLElement {
  const oldestFirst = [...events].reverse();
  const [first] = oldestFirst;
  const last = oldestFirst.at(-1);
  if (!first || !last) {
    return make(
      "p",
      { class: "waiting" },
      "The events of this user lie further back: read on below.",
    );
  }
  const points = oldestFirst.map((event) => ({
    at: Date.parse(event.createdAt),
    value: event.score,
    isMarked: event.actId !== null,
  }));
  const start = { at: points[0]?.at ?? 0, value: first.score - first.delta };
  const from = moment(new Date(first.createdAt));
  const to = moment(new Date(last.createdAt));
  const scores = [start.value, ...events.map((event) => event.score)];
  const range = `${count(Math.min(...scores))} to ${count(Math.max(...scores))}`;
  const whole = isWhole ? "" : ", the latest of them";
  return make(
    "figure",
    { class: "history" },
    plot([start, ...points], { width: WIDTH, height: HEIGHT, isStepped: true, least: 10 }),
    make(
      "figcaption",
      {},
      make("span", {}, from),
      make("span", {}, `Score over ${count(events.length)} events${whole}: ${range}`),
      make("span", {}, to),
    ),
  );
}
