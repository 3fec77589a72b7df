/** Playing along, where the page is `scoreboard dev`'s: who one is, and points of one's own. */

const KEY = "scoreboard-visitor";
const SEED_BYTES = 16;

export const POINTS = 25;

interface Welcome {
  readonly userId: string;
  readonly name: string;
  readonly token: string;
}

interface Grant {
  readonly actionToken: string;
}

export class Visitor {
  readonly #seed = readSeed();
  #token = "";
  userId = "";

  /** A Bearer token of this visitor, always the same one of this browser. */
  readonly token = async (): Promise<string> => {
    const welcome = await ask<Welcome>("/dev/visitor", { seed: this.#seed }, {});
    this.#token = welcome.token;
    this.userId = welcome.userId;
    return welcome.token;
  };

  /** An action worth POINTS, granted as a game server has it granted. */
  async grant(board: string): Promise<string> {
    const bearer = this.#token || (await this.token());
    const headers = { Authorization: `Bearer ${bearer}` };
    return (await ask<Grant>("/dev/grant", { board }, headers)).actionToken;
  }
}

export async function resolveNames(ids: readonly string[]): Promise<Record<string, string>> {
  const response = await fetch(`/dev/names?ids=${ids.join(",")}`);
  return response.ok ? response.json() : {};
}

async function ask<Answer>(
  path: string,
  body: object,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(path, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.detail);
  }
  return answer;
}

function readSeed(): string {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept) {
      return kept;
    }
    const seed = drawSeed();
    localStorage.setItem(KEY, seed);
    return seed;
  } catch {
    return drawSeed(); // another visitor each time
  }
}

function drawSeed(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}
