// Made by `npm run generate` from scoreboard/web/openapi.json.

export interface paths {
    readonly "/actions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Grant an action on the board `main`
         * @description For trusted game servers: a token worth its delta once, for one user. A board in the body must be the one of the address, where that names one.
         */
        readonly post: operations["grantAction"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/asyncapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The description of /ws and /sse
         * @description AsyncAPI 3.0.
         */
        readonly get: operations["readAsyncApi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/boards/{boardId}/actions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Grant an action on a board
         * @description For trusted game servers: a token worth its delta once, for one user. A board in the body must be the one of the address, where that names one.
         */
        readonly post: operations["grantActionOnBoard"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/boards/{boardId}/scores/increment": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Redeem an action on a board
         * @description Adds the delta of an action token to its user's score, once. `scores:write` redeems one's own actions, `scores:bonus` anybody's. Safe to repeat: the nonce is consumed at most once.
         */
        readonly post: operations["incrementScoreOnBoard"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/boards/{boardId}/scores/top": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The top of a board
         * @description At most a moment old, from cache. While no store answers, the last list known with `Age` and `Scoreboard-Stale`.
         */
        readonly get: operations["readTopOnBoard"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/boards/{boardId}/scores/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Where a user stands on a board
         * @description `ETag` is the version that If-Match takes. Never 304: the rank moves without it.
         */
        readonly get: operations["readStandingOnBoard"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/boards/{boardId}/scores/{userId}/around": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who stands next to a user on a board
         * @description The user among those who stand above and below him: `radius` of them each, fewer at the ends of the board.
         */
        readonly get: operations["readNeighboursOnBoard"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether the process lives
         * @description Never limited.
         */
        readonly get: operations["readHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/openapi.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * This document
         * @description OpenAPI 3.1.
         */
        readonly get: operations["readOpenApi"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Whether to send requests here
         * @description Never limited. A dependency that is down changes only the body.
         */
        readonly get: operations["readReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/scores/increment": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Redeem an action on the board `main`
         * @description Adds the delta of an action token to its user's score, once. `scores:write` redeems one's own actions, `scores:bonus` anybody's. Safe to repeat: the nonce is consumed at most once.
         */
        readonly post: operations["incrementScore"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/scores/top": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The top of the board `main`
         * @description At most a moment old, from cache. While no store answers, the last list known with `Age` and `Scoreboard-Stale`.
         */
        readonly get: operations["readTop"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/scores/{userId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Where a user stands on the board `main`
         * @description `ETag` is the version that If-Match takes. Never 304: the rank moves without it.
         */
        readonly get: operations["readStanding"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/scores/{userId}/around": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Who stands next to a user on the board `main`
         * @description The user among those who stand above and below him: `radius` of them each, fewer at the ends of the board.
         */
        readonly get: operations["readNeighbours"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Format: uuid
         * @description A UUID. Taken in either case, answered in lower case.
         * @example 0b0f6d7e-5b1c-4a3e-9d61-0123456789ab
         */
        readonly UserId: string;
        /** @example main */
        readonly BoardId: string;
        /**
         * @description The `jti` of an action token; valid once.
         * @example 0123456789abcdefghijKL
         */
        readonly Nonce: string;
        /** @example win */
        readonly ActionName: string;
        /** @description A signed JWT of type `scoreboard-action+jwt`. */
        readonly ActionToken: string;
        /**
         * @description A change: a whole number, written without fraction or exponent. The board bounds it further; below 0 needs the scope `scores:bonus`.
         * @example 25
         */
        readonly Delta: number;
        /**
         * @description A total.
         * @example 130
         */
        readonly Score: number;
        /**
         * @description 1 + the number of users with a higher score: ties share a rank.
         * @example 3
         */
        readonly Rank: number;
        /**
         * @description How many increments the score is made of; 0 for a user without one.
         * @example 7
         */
        readonly Version: number;
        /**
         * Format: date-time
         * @description ISO 8601 in UTC with microseconds.
         * @example 2026-01-31T12:00:00.000000Z
         */
        readonly Timestamp: string;
        readonly IncrementRequest: {
            readonly userId: components["schemas"]["UserId"];
            readonly delta: components["schemas"]["Delta"];
            readonly actionToken: components["schemas"]["ActionToken"];
        };
        readonly Receipt: {
            readonly score: components["schemas"]["Score"];
            readonly rank: components["schemas"]["Rank"];
        };
        readonly GrantRequest: {
            readonly userId: components["schemas"]["UserId"];
            readonly action: components["schemas"]["ActionName"];
            readonly delta: components["schemas"]["Delta"];
            /** @description Absent or null: the board of the address, which is `main` where it names none. */
            readonly board?: components["schemas"]["BoardId"] | null;
        };
        readonly Grant: {
            readonly actionToken: components["schemas"]["ActionToken"];
            readonly nonce: components["schemas"]["Nonce"];
            readonly expiresAt: components["schemas"]["Timestamp"];
        };
        readonly Entry: {
            readonly userId: components["schemas"]["UserId"];
            readonly score: components["schemas"]["Score"];
            readonly rank: components["schemas"]["Rank"];
        };
        readonly Top: {
            /** @description Highest score first, then who reached it first. */
            readonly entries: readonly components["schemas"]["Entry"][];
            readonly generatedAt: components["schemas"]["Timestamp"];
        };
        readonly Standing: {
            readonly userId: components["schemas"]["UserId"];
            readonly score: components["schemas"]["Score"];
            readonly rank: components["schemas"]["Rank"];
            readonly lastUpdated: components["schemas"]["Timestamp"];
        };
        readonly Neighbours: {
            readonly userId: components["schemas"]["UserId"];
            /** @description Highest score first, then who reached it first; the user himself among them. */
            readonly entries: readonly components["schemas"]["Entry"][];
            /**
             * @description How many users the board has. Where there are more than 10,000 and Redis is away, an estimate.
             * @example 1200
             */
            readonly of: number;
        };
        readonly Health: {
            /** @constant */
            readonly status: "alive";
        };
        readonly Readiness: {
            /** @enum {unknown} */
            readonly status: "ready" | "draining";
            readonly dependencies: {
                /** @enum {unknown} */
                readonly postgresql: "up" | "down";
                /** @enum {unknown} */
                readonly redis: "up" | "down";
                /** @enum {unknown} */
                readonly bus: "up" | "down";
            };
        };
        /** @description A problem (RFC 9457). `code` is stable, `detail` is for a person, `requestId` finds the request in the logs. */
        readonly Problem: {
            /** Format: uri */
            readonly type: string;
            readonly title: string;
            readonly status: number;
            readonly detail: string;
            /** @enum {string} */
            readonly code: "overloaded" | "rate_limited" | "auth_required" | "token_invalid" | "token_expired" | "invalid_payload" | "payload_too_large" | "unsupported_encoding" | "nonce_missing" | "nonce_invalid" | "action_token_missing" | "insufficient_scope" | "action_token_invalid" | "action_user_mismatch" | "action_delta_mismatch" | "action_nonce_mismatch" | "action_board_mismatch" | "policy_denied" | "nonce_reused" | "action_token_expired" | "score_limit" | "version_conflict" | "storage_unavailable" | "outcome_unknown" | "not_found" | "method_not_allowed" | "internal";
            readonly requestId: string;
        };
        /** @description What is not as documented, and where. */
        readonly InvalidPayload: components["schemas"]["Problem"] & {
            /** @constant */
            readonly code?: "invalid_payload";
            readonly errors: readonly {
                readonly pointer?: string;
                readonly header?: string;
                readonly parameter?: string;
                readonly detail: string;
            }[];
        };
        /** @description A limit, named by its policy. */
        readonly RateLimited: components["schemas"]["Problem"] & {
            /** @constant */
            readonly code?: "rate_limited";
            /** @enum {unknown} */
            readonly policy: "ip" | "user" | "connections";
        };
        /** @description Where the same user sent the same token before: `applied` is true, `score`, `version` and `eventId` are as stored, and `rank` is the present one. So a client whose answer was lost learns what became of its increment. */
        readonly NonceReused: components["schemas"]["Problem"] & {
            /** @constant */
            readonly code?: "nonce_reused";
            readonly applied: boolean;
            readonly score?: components["schemas"]["Score"];
            readonly version?: components["schemas"]["Version"];
            readonly eventId?: number;
            readonly rank?: components["schemas"]["Rank"];
        };
        /** @description The present version, for If-Match. */
        readonly VersionConflict: components["schemas"]["Problem"] & {
            /** @constant */
            readonly code?: "version_conflict";
            readonly version: components["schemas"]["Version"];
        };
    };
    responses: {
        /** @description A parameter is not as documented. */
        readonly Malformed: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["InvalidPayload"];
            };
        };
        /** @description The request is not as documented, or the ledger refuses it. Only `nonce_reused` says that the nonce is consumed. */
        readonly IncrementRefused: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["InvalidPayload"] | components["schemas"]["NonceReused"] | (components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "payload_too_large" | "unsupported_encoding" | "nonce_missing" | "nonce_invalid" | "action_token_missing" | "score_limit";
                });
            };
        };
        /** @description The request is not as documented. */
        readonly GrantRefused: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["InvalidPayload"] | (components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "payload_too_large" | "unsupported_encoding";
                });
            };
        };
        /** @description No valid Bearer token. */
        readonly Unauthorized: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "WWW-Authenticate": components["headers"]["Challenge"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "auth_required" | "token_invalid" | "token_expired";
                };
            };
        };
        /** @description The bearer may not do this, or the action token does not prove it. */
        readonly IncrementForbidden: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "insufficient_scope" | "action_token_invalid" | "action_user_mismatch" | "action_delta_mismatch" | "action_nonce_mismatch" | "action_board_mismatch" | "policy_denied" | "action_token_expired";
                };
            };
        };
        /** @description The bearer may not grant this. */
        readonly GrantForbidden: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "insufficient_scope" | "policy_denied";
                };
            };
        };
        /** @description No such address, board or user. */
        readonly NotFound: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "not_found";
                };
            };
        };
        /** @description The address takes other methods. */
        readonly MethodNotAllowed: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly Allow: components["headers"]["Allow"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "method_not_allowed";
                };
            };
        };
        /** @description The score is at another version. */
        readonly VersionConflict: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["VersionConflict"];
            };
        };
        /** @description Too many requests of the address or the user. */
        readonly RateLimited: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly RateLimit: components["headers"]["RateLimit"];
                readonly "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["RateLimited"];
            };
        };
        /** @description Something went wrong here. */
        readonly Internal: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "internal";
                };
            };
        };
        /** @description Send the same request again after Retry-After. `outcome_unknown`: it may have been applied; the repetition tells. */
        readonly IncrementUnavailable: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "overloaded" | "storage_unavailable" | "outcome_unknown";
                };
            };
        };
        /** @description Send the same request again after Retry-After. */
        readonly Unavailable: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "overloaded" | "storage_unavailable";
                };
            };
        };
        /** @description Send the same request again after Retry-After. */
        readonly Overloaded: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly "Retry-After": components["headers"]["RetryAfter"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "overloaded";
                };
            };
        };
        /** @description The list at hand still holds. */
        readonly NotModified: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly ETag: components["headers"]["Digest"];
                readonly "Cache-Control": components["headers"]["Cacheable"];
                readonly [name: string]: unknown;
            };
            content?: never;
        };
        /** @description Durable. */
        readonly Receipt: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly ETag: components["headers"]["Version"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "score": 130,
                 *       "rank": 3
                 *     }
                 */
                readonly "application/json": components["schemas"]["Receipt"];
            };
        };
        /** @description The list. */
        readonly Top: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly ETag: components["headers"]["Digest"];
                readonly "Cache-Control": components["headers"]["Cacheable"];
                readonly Age: components["headers"]["Age"];
                readonly "Scoreboard-Stale": components["headers"]["Stale"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "entries": [
                 *         {
                 *           "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *           "score": 130,
                 *           "rank": 1
                 *         }
                 *       ],
                 *       "generatedAt": "2026-01-31T12:00:00.000000Z"
                 *     }
                 */
                readonly "application/json": components["schemas"]["Top"];
            };
        };
        /** @description Where the user stands. */
        readonly Standing: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly ETag: components["headers"]["Version"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "score": 130,
                 *       "rank": 3,
                 *       "lastUpdated": "2026-01-31T12:00:00.000000Z"
                 *     }
                 */
                readonly "application/json": components["schemas"]["Standing"];
            };
        };
        /** @description The user among his neighbours. */
        readonly Neighbours: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/json": components["schemas"]["Neighbours"];
            };
        };
        /** @description Granted. */
        readonly Grant: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "actionToken": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
                 *       "nonce": "0123456789abcdefghijKL",
                 *       "expiresAt": "2026-01-31T12:00:00.000000Z"
                 *     }
                 */
                readonly "application/json": components["schemas"]["Grant"];
            };
        };
    };
    parameters: {
        /** @example main */
        readonly BoardId: components["schemas"]["BoardId"];
        /** @example 0b0f6d7e-5b1c-4a3e-9d61-0123456789ab */
        readonly UserId: components["schemas"]["UserId"];
        /** @description The nonce of the action token; exactly once. */
        readonly Nonce: components["schemas"]["Nonce"];
        /**
         * @description Apply only at this version. A stale one is answered with 409 and leaves the nonce usable.
         * @example "7"
         */
        readonly IfMatch: string;
        /**
         * @description The ETag of a list at hand: 304 where it still holds.
         * @example W/"4f53cda18c2baa0c"
         */
        readonly IfNoneMatch: string;
        /** @description How many entries. */
        readonly Limit: number;
        /** @description How many above the user, and how many below. */
        readonly Radius: number;
        /** @description Comes back with the answer and stands in the logs; another form is replaced. */
        readonly RequestId: string;
    };
    requestBodies: {
        /** @description At most 4 KiB of UTF-8, without Content-Encoding; no member twice. */
        readonly Increment: {
            readonly content: {
                /**
                 * @example {
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "delta": 25,
                 *       "actionToken": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"
                 *     }
                 */
                readonly "application/json": components["schemas"]["IncrementRequest"];
            };
        };
        /** @description At most 4 KiB of UTF-8, without Content-Encoding; no member twice. */
        readonly Grant: {
            readonly content: {
                /**
                 * @example {
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "action": "win",
                 *       "delta": 25
                 *     }
                 */
                readonly "application/json": components["schemas"]["GrantRequest"];
            };
        };
    };
    headers: {
        /** @description As sent by the client, else made here. */
        readonly RequestId: string;
        readonly NoStore: "no-store";
        /** @description Shared caches may hold the answer. */
        readonly Cacheable: string;
        /** @description The version of the user's score, as If-Match takes it. */
        readonly Version: string;
        /** @description For If-None-Match. */
        readonly Digest: string;
        /** @description Seconds since the list was read; only while no store answers. */
        readonly Age: string;
        /** @description The list is the last one known: no store answers. */
        readonly Stale: "true";
        /** @description RFC 6750. */
        readonly Challenge: string;
        readonly Allow: string;
        /** @description Seconds. */
        readonly RetryAfter: string;
        /** @description The policy, what remains of it, and the seconds until more does. */
        readonly RateLimit: string;
        /** @description The policy's quota and its window in seconds. */
        readonly RateLimitPolicy: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly grantAction: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Grant"];
        readonly responses: {
            readonly 201: components["responses"]["Grant"];
            readonly 400: components["responses"]["GrantRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["GrantForbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readAsyncApi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The AsyncAPI document. */
            readonly 200: {
                headers: {
                    readonly "X-Request-ID": components["headers"]["RequestId"];
                    readonly "Cache-Control": components["headers"]["Cacheable"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": Record<string, never>;
                };
            };
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Overloaded"];
        };
    };
    readonly grantActionOnBoard: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example main */
                readonly boardId: components["parameters"]["BoardId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Grant"];
        readonly responses: {
            readonly 201: components["responses"]["Grant"];
            readonly 400: components["responses"]["GrantRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["GrantForbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly incrementScoreOnBoard: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The nonce of the action token; exactly once. */
                readonly "X-Action-Nonce": components["parameters"]["Nonce"];
                /**
                 * @description Apply only at this version. A stale one is answered with 409 and leaves the nonce usable.
                 * @example "7"
                 */
                readonly "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example main */
                readonly boardId: components["parameters"]["BoardId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Increment"];
        readonly responses: {
            readonly 200: components["responses"]["Receipt"];
            readonly 400: components["responses"]["IncrementRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["IncrementForbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 409: components["responses"]["VersionConflict"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["IncrementUnavailable"];
        };
    };
    readonly readTopOnBoard: {
        readonly parameters: {
            readonly query?: {
                /** @description How many entries. */
                readonly limit?: components["parameters"]["Limit"];
            };
            readonly header?: {
                /**
                 * @description The ETag of a list at hand: 304 where it still holds.
                 * @example W/"4f53cda18c2baa0c"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example main */
                readonly boardId: components["parameters"]["BoardId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Top"];
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["Malformed"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readStandingOnBoard: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example main */
                readonly boardId: components["parameters"]["BoardId"];
                /** @example 0b0f6d7e-5b1c-4a3e-9d61-0123456789ab */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Standing"];
            readonly 400: components["responses"]["Malformed"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readNeighboursOnBoard: {
        readonly parameters: {
            readonly query?: {
                /** @description How many above the user, and how many below. */
                readonly radius?: components["parameters"]["Radius"];
            };
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example main */
                readonly boardId: components["parameters"]["BoardId"];
                /** @example 0b0f6d7e-5b1c-4a3e-9d61-0123456789ab */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Neighbours"];
            readonly 400: components["responses"]["Malformed"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Alive. */
            readonly 200: {
                headers: {
                    readonly "X-Request-ID": components["headers"]["RequestId"];
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "alive"
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Health"];
                };
            };
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 500: components["responses"]["Internal"];
        };
    };
    readonly readOpenApi: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description This document. */
            readonly 200: {
                headers: {
                    readonly "X-Request-ID": components["headers"]["RequestId"];
                    readonly "Cache-Control": components["headers"]["Cacheable"];
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": Record<string, never>;
                };
            };
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Overloaded"];
        };
    };
    readonly readReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Started. */
            readonly 200: {
                headers: {
                    readonly "X-Request-ID": components["headers"]["RequestId"];
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready",
                     *       "dependencies": {
                     *         "postgresql": "up",
                     *         "redis": "up",
                     *         "bus": "up"
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 500: components["responses"]["Internal"];
            /** @description Draining. */
            readonly 503: {
                headers: {
                    readonly "X-Request-ID": components["headers"]["RequestId"];
                    readonly "Cache-Control": components["headers"]["NoStore"];
                    readonly [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "draining",
                     *       "dependencies": {
                     *         "postgresql": "up",
                     *         "redis": "up",
                     *         "bus": "up"
                     *       }
                     *     }
                     */
                    readonly "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    readonly incrementScore: {
        readonly parameters: {
            readonly query?: never;
            readonly header: {
                /** @description The nonce of the action token; exactly once. */
                readonly "X-Action-Nonce": components["parameters"]["Nonce"];
                /**
                 * @description Apply only at this version. A stale one is answered with 409 and leaves the nonce usable.
                 * @example "7"
                 */
                readonly "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Increment"];
        readonly responses: {
            readonly 200: components["responses"]["Receipt"];
            readonly 400: components["responses"]["IncrementRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["IncrementForbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 409: components["responses"]["VersionConflict"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["IncrementUnavailable"];
        };
    };
    readonly readTop: {
        readonly parameters: {
            readonly query?: {
                /** @description How many entries. */
                readonly limit?: components["parameters"]["Limit"];
            };
            readonly header?: {
                /**
                 * @description The ETag of a list at hand: 304 where it still holds.
                 * @example W/"4f53cda18c2baa0c"
                 */
                readonly "If-None-Match"?: components["parameters"]["IfNoneMatch"];
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Top"];
            readonly 304: components["responses"]["NotModified"];
            readonly 400: components["responses"]["Malformed"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readStanding: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example 0b0f6d7e-5b1c-4a3e-9d61-0123456789ab */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Standing"];
            readonly 400: components["responses"]["Malformed"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readNeighbours: {
        readonly parameters: {
            readonly query?: {
                /** @description How many above the user, and how many below. */
                readonly radius?: components["parameters"]["Radius"];
            };
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example 0b0f6d7e-5b1c-4a3e-9d61-0123456789ab */
                readonly userId: components["parameters"]["UserId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Neighbours"];
            readonly 400: components["responses"]["Malformed"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
}
