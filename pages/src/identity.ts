/** Who looks at the page, where it was told: `#token=…`, a Bearer token that lasts for this tab. */

const KEY = "scoreboard-token";

/**
 * The token. It comes behind the `#`, which no server and no log sees, and leaves the address at
 * once, so that a copied address is nobody's.
 */
export function readToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    history.replaceState(null, "", location.pathname + location.search);
    keep(given);
    return given;
  }
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // storage is forbidden here
  }
}

/** Goes on as nobody. */
export function forgetToken(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Then it was not kept either.
  }
}

function keep(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // It holds until the page is loaded again.
  }
}
