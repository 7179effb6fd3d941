/** What needs no daemon: frames, errors, pages of output, bytes, and where the daemon is. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { Busy, HandfastError, NotAllowed, NotFound, NotReached, refused } from "../src/errors.js";
import { Follow } from "../src/follow.js";
import { Place } from "../src/place.js";
import { LONGEST_FRAME, Talk, isKnown, understood } from "../src/talk.js";
import { Verbs } from "../src/verbs.js";
import type * as wire from "../src/wire.js";
import { REPOSITORY } from "./stage.js";

type Line = { id: string; method: string; params: unknown; result: unknown; error: unknown };

const lines = (name: string): Line[] => {
  const text = fs.readFileSync(path.join(REPOSITORY, "crates/daemon/tests/frames/v1", name), "utf8");
  return text.trim().split("\n").map((line) => JSON.parse(line) as Line);
};

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof HandfastError, String(error));
    return error.code;
  }
  return "none";
};

test("lines come in whatever pieces", () => {
  const whole = Buffer.from('{"id":1,"result":{"a":"ä"}}\n{"method":"process/closed","params":{"seq":3}}\n');
  const talk = new Talk();
  const heard = [...whole].flatMap((byte) => talk.hear(Buffer.from([byte])));
  assert.deepEqual(heard, [
    { kind: "answer", id: 1, result: { a: "ä" } },
    { kind: "told", method: "process/closed", params: { seq: 3 } },
  ]);
  assert.deepEqual(new Talk().hear(whole), heard);
  assert.equal(isKnown("process/closed"), true);
  assert.equal(isKnown("process/new"), false);
});

test("what is no message ends the connection, and no line is held for ever", () => {
  for (const line of ["{\n", "[]\n", "7\n"]) {
    assert.equal(code(() => new Talk().hear(Buffer.from(line))), "client.odd");
  }
  const talk = new Talk();
  const piece = Buffer.alloc(1024 * 1024, "x");
  const flood = (): void => {
    for (let at = 0; at <= LONGEST_FRAME; at += piece.length) talk.hear(piece);
  };
  assert.equal(code(flood), "client.odd");
});

test("what is too long or no Unicode is not said", () => {
  const talk = new Talk();
  assert.equal(code(() => talk.ask("process/stop", { processId: "x".repeat(talk.limit) })), "wire.frame-too-long");
  assert.equal(code(() => talk.ask("process/stop", { processId: "\ud800" })), "wire.bad-params");
  assert.equal(code(() => talk.ask("process/write", { chunk: "text" })), "wire.bad-params");
  // The control: what looks like it is a text like others.
  assert.equal(code(() => talk.ask("process/stop", { processId: "\\ud800 😀" })), "none");
});

test("errors have the names and the words of the daemon", () => {
  const [unknown, broken] = lines("errors.jsonl").map((line) => refused(line.error));
  assert.ok(unknown instanceof NotFound);
  assert.equal(unknown.message, "find process web");
  assert.deepEqual([unknown.hint, unknown.details], ["process/list names yours", { processId: "web" }]);
  assert.equal(broken?.code, "wire.not-json");
  assert.ok(refused({ code: -32001 }) instanceof NotAllowed);
  assert.ok(refused({ code: -32002 }) instanceof Busy);
  for (const odd of [null, 7, [], {}, { code: "x", data: 3 }]) assert.ok(refused(odd) instanceof HandfastError);
});

test("bytes are bytes in every golden answer and note", () => {
  const methods = new Map(lines("requests.jsonl").map((line) => [line.id, line.method]));
  const read = new Map<string, unknown>();
  for (const line of lines("answers.jsonl")) {
    const method = methods.get(line.id) ?? "none";
    read.set(method, understood(method, line.result));
  }
  assert.ok(read.size > 30);
  const page = read.get("process/read") as wire.ReadAnswer;
  assert.deepEqual(page.chunks[0]?.chunk, Buffer.from("hi\n"));
  assert.deepEqual((read.get("process/screen") as wire.ScreenAnswer).redraw, Buffer.from("$ "));
  for (const line of lines("notifications.jsonl")) {
    if (line.method !== "initialized") assert.ok(isKnown(line.method), line.method);
    const note = understood(line.method, line.params) as { chunk?: unknown };
    if (line.method === "process/output") assert.deepEqual(note.chunk, Buffer.from("hi\n"));
  }
});

test("every method is a verb, and what was not said is left out", async () => {
  const asked = new Map<string, object>();
  class Asked extends Verbs {
    protected override ask<T>(method: string, params: object): Promise<T> {
      const [, line] = new Talk().ask(method, params);
      asked.set(method, (JSON.parse(line.toString()) as { params: object }).params);
      return Promise.resolve(undefined as T);
    }
  }
  const verbs = new Asked() as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>;
  for (const name of Object.getOwnPropertyNames(Verbs.prototype)) {
    if (name === "write") await verbs[name]?.("x", Buffer.from("hi\n"));
    else if (name !== "constructor") await verbs[name]?.(...Array<string>((verbs[name]?.length ?? 0)).fill("x"));
  }
  const schema = JSON.parse(fs.readFileSync(path.join(REPOSITORY, "crates/daemon/schema/wire-v1.json"), "utf8")) as {
    methods: object;
  };
  const own = ["initialize", "request/cancel"];
  const methods = Object.keys(schema.methods).filter((method) => !own.includes(method));
  assert.deepEqual([...asked.keys()].sort(), methods.sort());
  assert.deepEqual(asked.get("process/stop"), { processId: "x" });
  assert.deepEqual(asked.get("process/start"), { notify: false, argv: "x" });
  assert.deepEqual(asked.get("process/write"), { processId: "x", chunk: "aGkK" });
});

const page = (chunks: [number, number, string][], nextSeq: number, closed = false): wire.ReadAnswer => ({
  chunks: chunks.map(([seq, offset, text]) => ({ seq, offset, stream: "stdout", chunk: Buffer.from(text) })),
  nextSeq,
  exited: closed,
  exitCode: 0,
  closed,
  sandboxDenied: false,
});

const followed = async (pages: wire.ReadAnswer[], options: object): Promise<[Follow, [number, string, number][]]> => {
  const next = pages[Symbol.iterator]();
  const follow = new Follow(() => Promise.resolve(next.next().value as wire.ReadAnswer), options);
  const pieces: [number, string, number][] = [];
  for await (const { offset, data, missed } of follow) pieces.push([offset, Buffer.from(data).toString(), missed]);
  return [follow, pieces];
};

test("what is missing is counted where it is missing", async () => {
  const pages = [page([[1, 10, "ab"], [2, 12, "c"]], 3), page([[7, 20, "z"]], 9, true), page([], 9, true)];
  const [follow, pieces] = await followed(pages, {});
  assert.deepEqual(pieces, [[10, "ab", 10], [12, "c", 0], [20, "z", 7]]);
  assert.deepEqual([follow.missed, follow.seq, follow.exitCode], [17, 8, 0]);
});

test("what lies before the offset is passed over", async () => {
  const pages = [page([[1, 0, "ab"], [2, 2, "cdef"]], 4, true), page([], 4, true)];
  const [, pieces] = await followed(pages, { offset: 3 });
  assert.deepEqual(pieces, [[3, "def", 0]]);
  const [later] = await followed([page([[10, 50, "x"]], 12, true), page([], 12, true)], { afterSeq: 9 });
  assert.equal(later.missed, 0);
  const [, kept] = await followed([page([[1, 0, "a"]], 2), page([], 2)], { wait: false });
  assert.deepEqual(kept, [[0, "a", 0]]);
});

test("the usual place is found as documented", () => {
  const usual = (environment: NodeJS.ProcessEnv): string => Place.usual(environment, 4_294_967_000).run;
  assert.equal(usual({ HANDFAST_HOME: "/h", XDG_RUNTIME_DIR: "/r" }), "/h/run");
  assert.equal(usual({ HANDFAST_HOME: "h", XDG_RUNTIME_DIR: "/r" }), "/r/handfast");
  assert.equal(usual({ XDG_RUNTIME_DIR: "r" }), "/tmp/handfast-4294967000");
});

test("a folder that others may enter is not trusted", async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "handfast-place-"));
  const place = Place.at(home);
  const refusal = async (): Promise<string> => {
    const error: unknown = await place.connect().catch((error: unknown) => error);
    assert.ok(error instanceof NotReached, String(error));
    return error.code;
  };
  assert.equal(await refusal(), "connect.no-daemon");
  fs.mkdirSync(place.run);
  fs.chmodSync(place.run, 0o755);
  assert.equal(await refusal(), "connect.folder-not-private");
  fs.chmodSync(place.run, 0o700);
  // The control: closed to others it is only that nobody listens.
  assert.equal(await refusal(), "connect.no-daemon");
  fs.chmodSync(home, 0o777);
  assert.equal(await refusal(), "connect.folder-not-private");
  fs.chmodSync(home, 0o700);
  fs.renameSync(place.run, path.join(home, "elsewhere"));
  fs.symlinkSync(path.join(home, "elsewhere"), place.run);
  assert.equal(await refusal(), "connect.folder-not-private");
  fs.rmSync(home, { recursive: true });
});
