/** Small plots of one series, as SVG: a line over time, its ends written beside it. */

const SVG = "http://www.w3.org/2000/svg";

export interface Point {
  /** Unix milliseconds. */
  readonly at: number;
  /** Null where nothing is known: the line has a gap. */
  readonly value: number | null;
  /** Shown as a dot. */
  readonly isMarked?: boolean;
}

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  /** A value holds until the next one; without it they are joined straight. */
  readonly isStepped?: boolean;
  /** The vertical axis begins here at the latest. */
  readonly floor?: number;
  /** The least that the vertical axis spans. */
  readonly least?: number;
  /** The least that the horizontal axis spans, in milliseconds: it ends with the last point. */
  readonly leastMs?: number;
}

const PAD = 5;
/** Below the lowest value: room for half a line. */
const PAD_BELOW = 1;

/** The drawing, without words: whoever uses it says beside it what it shows. */
export function plot(points: readonly Point[], options: PlotOptions): SVGSVGElement {
  const { width, height } = options;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  svg.setAttribute("class", "plot");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.append(shape("path", { d: `M0 ${height - 0.5}H${width}`, class: "plot-floor" }));
  const place = placing(points, options);
  if (!place) {
    return svg;
  }
  for (const run of runsOf(points)) {
    const line = lineThrough(run, place, options.isStepped ?? false);
    const first = place(run[0] as Point)[0];
    const last = place(run.at(-1) as Point)[0];
    svg.append(
      shape("path", { d: `${line}L${last} ${height}L${first} ${height}Z`, class: "plot-area" }),
    );
    svg.append(shape("path", { d: line, class: "plot-line" }));
  }
  for (const point of points.filter((each) => each.isMarked && each.value !== null)) {
    const [x, y] = place(point);
    // A line of no length has round ends, and stays round however the drawing is stretched.
    svg.append(shape("path", { d: `M${x} ${y}h0`, class: "plot-mark" }));
  }
  return svg;
}

type Place = (point: Point) => [x: number, y: number];

function placing(points: readonly Point[], options: PlotOptions): Place | null {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) {
    return null;
  }
  const end = Math.max(...points.map(({ at }) => at));
  const begin = Math.min(...points.map(({ at }) => at));
  const spanMs = Math.max(options.leastMs ?? 1, end - begin);
  const low = Math.min(options.floor ?? Number.POSITIVE_INFINITY, ...values);
  const high = Math.max(low + (options.least ?? 1), ...values);
  const room = [options.width - 2 * PAD, options.height - PAD - PAD_BELOW] as const;
  return ({ at, value }) => [
    round(PAD + (room[0] * (at - end + spanMs)) / spanMs),
    round(PAD + room[1] * (1 - ((value ?? low) - low) / (high - low))),
  ];
}

/** The parts between gaps. */
function runsOf(points: readonly Point[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point.value === null) {
      runs.push([]);
    } else {
      runs.at(-1)?.push(point);
    }
  }
  return runs.filter((run) => run.length > 0);
}

function lineThrough(run: readonly Point[], place: Place, isStepped: boolean): string {
  return run
    .map((point, at) => {
      const [x, y] = place(point);
      return at === 0 ? `M${x} ${y}` : isStepped ? `H${x}V${y}` : `L${x} ${y}`;
    })
    .join("");
}

function shape(name: string, attributes: Readonly<Record<string, string>>): SVGSVGElement {
  const element = document.createElementNS(SVG, name) as SVGSVGElement;
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  return element;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
