export { createClient } from "./client.js";
export type {
  AnyScoreboardError,
  ClientCode,
  ErrorCode,
  ErrorMembers,
  ErrorOf,
  Fault,
  ProblemCode,
} from "./errors.js";
export { isScoreboardError, ScoreboardError } from "./errors.js";
export type * from "./types.js";
