/** Reading page by page, for as long as somebody wants more. */

import type * as wire from "./wire.js";

/** How many bytes of output are asked for at once, and so held. */
export const PAGE = 256 * 1024;

/** A piece of output. */
export interface Output {
  /** Of its first byte among all bytes of the process. */
  offset: number;
  /** What came, exactly. */
  data: Uint8Array;
  /** On which stream it came. */
  stream: wire.StreamName;
  /** How many bytes before it were asked for and are not kept. */
  missed: number;
  /** When it came, in milliseconds since 1970. */
  atMs: number | undefined;
}

/** From where on output is read, and until when. */
export interface FollowOptions {
  /** From behind this sequence number on; `Follow.seq` is where a reader stands. */
  afterSeq?: number;
  /** From this byte on, among all. */
  offset?: number;
  /** Whether to wait for what comes; else only what is kept by now. */
  wait?: boolean;
  /** Ends a wait with the error of its reason. */
  abort?: AbortSignal | undefined;
}

/** How one of the two below comes by its next page. */
type Ask<Page> = (seq: number) => Promise<Page>;

/** Something that comes in pages: at most one of them is held. */
abstract class Paged<Page, One> implements AsyncIterableIterator<One> {
  #ready: One[] = [];
  #ended = false;
  readonly #ask: Ask<Page>;
  /** The last number of the pages that were read: where to go on once they were taken. */
  seq: number;

  constructor(ask: Ask<Page>, seq: number) {
    this.#ask = ask;
    this.seq = seq;
  }

  /** What is new in a page. */
  protected abstract take(page: Page): One[];

  /** Whether nothing more can come. */
  protected abstract get done(): boolean;

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<One, undefined>> {
    for (;;) {
      const value = this.#ready.shift();
      if (value !== undefined) return { value, done: false };
      if (this.#ended || this.done) return { value: undefined, done: true };
      this.#ready = this.take(await this.#ask(this.seq));
    }
  }

  async return(): Promise<IteratorResult<One, undefined>> {
    this.#ended = true;
    this.#ready = [];
    return { value: undefined, done: true };
  }
}

/** Output of a process, piece by piece, until nothing more can come. */
export class Follow extends Paged<wire.ReadAnswer, Output> {
  /** How many bytes were asked for and are not kept. */
  missed = 0;
  /** The exit code, once it is known; 128 and the signal, where it died of one. */
  exitCode: number | undefined;
  /** The signal that ended it. */
  signal: number | undefined;
  #offset: number | undefined;
  #over = false;
  readonly #waits: boolean;

  constructor(ask: Ask<wire.ReadAnswer>, { afterSeq = 0, offset, wait = true }: FollowOptions) {
    super(ask, afterSeq);
    this.#offset = offset ?? (afterSeq === 0 ? 0 : undefined);
    this.#waits = wait;
  }

  protected override get done(): boolean {
    return this.#over;
  }

  protected override take(page: wire.ReadAnswer): Output[] {
    const until = Math.max(this.seq, page.nextSeq - 1);
    const isStuck = until === this.seq;
    this.seq = until;
    if (page.exited) {
      this.exitCode = page.exitCode ?? undefined;
      this.signal = page.signal ?? undefined;
    }
    this.#over = isStuck && (page.closed || !this.#waits);
    return page.chunks.map((chunk) => this.#piece(chunk)).filter((piece) => piece.data.length > 0);
  }

  #piece(chunk: wire.OutputChunk): Output {
    const from = chunk.offset ?? 0;
    const at = this.#offset ?? from;
    // What lies before the byte that was asked for is passed over.
    const data = chunk.chunk.subarray(Math.max(0, at - from));
    const offset = Math.max(at, from);
    const missed = data.length > 0 ? Math.max(0, from - at) : 0;
    if (data.length > 0) this.#offset = offset + data.length;
    this.missed += missed;
    return { offset, data, stream: chunk.stream, missed, atMs: chunk.atMs ?? undefined };
  }
}

/** What happens to processes, in order, for ever. */
export class Events extends Paged<wire.Events, wire.EventNote> {
  /** How many are not kept any more, of all owners. */
  missed = 0;

  protected override get done(): boolean {
    return false;
  }

  protected override take(page: wire.Events): wire.EventNote[] {
    this.seq = page.lastSeq;
    this.missed += page.missed;
    return page.events;
  }
}
