/** How the service is: few numbers, as they change. */

import type { Stats } from "./api.js";
import { make, vacancy } from "./dom.js";
import { failureOf } from "./failures.js";
import { plot } from "./plot.js";
import { type Reading, readingOf } from "./rates.js";
import type { Desk, Screen } from "./screen.js";

const LOOK_MS = 2000;
/** Five minutes. */
const READINGS_MAX = 150;
const LEAST_MS = 60_000;

interface Gauge {
  readonly name: string;
  readonly unit: string;
  readonly hint: string;
  readonly digits: number;
  /** What the vertical axis spans at least. */
  readonly least: number;
  readonly of: (reading: Reading) => number | null;
}

const GAUGES: readonly Gauge[] = [
  {
    name: "Increments",
    unit: "/s",
    hint: "applied",
    digits: 1,
    least: 10,
    of: (it) => it.incrementsPerS,
  },
  {
    name: "Refusals",
    unit: "/s",
    hint: "increments refused, whatever for",
    digits: 1,
    least: 10,
    of: (it) => it.refusalsPerS,
  },
  {
    name: "Commit, p99",
    unit: "ms",
    hint: "until a batch is durable",
    digits: 0,
    least: 20,
    of: (it) => it.commitMs,
  },
  {
    name: "Update, p99",
    unit: "ms",
    hint: "from commit to the sockets",
    digits: 0,
    least: 100,
    of: (it) => it.updateMs,
  },
  {
    name: "Outbox age",
    unit: "s",
    hint: "the oldest event that waits for the relay",
    digits: 2,
    least: 1,
    of: (it) => it.outboxAgeS,
  },
  {
    name: "Sockets",
    unit: "",
    hint: "open WebSockets and streams",
    digits: 0,
    least: 10,
    of: (it) => it.sockets,
  },
];

export class HealthScreen implements Screen {
  readonly element = make("section", { class: "health-screen", "aria-labelledby": "health-title" });
  readonly #desk: Desk;
  readonly #stores = make("ul", { class: "stores", role: "list" });
  readonly #gauges = make("div", { class: "gauges" });
  readonly #process = make("p", { class: "hint" });
  readonly #latest = new Map<string, Stats>();
  readonly #readings = new Map<string, Reading[]>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(desk: Desk) {
    this.#desk = desk;
    const title = make("h2", { id: "health-title", tabindex: "-1" }, "Health");
    this.#gauges.append(make("p", { class: "waiting" }, "Asking the service…"));
    this.element.append(title, this.#stores, this.#gauges, this.#process);
    void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const stats = await this.#desk.api.stats();
      this.#note(stats);
      this.#show(stats);
    } catch (error) {
      const { title, next } = failureOf(error);
      this.#gauges.replaceChildren(vacancy(title, next || "It is asked again by itself."));
    }
    if (!this.#isClosed) {
      this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
    }
  }

  /** Each process by itself: their counts have nothing to do with each other. */
  #note(stats: Stats): void {
    const reading = readingOf(stats, this.#latest.get(stats.instance) ?? null);
    const readings = this.#readings.get(stats.instance) ?? [];
    this.#latest.set(stats.instance, stats);
    this.#readings.set(stats.instance, [...readings, reading].slice(-READINGS_MAX));
  }

  #show({ instance, dependencies }: Stats): void {
    const readings = this.#readings.get(instance) ?? [];
    this.#stores.replaceChildren(
      ...Object.entries(dependencies).map(([name, state]) =>
        make(
          "li",
          { class: "status", "data-state": state === "up" ? "live" : "ended" },
          make("span", { class: "lamp" }),
          `${name} ${state}`,
        ),
      ),
    );
    this.#gauges.replaceChildren(...GAUGES.map((gauge) => gaugeOf(gauge, readings)));
    const others = this.#latest.size - 1;
    const more = others > 0 ? ` ${others} more answered meanwhile: each has its own counts.` : "";
    this.#process.textContent = `The last five minutes of process ${instance}, asked every two seconds.${more}`;
  }
}

function gaugeOf(gauge: Gauge, readings: readonly Reading[]): HTMLElement {
  const points = readings.map((reading) => ({ at: reading.at, value: gauge.of(reading) }));
  const present = points.findLast(({ value }) => value !== null)?.value ?? null;
  const text = present === null ? "–" : present.toFixed(gauge.digits);
  return make(
    "section",
    { class: "gauge", "aria-label": gauge.name },
    make("h3", {}, gauge.name),
    make("p", { class: "gauge-value" }, text, make("span", { class: "unit" }, gauge.unit)),
    plot(points, { width: 300, height: 64, floor: 0, least: gauge.least, leastMs: LEAST_MS }),
    make("p", { class: "hint" }, gauge.hint),
  );
}
