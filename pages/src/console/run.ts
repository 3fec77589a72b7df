/** How far an act about many events has come, asked until it is finished. */

import { count } from "../words.js";
import type { Api, Begun, Run } from "./api.js";
import { make } from "./dom.js";

const ASK_MS = 300;
const ASK_AGAIN_MS = 2000;

export interface FollowedRun {
  readonly element: HTMLElement;
  stop(): void;
}

/** `onEnd` is told in words what was done. */
export function followRun(api: Api, begun: Begun, onEnd: (text: string) => void): FollowedRun {
  const bar = make("progress", { max: begun.events, value: begun.done, "aria-label": "Progress" });
  const text = make("p", { class: "foreseen-sum" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  const show = (run: Run): void => {
    bar.value = run.done + run.refused;
    text.textContent = `${count(run.done)} of ${count(run.events)} events`;
  };
  const look = (run: Run | null): void => {
    if (run) {
      show(run);
    }
    if (run && run.finishedAt !== null) {
      onEnd(endOf(begun.actId, run));
    } else if (!isStopped) {
      timer = setTimeout(ask, ASK_MS);
    }
  };
  const ask = async (): Promise<void> => {
    try {
      look(await api.run(begun.actId));
    } catch {
      timer = isStopped ? undefined : setTimeout(ask, ASK_AGAIN_MS);
    }
  };
  show(begun);
  timer = setTimeout(() => look(begun), 0);
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { element: make("div", { class: "run" }, bar, text), stop };
}

function endOf(actId: number, { done, refused }: Run): string {
  const left =
    refused === 0
      ? ""
      : ` ${count(refused)} were left as they are: the board does not admit what they would lead to.`;
  return `Done: act ${actId}, ${count(done)} events.${left}`;
}
