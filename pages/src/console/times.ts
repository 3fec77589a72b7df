/** How moments and spans are written. */

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

/** The time of day; with the day where that is not today's. In this browser's zone. */
export function moment(at: Date): string {
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? clock.format(at) : dayAndClock.format(at);
}

/** A moment as an element: its exact form is its title. */
export function timeOf(iso: string): HTMLTimeElement {
  const element = document.createElement("time");
  element.dateTime = iso;
  element.title = iso;
  element.textContent = moment(new Date(iso));
  return element;
}

/** Seconds in the largest unit that fits: `14 min`. */
export function span(seconds: number): string {
  if (seconds < 2 * MINUTE_S) {
    return `${Math.max(0, Math.floor(seconds))} s`;
  }
  if (seconds < 2 * HOUR_S) {
    return `${Math.floor(seconds / MINUTE_S)} min`;
  }
  return seconds < 2 * DAY_S
    ? `${Math.floor(seconds / HOUR_S)} h`
    : `${Math.floor(seconds / DAY_S)} days`;
}

/** What a `datetime-local` control holds, as a time with its zone; null where it is empty. */
export function fromLocal(text: string): string | null {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
