// Who plays. `scoreboard dev` invents players and grants their actions; in your game these are your
// own login, your own names, and your server, which asks POST /actions when something was earned.

const seed = (localStorage.seed ??= crypto.randomUUID());

export interface Visitor {
  userId: string;
  name: string;
  token: string;
}

export function welcome(): Promise<Visitor> {
  return ask("/dev/visitor", { seed }, {});
}

export async function grant(token: string): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await ask<{ actionToken: string }>("/dev/grant", {}, headers)).actionToken;
}

export async function resolveNames(ids: readonly string[]): Promise<Record<string, string>> {
  return (await fetch(`/dev/names?ids=${ids}`)).json();
}

async function ask<Answer>(path: string, asked: object, headers: Record<string, string>): Promise<Answer> {
  const body = JSON.stringify(asked);
  const typed = { "Content-Type": "application/json", ...headers };
  const answer = await fetch(path, { method: "POST", body, headers: typed });
  if (!answer.ok) {
    throw new Error((await answer.json()).detail);
  }
  return answer.json();
}
