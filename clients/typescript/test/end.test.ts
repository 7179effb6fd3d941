/** However a client ends, nothing is left that was not declared to survive. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { NotReached, connect } from "../src/index.js";
import { ENV, Fifo, fresh, sh } from "./stage.js";

const HOLDER = fileURLToPath(new URL("./holder.js", import.meta.url));

test("the end of the block ends what it started", async () => {
  const [dies, lives, name] = [new Fifo(), new Fifo(), fresh("lives")];
  let held;
  let survivor;
  {
    await using client = await connect();
    await client.start(sh(dies.tree()), { env: ENV, graceMs: 50 });
    await client.start(sh(lives.tree()), { env: ENV, graceMs: 50, lifetime: "user", processId: name });
    [held, survivor] = [await dies.held(), await lives.held()];
    assert.ok(held.isHeld);
  }
  await held.ended();
  // The control: what was declared to survive does.
  await using client = await connect();
  assert.equal((await client.info(name)).lifetime, "user");
  assert.ok(survivor.isHeld);
  await client.stop(name);
  await survivor.ended();
});

test("a client that is killed leaves nothing", async () => {
  const [dies, lives, name] = [new Fifo(), new Fifo(), fresh("lives")];
  const holder = spawn(process.execPath, [HOLDER, dies.tree(), lives.tree(), name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  // A start that is not answered yet ends with its client, whatever was declared.
  const ready = new Promise((resolve) => holder.stdout.once("data", resolve));
  const [held, survivor] = [await dies.held(), await lives.held()];
  await ready;
  assert.ok(held.isHeld);
  const over = new Promise((resolve) => holder.once("exit", (_, signal) => resolve(signal)));
  holder.kill("SIGKILL");
  assert.equal(await over, "SIGKILL");
  await held.ended();
  await using client = await connect();
  assert.ok(survivor.isHeld);
  await client.stop(name);
  await survivor.ended();
});

test("what is detached outlives the session and is taken back", async () => {
  const [fifo, name] = [new Fifo(), fresh("detached")];
  let held;
  {
    await using client = await connect();
    await client.start(sh(fifo.tree()), { env: ENV, graceMs: 50, processId: name });
    held = await fifo.held();
    assert.deepEqual((await client.detach({ processId: name })).processIds, [name]);
  }
  {
    await using client = await connect();
    assert.equal((await client.info(name)).status.state, "running");
    assert.equal((await client.reattach({ processId: name })).reattachedCount, 1);
    assert.ok(held.isHeld);
  }
  await held.ended();
});

test("a session is resumed with all that it holds", async () => {
  const [fifo, name] = [new Fifo(), fresh("resumed")];
  const client = await connect({ resumeMs: 60_000 });
  await client.start(sh(fifo.tree()), { env: ENV, graceMs: 50, processId: name });
  const held = await fifo.held();
  await client.close();
  await using again = await connect({ resumeSessionId: client.sessionId });
  assert.equal(again.welcome.resumed, true);
  assert.equal((await again.info(name)).bound, true);
  assert.ok(held.isHeld);
  await again.stop(name);
  await held.ended();
});

test("nobody is started where that is not wanted, or cannot be", async () => {
  const reached = async (options: object): Promise<string> => {
    const error: unknown = await connect({ home: "/nonexistent", ...options }).catch((error: unknown) => error);
    assert.ok(error instanceof NotReached, String(error));
    return error.code;
  };
  assert.equal(await reached({ start: false }), "connect.no-daemon");
  assert.equal(await reached({ program: "/nonexistent/handfast" }), "daemon.spawn");
});
