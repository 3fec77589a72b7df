/** Who uses the console: a Bearer token, held in memory, and by this tab where that is wanted. */

const KEY = "scoreboard-console-token";

interface Claims {
  readonly sub?: string;
  readonly exp?: number;
  readonly scope?: string;
}

export class Session {
  readonly subject: string;
  readonly scopes: readonly string[];
  /** Unix milliseconds; null where the token does not say. */
  readonly endsMs: number | null;

  constructor(readonly token: string) {
    const { sub, exp, scope } = claimsOf(token);
    this.subject = typeof sub === "string" ? sub : "somebody";
    this.scopes = typeof scope === "string" ? scope.split(" ").filter(Boolean) : [];
    this.endsMs = typeof exp === "number" ? exp * 1000 : null;
  }

  /** Seconds until it ends, by this machine's clock; null where the token does not say. */
  leftS(): number | null {
    return this.endsMs === null ? null : (this.endsMs - Date.now()) / 1000;
  }
}

/** The token of `#token=…`, which leaves the address at once and is not kept; else what this tab keeps. */
export function readToken(): string | null {
  const named = new URLSearchParams(location.hash.slice(1));
  const given = named.get("token");
  if (given !== null) {
    named.delete("token");
    const rest = named.size > 0 ? `#${named}` : "";
    history.replaceState(null, "", location.pathname + location.search + rest);
    return given;
  }
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage is forbidden here
  }
}

/** Until the tab is closed. */
export function keepToken(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // It holds until the page is loaded again.
  }
}

export function forgetToken(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Then it was not kept either.
  }
}

/** What it says of itself; the service alone decides whether that is true. */
function claimsOf(token: string): Claims {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)) ?? {};
  } catch {
    return {};
  }
}
