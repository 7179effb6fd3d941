/**
 * Start processes with the whole tree of each one held, by the daemon `handfast`.
 *
 * What was started ends with the session, however that ends, unless it was declared to survive.
 */

import type { Variables } from "./wire.js";

export { Client, connect, type ConnectOptions } from "./client.js";
export { Busy, Closed, HandfastError, NotAllowed, NotFound, NotReached } from "./errors.js";
export { Events, Follow, type FollowOptions, type Output } from "./follow.js";
export { Place } from "./place.js";
export type * from "./wire.js";

/** All variables of this program, for processes that are to have them: nothing is inherited unasked. */
export function environment(): Variables {
  const said = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(said);
}
