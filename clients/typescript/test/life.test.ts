/** A whole life of processes over a real daemon. */

import assert from "node:assert/strict";
import * as fs from "node:fs";
import { test } from "node:test";
import { Closed, HandfastError, NotAllowed, NotFound, connect } from "../src/index.js";
import { Place } from "../src/place.js";
import { Talk, hello } from "../src/talk.js";
import type { Follow } from "../src/follow.js";
import { ENV, HOME, fresh, sh } from "./stage.js";

const text = async (follow: Follow): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of follow) pieces.push(piece.data);
  return Buffer.concat(pieces).toString();
};

const failure = async (work: Promise<unknown>): Promise<HandfastError> => {
  const error: unknown = await work.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof HandfastError, String(error));
  return error;
};

test("a process from its start to its end", async () => {
  await using client = await connect();
  const name = fresh("echo");
  const script = "echo ready; read line; echo got $line; echo to stderr >&2; exec sleep 1000";
  const started = await client.start(sh(script), { processId: name, env: ENV, pipeStdin: true, purpose: "a test" });
  assert.equal(started.processId, name);
  const ready = await client.wait(name, { conditions: [{ for: "match", pattern: "ready" }] });
  assert.equal(ready.outcome, "matched");
  const written = await client.write(name, "this\n");
  assert.deepEqual([written.status, written.taken], ["accepted", 5]);
  await client.wait(name, { conditions: [{ for: "match", pattern: "to stderr" }] });
  const listed = await client.list();
  assert.ok(listed.processes.some((info) => info.processId === name));
  const info = await client.info(name, { members: true });
  assert.deepEqual([info.purpose, info.status.state, info.argv[0]], ["a test", "running", "/bin/sh"]);
  assert.equal((await client.signal(name, 18)).reached, 1);
  assert.deepEqual((await client.stop(name)).survivors, []);
  const follow = client.follow(name);
  const streams = new Set<string>();
  let said = "";
  for await (const piece of follow) {
    assert.deepEqual([piece.offset, piece.missed], [said.length, 0]);
    said += Buffer.from(piece.data).toString();
    streams.add(piece.stream);
  }
  assert.equal(said, "ready\ngot this\nto stderr\n");
  assert.deepEqual([...streams].sort(), ["stderr", "stdout"]);
  assert.equal(follow.signal, 15);
  assert.equal((await client.view(name, { tail: 1 })).text, "to stderr\n");
  assert.deepEqual((await client.clean({ processId: name })).processIds, [name]);
});

test("what is followed is bounded, and gone on with by offset", async () => {
  await using client = await connect();
  const name = fresh("flood");
  await client.start(sh("head -c 3000000 /dev/zero"), { processId: name, env: ENV, keepBytes: 200_000 });
  await client.wait(name);
  const follow = client.follow(name);
  let at = 0;
  for await (const piece of follow) {
    assert.ok(piece.data.length <= 256 * 1024);
    // Each byte is either there or counted.
    at += piece.missed;
    assert.equal(piece.offset, at);
    at += piece.data.length;
  }
  assert.equal(at, 3_000_000);
  assert.ok(follow.missed >= 2_800_000);
  assert.equal((await text(client.follow(name, { offset: 2_999_990 }))).length, 10);
  assert.equal(await text(client.follow(name, { afterSeq: follow.seq })), "");
  // The control: with all kept nothing is missing.
  const whole = fresh("whole");
  await client.start(sh("head -c 300000 /dev/zero"), { processId: whole, env: ENV });
  const all = client.follow(whole);
  assert.equal((await text(all)).length, 300_000);
  assert.deepEqual([all.missed, all.exitCode], [0, 0]);
});

test("words need not be text", async () => {
  await using client = await connect();
  const name = fresh("raw");
  const argv = [...sh('printf %s "$1"'), "sh", { base64: "/w==" }];
  await client.start(argv, { processId: name, env: ENV });
  for await (const piece of client.follow(name)) assert.deepEqual(Buffer.from(piece.data), Buffer.from([0xff]));
  assert.deepEqual((await client.info(name)).argv.at(-1), { base64: "/w==" });
});

test("commands answer in time and go on", async () => {
  await using client = await connect();
  await client.execProfile({ cwd: HOME, env: ENV });
  const done = await client.execCommand("pwd -P; exit 3");
  assert.deepEqual([done.exitCode, done.output], [3, `${fs.realpathSync(HOME)}\n`]);
  const going = await client.execCommand("echo up; read x; echo $x", { stdinOpen: true, until: "up" });
  const id = going.sessionId ?? 0;
  assert.ok((await client.execList()).sessions.some((session) => session.sessionId === id));
  assert.match((await client.writeStdin(id, "word\n", { until: "word" })).output, /word/);
  const stays = await client.execCommand("sleep 1000", { yieldTimeMs: 250 });
  assert.equal((await client.execStop(stays.sessionId ?? 0)).wasRunning, true);
  const unknown = await failure(client.writeStdin(1, ""));
  assert.ok(unknown instanceof NotFound);
});

test("a terminal has a screen and keys", async () => {
  await using client = await connect();
  const name = fresh("tty");
  await client.start(["/bin/cat"], { processId: name, env: ENV, tty: true, size: { rows: 5, columns: 20 } });
  await client.press(name, "'seen' enter");
  await client.wait(name, { conditions: [{ for: "match", pattern: "seen\\s+seen" }] });
  const screen = await client.screen(name, { redraw: true });
  assert.match(screen.text, /seen/);
  assert.ok(screen.redraw instanceof Uint8Array);
  await client.resize(name, { rows: 9, columns: 30 });
  assert.deepEqual((await client.screen(name)).size, { rows: 9, columns: 30 });
  await client.press(name, "ctrl-d");
  assert.equal((await client.wait(name)).status.exitCode, 0);
});

