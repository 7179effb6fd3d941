/** Starting the daemon where there is none. */

import { execFile } from "node:child_process";
import { NotReached } from "./errors.js";
import type { Place } from "./place.js";

/** How often somebody may turn out to be leaving just when they were reached. */
export const ATTEMPTS = 8;

/** How long `handfast daemon start` is waited for; it has 60 s for itself. */
const PATIENCE_MS = 90_000;

/** Starts one; resolves when it or another one serves. */
export function startDaemon(program: string, place: Place): Promise<void> {
  const env = place.home === undefined ? process.env : { ...process.env, HANDFAST_HOME: place.home };
  return new Promise((resolve, reject) => {
    const options = { env, timeout: PATIENCE_MS, killSignal: "SIGKILL" } as const;
    const child = execFile(program, ["daemon", "start"], options, (error, _, said) => {
      if (error === null) resolve();
      else reject(failed(program, error, said.trim()));
    });
    child.stdin?.end();
  });
}

function failed(program: string, error: Error & { code?: unknown; killed?: boolean }, said: string): NotReached {
  if (typeof error.code === "string") {
    const hint = "install `handfast`, or say where it is with `program`";
    return new NotReached("daemon.spawn", `start \`${program}\`: ${error.code}`, { hint });
  }
  if (error.killed === true) {
    return new NotReached("daemon.slow", `start the daemon: it does not serve after ${PATIENCE_MS / 1000} s`);
  }
  const hint = "see `handfast daemon logs`, or run `handfast daemon run`";
  const why = said === "" ? `\`handfast daemon start\` returned ${String(error.code)}` : said;
  return new NotReached("daemon.failed", `start the daemon: ${why}`, { hint });
}

/** Daemons come and go faster than they can be reached. */
export function unsteady(): NotReached {
  return new NotReached("daemon.unsteady", "reach a daemon: each was gone again");
}
