/**
 * A session with a daemon.
 *
 * What must stay true: each request is answered once, also when the daemon is gone; the connection is the
 * life line of all that was started over it, and no other process gets it.
 */

import type * as net from "node:net";
import { HandfastError, NotAllowed, Closed, closed } from "./errors.js";
import { Events, Follow, type FollowOptions, PAGE } from "./follow.js";
import { ATTEMPTS, startDaemon, unsteady } from "./launch.js";
import { Place } from "./place.js";
import { type Answer, NOTES_KEPT, Talk, type Told, hello, isKnown, understood } from "./talk.js";
import { Verbs } from "./verbs.js";
import type * as wire from "./wire.js";

/** Which session is wanted, and how it is come by. */
export interface ConnectOptions {
  /** A folder for everything, in place of what `HANDFAST_HOME` and the other variables say. */
  home?: string;
  /** The program `handfast`, which starts the daemon. */
  program?: string;
  /** Whether a daemon is started where there is none; without it, yes. */
  start?: boolean;
  /** Act for the user, which is the default; else for an owner of its own, who is gone with the session. */
  asUser?: boolean;
  /** Act for the owner of this token. */
  token?: string;
  /** Who asks, for people and logs. */
  clientName?: string;
  /** The session to resume: `Client.sessionId` of the one that began it. */
  resumeSessionId?: string;
  /** For how long the session may be resumed once the line is cut. Without it, its processes end at once. */
  resumeMs?: number;
}

interface Waiter {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Begins a session with the daemon of this user, which is started where there is none. */
export async function connect(options: ConnectOptions = {}): Promise<Client> {
  const { program = "handfast", start = true, asUser = true, clientName = "handfast-node" } = options;
  const place = options.home === undefined ? Place.usual() : Place.at(options.home);
  const takesUserToken = asUser && options.token === undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const line = await place.connect();
      const { resumeSessionId, resumeMs } = options;
      return await Client.begin(line, () => {
        const token = takesUserToken ? place.userToken() : options.token;
        return hello(clientName, token, resumeSessionId, resumeMs);
      });
    } catch (error) {
      if (!(error instanceof HandfastError)) throw error;
      // The token may be of the daemon that came after it.
      const isLate = error instanceof NotAllowed && takesUserToken && error.code === "token.unknown";
      if (start && error.code === "connect.no-daemon") await startDaemon(program, place);
      else if (!(error instanceof Closed) && !isLate) throw error;
    }
  }
  throw unsteady();
}

/**
 * A session with a daemon. Its end ends what was started over it and not declared to survive. It keeps the
 * program running until it is closed.
 */
export class Client extends Verbs implements AsyncDisposable {
  readonly #line: net.Socket;
  readonly #talk = new Talk();
  readonly #waiting = new Map<number, Waiter>();
  #error: HandfastError | undefined;
  #notes: wire.Note[] = [];
  #dropped = 0;
  #news: (() => void)[] = [];
  #welcome: wire.Initialized | undefined;