test("owners, tokens and handing over", async () => {
  await using client = await connect();
  const name = fresh("given");
  const made = await client.tokenCreate({ owner: "agent", scopes: ["read", "start", "transfer"] });
  assert.ok((await client.tokenList()).tokens.some((token) => token.tokenId === made.tokenId));
  let given: string;
  {
    await using agent = await connect({ token: made.token });
    assert.equal(agent.welcome.owner, "user/agent");
    await agent.start(sh("sleep 1000"), { processId: name, env: ENV });
    const refused = await failure(agent.stop(name));
    assert.ok(refused instanceof NotAllowed);
    assert.equal(refused.code, "token.not-allowed");
    given = (await agent.transfer(name, "user")).processId;
  }
  // What was handed over is not the agent's any more, and outlives its session.
  assert.equal((await client.info(given)).status.state, "running");
  await client.stop(given);
  assert.equal((await client.tokenRevoke(made.tokenId)).revoked, 1);
  const refused = await failure(connect({ token: made.token }));
  assert.ok(refused instanceof NotAllowed);
  assert.equal(refused.code, "token.unknown");
});

test("what is not there is said in the words of the daemon", async () => {
  await using client = await connect();
  for (const ask of [client.stop("never"), client.info("never"), client.read("never")]) {
    const error = await failure(ask);
    assert.ok(error instanceof NotFound);
    assert.deepEqual([error.code, error.message], ["process.unknown", "find process never"]);
    assert.equal(error.hint, "process/list names those that there are");
  }
  assert.equal((await client.terminate("never")).running, false);
  const missing = await failure(client.start(["no-such-program"], { env: ENV }));
  assert.equal(missing.code, "config.program-not-found");
});

test("a frame that is too long is refused on both sides", async () => {
  await using client = await connect();
  const most = client.welcome.limits.frameBytes;
  const refused = await failure(client.start(["/bin/true", "x".repeat(most)]));
  assert.equal(refused.code, "wire.frame-too-long");
  assert.ok((await client.daemonStatus()).sessions > 0);
  // And by the daemon, where somebody says it all the same; the session goes on.
  const line = await Place.usual().connect();
  const talk = new Talk();
  const heard = async (): Promise<{ error?: HandfastError }> => {
    for (;;) {
      const data = await new Promise<Buffer>((resolve) => line.once("data", resolve));
      for (const one of talk.hear(data)) if (one.kind === "answer") return one;
    }
  };
  line.write(talk.ask("initialize", hello("test", undefined, undefined, undefined))[1]);
  assert.equal((await heard()).error, undefined);
  line.write(talk.tell("initialized"));
  line.write("x".repeat(most + 1) + "\n");
  assert.equal((await heard()).error?.code, "wire.frame-too-long");
  line.write(talk.ask("daemon/status", {})[1]);
  assert.equal((await heard()).error, undefined);
  line.destroy();
});

test("many at once share one line", async () => {
  const client = await connect();
  const one = async (number: number): Promise<string> => {
    const started = await client.start(sh(`echo ${number}`), { env: ENV });
    return text(client.follow(started.processId));
  };
  const all = Array.from({ length: 20 }, (_, number) => number);
  assert.deepEqual(await Promise.all(all.map(one)), all.map((number) => `${number}\n`));
  // Who waits when it is closed is told.
  const waits = failure(client.eventsRead({ afterSeq: 1_000_000, waitMs: 300_000 }));
  await client.close();
  assert.ok((await waits) instanceof Closed);
  assert.ok((await failure(client.daemonStatus())) instanceof Closed);
});

test("a wait that is aborted is given up and loses nothing", async () => {
  await using client = await connect();
  const name = fresh("cat");
  await client.start(["/bin/cat"], { processId: name, env: ENV, pipeStdin: true });
  const abort = new AbortController();
  const reads = client.read(name, { waitMs: 300_000 }, abort.signal);
  // It is known to wait: the next request is begun after it.
  await client.daemonStatus();
  abort.abort(new Error("enough"));
  await assert.rejects(reads, /enough/);
  await client.write(name, "kept\n");
  const page = await client.read(name, { waitMs: 300_000 });
  assert.deepEqual(page.chunks.map((one) => Buffer.from(one.chunk).toString()), ["kept\n"]);
  await assert.rejects(client.wait(name, {}, AbortSignal.abort(new Error("before"))), /before/);
  assert.equal((await client.wait(name, { waitMs: 1 })).outcome, "timed-out");
  await client.stop(name);
});

test("events are replayed, and notes are told", async () => {
  await using client = await connect();
  const name = fresh("told");
  const after = (await client.eventsRead({ limit: 1 })).lastSeq;
  await client.eventsSubscribe();
  await client.start(sh("echo hi"), { processId: name, env: ENV, notify: true });
  let said = "";
  for await (const note of client.notes()) {
    if (note.method === "process/output") said += Buffer.from(note.params.chunk).toString();
    if (note.method === "process/closed") break;
  }
  assert.equal(said, "hi\n");
  for await (const event of client.events({ afterSeq: after })) {
    if (event.processId === name && event.word === "exited") break;
  }
  assert.equal(client.droppedNotes, 0);
});
