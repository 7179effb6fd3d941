/** What goes wrong: one class, by whose `code` programs decide, and some below it for `instanceof`. */

const NOT_ALLOWED = -32001;
const BUSY = -32002;
const UNKNOWN = ["exec.unknown-process-id", "owner.unknown", "process.unknown"];

/** What is said of an error besides its name and its sentence. */
export interface About {
  number?: number;
  hint?: string;
  details?: Record<string, unknown>;
}

/**
 * Something has failed. Its message is a fragment that reads after "failed to", in the words of the daemon
 * where that has said it.
 */
export class HandfastError extends Error {
  /** The name of the error, which never changes: `process.unknown`. */
  readonly code: string;
  /** The number of JSON-RPC, where the daemon has refused. */
  readonly number: number | undefined;
  /** What to do about it, where there is something. */
  readonly hint: string | undefined;
  /** More about it, by name. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, about: About = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.number = about.number;
    this.hint = about.hint;
    this.details = about.details ?? {};
  }

  /** What the daemon has said for programs. */
  get data(): { code: string; hint: string | undefined; details: Readonly<Record<string, unknown>> } {
    return { code: this.code, hint: this.hint, details: this.details };
  }
}

/** There is no such thing, or none that may be seen: a process, an owner, a command. */
export class NotFound extends HandfastError {}

/** The token does not allow it, or is good no more. */
export class NotAllowed extends HandfastError {}

/** A limit is reached; later it may work. */
export class Busy extends HandfastError {}

/** The connection is closed, and with it the session. */
export class Closed extends HandfastError {}

/** There is no session: no daemon was found or could be started, or it cannot be trusted. */
export class NotReached extends HandfastError {}

/** The connection is closed. */
export function closed(): Closed {
  return new Closed("client.closed", "reach the daemon: the connection is closed");
}

/** What was answered cannot be understood. */
export function odd(why: string): HandfastError {
  return new HandfastError("client.odd", `understand the daemon: ${why}`);
}

/** The error that a daemon has answered with. */
export function refused(error: unknown): HandfastError {
  if (!isRecord(error)) return odd("its error is none");
  const data = isRecord(error.data) ? error.data : {};
  const code = typeof data.code === "string" ? data.code : "wire.unnamed";
  const about: About = {};
  if (typeof error.code === "number") about.number = error.code;
  if (typeof data.hint === "string") about.hint = data.hint;
  if (isRecord(data.details)) about.details = data.details;
  return new (classOf(code, about.number))(code, String(error.message ?? ""), about);
}

function classOf(code: string, number: number | undefined): typeof HandfastError {
  if (number === NOT_ALLOWED) return NotAllowed;
  if (number === BUSY) return Busy;
  return UNKNOWN.includes(code) ? NotFound : HandfastError;
}

/** Whether something is an object with names. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