  private constructor(line: net.Socket) {
    super();
    this.#line = line;
    line.on("data", (data) => this.#hear(data));
    line.on("error", () => this.#over(closed()));
    line.on("close", () => this.#over(closed()));
  }

  /** Begins or resumes a session over a connection. */
  static async begin(line: net.Socket, said: () => object): Promise<Client> {
    const client = new Client(line);
    try {
      client.#welcome = await client.ask<wire.Initialized>("initialize", said());
      client.#talk.limit = client.welcome.limits.frameBytes;
      line.write(client.#talk.tell("initialized"));
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** What the daemon answered to the handshake. */
  get welcome(): wire.Initialized {
    if (this.#welcome === undefined) throw closed();
    return this.#welcome;
  }

  /** All that is needed to resume the session: keep it secret. */
  get sessionId(): string {
    return this.welcome.sessionId;
  }

  /** How many notes were dropped because they were not taken in time. */
  get droppedNotes(): number {
    return this.#dropped;
  }

  /** Ends the session. What it started and was not declared to survive is ended by the daemon. */
  async close(): Promise<void> {
    this.#over(closed());
    if (this.#line.closed) return;
    const gone = new Promise<void>((resolve) => this.#line.once("close", () => resolve()));
    this.#line.destroy();
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Writes to a process: bytes, or text as UTF-8; at most 1 MiB. */
  override write(
    processId: string,
    chunk: Uint8Array | string,
    options: Omit<wire.Write, "processId" | "chunk"> = {},
  ): Promise<wire.WriteAnswer> {
    return super.write(processId, typeof chunk === "string" ? Buffer.from(chunk) : chunk, options);
  }

  /**
   * Waits for the first of some conditions, for as long as it takes; also for longer than one request may
   * wait. With `waitMs` for so long, and the outcome is `timed-out` then.
   */
  override async wait(
    processId: string,
    options: Omit<wire.Wait, "processId"> = {},
    abort?: AbortSignal,
  ): Promise<wire.Waited> {
    const begun = performance.now();
    const passed = (): number => Math.trunc(performance.now() - begun);
    const most = options.waitMs ?? Infinity;
    for (;;) {
      const waitMs = Math.max(0, Math.min(this.welcome.limits.waitMs, most - passed()));
      const waited = await super.wait(processId, { ...options, waitMs }, abort);
      if (waited.outcome !== "timed-out" || passed() >= most) {
        return { ...waited, tookMs: Math.max(waited.tookMs, passed()) };
      }
    }
  }

  /** Output, piece by piece, until nothing more can come. */
  follow(processId: string, options: FollowOptions = {}): Follow {
    const { wait = true, abort } = options;
    const waitMs = wait ? this.welcome.limits.waitMs : 0;
    return new Follow((afterSeq) => this.read(processId, { afterSeq, maxBytes: PAGE, waitMs }, abort), options);
  }

  /** What happens to processes, from behind this number on, for ever. */
  events(options: { afterSeq?: number; abort?: AbortSignal } = {}): Events {
    const waitMs = this.welcome.limits.waitMs;
    return new Events((afterSeq) => this.eventsRead({ afterSeq, waitMs }, options.abort), options.afterSeq ?? 0);
  }

  /**
   * What the daemon tells without being asked, in order, until the connection is closed. It tells what was
   * subscribed to.
   */
  async *notes(): AsyncGenerator<wire.Note, void, undefined> {
    for (;;) {
      const note = this.#notes.shift();
      if (note !== undefined) yield note;
      else if (this.#error !== undefined) return;
      else await new Promise<void>((resolve) => this.#news.push(resolve));
    }
  }

  protected override ask<T>(method: string, params: object, abort?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      abort?.throwIfAborted();
      if (this.#error !== undefined) throw this.#error;
      const [id, line] = this.#talk.ask(method, params);
      const giveUp = (): void => {
        this.#waiting.delete(id);
        this.#line.write(this.#talk.cancel(id));
        reject(abort?.reason);
      };
      const settled = (): void => abort?.removeEventListener("abort", giveUp);
      this.#waiting.set(id, {
        resolve: (result) => {
          settled();
          try {
            resolve(understood(method, result) as T);
          } catch (error) {
            reject(error);
          }
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      abort?.addEventListener("abort", giveUp, { once: true });
      this.#line.write(line);
    });
  }

  #hear(data: Buffer): void {
    try {
      for (const heard of this.#talk.hear(data)) {
        if (heard.kind === "told") this.#told(heard);
        else this.#answered(heard);
      }
    } catch (error) {
      this.#over(error instanceof HandfastError ? error : closed());
      this.#line.destroy();
    }
  }

  #told({ method, params }: Told): void {
    if (!isKnown(method)) return;
    if (this.#notes.length >= NOTES_KEPT) {
      this.#dropped += 1;
      return;
    }
    this.#notes.push({ method, params: understood(method, params) } as wire.Note);
    this.#wake();
  }

  #answered({ id, result, error }: Answer): void {
    // Of no request that can be known: all who wait are told, as one of them may be meant.
    const ids = id === undefined ? [...this.#waiting.keys()] : [id];
    for (const id of ids) {
      const waiter = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiter?.resolve(result);
      else waiter?.reject(error);
    }
  }

  #over(error: HandfastError): void {
    this.#error ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiter of waiting) waiter.reject(this.#error);
    this.#wake();
  }

  #wake(): void {
    const news = this.#news;
    this.#news = [];
    for (const one of news) one();
  }
}
