// Streamable HTTP in front of `handfast mcp`, for the conformance suite, which speaks only HTTP to servers.
//
// `node bridge.mjs PROGRAM [WORDS...]` prints the URL, and ends with its standard input. Each session of
// 2025-11-25 has a server of its own; all requests of 2026-07-28, which has no sessions, share one. It hands
// messages on as they are, except for their numbers, and checks nothing of what HTTP asks of a server: what
// the suite finds of that is said of this file and not of Handfast.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { randomUUID } from "node:crypto";

const [program, ...words] = process.argv.slice(2);
const modern = "2026-07-28";
const json = { "content-type": "application/json" };
const stream = { "content-type": "text/event-stream", "cache-control": "no-store" };

/** One `handfast mcp`. */
class Server {
  constructor() {
    this.child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdin.on("error", () => {}); // It is gone; its calls are told so.
    this.child.on("exit", () => this.ended());
    this.next = 1;
    this.waiting = new Map(); // our number -> { id, token, response }
    this.listener = null; // the client's GET
    createInterface({ input: this.child.stdout }).on("line", (line) => this.heard(JSON.parse(line)));
  }

  say(message) {
    this.child.stdin.write(JSON.stringify(message) + "\n");
  }

  ask(message, response) {
    const number = this.next++;
    const token = message.params?._meta?.progressToken;
    this.waiting.set(number, { id: message.id, token, response });
    response.on("close", () => {
      // A client that closes its stream gives the call up.
      if (this.waiting.delete(number)) {
        this.say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: number } });
      }
    });
    this.say({ ...message, id: number });
  }

  heard(message) {
    const asked = message.method === undefined ? this.waiting.get(message.id) : undefined;
    if (asked) {
      this.waiting.delete(message.id);
      answer(asked.response, { ...message, id: asked.id });
      return;
    }
    const params = message.params ?? {};
    const meta = params._meta ?? {};
    const subscription = meta["io.modelcontextprotocol/subscriptionId"];
    if (subscription !== undefined) {
      const listening = this.waiting.get(subscription);
      if (!listening) return;
      const own = { ...meta, "io.modelcontextprotocol/subscriptionId": listening.id };
      event(listening.response, { ...message, params: { ...params, _meta: own } });
      return;
    }
    const all = [...this.waiting.values()];
    const of = params.progressToken;
    const to = all.find((one) => of !== undefined && one.token === of)?.response ?? this.listener;
    if (to) event(to, message);
  }

  ended() {
    for (const { response } of this.waiting.values()) response.destroy();
    this.waiting.clear();
    this.listener?.end();
  }
}

function event(response, message) {
  if (!response.headersSent) response.writeHead(200, stream);
  response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
}

/** The last of a request: as it is, or behind what was said before it. */
function answer(response, message) {
  if (response.headersSent) {
    event(response, message);
    response.end();
    return;
  }
  // 2026-07-28 says of these how HTTP shows them.
  const status = { "-32601": 404, "-32602": 400, "-32021": 400, "-32022": 400 }[message.error?.code] ?? 200;
  response.writeHead(response.modern ? status : 200, json).end(JSON.stringify(message));
}

const sessions = new Map();
let shared;

/** A server that has something to read: the suite reads the first resource that is listed. */
async function begun() {
  const server = new Server();
  const meta = {
    "io.modelcontextprotocol/protocolVersion": modern,
    "io.modelcontextprotocol/clientInfo": { name: "bridge", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const params = { name: "exec_command", arguments: { cmd: "echo hello" }, _meta: meta };
  await new Promise((done) => {
    const to = { on() {}, headersSent: false, writeHead: () => ({ end: done }) };
    server.ask({ jsonrpc: "2.0", id: 0, method: "tools/call", params }, to);
  });
  return server;
}

function serverOf(request, message, response) {
  const name = request.headers["mcp-session-id"];
  if (name !== undefined) return sessions.get(name);
  const version = request.headers["mcp-protocol-version"];
  if (message?.method === "initialize" && version !== modern) {
    const server = new Server();
    const id = randomUUID();
    sessions.set(id, server);
    response.setHeader("mcp-session-id", id);
    return server;
  }
  response.modern = true;
  return (shared ??= begun());
}

async function handle(request, response) {
  let text = "";
  for await (const part of request) text += part;
  let message;
  if (request.method === "POST") {
    try {
      message = JSON.parse(text);
    } catch {
      const error = { code: -32700, message: "this is no JSON" };
      response.writeHead(400, json).end(JSON.stringify({ jsonrpc: "2.0", id: null, error }));
      return;
    }
  }
  const server = await serverOf(request, message, response);
  if (!server) {
    response.writeHead(404).end();
  } else if (request.method === "DELETE") {
    sessions.delete(request.headers["mcp-session-id"]);
    server.child.stdin.end();
    response.writeHead(200).end();
  } else if (request.method === "GET") {
    if (response.modern) {
      response.writeHead(405).end();
      return;
    }
    server.listener = response;
    response.writeHead(200, stream).flushHeaders();
  } else if (message.id === undefined || message.method === undefined) {
    server.say(message);
    response.writeHead(202).end();
  } else {
    server.ask(message, response);
  }
}

const http = createServer((request, response) => {
  handle(request, response).catch((error) => response.destroy(error));
});
http.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${http.address().port}/mcp`));
process.stdin.on("end", () => process.exit()).resume();
