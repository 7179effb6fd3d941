/**
 * What is said and heard over one connection, without doing either: bytes come in, and answers and notes
 * come out; requests go in, and lines come out. So it is tested without a daemon.
 */

import { HandfastError, isRecord, odd, refused } from "./errors.js";
import { HEARD_BYTES, NOTES, PROTOCOL, SAID_BYTES } from "./wire.js";

/** How many bytes a line may have before the handshake is over. */
export const FIRST_FRAME = 64 * 1024;

/** How many bytes of a line of the daemon are held at the most: twice what it says that it sends. */
export const LONGEST_FRAME = 16 * 1024 * 1024;

/** How many notes wait to be taken; further ones are dropped and counted. What they told can be read. */
export const NOTES_KEPT = 1024;

/** An answer, to a request of this number; to none that is known without one. */
export interface Answer {
  kind: "answer";
  id: number | undefined;
  result?: unknown;
  error?: HandfastError;
}

/** Something that was told without being asked. */
export interface Told {
  kind: "told";
  method: string;
  params: unknown;
}

/** One side of a connection. */
export class Talk {
  /** How many bytes a line may have. */
  limit = FIRST_FRAME;
  #next = 1;
  #held: Buffer[] = [];
  #size = 0;

  /** The number of a request, and its line. */
  ask(method: string, params: object): [number, Buffer] {
    const id = this.#next++;
    const paths = SAID_BYTES[method] ?? [];
    const said = paths.reduce<unknown>((value, path) => changed(value, path, toBase64), params);
    return [id, this.#line({ jsonrpc: "2.0", id, method, params: said })];
  }

  /** The line of what wants no answer. */
  tell(method: string): Buffer {
    return this.#line({ jsonrpc: "2.0", method, params: {} });
  }

  /** The line that gives up a wait; its own answer is for nobody. */
  cancel(id: number): Buffer {
    return this.ask("request/cancel", { id })[1];
  }

  /** What has come in whole lines by now. An error is the end of the connection. */
  hear(data: Buffer): (Answer | Told)[] {
    const heard: (Answer | Told)[] = [];
    let rest = data;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      this.#held.push(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const line = Buffer.concat(this.#held);
      this.#held = [];
      this.#size = 0;
      const one = read(line);
      if (one !== undefined) heard.push(one);
    }
    this.#size += rest.length;
    if (this.#size > LONGEST_FRAME) throw odd(`a line is longer than ${LONGEST_FRAME} bytes`);
    if (rest.length > 0) this.#held.push(rest);
    return heard;
  }

  #line(message: object): Buffer {
    let text: string;
    try {
      text = JSON.stringify(message, wellFormed);
    } catch (error) {
      throw new HandfastError("wire.bad-params", `write the parameters: ${(error as Error).message}`);
    }
    const line = Buffer.from(`${text}\n`);
    if (line.length - 1 > this.limit) {
      // It would be refused there, and nobody could say which request it was.
      const message = `write a frame: it is longer than ${this.limit} bytes`;
      throw new HandfastError("wire.frame-too-long", message, { details: { limit: this.limit } });
    }
    return line;
  }
}

/** Whether this client knows a kind of note. */
export function isKnown(method: string): boolean {
  return NOTES.includes(method);
}

/** The parameters of the handshake. */
export function hello(
  clientName: string,
  token: string | undefined,
  resumeSessionId: string | undefined,
  resumeMs: number | undefined,
): object {
  const protocol = { oldest: PROTOCOL, newest: PROTOCOL };
  return { clientName, protocol, token, resumeSessionId, resumeMs };
}

/** An answer or a note, with its bytes as such. */
export function understood(method: string, value: unknown): unknown {
  if (!isRecord(value)) throw odd(`what came for ${method} is no object`);
  const paths = HEARD_BYTES[method] ?? [];
  return paths.reduce<unknown>((value, path) => changed(value, path, fromBase64), value);
}

function read(line: Buffer): Answer | Told | undefined {
  let message: unknown;
  try {
    message = JSON.parse(line.toString("utf8"));
  } catch (error) {
    throw odd(`a line is no JSON: ${(error as Error).message}`);
  }
  if (!isRecord(message)) throw odd("a line is no message");
  // A daemon asks nothing, so that is a note.
  if (typeof message.method === "string") {
    return { kind: "told", method: message.method, params: message.params };
  }
  const id = typeof message.id === "number" ? message.id : undefined;
  if (id === undefined && message.id !== null && message.id !== undefined) return undefined;
  if ("error" in message) return { kind: "answer", id, error: refused(message.error) };
  return { kind: "answer", id, result: message.result };
}

/** The same with what is at a path changed; `*` is each of a list. */
function changed(value: unknown, path: readonly string[], change: (value: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (value === undefined || value === null) return value;
  if (name === undefined) return change(value);
  if (name === "*") {
    if (!Array.isArray(value)) throw odd("what should be a list is none");
    return value.map((one) => changed(one, rest, change));
  }
  if (!isRecord(value)) throw odd(`what should have ${name} is no object`);
  return { ...value, [name]: changed(value[name], rest, change) };
}

function toBase64(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw new HandfastError("wire.bad-params", "write bytes: they are none");
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
}

function fromBase64(value: unknown): Uint8Array {
  if (typeof value !== "string") throw odd("bytes are no text");
  return Buffer.from(value, "base64");
}

function wellFormed(_: string, value: unknown): unknown {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new Error("a text is no Unicode");
  return value;
}
