/** Where Bearer tokens come from, and what is read of tokens here: nothing is verified. */

import type { TokenSource } from "./types.js";

/** Gives a user's Bearer token: another one than `spent`, if the source has one. */
export type Bring = (spent?: string | null) => Promise<string>;

/** Asks the source only when a newer one is needed, once for all who need it. */
export function bringFrom(source: TokenSource): Bring {
  let token: string | null = null;
  let asking: Promise<string> | null = null;
  const ask = async (): Promise<string> => {
    try {
      token = typeof source === "string" ? source : await source();
      return token;
    } finally {
      asking = null;
    }
  };
  return async (spent = null) => {
    if (token !== null && token !== spent) {
      return token;
    }
    asking ??= ask();
    return asking;
  };
}

/** What a token claims; nothing where it is no JWT. */
export function claimsOf(token: string | null): { jti?: string; sub?: string; exp?: number } {
  try {
    const payload = (token?.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)) ?? {};
  } catch {
    return {};
  }
}
