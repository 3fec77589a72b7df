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
    readonly "/acts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The audit trail
         * @description Acts of moderation and reads of personal data, refused ones too. This read is recorded as well. A page looks through so many acts of the user or else the actor, where one is named, and perhaps finds none although `next` goes on.
         */
        readonly get: operations["readActs"];
        readonly put?: never;
        /**
         * Act on the board `main`
         * @description Recorded whatever becomes of it. Whatever it changes is an event like any other, so that every view shows it at once. Acts about many events are begun, and go on by themselves.
         */
        readonly post: operations["act"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/acts/{actId}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * One act
         * @description Of an act about many events it tells how far that has come. The read is recorded, unless the act is the reader's own.
         */
        readonly get: operations["readAct"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/acts/preview": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What an act about many events would change on the board `main`
         * @description Looks through all events of the window, a few hundred thousand in a second, and changes nothing. That somebody looked is recorded.
         */
        readonly post: operations["previewAct"];
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
    readonly "/boards": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The boards and their limits
         * @description Every board there is, by its name.
         */
        readonly get: operations["readBoards"];
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
    readonly "/boards/{boardId}/acts": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Act on a board
         * @description Recorded whatever becomes of it. Whatever it changes is an event like any other, so that every view shows it at once. Acts about many events are begun, and go on by themselves.
         */
        readonly post: operations["actOnBoard"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/boards/{boardId}/acts/preview": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What an act about many events would change on a board
         * @description Looks through all events of the window, a few hundred thousand in a second, and changes nothing. That somebody looked is recorded.
         */
        readonly post: operations["previewActOnBoard"];
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
    readonly "/boards/{boardId}/users/{userId}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A user's events on a board
         * @description The user's history, newest first. A page looks through so many events of whomever, and perhaps finds none although `next` goes on. The read is recorded.
         */
        readonly get: operations["readUserEventsOnBoard"];
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
    readonly "/users/{userId}/erasure": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Erase who a user is
         * @description For good, and on all boards. He is off them at once; at `dueAt` a random tombstone takes the place of his id. Sent again it goes on with the same erasure; once that is done, nothing is held of the user.
         */
        readonly post: operations["eraseUser"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/stats": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How the service is
         * @description What the process that answers has counted since its start, and the outbox of all. Rates are differences of two answers of one `instance`.
         */
        readonly get: operations["readStats"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users/{userId}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * A user's events on the board `main`
         * @description The user's history, newest first. A page looks through so many events of whomever, and perhaps finds none although `next` goes on. The read is recorded.
         */
        readonly get: operations["readUserEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/users/{userId}/export": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * All that is held of a user
         * @description On all boards. All events are looked through, so it takes as long as there are many. Recorded.
         */
        readonly get: operations["exportUser"];
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
            readonly code: "overloaded" | "rate_limited" | "auth_required" | "token_invalid" | "token_expired" | "invalid_payload" | "payload_too_large" | "unsupported_encoding" | "nonce_missing" | "nonce_invalid" | "action_token_missing" | "insufficient_scope" | "action_token_invalid" | "action_user_mismatch" | "action_delta_mismatch" | "action_nonce_mismatch" | "action_board_mismatch" | "policy_denied" | "nonce_reused" | "action_token_expired" | "user_suspended" | "score_limit" | "version_conflict" | "not_voidable" | "already_voided" | "not_voided" | "not_suspended" | "user_erased" | "idempotency_key_reused" | "window_too_large" | "confirmation_required" | "storage_unavailable" | "outcome_unknown" | "not_found" | "method_not_allowed" | "internal";
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
        /** @description How many events there are, and what to name as `belowId` so that no later one is meant. */
        readonly ConfirmationRequired: components["schemas"]["Problem"] & {
            /** @constant */
            readonly code?: "confirmation_required";
            readonly events: number;
            readonly belowId: components["schemas"]["EventId"];
        };
        /** @description Why, on one line. Markup in it is text like any other. */
        readonly Reason: string;
        /** @description Grows with every event of one user. */
        readonly EventId: number;
        readonly ActId: number;
        /** @enum {string} */
        readonly ActKind: "bonus" | "correction" | "void" | "restore" | "suspension" | "lift" | "erasure" | "export" | "preview" | "read_acts" | "read_events";
        /** @description Points given, as many as one action may be worth on the board. Needs `scores:bonus`, `moderator` or `admin`. */
        readonly Bonus: {
            /** @constant */
            readonly kind: "bonus";
            readonly userId: components["schemas"]["UserId"];
            readonly delta: components["schemas"]["Delta"] & unknown;
            readonly reason: components["schemas"]["Reason"];
        };
        /** @description Points given or taken, of a user who has a score. Needs `moderator` or `admin`, as the others do. */
        readonly Correction: {
            /** @constant */
            readonly kind: "correction";
            readonly userId: components["schemas"]["UserId"];
            readonly delta: components["schemas"]["Delta"];
            readonly reason: components["schemas"]["Reason"];
        };
        /** @description What the event did is undone by a further event that refers to it. */
        readonly Void: {
            /** @constant */
            readonly kind: "void";
            readonly eventId: components["schemas"]["EventId"];
            readonly reason: components["schemas"]["Reason"];
        };
        /** @description The void of the event is undone. */
        readonly Restore: {
            /** @constant */
            readonly kind: "restore";
            readonly eventId: components["schemas"]["EventId"];
            readonly reason: components["schemas"]["Reason"];
        };
        /** @description The user is off the board until the time, or until a lift: in no top, rank or view, and his increments are refused. Given again it sets another end. */
        readonly Suspension: {
            /** @constant */
            readonly kind: "suspension";
            readonly userId: components["schemas"]["UserId"];
            /** @description When it ends: a time that is yet to come. */
            readonly until?: string | null;
            readonly reason: components["schemas"]["Reason"];
        };
        /** @description The user is back on the board, with the score he has. */
        readonly Lift: {
            /** @constant */
            readonly kind: "lift";
            readonly userId: components["schemas"]["UserId"];
            readonly reason: components["schemas"]["Reason"];
        };
        readonly ActRequest: components["schemas"]["Bonus"] | components["schemas"]["Correction"] | components["schemas"]["Void"] | components["schemas"]["VoidWindow"] | components["schemas"]["Restore"] | components["schemas"]["RestoreAct"] | components["schemas"]["Suspension"] | components["schemas"]["Lift"];
        readonly ActReceipt: {
            readonly actId: components["schemas"]["ActId"];
            readonly kind: components["schemas"]["ActKind"];
            readonly board: components["schemas"]["BoardId"];
            readonly userId: components["schemas"]["UserId"];
            readonly eventId: components["schemas"]["EventId"];
            readonly delta: number;
            readonly score: components["schemas"]["Score"];
            readonly version: components["schemas"]["Version"];
            /** @description The present one; null for the suspended, or where no store can tell it. */
            readonly rank: components["schemas"]["Rank"] | null;
            readonly at: components["schemas"]["Timestamp"];
            /** @description Whether it had been applied before, with the same Idempotency-Key. */
            readonly repeated: boolean;
        };
        /** @description An act of moderation, or a read of personal data. */
        readonly Act: {
            readonly actId: components["schemas"]["ActId"];
            readonly kind: components["schemas"]["ActKind"];
            /** @description `applied`, or the code of the refusal. */
            readonly outcome: string;
            readonly board: components["schemas"]["BoardId"] | null;
            readonly userId: components["schemas"]["UserId"] | null;
            readonly parameters: Record<string, never>;
            readonly reason: string | null;
            /** @description Subject of the Bearer token, the account of the command line, or `scoreboard`. */
            readonly actor: string;
            readonly scopes: readonly string[];
            readonly kid: string | null;
            /** @enum {string} */
            readonly origin: "rest" | "cli" | "service";
            readonly clientAddress: string | null;
            readonly requestId: string | null;
            readonly idempotencyKey: string | null;
            readonly eventId: components["schemas"]["EventId"] | null;
            /** Format: date-time */
            readonly createdAt: string;
        };
        readonly Acts: {
            readonly acts: readonly components["schemas"]["Act"][];
            /** @description `before` of the next page; null where nothing is left. */
            readonly next: number | null;
        };
        readonly UserEvent: {
            readonly eventId: components["schemas"]["EventId"];
            readonly delta: number;
            readonly score: components["schemas"]["Score"];
            readonly version: components["schemas"]["Version"];
            /** @description The action, or the kind of act. */
            readonly source: string;
            readonly actor: string;
            readonly kid: string | null;
            /** Format: date-time */
            readonly createdAt: string;
            readonly actId: components["schemas"]["ActId"] | null;
            readonly refersTo: components["schemas"]["EventId"] | null;
            readonly undoneBy: components["schemas"]["EventId"] | null;
        };
        readonly UserEvents: {
            readonly userId: components["schemas"]["UserId"];
            /** @description Null for whoever has no score on this board. */
            readonly total: components["schemas"]["UserTotal"] | null;
            readonly events: readonly components["schemas"]["UserEvent"][];
            /** @description `before` of the next page; null where nothing is left. */
            readonly next: number | null;
        };
        /** @description Which events: those that fit all that is named. Without anything it is all that the board has seen. */
        readonly Window: {
            readonly userId?: components["schemas"]["UserId"];
            /** @description Of this action, or kind of act. */
            readonly action?: components["schemas"]["ActionName"];
            /** @description Whose action token this key has signed. */
            readonly kid?: string;
            /**
             * Format: date-time
             * @description Since this time.
             */
            readonly from?: string;
            /**
             * Format: date-time
             * @description Until this time.
             */
            readonly to?: string;
            /** @description Only events with lower numbers, as a preview tells: then no later one is meant. */
            readonly belowId?: components["schemas"]["EventId"];
        };
        /** @description All events of the window are undone, in slices, from the newest down; the answer is 202, and `GET /acts/{actId}` tells how far it has come. What is void already is passed over; what would lead beyond the board's limits is counted as refused. */
        readonly VoidWindow: {
            /** @constant */
            readonly kind: "void";
            readonly window: components["schemas"]["Window"];
            /** @description How many events are meant: needed where they are more than 1,000, and to be their exact number. */
            readonly confirm?: number;
            readonly reason: components["schemas"]["Reason"];
        };
        /** @description All that an act has voided, and nobody has restored or voided since, is restored, as a window is voided. */
        readonly RestoreAct: {
            /** @constant */
            readonly kind: "restore";
            readonly actId: components["schemas"]["ActId"] & unknown;
            /** @description How many events are meant: needed where they are more than 1,000, and to be their exact number. */
            readonly confirm?: number;
            readonly reason: components["schemas"]["Reason"];
        };
        readonly PreviewRequest: {
            /** @constant */
            readonly kind: "void";
            readonly window: components["schemas"]["Window"];
        } | {
            /** @constant */
            readonly kind: "restore";
            readonly actId: components["schemas"]["ActId"] & unknown;
        };
        /** @description What would be left to a user: `events` of his are undone, and with them `points`. */
        readonly UserChange: {
            readonly userId: components["schemas"]["UserId"];
            readonly events: number;
            readonly points: components["schemas"]["Score"];
            readonly score: components["schemas"]["Score"];
            readonly scoreAfter: components["schemas"]["Score"];
            readonly isSuspended: boolean;
        };
        /** @description What an act about many events would change. The board's limits are looked at only for `scoreAfter`, which stays within them. */
        readonly Preview: {
            /** @enum {string} */
            readonly kind: "void" | "restore";
            readonly board: components["schemas"]["BoardId"];
            readonly events: number;
            readonly users: number;
            /** @description The lowest number of these events. */
            readonly firstId: components["schemas"]["EventId"];
            /** @description All of them have lower numbers. */
            readonly belowId: components["schemas"]["EventId"];
            /** @description Who changes most comes first. */
            readonly changes: readonly components["schemas"]["UserChange"][];
            /** @description The top as it would be. Who changes comes last among those with the same score. */
            readonly top: readonly components["schemas"]["Entry"][];
        };
        /** @description How far an act about many events has come. */
        readonly ActRun: {
            /** @description How many there were when it began. */
            readonly events: number;
            readonly done: number;
            /** @description What would have led beyond the board's limits. */
            readonly refused: number;
            /** @description Null while it goes on. */
            readonly finishedAt: string | null;
        };
        /** @description An act about many events, and how far it has come. */
        readonly BegunAct: {
            readonly actId: components["schemas"]["ActId"];
            /** @enum {string} */
            readonly kind: "void" | "restore";
            readonly board: components["schemas"]["BoardId"];
            /** @description How many there were when it began. */
            readonly events: number;
            readonly done: number;
            /** @description What would have led beyond the board's limits. */
            readonly refused: number;
            /** @description Null while it goes on. */
            readonly finishedAt: string | null;
            /** @description Whether it had been begun before, with the same Idempotency-Key. */
            readonly repeated: boolean;
        };
        /** @description An act, and how far it has come where it is about many events. */
        readonly TrackedAct: {
            readonly actId: components["schemas"]["ActId"];
            readonly kind: components["schemas"]["ActKind"];
            /** @description `applied`, or the code of the refusal. */
            readonly outcome: string;
            readonly board: components["schemas"]["BoardId"] | null;
            readonly userId: components["schemas"]["UserId"] | null;
            readonly parameters: Record<string, never>;
            readonly reason: string | null;
            /** @description Subject of the Bearer token, the account of the command line, or `scoreboard`. */
            readonly actor: string;
            readonly scopes: readonly string[];
            readonly kid: string | null;
            /** @enum {string} */
            readonly origin: "rest" | "cli" | "service";
            readonly clientAddress: string | null;
            readonly requestId: string | null;
            readonly idempotencyKey: string | null;
            readonly eventId: components["schemas"]["EventId"] | null;
            /** Format: date-time */
            readonly createdAt: string;
            /** @description Null where the act is about one event or user, or a read. */
            readonly run: components["schemas"]["ActRun"] | null;
        };
        readonly ErasureRequest: {
            readonly reason: components["schemas"]["Reason"];
        };
        readonly ErasureBegun: {
            readonly actId: components["schemas"]["ActId"];
            /**
             * Format: date-time
             * @description When the user's action tokens are over, and his id goes.
             */
            readonly dueAt: string;
            /** @description Those that he is off now; none where the erasure had begun before. */
            readonly boards: readonly components["schemas"]["BoardId"][];
            /** @description Whether it had begun before. */
            readonly repeated: boolean;
        };
        readonly HeldTotal: {
            readonly board: components["schemas"]["BoardId"];
            readonly score: components["schemas"]["Score"];
            readonly version: components["schemas"]["Version"];
            readonly reachedWithEvent: components["schemas"]["EventId"];
            /** Format: date-time */
            readonly updatedAt: string;
            /** @description A time, or `infinity` until it is lifted. */
            readonly suspendedUntil: string | null;
        };
        readonly HeldEvent: {
            readonly eventId: components["schemas"]["EventId"];
            readonly board: components["schemas"]["BoardId"];
            readonly delta: number;
            readonly score: components["schemas"]["Score"];
            readonly version: components["schemas"]["Version"];
            /** @description The action, or the kind of act. */
            readonly source: string;
            readonly actor: string;
            readonly kid: string | null;
            readonly nonce: components["schemas"]["Nonce"] | null;
            /** @description While the nonce is held. */
            readonly nonceExpiresAt: string | null;
            /** @description The action token, as it was received. */
            readonly token: string | null;
            readonly actId: components["schemas"]["ActId"] | null;
            readonly refersTo: components["schemas"]["EventId"] | null;
            readonly undoneBy: components["schemas"]["EventId"] | null;
            /** Format: date-time */
            readonly createdAt: string;
        };
        /** @description An event of somebody else, which the user redeemed. */
        readonly RedeemedEvent: {
            readonly eventId: components["schemas"]["EventId"];
            readonly board: components["schemas"]["BoardId"];
            readonly delta: number;
            readonly source: string;
            /** Format: date-time */
            readonly createdAt: string;
        };
        /** @description A stored list in which the user stands. */
        readonly HeldView: {
            readonly board: components["schemas"]["BoardId"];
            readonly view: string;
            readonly version: components["schemas"]["Version"];
            readonly entry: components["schemas"]["Entry"];
        };
        readonly HeldErasure: {
            readonly actId: components["schemas"]["ActId"];
            /** Format: date-time */
            readonly dueAt: string;
        };
        /** @description All that is held of a user, on every board, as it stood at one moment. */
        readonly UserExport: {
            readonly userId: components["schemas"]["UserId"];
            /** Format: date-time */
            readonly exportedAt: string;
            readonly totals: readonly components["schemas"]["HeldTotal"][];
            readonly views: readonly components["schemas"]["HeldView"][];
            readonly acts: readonly components["schemas"]["Act"][];
            readonly erasures: readonly components["schemas"]["HeldErasure"][];
            readonly events: readonly components["schemas"]["HeldEvent"][];
            readonly redeemed: readonly components["schemas"]["RedeemedEvent"][];
        };
        readonly BoardLimits: {
            readonly board: components["schemas"]["BoardId"];
            /** @description The largest that one action or bonus may be worth, up or down. */
            readonly maxDelta: number;
            readonly minScore: number;
            readonly maxScore: number;
            /** @description Null admits every action. */
            readonly allowedActions: readonly components["schemas"]["ActionName"][] | null;
        };
        readonly Boards: {
            readonly boards: readonly components["schemas"]["BoardLimits"][];
        };
        /** @description What a user has on a board, suspended or not. */
        readonly UserTotal: {
            readonly score: components["schemas"]["Score"];
            readonly version: components["schemas"]["Version"];
            /** Format: date-time */
            readonly lastUpdated: string;
            readonly isSuspended: boolean;
            /** @description Null where no end is set. */
            readonly suspendedUntil: string | null;
        };
        /** @description How many took at most so many milliseconds, since the start; the last bound is null: all of them. */
        readonly Durations: {
            readonly upToMs: readonly (number | null)[];
            readonly counts: readonly number[];
        };
        readonly Stats: {
            readonly instance: string;
            readonly at: components["schemas"]["Timestamp"];
            /** @description Since the start of the process, but for `waiting` and `sockets`, which are as of now. `commits` are batches until durable, `updates` commits until written to the sockets. */
            readonly counted: {
                readonly increments: number;
                /** @description Increments refused, by code. */
                readonly refusals: {
                    readonly [key: string]: number;
                };
                readonly commits: components["schemas"]["Durations"];
                readonly updates: components["schemas"]["Durations"];
                /** @description Increments that wait for a batch. */
                readonly waiting: number;
                /** @description Open WebSockets and event streams. */
                readonly sockets: number;
            };
            readonly outbox: {
                /** @description Rows that wait, counted to 10,000. */
                readonly depth: number;
                /** @description How long the oldest has waited, in seconds. */
                readonly ageS: number;
            };
            readonly dependencies: {
                readonly [key: string]: "up" | "down";
            };
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
                    readonly code?: "insufficient_scope" | "action_token_invalid" | "action_user_mismatch" | "action_delta_mismatch" | "action_nonce_mismatch" | "action_board_mismatch" | "policy_denied" | "action_token_expired" | "user_suspended";
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
        /** @description The request is not as documented, or leads beyond the board's limits. */
        readonly ActRefused: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["InvalidPayload"] | (components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "payload_too_large" | "unsupported_encoding" | "score_limit" | "window_too_large";
                });
            };
        };
        /** @description The bearer may not act so. */
        readonly ActForbidden: {
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
        /** @description This is for moderators. */
        readonly ModeratorsOnly: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "insufficient_scope";
                };
            };
        };
        /** @description The event or the user does not stand as the act supposes, there are more events than was said, or the key belongs to another act. */
        readonly ActConflict: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": (components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "not_voidable" | "already_voided" | "not_voided" | "not_suspended" | "user_erased" | "idempotency_key_reused";
                }) | components["schemas"]["ConfirmationRequired"];
            };
        };
        /** @description Send the same request again after Retry-After. `outcome_unknown`: it may have been applied; the repetition tells. */
        readonly ActUnavailable: {
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
        /** @description Applied. */
        readonly ActReceipt: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "actId": 8,
                 *       "kind": "void",
                 *       "board": "main",
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "eventId": 4712,
                 *       "delta": -25,
                 *       "score": 100,
                 *       "version": 6,
                 *       "rank": 3,
                 *       "at": "2026-01-31T12:00:00.000000Z",
                 *       "repeated": false
                 *     }
                 */
                readonly "application/json": components["schemas"]["ActReceipt"];
            };
        };
        /** @description That very act had been applied, or begun, before. */
        readonly ActRepeated: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "actId": 8,
                 *       "kind": "void",
                 *       "board": "main",
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "eventId": 4712,
                 *       "delta": -25,
                 *       "score": 100,
                 *       "version": 6,
                 *       "rank": 3,
                 *       "at": "2026-01-31T12:00:00.000000Z",
                 *       "repeated": true
                 *     }
                 */
                readonly "application/json": components["schemas"]["ActReceipt"] | components["schemas"]["BegunAct"];
            };
        };
        /** @description Newest first. */
        readonly Acts: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "acts": [
                 *         {
                 *           "actId": 8,
                 *           "kind": "void",
                 *           "outcome": "applied",
                 *           "board": "main",
                 *           "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *           "parameters": {
                 *             "event": 4711
                 *           },
                 *           "reason": "Played by a script.",
                 *           "actor": "moderator-1",
                 *           "scopes": [
                 *             "moderator"
                 *           ],
                 *           "kid": "k1",
                 *           "origin": "rest",
                 *           "clientAddress": "192.0.2.7",
                 *           "requestId": "7f3c2a91d4e8-1a",
                 *           "idempotencyKey": null,
                 *           "eventId": 4712,
                 *           "createdAt": "2026-01-31T12:00:00.000000Z"
                 *         }
                 *       ],
                 *       "next": null
                 *     }
                 */
                readonly "application/json": components["schemas"]["Acts"];
            };
        };
        /** @description Newest first; perhaps none although `next` goes on. */
        readonly UserEvents: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "total": {
                 *         "score": 100,
                 *         "version": 6,
                 *         "lastUpdated": "2026-01-31T12:00:00.000000Z",
                 *         "isSuspended": false,
                 *         "suspendedUntil": null
                 *       },
                 *       "events": [
                 *         {
                 *           "eventId": 4711,
                 *           "delta": 25,
                 *           "score": 125,
                 *           "version": 5,
                 *           "source": "win",
                 *           "actor": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *           "kid": "k1",
                 *           "createdAt": "2026-01-31T11:59:00.000000Z",
                 *           "actId": null,
                 *           "refersTo": null,
                 *           "undoneBy": 4712
                 *         }
                 *       ],
                 *       "next": 4711
                 *     }
                 */
                readonly "application/json": components["schemas"]["UserEvents"];
            };
        };
        /** @description Begun: it goes on by itself. */
        readonly BegunAct: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "actId": 18,
                 *       "kind": "void",
                 *       "board": "main",
                 *       "events": 25,
                 *       "done": 0,
                 *       "refused": 0,
                 *       "finishedAt": null,
                 *       "repeated": false
                 *     }
                 */
                readonly "application/json": components["schemas"]["BegunAct"];
            };
        };
        /** @description What would change. */
        readonly Preview: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "kind": "void",
                 *       "board": "main",
                 *       "events": 25,
                 *       "users": 1,
                 *       "firstId": 4001,
                 *       "belowId": 4712,
                 *       "changes": [
                 *         {
                 *           "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *           "events": 25,
                 *           "points": 500,
                 *           "score": 620,
                 *           "scoreAfter": 120,
                 *           "isSuspended": false
                 *         }
                 *       ],
                 *       "top": [
                 *         {
                 *           "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *           "score": 120,
                 *           "rank": 1
                 *         }
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["Preview"];
            };
        };
        /** @description The act. */
        readonly TrackedAct: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "actId": 18,
                 *       "kind": "void",
                 *       "outcome": "applied",
                 *       "board": "main",
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "parameters": {
                 *         "since": "2026-01-31T12:00:00.000000Z"
                 *       },
                 *       "reason": "Played by a script.",
                 *       "actor": "moderator-1",
                 *       "scopes": [
                 *         "moderator"
                 *       ],
                 *       "kid": "k1",
                 *       "origin": "rest",
                 *       "clientAddress": "192.0.2.7",
                 *       "requestId": "7f3c2a91d4e8-1a",
                 *       "idempotencyKey": null,
                 *       "eventId": null,
                 *       "createdAt": "2026-01-31T12:00:00.000000Z",
                 *       "run": {
                 *         "events": 25,
                 *         "done": 25,
                 *         "refused": 0,
                 *         "finishedAt": "2026-01-31T12:00:01.000000Z"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["TrackedAct"];
            };
        };
        /** @description The request is not as documented, or there are too many events to look through in time. */
        readonly PreviewRefused: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["InvalidPayload"] | (components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "payload_too_large" | "unsupported_encoding" | "window_too_large";
                });
            };
        };
        /** @description This is for administrators. */
        readonly AdministratorsOnly: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "insufficient_scope";
                };
            };
        };
        /** @description The id is the tombstone of somebody who is erased. */
        readonly UserErased: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    readonly code?: "user_erased";
                };
            };
        };
        /** @description He is off every board. */
        readonly ErasureBegun: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "actId": 18,
                 *       "dueAt": "2026-01-31T12:05:05.000000Z",
                 *       "boards": [
                 *         "main"
                 *       ],
                 *       "repeated": false
                 *     }
                 */
                readonly "application/json": components["schemas"]["ErasureBegun"];
            };
        };
        /** @description What breaks off is no JSON: ask again. */
        readonly UserExport: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *       "exportedAt": "2026-01-31T12:00:00.000000Z",
                 *       "totals": [
                 *         {
                 *           "board": "main",
                 *           "score": 25,
                 *           "version": 1,
                 *           "reachedWithEvent": 4711,
                 *           "updatedAt": "2026-01-31T11:59:00.000000+00:00",
                 *           "suspendedUntil": null
                 *         }
                 *       ],
                 *       "views": [],
                 *       "acts": [],
                 *       "erasures": [],
                 *       "events": [
                 *         {
                 *           "eventId": 4711,
                 *           "board": "main",
                 *           "delta": 25,
                 *           "score": 25,
                 *           "version": 1,
                 *           "source": "win",
                 *           "actor": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *           "kid": "k1",
                 *           "nonce": "Zm9vYmFyYmF6cXV1eHF1dQ",
                 *           "nonceExpiresAt": null,
                 *           "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
                 *           "actId": null,
                 *           "refersTo": null,
                 *           "undoneBy": null,
                 *           "createdAt": "2026-01-31T11:59:00.000000+00:00"
                 *         }
                 *       ],
                 *       "redeemed": []
                 *     }
                 */
                readonly "application/json": components["schemas"]["UserExport"];
            };
        };
        /** @description All of them. */
        readonly Boards: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "boards": [
                 *         {
                 *           "board": "main",
                 *           "maxDelta": 1000000,
                 *           "minScore": 0,
                 *           "maxScore": 9007199254740991,
                 *           "allowedActions": null
                 *         }
                 *       ]
                 *     }
                 */
                readonly "application/json": components["schemas"]["Boards"];
            };
        };
        /** @description Counts, and what is the case now. */
        readonly Stats: {
            headers: {
                readonly "X-Request-ID": components["headers"]["RequestId"];
                readonly "Cache-Control": components["headers"]["NoStore"];
                readonly [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "instance": "5b1c4a3e9d61",
                 *       "at": "2026-01-31T12:00:00.000000Z",
                 *       "counted": {
                 *         "increments": 1200,
                 *         "refusals": {
                 *           "rate_limited": 3
                 *         },
                 *         "commits": {
                 *           "upToMs": [
                 *             1,
                 *             2,
                 *             null
                 *           ],
                 *           "counts": [
                 *             700,
                 *             1150,
                 *             1200
                 *           ]
                 *         },
                 *         "updates": {
                 *           "upToMs": [
                 *             1,
                 *             2,
                 *             null
                 *           ],
                 *           "counts": [
                 *             10,
                 *             80,
                 *             90
                 *           ]
                 *         },
                 *         "waiting": 0,
                 *         "sockets": 12
                 *       },
                 *       "outbox": {
                 *         "depth": 0,
                 *         "ageS": 0
                 *       },
                 *       "dependencies": {
                 *         "postgresql": "up",
                 *         "redis": "up",
                 *         "bus": "up"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["Stats"];
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
        /**
         * @description Chosen by the client: the same act, sent again with it, is applied once.
         * @example contest-7
         */
        readonly IdempotencyKey: string;
        /** @description Only what has lower numbers. */
        readonly Before: number;
        /**
         * @description How many at most; 50 where it is not given.
         * @example 50
         */
        readonly PageLimit: number;
        /** @description Acts on this board. */
        readonly ActBoard: components["schemas"]["BoardId"];
        /** @description Acts about this user. */
        readonly ActUser: components["schemas"]["UserId"];
        /** @description Acts by this one. */
        readonly ActActor: string;
        /** @description Acts of this kind. */
        readonly ActKind: components["schemas"]["ActKind"];
        /** @example 18 */
        readonly ActId: components["schemas"]["ActId"] & unknown;
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
        /** @description At most 4 KiB of UTF-8, without Content-Encoding; no member twice. */
        readonly Act: {
            readonly content: {
                /**
                 * @example {
                 *       "kind": "void",
                 *       "eventId": 4711,
                 *       "reason": "Played by a script."
                 *     }
                 */
                readonly "application/json": components["schemas"]["ActRequest"];
            };
        };
        /** @description At most 4 KiB of UTF-8, without Content-Encoding; no member twice. */
        readonly Preview: {
            readonly content: {
                /**
                 * @example {
                 *       "kind": "void",
                 *       "window": {
                 *         "userId": "0b0f6d7e-5b1c-4a3e-9d61-0123456789ab",
                 *         "from": "2026-01-31T12:00:00Z"
                 *       }
                 *     }
                 */
                readonly "application/json": components["schemas"]["PreviewRequest"];
            };
        };
        /** @description At most 4 KiB of UTF-8, without Content-Encoding; no member twice. */
        readonly Erasure: {
            readonly content: {
                /**
                 * @example {
                 *       "reason": "asked for by mail, case 17"
                 *     }
                 */
                readonly "application/json": components["schemas"]["ErasureRequest"];
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
    readonly readActs: {
        readonly parameters: {
            readonly query?: {
                /** @description Acts on this board. */
                readonly board?: components["parameters"]["ActBoard"];
                /** @description Acts about this user. */
                readonly user?: components["parameters"]["ActUser"];
                /** @description Acts by this one. */
                readonly actor?: components["parameters"]["ActActor"];
                /** @description Acts of this kind. */
                readonly kind?: components["parameters"]["ActKind"];
                /** @description Only what has lower numbers. */
                readonly before?: components["parameters"]["Before"];
                /**
                 * @description How many at most; 50 where it is not given.
                 * @example 50
                 */
                readonly limit?: components["parameters"]["PageLimit"];
            };
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["Acts"];
            readonly 400: components["responses"]["Malformed"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
    readonly act: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description Chosen by the client: the same act, sent again with it, is applied once.
                 * @example contest-7
                 */
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Act"];
        readonly responses: {
            readonly 200: components["responses"]["ActRepeated"];
            readonly 201: components["responses"]["ActReceipt"];
            readonly 202: components["responses"]["BegunAct"];
            readonly 400: components["responses"]["ActRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ActForbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 409: components["responses"]["ActConflict"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
    readonly readAct: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example 18 */
                readonly actId: components["parameters"]["ActId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            readonly 200: components["responses"]["TrackedAct"];
            readonly 400: components["responses"]["Malformed"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
    readonly previewAct: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Preview"];
        readonly responses: {
            readonly 200: components["responses"]["Preview"];
            readonly 400: components["responses"]["PreviewRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
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
    readonly readBoards: {
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
            readonly 200: components["responses"]["Boards"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
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
    readonly actOnBoard: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /**
                 * @description Chosen by the client: the same act, sent again with it, is applied once.
                 * @example contest-7
                 */
                readonly "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
                /** @description Comes back with the answer and stands in the logs; another form is replaced. */
                readonly "X-Request-ID"?: components["parameters"]["RequestId"];
            };
            readonly path: {
                /** @example main */
                readonly boardId: components["parameters"]["BoardId"];
            };
            readonly cookie?: never;
        };
        readonly requestBody: components["requestBodies"]["Act"];
        readonly responses: {
            readonly 200: components["responses"]["ActRepeated"];
            readonly 201: components["responses"]["ActReceipt"];
            readonly 202: components["responses"]["BegunAct"];
            readonly 400: components["responses"]["ActRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ActForbidden"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 409: components["responses"]["ActConflict"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
    readonly previewActOnBoard: {
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
        readonly requestBody: components["requestBodies"]["Preview"];
        readonly responses: {
            readonly 200: components["responses"]["Preview"];
            readonly 400: components["responses"]["PreviewRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
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
    readonly readUserEventsOnBoard: {
        readonly parameters: {
            readonly query?: {
                /** @description Only what has lower numbers. */
                readonly before?: components["parameters"]["Before"];
                /**
                 * @description How many at most; 50 where it is not given.
                 * @example 50
                 */
                readonly limit?: components["parameters"]["PageLimit"];
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
            readonly 200: components["responses"]["UserEvents"];
            readonly 400: components["responses"]["Malformed"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
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
    readonly eraseUser: {
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
        readonly requestBody: components["requestBodies"]["Erasure"];
        readonly responses: {
            readonly 202: components["responses"]["ErasureBegun"];
            readonly 400: components["responses"]["GrantRefused"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["AdministratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 409: components["responses"]["UserErased"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
    readonly readStats: {
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
            readonly 200: components["responses"]["Stats"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["Unavailable"];
        };
    };
    readonly readUserEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description Only what has lower numbers. */
                readonly before?: components["parameters"]["Before"];
                /**
                 * @description How many at most; 50 where it is not given.
                 * @example 50
                 */
                readonly limit?: components["parameters"]["PageLimit"];
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
            readonly 200: components["responses"]["UserEvents"];
            readonly 400: components["responses"]["Malformed"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["ModeratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
    readonly exportUser: {
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
            readonly 200: components["responses"]["UserExport"];
            readonly 400: components["responses"]["Malformed"];
            readonly 401: components["responses"]["Unauthorized"];
            readonly 403: components["responses"]["AdministratorsOnly"];
            readonly 404: components["responses"]["NotFound"];
            readonly 405: components["responses"]["MethodNotAllowed"];
            readonly 409: components["responses"]["UserErased"];
            readonly 429: components["responses"]["RateLimited"];
            readonly 500: components["responses"]["Internal"];
            readonly 503: components["responses"]["ActUnavailable"];
        };
    };
}
